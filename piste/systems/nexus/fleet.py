"""The declared Nexus switches, each read on its own: a silent switch hides no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from piste.engine.converge.errors import PisteError, Unreachable
from piste.systems.nexus.connection import Access
from piste.systems.nexus.shell import Shell

Declared = Mapping[str, Any]
"""The part of the town that concerns its Nexus switches (`town.model.nexus.derived.TownNexus`)."""


class Fleet:
    """The switches of a task, and the requests sent to them."""

    def __init__(self, option: Mapping[str, Any], declared: Declared, names: list[str] | None = None) -> None:
        self._access = Access.of(option) if declared["switches"] else None
        self.town = declared["vlans"]
        self.switches = [switch for switch in declared["switches"] if names is None or switch["name"] in names]
        self.calls = {"reads": 0, "writes": 0}

    def close(self) -> None:
        """Close nothing: each terminal ends once its switch is read."""

    def each[T](self, ask: Callable[[Shell, Declared], T]) -> Iterator[tuple[Declared, T | PisteError]]:
        """Yield each switch with what `ask` gives of it, or with the error that stopped it."""
        for switch in self.switches:
            assert self._access
            shell = Shell(switch["name"], switch["address"], self._access)
            try:
                with shell:
                    answer: T | PisteError = ask(shell, switch)
            except PisteError as error:
                answer = error
            self.calls = {name: count + shell.calls[name] for name, count in self.calls.items()}
            yield switch, answer


def refused(errors: list[PisteError]) -> PisteError:
    """Make the error of a task that could not read some switches."""
    if len(errors) == 1:
        return errors[0]
    every = " ; ".join(f"{error.where} : {error.what}" for error in errors)
    first = errors[0]
    made = Unreachable(f"{len(errors)} Nexus n’ont pas été lus : {every}", why=first.why, todo=first.todo)
    if any(error.kind == "refused" for error in errors):
        made.kind = "refused"
    return made
