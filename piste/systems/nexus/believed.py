"""Judges of the answers of the Nexus, for the beliefs about them (`beliefs/nexus.yml`)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from piste.engine.converge.errors import PisteError
from piste.engine.converge.run import System
from piste.engine.converge.values import Misfit
from piste.systems.beliefs.answers import Answer, Verdict, answered, given, shown
from piste.systems.beliefs.asked import answering, questions
from piste.systems.nexus import tables as read
from piste.systems.nexus.commands import Command
from piste.systems.nexus.configuration import tree
from piste.systems.nexus.connection import DECLARED, NEXUS
from piste.systems.nexus.fleet import Fleet
from piste.systems.nexus.state import SHUT, of_configuration

_TABLES = {Command.VLANS: read.active_vlans, Command.PORT_CHANNELS: read.bundled, Command.INTERFACES: read.ports}


def tables(answers: Sequence[Answer]) -> Verdict:
    """The tables of each switch have the columns that are read."""
    right, wrong = list[str](), list[str]()
    for command, parse in _TABLES.items():
        for text in answered(answers, f"* {command}"):
            try:
                parse(text)
                right.append(str(command))
            except Misfit as error:
                wrong.append(f"{command} : {error}")
    return shown(right, wrong)


def no_shutdown(answers: Sequence[Answer]) -> Verdict:
    """A port whose block says nothing is open or shut as its default is taken to be.

    A switched port shows nothing: NX-OS says its default. A silent port that is shut by no such default routes.
    """
    right, wrong, routed = list[str](), list[str](), False
    brief = {asked: given(answer) for answer in answers if (asked := _asked(answer, Command.INTERFACES))}
    for answer in answers:
        name = _asked(answer, Command.CONFIGURATION)
        if name not in brief:
            continue
        root, live = tree(given(answer)), read.ports(brief[name])
        silent = {line.text for line in root.below if not (line.says("shutdown") or line.says("no shutdown"))}
        for port, state in of_configuration(root).ports.items():
            seen = live.get(port.removeprefix("Ethernet"))
            if seen and f"interface {port}" in silent:
                (right if state.up == (seen["status"] != "off") else wrong).append(f"{name} {port}")
                routed |= not state.up and not root.says(SHUT)
    return shown(right if routed else (), wrong)


def _asked(answer: Answer, command: Command) -> str:
    """Name the switch that was asked a command, if it was this command."""
    name, _, said = answer.question.partition(" ")
    return name if said == command else ""


class Asked(Fleet):
    """The switches, each asked every question in a single terminal."""

    @cached_property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """Answers by switch and command. Raises the error of the first switch that stops."""
        asked = [Command.VERSION, *map(Command, questions("nexus"))]
        made: dict[str, Mapping[str, str]] = {}
        for switch, answer in self.each(lambda shell, _: {str(command): shell.ask(command) for command in asked}):
            if isinstance(answer, PisteError):
                raise answer
            made[switch["name"]] = answer
        return made


def _ask(fleet: Asked, command: str) -> Iterator[Answer]:
    yield from (Answer(f"{name} {command}", texts[command]) for name, texts in fleet.texts.items())


def _version(fleet: Asked) -> str:
    said = {", NX-OS ".join(read.version(texts[Command.VERSION])) for texts in fleet.texts.values()}
    return " ; ".join(sorted(said))


def _now(fleet: Asked) -> float:
    return time.time()


SYSTEM = System((NEXUS, DECLARED), lambda params, vault: Asked(params["nexus"], params["declared"]))
MODULES = answering("nexus_answers", "nexus", SYSTEM, _ask, _version, _now)
