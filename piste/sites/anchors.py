"""The anchored months of the journal: its seals, its age, their signatures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from piste.engine.clock import DAY, in_town
from piste.engine.converge.moments import zoned
from piste.engine.finding import Finding, State
from piste.engine.words import agreed, some
from piste.readings import file, store
from piste.readings.belief import Reading, Tried
from piste.readings.table import SUBJECTS
from piste.runs.records.chain import ID, Chain
from piste.sites import sealed, status
from piste.town.model.dates import now, today
from piste.town.model.derived import Derived
from piste.town.model.forms import Record
from piste.town.model.freshness import ages

SUBJECT = SUBJECTS["anchors"]
JOURNAL = "journal"
KEPT = timedelta(days=365)
"""Age that the journal has to reach (CCTP 7.4: « au minimum 12 mois »)."""
_EXPORT = "piste journal export --month {} --to DOSSIER --key CLÉ"


class Anchor(Record):
    """An anchored month: whether a key signed it, and what the whole journal was on that day.

    `since` is the day of its oldest record, `faults` counts the files that are not as they were sealed. `anchored` are
    all the months that a key has signed.
    """

    made: str
    month: str
    since: date
    signed: bool
    faults: int
    anchored: tuple[str, ...] = ()
    hash: str = ""


def note(chains: Iterable[Chain], month: str, *, signed: bool, faults: Sequence[str]) -> None:
    """Keep the anchor of a month for each environment that has records; `faults` names files."""
    oldest: dict[str, str] = {}
    for chain in chains:
        ids = [path.stem for path in chain.folder.glob("*.json") if ID.fullmatch(path.stem)]
        oldest[chain.environment] = min([*ids, oldest.get(chain.environment, "9")])
    made, own = now().isoformat(timespec="seconds"), {name: id_ for name, id_ in oldest.items() if id_ != "9"}
    for environment, id_ in own.items():
        place, wrong = _place(environment), sum(file.startswith(f"{environment}/") for file in faults)
        former = sealed.read(place, Anchor)
        anchored = {*(former.anchored if former else ())} - {month} | ({month} if signed else set())
        sealed.keep(place, Anchor(made=made, month=month, since=date.fromisoformat(id_[:8]), signed=signed,
                                  faults=wrong, anchored=tuple(sorted(anchored))))  # fmt: skip


def last(environment: str) -> Mapping[str, Tried[Anchor]]:
    """Give the last anchor of an environment. Raises `UnreadableReport`."""
    made = sealed.read(_place(environment), Anchor)
    return {JOURNAL: Reading(made, zoned(made.made))} if made else {}


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Say whether the journal is whole, each of its months signed, and a year old.

    A lab that was never anchored says nothing.
    """
    id_ = f"{SUBJECT.name}.{JOURNAL}"
    if broken := next((seen for seen in status.journal(environment) if seen.state == "wrong"), None):
        yield Finding(id_, "wrong", f"journal : {broken.what}", broken.todo, gravity="critical")
        return
    last = store.last(SUBJECT, environment, ages(town)).get(JOURNAL)
    if last is None and environment == "lab":
        return
    if not isinstance(last, Reading):
        why = last.why if last else "aucun mois n’est ancré"
        yield Finding(id_, "unknown", f"journal : {why}", _EXPORT.format("MOIS"))
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
        return "wrong", "intact, mais l’ancre du mois n’est pas signée", _EXPORT.format(made.month)
    if lacking := [month for month in _over(made.since) if month not in made.anchored]:
        # The month that has just ended is not late: it is unknown until its export.
        state: State = "unknown" if lacking == _over(made.since)[-1:] else "wrong"
        said = f"intact, mais {agreed(len(lacking), 'mois')} sans ancre signée ({some(lacking)})"
        return state, said, _EXPORT.format(lacking[0])
    since, full = (in_town(day.isoformat(), DAY) for day in (made.since, made.since + KEPT))
    if made.since + KEPT > today():
        return "unknown", f"intact et signé depuis le {since} seulement", f"Il aura un an le {full}."
    return "ok", f"intact et signé, depuis le {since}", ""


def _over(since: date) -> list[str]:
    """List the months from that of a day to the last that has ended."""
    first, end = (day.year * 12 + day.month - 1 for day in (since, today()))
    return [f"{count // 12:04}-{count % 12 + 1:02}" for count in range(first, end)]


def _place(environment: str) -> Path:
    return file.place(environment).parent / SUBJECT.name
