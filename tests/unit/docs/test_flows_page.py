"""The page of the matrix of flows: its commands print what it shows, its examples are valid.

After a change of an output, run this test with `PISTE_WRITE_PAGES=1`: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/flux.md"
BLOCK = re.compile(r"```(?P<kind>yaml|console)\n(?P<text>.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ piste (.*)$", re.MULTILINE)
INVENTORY = {"flows": "--inventory", "validate": ""}


class Reader:
    """A reader who follows the page on a copy of the declaration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "group_vars", root / "group_vars")
        shutil.copytree(ROOT / "inventories/town", root / "inventories/town", symlinks=True)

    def follow(self, block: re.Match[str]) -> str:
        if block["kind"] == "yaml":
            self._declare(block["text"])
            return block.group()
        return f"```console\n{''.join(map(self._say, COMMAND.findall(block['text'])))}```"

    def _declare(self, text: str) -> None:
        path = self.root / "group_vars/all/flows.yml"
        known = path.read_text("utf-8")
        assert known.count("\nflows:\n") == 1
        path.write_text(known.replace("\nflows:\n", f"\nflows:\n{text}"), "utf-8")

    def _say(self, line: str) -> str:
        verb, *arguments = line.split()
        inventory = [option for option in (INVENTORY[verb], str(self.root / "inventories/town")) if option]
        output = CliRunner().invoke(main, [verb, *arguments, *inventory]).output
        return f"$ piste {line}\n{output}"


@pytest.mark.story
def test_the_page_shows_what_the_commands_say(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    printed = BLOCK.sub(Reader(tmp_path).follow, page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(printed, "utf-8")
    assert page.splitlines() == printed.splitlines()
