"""Seals of the closed days: a chain of records as the journal's, in a folder of its own.

A record seals the files of a day (`day`), or attests a deletion (`deletion`). It has digests and counts, no log: the
chain stays whole, and verifiable, after the logs that it sealed are deleted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.private import private_folder
from piste.engine.repository import ROOT
from piste.readings.logs.tree import Content, DayFile, Tree, Unreadable, is_closed, read_day
from piste.runs.records.chain import ID, Chain, Damaged, new_id, read_sealed, stamp
from piste.runs.records.journal import Finding as Fault
from piste.runs.records.journal import chains, verify_chain
from piste.runs.records.record import TEXT, Record, Shape
from piste.runs.records.recorder import node_name, user

FORMAT = 1
_FILE: Shape = {
    **dict.fromkeys(("stream", "day", "sha256"), str),
    **dict.fromkeys(("bytes", "lines"), int),
    **dict.fromkeys(("first", "last"), TEXT),
}
_GONE: Shape = {"stream": str, "most_days": int, "files": [_FILE]}
SEAL: Shape = {
    **dict.fromkeys(("id", "environment", "node", "ended", "user", "hash"), str),
    "previous": TEXT,
    "kind": frozenset({"day", "deletion"}),
    "files?": [_FILE],
    "gone?": [_GONE],
}


class SealedDay(Content):
    """A day as it was sealed."""

    stream: str
    day: str


class Sealed(NamedTuple):
    """Contents of the chains of an environment: sealed days, attested deletions."""

    days: Mapping[tuple[str, str], SealedDay]
    deleted: Mapping[tuple[str, str], str]
    """The moment of each deletion, by stream and day."""


def seals_folder() -> Path:
    """Locate the seals of this machine: `PISTE_LOG_SEALS_DIR`, else `.piste/log-seals`."""
    given = os.environ.get("PISTE_LOG_SEALS_DIR")
    return Path(given) if given else ROOT / ".piste" / "log-seals"


def own_chain(environment: str) -> Chain:
    """Give the chain of an environment on this machine."""
    return Chain(seals_folder() / environment / node_name())


def chains_of(environment: str) -> list[Chain]:
    return [chain for chain in chains(seals_folder()) if chain.environment == environment]


def records(chain: Chain) -> Iterator[Record]:
    """Yield the records of a chain in order, as far as the links lead."""
    following: dict[str, Record] = {}
    for path in chain.folder.glob("*.json"):
        if ID.fullmatch(path.stem):
            with suppress(Damaged, FileNotFoundError):
                record = read_sealed(path, SEAL)
                following[record["previous"] or ""] = record
    link = ""
    while link in following:
        record = following.pop(link)
        link = record["hash"]
        yield record


def read_seals(environment: str) -> Sealed:
    """Read what is sealed and what is deleted; the first seal of a day is the true one."""
    days: dict[tuple[str, str], SealedDay] = {}
    deleted: dict[tuple[str, str], str] = {}
    for chain in chains_of(environment):
        for record in records(chain):
            for file in record.get("files", ()):
                days.setdefault((file["stream"], file["day"]), _sealed_day(file))
            for gone in record.get("gone", ()):
                for file in gone["files"]:
                    deleted[file["stream"], file["day"]] = record["ended"]
    return Sealed(days, deleted)


def _sealed_day(file: Mapping[str, Any]) -> SealedDay:
    return SealedDay(
        stream=file["stream"], day=file["day"], sha256=file["sha256"], bytes=file["bytes"], lines=file["lines"],
        first=file["first"], last=file["last"],
    )  # fmt: skip


def verify_seals(environment: str) -> list[Fault]:
    """Recompute every hash and link of the chains of an environment."""
    return [fault for chain in chains_of(environment) for fault in verify_chain(chain, SEAL)]


class Sealing(NamedTuple):
    """The outcome of a sealing: new seals, and the days that could not be read."""

    sealed: list[SealedDay]
    unread: Mapping[str, str]


def seal_days(environment: str, tree: Tree, now: datetime) -> Sealing:
    """Seal every closed day that is not sealed yet, a record a day."""
    known = read_seals(environment)
    waiting: dict[date, list[DayFile]] = {}
    for files in tree.days.values():
        for file in files:
            if is_closed(file.day, now) and (file.stream, str(file.day)) not in known.days:
                waiting.setdefault(file.day, []).append(file)
    sealed: list[SealedDay] = []
    unread: dict[str, str] = {}
    for day in sorted(waiting):
        mine: list[SealedDay] = []
        for file in waiting[day]:
            try:
                content = read_day(file)
            except FileNotFoundError:
                continue  # deleted meanwhile: a check names it if it must be there
            except Unreadable as error:
                unread[file.name] = str(error)
                continue
            mine.append(SealedDay(**content, stream=file.stream, day=str(file.day)))
        if mine:
            append(environment, "day", files=mine)
            sealed += mine
    return Sealing(sealed, unread)


def append(environment: str, kind: str, **content: Sequence[Mapping[str, Any]]) -> Record:
    """Seal a record at the end of the chain of this machine."""
    chain, now = own_chain(environment), datetime.now(UTC)
    private_folder(chain.folder)
    with chain.lock():
        return chain.append(
            {
                "format": FORMAT,
                "id": new_id(now),
                "environment": chain.environment,
                "node": chain.node,
                "ended": stamp(now),
                "user": user(),
                "kind": kind,
                **{name: list(entries) for name, entries in content.items()},
            }
        )
