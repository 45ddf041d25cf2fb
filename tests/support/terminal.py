"""The `piste` command as a person runs it, on a lab that listens."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.meraki.world import World
from tests.support import forkserver
from tests.support.playbooks import Console

PISTE = [sys.executable, "-c", "from piste.cli import main; main(prog_name='piste')"]
CLOCK = ("touched", "claimedAt", "ready_at")
"""Fields that say when something happened to a device, not what it is."""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def plan_id(self) -> str:
        (plan,) = re.findall(r"^Plan (\S+) :", self.out, re.MULTILINE)
        return str(plan)

    @property
    def equivalent(self) -> list[str]:
        """The command with plain Ansible, which comes before anything else is said."""
        first = self.err.splitlines()[0]
        assert first.startswith("$ ansible-playbook ")
        return shlex.split(first.removeprefix("$ "))


@dataclass(frozen=True)
class Terminal:
    """A terminal; with `forked`, verbs and their `ansible-playbook` start by a fork.

    Without it, they start as for a person.
    """

    console: Console
    forked: bool = True

    @property
    def environment(self) -> dict[str, str]:
        bin_ = str(Path(sys.executable).parent)
        return {**self.console.environment, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}

    def piste(self, *arguments: str, together: bool = False, **environment: str) -> Said:
        """Run a verb; with `together`, what it says on the way stands in the output."""
        self.console.lab.calls.clear()
        given = {**self.environment, **environment}
        if self.forked:
            given["PATH"] = f"{forkserver.home() / 'venv/bin'}{os.pathsep}{given['PATH']}"
        command = [*PISTE, *arguments]
        return Said(*self.console.run(command, given, together=together, forked=self.forked))

    @property
    def world(self) -> World:
        return self.console.lab.meraki.world

    def edit(self, path: str, **body: Any) -> None:
        self.console.lab.meraki.edit("PUT", path, body)

    @property
    def writes(self) -> list[Any]:
        return list(self.console.lab.calls.writes())

    def state(self) -> str:
        """All that a person sees of the organization, without its log."""
        devices = {
            serial: {name: value for name, value in device.items() if name not in CLOCK}
            for serial, device in self.world.devices.items()
        }
        return json.dumps([self.world.networks, devices], ensure_ascii=False, sort_keys=True)

    def operations(self, plan: str) -> list[dict[str, Any]]:
        """The operations of a plan; a plan that would do nothing is not kept."""
        path = self.console.folder / "plans" / f"{plan}.json"
        if not path.exists():
            return []
        operations: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["operations"]
        return operations
