"""The page of the engineer's round shows what the commands really say.

After a change of what is said, run this test with PISTE_WRITE_PAGES=1: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.support.playbooks import REPOSITORY, console
from tests.support.terminal import Terminal

PAGE = REPOSITORY / "docs/journee.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
COMMAND = re.compile(r"^\$ (piste .*)$", re.MULTILINE)
PLAN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
AS_SHOWN = ("20261124T165500Z-1a2b3c", "20261124T165500Z-2b3c4d")
DRIFTED = "/devices/QZZZ-0005-0001/switch/ports/5"


class Round:
    """The commands of the page, run in turn: plans are named as they come, folders as an operator sees them."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.real: list[str] = []

    def play(self, block: str) -> str:
        return "".join(self._say(line) for line in COMMAND.findall(block))

    def _say(self, line: str) -> str:
        asked = line
        for shown, real in zip(AS_SHOWN, self.real, strict=False):
            asked = asked.replace(shown, real)
        said = self.terminal.piste(*asked.split()[1:], together=True).out
        self.real += [found for found in dict.fromkeys(PLAN.findall(said)) if found not in self.real]
        for shown, real in zip(AS_SHOWN, self.real, strict=False):
            said = said.replace(real, shown)
        plans = str(self.terminal.console.folder / "plans")
        return f"$ {line}\n{said.replace(plans, '.piste/plans')}"


def test_the_page_shows_what_the_commands_say(tmp_path: Path) -> None:
    with console(tmp_path) as opened:
        opened.lab.meraki.behaviour.set(batch_delay=0.0)
        assert opened.play("playbooks/site.yml", "-l", "ecole-jaures").code == 0
        opened.lab.meraki.edit("PUT", DRIFTED, {"name": "test", "vlan": 99})
        played = Round(Terminal(opened))
        page = PAGE.read_text("utf-8")
        told = BLOCK.sub(lambda block: played.play(block.group()), page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(told, "utf-8")
    assert page.splitlines() == told.splitlines()
