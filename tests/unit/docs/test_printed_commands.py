"""`piste` takes every command that a page or a document prints."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from piste.cli import main
from piste.papers.dossier.asked import demands
from piste.papers.dossier.procedures import procedures
from piste.papers.dossier.subject import Subject
from piste.sites.transfer.form import papers
from piste.town.model import Town, load
from tests.unit.repository.tree import ROOT, tracked

INLINE = re.compile(r"`piste ([a-z][^`]*)`")
TYPED = re.compile(r"^\$ piste (.+)$", re.MULTILINE)
PAGES = [path for path in tracked("*.md") if path.name != "CHANGELOG.md"]


def refusal(line: str) -> str:
    """Say why `piste` does not take a command line; empty where it does, whatever its values."""
    words = shlex.split(line.replace("…", "").split(" > ")[0].split(" | ")[0])
    context: click.Context | None = None
    command: click.Command = main
    try:
        while isinstance(command, click.Group):
            if not words:
                return ""  # A group alone shows its help.
            name = words.pop(0)
            if name == "lab" or name.startswith("-") or name.isupper():
                return ""  # The lab has a command line of its own.
            verb = command.get_command(context or click.Context(main), name)
            if verb is None:
                return f"« {name} » n’est pas un verbe"
            command = verb
        command.make_context(command.name, [word for word in words if word not in ("[", "]")], parent=context)
    except (click.MissingParameter, click.exceptions.Exit):
        return ""  # A page may speak of a verb without its arguments, or of its help.
    except click.BadParameter as error:
        placeholder = isinstance(error.param and error.param.type, (click.Path, click.Choice))
        return "" if placeholder else error.format_message()
    except click.UsageError as error:
        return error.format_message()
    return ""


def commands(page: Path) -> Iterator[str]:
    text = page.read_text("utf-8")
    yield from (match[1] for pattern in (INLINE, TYPED) for match in pattern.finditer(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_print_commands_that_exist(page: Path) -> None:
    assert [(line, why) for line in commands(page) if (why := refusal(line))] == []


def test_the_plan_of_reversibility_and_the_papers_of_the_transfer_print_commands_that_exist() -> None:
    asked = demands()
    said = [item.proof for item in (*asked.scope, *asked.deliverables, *asked.criteria)]
    said += [check.how for paper in papers().values() for check in paper.checks]
    typed = [line.removeprefix("piste ") for line in said if line.startswith("piste ")]
    assert len(typed) > 30
    assert [(line, why) for line in typed if (why := refusal(line))] == []
    played = [line.split()[1] for line in said if line.startswith("ansible-playbook ")]
    assert played
    assert [name for name in played if not (ROOT / name).is_file()] == []


def test_something_is_read() -> None:
    assert sum(1 for page in PAGES for _ in commands(page)) > 100
    assert refusal("drft ecole-jaures")
    assert refusal("journal list ecole-jaures")


@pytest.fixture(scope="module")
def town() -> Town:
    return load(ROOT / "inventories" / "town")


def test_procedures_print_commands_that_exist(town: Town) -> None:
    names = {name: site["name"] for name, site in town.sites.items()}
    printed = set()
    for name, site in town.sites.items():
        derived = procedures(Subject(site, town.name, names, None, None))["procedures"]
        steps = [step for procedure in derived for step in procedure["steps"]]
        printed |= {match[1] for step in steps for match in re.finditer(rf"piste ([a-z ]+{re.escape(name)})\b", step)}
    assert len(printed) > 2 * len(town.sites)
    assert [(line, why) for line in sorted(printed) if (why := refusal(line))] == []
