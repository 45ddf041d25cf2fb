"""The last reading of the copies of each store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from piste.engine.converge.reading import FAULTS
from piste.engine.repository import ROOT
from piste.readings import store
from piste.readings.belief import Last, Tried, Unread
from piste.readings.belief import Reading as Read
from piste.readings.former import Content, Former, of_folder
from piste.readings.protection.copies import Copy, Reading, moment, reading, stamp
from piste.readings.protection.judgment import READ_BY
from piste.readings.table import SUBJECTS, Answer
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import Ages

SUBJECT = SUBJECTS["copies"]
_UNREAD = "pas lu : il n’a pas répondu, ou cet environnement ne dit pas où il est"


def _with_moments(copies: list[Copy]) -> list[Copy]:
    for copy in copies:
        moment(copy["taken_at"])
        moment(copy["immutable_until"] or copy["taken_at"])
    return copies


Copies = Annotated[list[Copy], AfterValidator(_with_moments)]
"""The form of a store: its copies, whose moments are moments."""


def tried(made: Reading) -> Tried[list[Copy]]:
    """Give what a reader made of a store; what makes no sense is unread."""
    try:
        at = moment(made["read_at"])
        if made["unknown"]:
            return Unread(str(made["unknown"]), at)
        if strange := {copy["store"] for copy in made["copies"]} - {made["store"]}:
            raise ValueError(f"une copie est d’un autre endroit, « {min(strange)[:63]} »")
        return Read(made["copies"], at)
    except FAULTS as error:
        return Unread(f"ce qui a été lu ne se comprend pas : {error}", now())


def keep(environment: str, readings: Iterable[Reading], *, only: Collection[str] | None = None) -> list[str]:
    """Keep readings of stores; name those left out: of the future, or older than the kept.

    Where `only` is given, a store that is not among it is forgotten: nothing declares it any more.

    Raises `UnreadableReading`, `NotWritten`.
    """
    return store.keep(SUBJECT, environment, {made["store"]: tried(made) for made in readings}, only=only)


def last(environment: str, limits: Ages | None = None) -> dict[str, Reading]:
    """Give the last reading of each store, or why it says nothing. Raises `UnreadableReading`."""
    return {name: _said(name, last) for name, last in store.last(SUBJECT, environment, limits).items()}


def _said(name: str, last: Last[list[Copy]]) -> Reading:
    at = stamp(last.read_at) if last.read_at else ""
    if isinstance(last, Read):
        return Reading(store=name, read_at=at, copies=last.value, unknown=None)
    return Reading(store=name, read_at=at, copies=[], unknown=last.why)


def own(town: Derived) -> list[str]:
    """Name the stores that the playbook reads."""
    stores = town.commune["protection"]["stores"] if town.commune else []
    return [store["name"] for store in stores if store["reader"] not in READ_BY]


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep what the modules of a run gave, and why each other store was not read.

    A store that another verb reads keeps its last reading. What a module gave for a store that nothing declares is left
    out.
    """
    given = {
        entry["store"]: entry
        for part in answer.content or ()
        for entry in (part if isinstance(part, list) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("store"), str)
    }
    stores = [store["name"] for store in town.commune["protection"]["stores"]] if town.commune else []
    made: list[Any] = [given[name] for name in stores if name in given]
    silence = store.unanswered(answer, _UNREAD).why
    silent = [reading(name, (), unknown=silence) for name in own(town) if name not in given]
    keep(environment, [*made, *silent], only=stores)
    return not own(town) or any(isinstance(tried(entry), Read) for entry in made)


def former(environment: str) -> Mapping[Path, Former]:
    """Give the files in which earlier versions kept the readings, a store each."""
    return of_folder(ROOT / ".piste" / "protection" / environment, "*.json", _former)


def _former(kept: Any) -> Content:
    return {str(kept["store"]): tried(kept)}
