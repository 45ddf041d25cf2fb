"""Beliefs on which writes rest, and that no public source proves; here a belief is an id.

It is never relied on silently. A write that rests on one asks for a word, until somebody or something has settled it in
this environment, for this version of the system. Where a belief is refuted, what rests on it is refused. A model on the
system itself, something of the same form that its own console wrote, needs no word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from piste.engine.words import some

if TYPE_CHECKING:
    from piste.engine.converge.driver import Driver
    from piste.engine.converge.plan import Operation

WORD = "unproven"
"""The word of `confirm` that accepts a belief, with its id: alone it accepts none."""


class Known(Protocol):
    """The knowledge that an environment has of beliefs."""

    def asked(self, ids: Collection[str]) -> Mapping[str, str]:
        """Give the beliefs that ask for a word, each with its reason.

        Raises `Guarded` where any is refuted, or may be: its state does not read.
        """

    def proven(self, ids: Collection[str], evidence: str) -> str:
        """Note beliefs that a write, read back, has shown; say what could not be noted."""


class _Unasked:
    """The knowledge of a driver alone, as a test runs it: nothing says the environment."""

    def asked(self, ids: Collection[str]) -> Mapping[str, str]:
        return {}

    def proven(self, ids: Collection[str], evidence: str) -> str:
        return ""


_known: list[Known] = [_Unasked()]


def known_by(known: Known) -> None:
    """Say what this process, that of a task, knows of beliefs."""
    _known[0] = known


def rests_on(driver: Driver, operations: Sequence[Operation]) -> list[str]:
    """List the beliefs that operations rest on."""
    return list(dict.fromkeys(id_ for operation in operations for id_ in driver.rests_on(operation)))


def doubtful(driver: Driver, operation: Operation) -> set[str]:
    """List the beliefs that an operation rests on, where the system shows no model of them."""
    return {*driver.rests_on(operation)} - {*driver.shown(operation)}


def awaited(driver: Driver, operations: Sequence[Operation]) -> dict[str, str]:
    """List the words that the beliefs behind operations want, each with its reason.

    A model spares the word, never the refusal. Raises `Guarded` where any belief is refuted.
    """
    asked = _known[0].asked(ids) if (ids := rests_on(driver, operations)) else {}
    wanted = {id_ for operation in operations for id_ in doubtful(driver, operation)}
    return {f"{WORD}:{id_}": why for id_, why in asked.items() if id_ in wanted}


def proven(ids: Collection[str], operations: Sequence[Operation], owner: str) -> str:
    """Note the beliefs that a write, read back, has shown; say what could not be noted."""
    names = some([operation.name for operation in operations])
    return _known[0].proven(ids, f"écrit et relu ({owner}) : {names}") if ids else ""


def accepts(confirmed: Collection[str], word: str) -> bool:
    """Tell whether the given words accept a word: itself, or its first part alone.

    A belief is accepted by its id alone.
    """
    first = word.partition(":")[0]
    return word in confirmed or (first != WORD and first in confirmed)


@dataclass(frozen=True, slots=True)
class Model:
    """The sign of a belief in a text: where the system shows it, nobody is asked."""

    id: str
    sign: re.Pattern[str]


def unsettled(models: Sequence[Model], written: Iterable[str], live: Iterable[str]) -> Iterator[str]:
    """List the beliefs that the new texts rely on and that no live text shows."""
    known, new = list(live), list(written)
    for model in models:
        if any(map(model.sign.search, new)) and not any(map(model.sign.search, known)):
            yield model.id
