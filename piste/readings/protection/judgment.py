"""The judgment of each protected set by its copies: 3-2-1 (F14), age of the last copy (RPO).

Copies are judged as they were at the reading of their store, which dates the figure; a store that is fed less often,
and was read less often, as they are now. The rule, where the tender leaves
it open (CCTP 3.2.4, « schéma 3-2-1 »):

- `copies` counts the original, and each store whose last copy is fresh and outlives what carries the original. A
  snapshot on the cluster of its machine counts for the RPO; it is neither a copy nor a medium of 3-2-1.
- Media are counted by cluster where a cluster carries the copies, else by type: two disks are a single medium.
- A store that was not read may hold all or nothing: a set that needs it is unknown, never conforming.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.finding import State
from piste.engine.words import agreed
from piste.readings.protection.copies import Copy, Reading, moment
from piste.town.model.freshness import HOURS
from piste.town.model.protection.derived import ProtectedSet, Store, TownProtection, medium_of, outlives

SKEW = timedelta(minutes=5)
"""Greatest difference of two clocks that is no fault."""
AGAIN = "piste backups read"
READ_BY: Mapping[str, str] = {"report": "piste backups import", "configurations": "piste configurations keep"}
"""The verb that reads a store, where it is not `piste backups read`."""


class Kept(NamedTuple):
    """The copies of a set in a store.

    `read_at` is None where the store was not read, `fresh` where it is unknown. `last` is the last complete copy, `age`
    its age in hours, `limit` the greatest age. `words` says all of it. `at` is the moment of the judgment: the reading,
    or now where the reading is old.
    """

    store: Store
    read_at: datetime | None
    last: Copy | None
    age: float | None
    fresh: bool | None
    limit: int
    words: str
    at: datetime | None = None

    @property
    def old(self) -> bool:
        """True where the reading says nothing of the copies of today."""
        return self.at != self.read_at


class Judged(NamedTuple):
    """A protected set and its verdicts; `faults` are the reasons, in French.

    `copies`, `media` and `off_site` count what was proven. `immutable` None: unknown. `age` is that of the last copy in
    any store, in hours, None where none was read.
    """

    item: ProtectedSet
    kept: tuple[Kept, ...]
    copies: int
    media: int
    off_site: int
    immutable: bool | None
    age: float | None
    scheme: State
    rpo: State
    faults: tuple[str, ...]

    @property
    def state(self) -> State:
        """The worst of both verdicts."""
        verdicts = (self.scheme, self.rpo)
        return "wrong" if "wrong" in verdicts else "unknown" if "unknown" in verdicts else "ok"


def judged(
    protection: TownProtection, readings: Mapping[str, Reading], now: datetime, current: int = HOURS["copies"]
) -> list[Judged]:
    """Judge every protected set, in order of the declaration.

    Copies that were read more than `current` hours ago, and are believed still, are judged at this moment.
    """
    stores = {store["name"]: store for store in protection["stores"]}
    by_set: dict[tuple[str, str], list[Copy]] = {}
    for reading in readings.values():
        for copy in reading["copies"]:
            by_set.setdefault((reading["store"], copy["set"]), []).append(copy)
    return [
        _judge(
            item,
            tuple(
                _kept(item, stores[name], readings.get(name), by_set.get((name, item["name"]), ()), now, current)
                for name in dict.fromkeys(item["stores"])
                if name in stores
            ),
        )
        for item in protection["sets"]
    ]


def unread(store: Store, reading: Reading | None) -> str:
    """Say why a store is unknown; empty where its reading is of use."""
    verb = READ_BY.get(store["reader"], AGAIN)
    if reading is None:
        return f"jamais lu ({verb})"
    return (reading["unknown"] or "").replace(AGAIN, verb)


def _kept(
    item: ProtectedSet, store: Store, reading: Reading | None, copies: Sequence[Copy], now: datetime, current: int
) -> Kept:
    """Judge a store; a copy of the future, failed or unknown counts for nothing."""
    limit = max(item["rpo_hours"], store["max_age_hours"] or 0)
    if reason := unread(store, reading):
        return Kept(store, None, None, None, None, limit, reason)
    assert reading is not None
    read_at = moment(reading["read_at"])
    past = [copy for copy in copies if moment(copy["taken_at"]) <= read_at + SKEW]
    newest = sorted(past, key=lambda copy: moment(copy["taken_at"]), reverse=True)
    last = next((copy for copy in newest if copy["state"] == "complete"), None)
    notes = []
    if future := len(copies) - len(past):
        notes.append(f"{agreed(future, 'copie(s)')} de l’avenir, pas comptée{'s' if future > 1 else ''}")
    after = newest[: newest.index(last)] if last else newest
    if failed := next((copy for copy in after if copy["state"] == "failed"), None):
        notes.append(f"échec le {in_town(failed['taken_at'])}")
    doubtful = next((copy for copy in after if copy["state"] == "unknown"), None)
    if doubtful:
        notes.append(f"copie du {in_town(doubtful['taken_at'], DAY)} à l’état inconnu")
    old = now - read_at > timedelta(hours=current)
    at = now if old else read_at
    age = _hours(at, last)
    fresh: bool | None = age is not None and age <= limit
    said = f"dernière copie il y a {hours(age)}" if age is not None else "aucune copie"
    if not fresh:
        may = _hours(at, doubtful)
        if old or (may is not None and may <= limit):
            fresh = None
            notes += [f"lu le {in_town(read_at, DAY)} : relisez-le"] if old else []
        elif age is not None:
            said += f", {hours(limit)} au plus"
    return Kept(store, read_at, last, age, fresh, limit, " ; ".join([said, *notes]), at)


def _hours(at: datetime, copy: Copy | None) -> float | None:
    if copy is None:
        return None
    return max(0.0, (at - moment(copy["taken_at"])).total_seconds() / 3600)


def hours(number: float) -> str:
    """Write a duration: in minutes under an hour, in days above three."""
    if number < 1:
        return f"{int(number * 60)} min"
    return f"{int(number)} h" if number < 72 else f"{int(number / 24)} j"


def _judge(item: ProtectedSet, kept: tuple[Kept, ...]) -> Judged:
    requirement = item["requirement"]
    surviving = [entry for entry in kept if outlives(entry.store, item)]
    proven, possible = (
        [entry for entry in surviving if entry.fresh],
        [entry for entry in surviving if entry.fresh is not False],
    )
    had, could = _counts(item, proven), _counts(item, possible)
    faults = [
        f"{agreed(had[key], words)} sur {requirement[key]}"  # type: ignore[literal-required]
        for key, words in _WORDS.items()
        if had[key] < requirement[key]  # type: ignore[literal-required]
    ]
    scheme: State = "ok"
    if faults:
        enough = all(could[key] >= requirement[key] for key in _WORDS)  # type: ignore[literal-required]
        scheme = "unknown" if enough else "wrong"
    immutable = _immutable(proven, possible)
    if requirement["immutable"] and immutable is not True:
        faults.append("immuabilité pas prouvée" if immutable is None else "aucune copie immuable")
        scheme = "wrong" if immutable is False else "unknown" if scheme == "ok" else scheme
    ages = [entry.age for entry in kept if entry.age is not None]
    age, rpo = min(ages, default=None), _rpo(item, kept)
    if rpo == "wrong":
        said = f"dernière copie il y a {hours(age)}" if age is not None else "aucune copie"
        faults.append(f"{said}, RPO {item['rpo_hours']} h")
    elif rpo == "unknown":
        faults.append(f"âge de la dernière copie inconnu, RPO {item['rpo_hours']} h")
    return Judged(item, kept, **had, immutable=immutable, age=age, scheme=scheme, rpo=rpo, faults=tuple(faults))


_WORDS = {"copies": "exemplaire(s)", "media": "support(s)", "off_site": "copie(s) externalisée(s)"}


def _counts(item: ProtectedSet, kept: Iterable[Kept]) -> dict[str, int]:
    stores = [entry.store for entry in kept]
    media = {medium_of(store["medium"], store["carrier"]) for store in stores}
    return {
        "copies": 1 + len(stores),
        "media": len(media | {medium_of(item["medium"], item["carrier"])}),
        "off_site": sum(store["off_site"] for store in stores),
    }


def _immutable(proven: Iterable[Kept], possible: Iterable[Kept]) -> bool | None:
    """Tell whether a counted copy cannot be changed yet; None where a store does not say."""
    unsaid = False
    for entry in (*proven, *(other for other in possible if other.fresh is None)):
        until = entry.last["immutable_until"] if entry.last and entry.fresh else None
        if until and entry.at and moment(until) > entry.at:
            return True
        unsaid = unsaid or (until is None and entry.store["immutable_days"] is not None)
    return None if unsaid else False


def _rpo(item: ProtectedSet, kept: Iterable[Kept]) -> State:
    """Judge the age of the last copy in any store, those of the same cluster included."""
    doubt = False
    for entry in kept:
        if entry.age is not None and entry.age <= item["rpo_hours"]:
            return "ok"
        doubt = doubt or entry.fresh is None or entry.old
    return "unknown" if doubt else "wrong"
