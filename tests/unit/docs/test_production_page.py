"""The page of the way into production: what it shows is said; what it names exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands import init
from piste.commands.production.questions import BY_KEY
from tests.support.alone import clone
from tests.unit.docs.test_printed_commands import refusal
from tests.unit.repository.tree import ROOT

__all__ = ["clone"]

PAGE = (ROOT / "docs/mise-en-service.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)
ANSWERS = next(text for kind, text in BLOCKS if kind == "yaml")
SHOWN = [text for kind, text in BLOCKS if kind == "console"]


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: block.splitlines()[0])
def test_every_line_that_it_shows_is_said_in_that_order(
    block: str, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "ROOT", clone)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "production.yml").write_text(ANSWERS, "utf-8")
    command, *lines = block.splitlines()
    said = iter(CliRunner().invoke(main, shlex.split(command.removeprefix("$ piste "))).output.splitlines())
    missing = [line for line in lines if not any(line in heard for heard in said)]
    assert missing == []


def test_every_question_is_answered_or_named() -> None:
    assert [key for key in BY_KEY if not re.search(rf"\b{key}\b", ANSWERS)] == ["domain_dn"]


def commands() -> Iterator[str]:
    for kind, text in BLOCKS:
        if kind == "sh":
            plain = (line.partition("  #")[0].rstrip() for line in text.splitlines())
            yield from (line.removeprefix("piste ") for line in plain if line.startswith("piste "))


def test_the_other_commands_exist_and_so_do_the_scripts() -> None:
    lines = [line.replace("PLAN", "20261124T165500Z-1a2b3c") for line in commands()]
    assert len(lines) > 8
    assert [(line, why) for line in lines if (why := refusal(line))] == []
    named = set(re.findall(r"(?<![\w/])(?:scripts|group_vars)/[\w/.]+\w", PAGE))
    assert len(named) > 3
    assert [path for path in named if not (ROOT / path).exists()] == []
