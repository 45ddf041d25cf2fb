"""Weeks of use of the network, by hand, in the form of the module that reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

HOURS = 168
WEEKDAYS = range(5)


def curve(value: float | None = 0.0, hours: Iterable[int] = (), busy: float | None = 1.0) -> list[float | None]:
    """Return 168 values: `busy` in some hours, `value` in the others."""
    chosen = set(hours)
    return [busy if hour in chosen else value for hour in range(HOURS)]


def at(days: Iterable[int], first: int, end: int) -> list[int]:
    """List hours of the week: of some days, Monday is 0, from an hour to another."""
    return [day * 24 + hour for day in days for hour in range(first, end)]


def ports(count: int = 2, kbps: float | None = 0.0, wh: float | None = 0.0, **more: Any) -> dict[str, Any]:
    return {
        "ports": count, "kbps": curve(kbps), "peak": curve(kbps), "wh": curve(wh), "seen": curve(count),
        "fed": curve(count if wh else 0.0), **more,
    }  # fmt: skip


def week(
    number: int = 47,
    points: Mapping[str, list[float | None]] | None = None,
    site: str = "ecole-jaures",
    unread: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    here = {"points": dict(points or {}), "radio": ports(), "access": ports(), "quiet": [], **more}
    return {
        "week": f"2026-W{number:02}",
        "start": "2026-11-15T23:00:00Z",
        "end": "2026-11-22T23:00:00Z",
        "sites": {site: here},
        "unread": dict(unread or {}),
        "absent": [],
    }
