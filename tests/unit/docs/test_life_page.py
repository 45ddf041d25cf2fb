"""The page on the life of an asset: its commands, in turn, on a copy of the declared town.

After a change of an output, run this test with `PISTE_WRITE_PAGES=1`: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands import validate
from piste.engine import repository
from piste.town import declared
from tests.unit.repository.tree import ROOT

PAGE = ROOT / "docs/vie-du-materiel.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
COMMAND = re.compile(r"^\$ piste (asset .*)$", re.MULTILINE)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for part in ("inventories/town", "group_vars"):
        shutil.copytree(ROOT / part, tmp_path / part, symlinks=True)
    (tmp_path / "rapport.txt").write_text("Effacé, relu.\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(repository, "ROOT", tmp_path)
    monkeypatch.setattr(validate, "INVENTORY", tmp_path / "inventories/town")
    monkeypatch.setattr(declared, "TOWN", tmp_path / "inventories/town")
    for name in ("JOURNAL", "LAB", "VERIFICATIONS", "DERIVED"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name))
    return tmp_path


@pytest.mark.story
def test_the_page_shows_what_the_commands_say(town: Path) -> None:
    codes: dict[str, int] = {}

    def said(line: str) -> str:
        outcome = CliRunner().invoke(main, shlex.split(line))
        codes[line] = outcome.exit_code
        return f"$ piste {line}\n{outcome.output}"

    page = PAGE.read_text("utf-8")
    printed = BLOCK.sub(lambda block: "".join(map(said, COMMAND.findall(block.group()))), page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(printed, "utf-8")
    assert page.splitlines() == printed.splitlines()
    refused = [line.split()[1] for line, code in codes.items() if code]
    assert refused == ["assign", "move", "report"]
    assert {path.name for path in (town / "dossiers").iterdir()} == {
        "BC-2026-014", "pc-hdv-012", "lot-1-ccas", "lots-clients-legers.csv", "moins-value", "moins-value.csv",
        "parite-mac",
    }  # fmt: skip
