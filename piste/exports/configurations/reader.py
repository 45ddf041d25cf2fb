"""The copies of the configurations, as the judgment of protected sets takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piste.engine.converge.moments import zoned
from piste.exports.configurations.home import Home, Night, Note, Sent, home
from piste.readings.belief import Reading, Tried
from piste.readings.protection.copies import Copy, reading
from piste.readings.protection.copies import Reading as OfStore
from piste.systems.kinds import DOMAINS
from piste.town.model import Commune


def readings(home: Home, commune: Commune) -> Iterator[OfStore]:
    """Read the repository and its copies, by the note of the last night. Raises `Altered`."""
    nights, note = home.nights(), home.note()
    remote = {copy["store"] for copy in commune["configurations"]["copies"]}
    sets = [entry for entry in commune["protection"]["sets"] if entry["kind"] == "configurations"]
    for store in commune["protection"]["stores"]:
        if store["reader"] != "configurations":
            continue
        name = store["name"]
        sent = note["sent"].get(name, {})
        there = nights if name not in remote else [night for night in nights if _arrived(night, nights, sent)]
        unknown = [f"{year} : {last['unknown']}" for year, last in sent.items() if name in remote and last["unknown"]]
        copies = [
            Copy(
                set=entry["name"],
                store=name,
                taken_at=_taken_at(night, nights, note),
                size_bytes=None,
                id=night.commit.id,
                immutable_until=None,
                state="complete" if _whole(night, nights, note) else "unknown",
            )
            for entry in sets
            if name in entry["stores"]
            for night in there
        ]
        yield reading(name, copies, unknown=" ; ".join(unknown) or None)


def _arrived(night: Night, nights: list[Night], sent: Mapping[str, Sent]) -> bool:
    """Tell whether a copy has a night: the commit that it has, or an earlier commit of the year."""
    year = sent.get(night.repository.year)
    last = year["commit"] if year else ""
    own = [other.commit.id for other in nights if other.repository.folder == night.repository.folder]
    return last in own and own.index(night.commit.id) <= own.index(last)


def _taken_at(night: Night, nights: list[Night], note: Note) -> str:
    """Give the moment of a night; of the last, that of the domain with the oldest reading."""
    if night is not nights[-1]:
        return night.commit.read_at
    return min(note["read_at"].values(), default=night.commit.read_at)


def _whole(night: Night, nights: list[Night], note: Note) -> bool:
    """Tell whether every domain was read whole at least once."""
    return night is not nights[-1] or set(DOMAINS) <= note["read_at"].keys()


def last(environment: str) -> dict[str, Tried[str]]:
    """Give the last night of each domain. Raises `Altered`."""
    note = home(environment).note()
    return {domain: Reading(at, zoned(at)) for domain, at in note["read_at"].items()}
