"""Copies of protected sets, as a reader gives them: a reading of each declared store.

A reading that failed has its reason: its store is unknown, and never taken for an empty store.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, TypedDict

from piste.engine.converge.moments import zoned
from piste.town.model.dates import now

State = Literal["complete", "failed", "unknown"]


class Copy(TypedDict):
    """A restorable copy of a protected set.

    `taken_at` and `immutable_until` are UTC, ISO 8601 with Z; `immutable_until` None: the store does not say. `id` is
    that of the store.
    """

    set: str
    store: str
    taken_at: str
    size_bytes: int | None
    id: str
    immutable_until: str | None
    state: State


class Reading(TypedDict):
    """A reading of a store; `unknown` is the reason, in French, why it says nothing."""

    store: str
    read_at: str
    copies: list[Copy]
    unknown: str | None


def stamp(moment: datetime) -> str:
    """Write a moment in UTC, to the second."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def moment(text: str) -> datetime:
    """Read a moment of a copy. Raises ValueError where it is not UTC, ISO 8601 with Z."""
    if not text.endswith("Z"):
        raise ValueError(f"« {text[:40]} » n’est pas un moment en UTC (Z)")
    return zoned(text)


def reading(
    store: str, copies: Iterable[Copy], *, read_at: datetime | None = None, unknown: str | None = None
) -> Reading:
    """Make the reading of a store, of now unless `read_at` says when."""
    return Reading(store=store, read_at=stamp(read_at or now()), copies=[*copies], unknown=unknown)
