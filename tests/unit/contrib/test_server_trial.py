"""The trial of a Windows server: its script only reads, its output is judged."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.exports.capture.servers import examined
from piste.systems.windows.snippets import documented
from tests.support.powershell import called, nodes, text, tree
from tests.unit.repository.tree import ROOT

SCRIPT = (ROOT / "contrib" / "windows" / "essai-serveur.ps1").read_text("utf-8")
COMMANDS, TYPES = documented()["commands"], documented()["types"]
ASKED = {name: about["gives"] for name, about in COMMANDS.items() if "gives" in about}
BESIDE = {"ConvertTo-Json", "ForEach-Object", "Get-Command", "Get-Culture", "Select-Object", "Set-StrictMode"}
"""Commands that ask a server nothing."""
NET = {
    "boolean": "System.Boolean", "string": "System.String", "String": "System.String", "uint32": "System.UInt32",
    "int32": "System.Int32", "int64": "System.Int64", "TimeSpan": "System.TimeSpan", "list": "System.String[]",
    "enumeration": "Microsoft.Enum",
}  # fmt: skip


def properties(kind: str) -> list[str]:
    return sorted(name for name in TYPES[kind]["has"] if not name.endswith("()"))


def trial() -> dict[str, Any]:
    """A trial of a server that answers as documented."""
    asked = []
    for command, kind in ASKED.items():
        about = {
            name: {
                "missing": 0, "empty": 0, "types": [NET[TYPES[kind]["has"][name].rstrip("?")]],
                "words": TYPES[kind].get("words", {}).get(name, [])[:1],
            }
            for name in properties(kind)
        }  # fmt: skip
        asked.append({"command": command, "state": "ok", "error": "", "objects": 2, "properties": about})
    said = {"at": "2026-12-01T09:00:00", "culture": "fr-FR", "powershell": "5.1.20348.2", "windows": "10.0.20348.0"}
    return {"format": "piste-essai-windows-1", **said, "language": "FullLanguage", "asked": asked}


def answer(written: dict[str, Any], command: str) -> dict[str, Any]:
    return next(each for each in written["asked"] if each["command"] == command)


def judged(folder: Path, written: Any, encoding: str = "utf-8") -> Any:
    path = folder / "essai.json"
    path.write_text(written if isinstance(written, str) else json.dumps(written), encoding)
    return examined(path)


def test_the_script_parses_is_ascii_and_only_reads() -> None:
    root = tree(SCRIPT)
    assert not root.has_error
    assert SCRIPT.isascii()
    commands = called(root)
    assert {name for name in commands if not re.match(r"(Get|Test)-", name)} <= BESIDE
    assert commands.keys() == ASKED.keys() | BESIDE
    assert not [*nodes(root, "redirection")]
    methods = {text(child) for call in nodes(root, "invokation_expression") for child in call.children[-2:-1]}
    assert methods <= {"ContainsKey", "GetType", "Replace", "Substring", "ToString", "ToXml", "Trim", "Write"}
    assert SCRIPT.count(".Write(") == SCRIPT.count("[Console]::Out.Write(") == 1


def test_the_script_uses_documented_parameters() -> None:
    for name, parameters in called(tree(SCRIPT)).items():
        if name in ASKED:
            assert parameters <= {*COMMANDS[name].get("parameters", ()), "ErrorAction"}


def test_the_script_looks_at_every_property_that_piste_reads() -> None:
    table = SCRIPT[SCRIPT.index("$properties = ") : SCRIPT.index("$worded")]
    entries = re.findall(r"'(Get-\w+)' = @\(([^)]*)\)", table)
    assert {name: re.findall(r"'(\w+)'", names) for name, names in entries} == {
        command: properties(kind) for command, kind in ASKED.items()
    }
    worded = {name for kind in ASKED.values() for name in TYPES[kind].get("words", {})}
    assert set(re.findall(r"'(\w+)'", SCRIPT[SCRIPT.index("$worded") :].splitlines()[0])) == worded


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_server_that_answers_as_documented_confirms_beliefs(tmp_path: Path, encoding: str) -> None:
    written = trial()
    answer(written, "Get-DhcpServerDnsCredential")["objects"] = 0
    answer(written, "Get-Printer").update(state="absent", objects=0, properties={})
    seen = judged(tmp_path, written, encoding)
    assert {finding.state for finding in seen.findings} == {"ok"}
    assert {name: verdict.state for name, verdict in seen.verdicts.items()} == {
        "windows.dhcp_no_account": "confirmed", "windows.dhcp_words": "confirmed",
    }  # fmt: skip


def test_the_script_keeps_of_a_printed_page_neither_its_queue_nor_its_person() -> None:
    """Of an event it looks at the places that Piste counts; the shapes alone are written."""
    section = SCRIPT[SCRIPT.index("'Event-307' = {") : SCRIPT.index("$properties = ")]
    assert re.findall(r"& \$value \$values (\d+)", section) == ["0", "4", "7"]
    assert set(re.findall(r"\$job\.(\w+)", section)) == {*TYPES["RenderJobDiag"]["has"]}
    assert SCRIPT.count("& $questions[") == SCRIPT.count("$objects = @(& $questions[$command])") == 1


def test_what_is_not_as_documented_is_named(tmp_path: Path) -> None:
    written = trial()
    scope, failover = (answer(written, f"Get-DhcpServerv4{name}")["properties"] for name in ("Scope", "Failover"))
    scope["State"]["words"] = ["Actif"]
    scope["LeaseDuration"]["empty"] = 1
    scope["Name"]["types"] = ["System.Int32"]
    failover["EnableAuth"]["missing"] = 2
    answer(written, "Get-DhcpServerDnsCredential").update(state="error", error="DHCP 20010,Get", objects=0)
    written["asked"].remove(answer(written, "Get-Service"))
    seen = judged(tmp_path, written)
    assert {finding.what: finding.state for finding in seen.findings if finding.state != "ok"} == {
        "Get-DhcpServerv4Failover : « EnableAuth » n’y est pas": "wrong",
        "Get-DhcpServerv4Scope : « Name » est d’un autre type : System.Int32, « LeaseDuration » est vide, "
        "« State » a un mot inconnu : Actif": "wrong",
        "Get-DhcpServerDnsCredential : DHCP 20010,Get": "unknown",
        "Get-Service n’a pas été essayée": "unknown",
    }
    assert {name: (verdict.state, verdict.evidence) for name, verdict in seen.verdicts.items()} == {
        "windows.dhcp_no_account": ("refuted", "DHCP 20010,Get"),
        "windows.dhcp_words": ("refuted", "State : Actif"),
    }


@pytest.mark.parametrize(
    "written",
    ["", "é", "[" * 200_000, '{"format": "autre"}', json.dumps({**trial(), "culture": "<script>"}),
     json.dumps({**trial(), "asked": [{"command": "Remove-Item"}]})],
)  # fmt: skip
def test_another_content_is_refused_with_its_reason(tmp_path: Path, written: str) -> None:
    (finding,) = judged(tmp_path, written).findings
    assert (finding.id, finding.state) == ("server.form", "wrong")


def test_the_command_takes_a_trial_in(tmp_path: Path) -> None:
    judged(tmp_path, trial())
    result = CliRunner().invoke(main, ["capture", "verify", str(tmp_path / "essai.json")])
    assert (result.exit_code, result.stderr) == (0, "")
    assert "windows.dhcp_words, confirmée" in result.stdout
