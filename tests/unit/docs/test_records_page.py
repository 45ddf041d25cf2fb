"""The page of applications: its command prints what it shows, its classes are all there.

After a change of an output, run this test with `PISTE_WRITE_PAGES=1`: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from piste.cli import main
from piste.town.model.applications import DeclaredApplication
from piste.town.model.itil import mapping
from tests.unit.repository.tree import ROOT

PAGE = ROOT / "docs/applications-et-contrats.md"
BLOCK = re.compile(r"```console\n\$ piste (find .*)\n[^`]*```")
CLASSES = re.compile(r"(\| classe \| ce que c’est \|.*\n\|---\|---\|---\|---\|\n)(?:\|.*\n)*")


def test_the_page_shows_what_the_command_says_and_every_class(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "lab"))

    def said(block: re.Match[str]) -> str:
        return f"```console\n$ piste {block[1]}\n{CliRunner().invoke(main, block[1].split()).output.rstrip()}\n```"

    rows = "".join(
        f"| `{entry.name}` | {entry.label} | {entry.itil} | {f'`{entry.glpi}`' if entry.glpi else '—'} |\n"
        for entry in mapping()
    ).replace("'", "’")
    page = PAGE.read_text("utf-8")
    printed = CLASSES.sub(lambda match: match[1] + rows, BLOCK.sub(said, page))
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(printed, "utf-8")
    assert page.splitlines() == printed.splitlines()


def test_the_example_of_an_application_is_a_declaration() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    for entry in yaml.safe_load(block).values():
        assert DeclaredApplication(**entry).row == 4
