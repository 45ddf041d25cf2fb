"""The page on adoption shows the true output of the commands.

After a change of what is said, run this test with PISTE_WRITE_PAGES=1: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.support.playbooks import REPOSITORY, console
from tests.support.terminal import Terminal

pytestmark = pytest.mark.story

PAGE = REPOSITORY / "docs/adopter.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
PLAN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
AS_SHOWN = "20261124T165500Z-1a2b3c"
PORT = re.compile(r"^      QZZZ-0004-0001/7:.*\n(?:        .*\n)*", re.MULTILINE)


def give_up(folder: Path) -> None:
    """Do what the page asks of the reader before its last plan."""
    path = folder / "ecole-auriol.yml"
    text, count = PORT.subn("", path.read_text("utf-8"))
    assert count == 1
    path.write_text(text, "utf-8")


def test_the_page_shows_what_the_commands_say(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    with console(tmp_path, "brownfield") as opened:
        terminal, kept = Terminal(opened, forked=False), opened.lab.folder / "as_found"
        blocks = BLOCK.findall(page)
        said = []
        for number, block in enumerate(blocks, start=1):
            if number == len(blocks):
                give_up(kept)
            line = block.splitlines()[0].removeprefix("$ ")
            printed = terminal.piste(*shlex.split(line)[1:], together=True).out
            assert terminal.writes == []
            shown = PLAN.sub(AS_SHOWN, printed).replace(str(kept), ".lab/as_found")
            shown = shown.replace(f"{tmp_path}/plans", ".piste/plans")
            # Sites end in an order that depends on the machine.
            said.append(f"$ {line}\n" + re.sub(r"^\S+…\n", "", shown, flags=re.MULTILINE))
    texts = iter(said)
    expected = BLOCK.sub(lambda block: next(texts), page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(expected, "utf-8")
    assert page.splitlines() == expected.splitlines()
