"""The month of the journal that was last anchored: its seals, its age, its signature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from piste.engine.clock import DAY, in_town
from piste.engine.converge.moments import zoned
from piste.engine.finding import Finding, State
from piste.readings import file, store
from piste.readings.belief import Reading, Tried
from piste.readings.table import SUBJECTS
from piste.runs.records.chain import ID, Chain
from piste.sites import sealed
from piste.town.model.dates import now, today
from piste.town.model.derived import Derived
from piste.town.model.forms import Record
from piste.town.model.freshness import ages

SUBJECT = SUBJECTS["anchors"]
JOURNAL = "journal"
KEPT = timedelta(days=365)
"""Age that the journal has to reach (CCTP 7.4: « au minimum 12 mois »)."""


class Anchor(Record):
    """An anchored month: whether a key signed it, and what the whole journal was on that day.

    `since` is the day of its oldest record, `faults` counts the files that are not as they were sealed.
    """

    made: str
    month: str
    since: date
    signed: bool
    faults: int
    hash: str = ""


def note(chains: Iterable[Chain], month: str, *, signed: bool, faults: int) -> None:
    """Keep the anchor of a month for each environment that has records."""
    oldest: dict[str, str] = {}
    for chain in chains:
        ids = [path.stem for path in chain.folder.glob("*.json") if ID.fullmatch(path.stem)]
        oldest[chain.environment] = min([*ids, oldest.get(chain.environment, "9")])
    made, own = now().isoformat(timespec="seconds"), {name: id_ for name, id_ in oldest.items() if id_ != "9"}
    for environment, id_ in own.items():
        since = date.fromisoformat(id_[:8])
        sealed.keep(_place(environment), Anchor(made=made, month=month, since=since, signed=signed, faults=faults))


def last(environment: str) -> Mapping[str, Tried[Anchor]]:
    """Give the last anchor of an environment. Raises `UnreadableReport`."""
    made = sealed.read(_place(environment), Anchor)
    return {JOURNAL: Reading(made, zoned(made.made))} if made else {}


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Say whether the journal was whole at its last anchor, signed, and a year old.

    A lab that was never anchored says nothing.
    """
    last = store.last(SUBJECT, environment, ages(town)).get(JOURNAL)
    if last is None and environment == "lab":
        return
    id_ = f"{SUBJECT.name}.{JOURNAL}"
    if not isinstance(last, Reading):
        why = last.why if last else "aucun mois n’est ancré"
        yield Finding(id_, "unknown", f"journal : {why}", "piste journal export --month MOIS --to DOSSIER --key CLÉ")
        return
    state, said, todo = _verdict(last.value)
    yield Finding(
        id_, state, f"journal : {said}", todo, gravity="critical" if last.value.faults else "major",
        evidence=f"ancre de {last.value.month}",
    )  # fmt: skip


def _verdict(made: Anchor) -> tuple[State, str, str]:
    if made.faults:
        return "wrong", "il n’est pas intact", "piste journal verify nomme chaque fichier."
    if not made.signed:
        again = f"piste journal export --month {made.month} --to DOSSIER --key CLÉ"
        return "wrong", "intact, mais l’ancre du mois n’est pas signée", again
    since, full = (in_town(day.isoformat(), DAY) for day in (made.since, made.since + KEPT))
    if made.since + KEPT > today():
        return "unknown", f"intact et signé depuis le {since} seulement", f"Il aura un an le {full}."
    return "ok", f"intact et signé, depuis le {since}", ""


def _place(environment: str) -> Path:
    return file.place(environment).parent / SUBJECT.name
