"""The changes of the kept configurations since a day, night by night, each with its authors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from piste.engine.clock import TOWN
from piste.exports.configurations.authors import Authors, authors, written
from piste.exports.configurations.home import Home, Night
from piste.exports.configurations.keep import PARTIAL
from piste.exports.configurations.objects import Difference, Tree, differences


@dataclass(frozen=True, slots=True)
class Change:
    """A difference and its authors; `doubtful` where the reading of its system is incomplete."""

    difference: Difference
    authors: Authors
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """The changes of a night, and the night that it is compared with."""

    night: Night
    before: Night
    changes: list[Change]


def changed(home: Home, environment: str, journal: Path, since: date | None = None) -> list[Changed]:
    """List the changes of the nights after a day; by default, the day before the last night."""
    nights = home.nights()
    if not nights:
        return []
    since = since or day(nights[-1]) - timedelta(days=1)
    return [
        Changed(night, before, list(_changes(before, night, environment, journal)))
        for before, night in pairwise(nights)
        if day(night) > since
    ]


def _changes(before: Night, night: Night, environment: str, journal: Path) -> Iterator[Change]:
    operations = written(journal, environment, before.commit.read_at, night.commit.read_at)
    partial = set(night.commit.trailers.get(PARTIAL, ())) | set(before.commit.trailers.get(PARTIAL, ()))
    for difference in differences(tree(before), tree(night)):
        doubtful = difference.action != "update" and difference.thing.domain in partial
        yield Change(difference, authors(difference, operations), doubtful)


def tree(night: Night) -> Tree:
    return Tree(night.files, lambda name: night.repository.content(night.files[name]))


def day(night: Night) -> date:
    """Give the day of a night, in the time of the town."""
    return datetime.fromisoformat(night.commit.read_at).astimezone(TOWN).date()


def at(nights: Sequence[Night], wanted: date | None) -> Night | None:
    """Find the configurations at the end of a day; the latest without a day."""
    return next((night for night in reversed(nights) if wanted is None or day(night) <= wanted), None)
