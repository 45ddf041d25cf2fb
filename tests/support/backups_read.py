"""Copies of protected sets, as a reader would give them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from piste.readings.protection import kept
from piste.readings.protection.copies import Copy, Reading, reading, stamp
from piste.town.model.derived import Derived

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def copy(name: str, store: str, hours: float = 0.5, **given: Any) -> Copy:
    """Make a complete copy of a set, taken so many hours before `NOW`."""
    made: dict[str, Any] = {
        "set": name, "store": store, "taken_at": stamp(NOW - timedelta(hours=hours)), "size_bytes": 10**9,
        "id": f"{store}-{name}-{hours:g}", "immutable_until": None, "state": "complete",
    }  # fmt: skip
    return {**made, **given}  # type: ignore[return-value]


def read(store: str, copies: Iterable[Copy], hours: float = 0) -> Reading:
    """Make a reading of a store, done so many hours before `NOW`."""
    return reading(store, copies, read_at=NOW - timedelta(hours=hours))


def whole(town: Derived, *, without: Iterable[str] = ()) -> dict[str, Reading]:
    """Make readings in which every set has a fresh copy everywhere, but in some stores."""
    assert town.commune
    until = stamp(NOW + timedelta(days=20))
    made = {}
    for store in town.commune["protection"]["stores"]:
        name = store["name"]
        extra = {"immutable_until": until} if store["immutable_days"] else {}
        copies = [copy(item["name"], name, **extra) for item in town.protection if name in item["stores"]]
        made[name] = read(name, copies)
    return {name: entry for name, entry in made.items() if name not in without}


def keep_all(environment: str, readings: Iterable[Reading]) -> None:
    """Keep several readings."""
    kept.keep(environment, readings)
