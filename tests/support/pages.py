"""The commands that a page shows, run in turn."""

from __future__ import annotations

import re

from tests.support.terminal import Terminal

BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
COMMAND = re.compile(r"^\$ (piste .*)$", re.MULTILINE)
PLAN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
AS_SHOWN = ("20261124T165500Z-1a2b3c", "20261124T165500Z-2b3c4d", "20261124T165500Z-3c4d5e")


class Round:
    """The commands of a page, in turn.

    Plans are named as they come, folders as people see them.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.real: list[str] = []

    def played(self, page: str) -> str:
        """The page with what its commands really say."""
        return BLOCK.sub(lambda block: self._play(block.group()), page)

    def _play(self, block: str) -> str:
        return "".join(self._say(line) for line in COMMAND.findall(block))

    def _say(self, line: str) -> str:
        asked = line
        for shown, real in zip(AS_SHOWN, self.real, strict=False):
            asked = asked.replace(shown, real)
        said = self.terminal.piste(*asked.split()[1:], together=True).out
        self.real += [plan for plan in dict.fromkeys(PLAN.findall(said)) if plan not in self.real]
        for shown, real in zip(AS_SHOWN, self.real, strict=False):
            said = said.replace(real, shown)
        plans = str(self.terminal.console.folder / "plans")
        return f"$ {line}\n{said.replace(plans, '.piste/plans')}"
