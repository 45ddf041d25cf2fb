"""The snippets: they parse, use documented commands, fit in a command line."""

import ast
import re
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

from piste.systems.windows import snippets
from piste.systems.windows.print_queues import PRINT_QUEUES
from piste.systems.windows.snippets import LONGEST, SNIPPETS, arguments, documented, script
from tests.support.powershell import called, nodes, text, tree

SOURCES = sorted(file.name for file in files(snippets).iterdir() if file.name.endswith(".ps1"))


def used() -> dict[str, set[str]]:
    everything: dict[str, set[str]] = defaultdict(set)
    for name in SNIPPETS:
        for command, parameters in called(tree(script(name))).items():
            everything[command] |= parameters
    return dict(everything)


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_parses_whole(name: str) -> None:
    assert not tree(script(name)).has_error
    assert snippets._PLACE not in script(name)


def test_a_script_that_does_not_parse_is_seen() -> None:
    assert tree(script("host").replace("} catch {", "} catch")).has_error


def test_every_command_and_parameter_is_documented_and_nothing_else_is() -> None:
    assert used() == {name: set(about.get("parameters", ())) for name, about in documented()["commands"].items()}


def test_every_source_is_a_page_of_the_cmdlet() -> None:
    pages = {name: about["page"] for name, about in documented()["commands"].items()}
    assert [name for name, page in pages.items() if not page.endswith(f"/{name.lower()}")] == []


def test_parameters_that_are_splatted_count_as_used() -> None:
    assert called(tree("$a = @{}\n$a['Color'] = $true\nSet-PrintConfiguration -PrinterName 'x' @a")) == {
        "Set-PrintConfiguration": {"PrinterName", "Color"}
    }


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_command_line_is_short_enough_for_cmd(name: str) -> None:
    assert len(" ".join((snippets.COMMAND, *arguments(name)))) <= LONGEST


def test_every_file_is_a_snippet_or_surrounds_one() -> None:
    within = {part for snippet in SNIPPETS.values() for part in snippet.within}
    assert {name.removesuffix(".ps1") for name in SOURCES} == {*SNIPPETS, *within}


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_reads_all_its_input_before_it_does_anything(name: str) -> None:
    """Until a snippet has all its input, a run may be retried."""
    lines = script(name).splitlines()
    begins = next((at for at, line in enumerate(lines) if line == "try {"), len(lines) - 1)
    assert lines.index("$lines = @($input)") < begins
    assert lines[0] == "$ErrorActionPreference = 'Stop'"


def test_a_file_is_written_in_a_folder_that_is_always_removed() -> None:
    touching = [name for name in SNIPPETS if re.search(r"\$file\b", script(name))]
    assert touching == ["dhcp_export", "nps_export", "nps_import"]
    for name in touching:
        root = tree(script(name))
        (ending,) = [clause for clause in nodes(root, "finally_clause") if "$folder" in text(clause)]
        assert "Remove-Item -LiteralPath $folder -Recurse -Force" in text(ending)
        assert "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)" in text(root)


def calls() -> dict[str, set[str]]:
    """Return the arguments that the sources give each snippet."""
    arguments_of: dict[str, set[str]] = {}
    for file in Path(snippets.__file__).parents[1].rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="run"), args=[ast.Constant(value=str(name))]) if name in SNIPPETS:
                    given = {str(keyword.arg) for keyword in node.keywords}
                    assert arguments_of.setdefault(name, given) == given
    return arguments_of


def test_a_snippet_uses_exactly_its_arguments() -> None:
    """PowerShell refuses an unknown name in strict mode, and the lab would not see it."""
    assert calls() == {name: set(re.findall(r"\$given\.(\w+)", script(name))) for name in SNIPPETS}


SINGLE = {
    "ConvertFrom-Json", "Get-CimInstance", "Get-DhcpServerAuditLog", "Get-DnsServerForwarder",
    "Get-DnsServerScavenging", "Get-PrintConfiguration", "Get-WinEvent", "New-Object",
}  # fmt: skip
"""Cmdlets that return a single object, or fail: the input, the system, its own settings, a queue, a log."""


@pytest.mark.parametrize("name", SNIPPETS)
def test_what_may_be_nothing_is_looked_at_before_its_properties(name: str) -> None:
    """Strict mode refuses a property of null, and the count of what is no list."""
    source = script(name)
    given = dict(re.findall(r"^\$(\w+) = ([A-Z]\w+-\w+)", source, re.M))
    unsure = {variable for variable in given if given[variable] not in SINGLE and f"${variable}." in source}
    assert {variable for variable in unsure if f"if (${variable}) {{" not in source} == set()
    assert set(re.findall(r"\$(\w+)\.Count\b", source)) <= set(re.findall(r"\$(\w+) = @[({]", source))


def test_no_argument_is_taken_for_a_pattern() -> None:
    """Set-Printer takes a name for a pattern, and so does -like: a queue may be « imp [2] »."""
    assert "Name" not in documented()["commands"]["Set-Printer"]["parameters"]
    assert [name for name in SNIPPETS if re.search(r"-c?i?(not)?(like|match)\b", script(name))] == []


def test_a_queue_is_read_and_written_by_the_names_of_its_fields() -> None:
    fields = {field.name for field in PRINT_QUEUES.fields}
    write, read = script("print_queues_write"), script("print_queues_read")
    assert set(re.findall(r"-contains '(\w+)'", write)) == fields - {"name"}
    assert set(re.findall(r"\$queue\.(\w+)", write)) == fields | {"PSObject"}
    said = set(re.findall(r"^(?:\$queue\.)?(\w+) = ", read.partition("queues = @(")[2], re.M))
    assert said == fields | {"error", "later"}
