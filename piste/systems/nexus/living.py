"""Life of the Nexus switches: version and ports of each, with a moment of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.reading import in_parts
from piste.systems.nexus import tables
from piste.systems.nexus.commands import Command
from piste.systems.nexus.connection import DECLARED, NEXUS, SWITCHES
from piste.systems.nexus.fleet import Fleet
from piste.systems.nexus.shell import Shell


def seen(shell: Shell) -> dict[str, Any]:
    """Read what lives on a switch, in parts; `unread` gives the reason for each that is absent."""
    return in_parts(
        shell.name,
        {
            "version": lambda: tables.version(shell.ask(Command.VERSION))[1],
            "nexus_ports": lambda: {"values": tables.ports(shell.ask(Command.INTERFACES)), "read_at": _now()},
        },
    )


class Living:
    """The life of the switches of a task: `versions`, `nexus_ports`, `unread`, by name.

    The reason for ports alone is under `NAME/ports`.
    """

    def __init__(self) -> None:
        self.parts: dict[str, Any] = {"read_at": _now(), "versions": {}, "nexus_ports": {}, "unread": {}}

    def add(self, name: str, answer: Mapping[str, Any] | PisteError) -> None:
        """Add what a switch gave, or the error that stopped it."""
        if isinstance(answer, PisteError):
            self.parts["unread"][name] = why_unread(answer)
            return
        for part, place, key in (("version", "versions", name), ("nexus_ports", "nexus_ports", f"{name}/ports")):
            if part in answer:
                self.parts[place][name] = answer[part]
            else:
                self.parts["unread"][key] = answer["unread"][part]


def why_unread(error: PisteError) -> str:
    """Say why a switch was not read."""
    return " : ".join(part for part in (error.what, error.why) if part)


def _now() -> str:
    return written(time.time())


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    fleet = Fleet(params["nexus"], params["declared"], params.get("switches"))
    living = Living()
    for switch, answer in fleet.each(lambda shell, known: seen(shell)):
        living.add(switch["name"], answer)
    return {"changed": False, "living": living.parts, "calls": fleet.calls}


MODULES: Mapping[str, Module] = {
    "nexus_living": Module(name="nexus_living", options=(NEXUS, DECLARED, SWITCHES), run=_run),
}
