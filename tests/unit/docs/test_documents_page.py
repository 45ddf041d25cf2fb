"""The page of the documents: the output of its command, its table of every document.

After a change of an output, run this test with `PISTE_WRITE_PAGES=1`: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.papers.dossier.document import KINDS, PARTY_KINDS, TOWN_KINDS

PAGE = Path(__file__).parents[3] / "docs/dossiers.md"
BLOCK = re.compile(r"(?<=```console\n)\$ piste (.*)\n[^`]*(?=```)")


def test_the_page_shows_what_the_command_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PISTE_VERIFICATIONS_DIR", str(tmp_path / "verifications"))

    def run(command: re.Match[str]) -> str:
        return f"$ piste {command[1]}\n{CliRunner().invoke(main, command[1].split()).output}"

    page = PAGE.read_text("utf-8")
    printed = BLOCK.sub(run, page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(printed, "utf-8")
    assert page.splitlines() == printed.splitlines()


def test_the_table_names_every_document() -> None:
    named = re.findall(r"^\| .+ \| `([a-z-]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert named == [kind.name for kind in (*KINDS, *TOWN_KINDS, *PARTY_KINDS)]
