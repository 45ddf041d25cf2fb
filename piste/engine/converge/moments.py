"""Moments of readings: when a system was read, and when it heard of what it tells."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from piste.engine.converge.reading import text

AHEAD = timedelta(minutes=5)
"""Time by which clocks may differ: a moment further in the future is the word of a wrong clock."""


def ahead(moment: datetime | str, now: datetime | None = None) -> bool:
    """Tell whether a moment is in the future; a text that is no moment, or has no zone, is not."""
    try:
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return at - (now or datetime.now(UTC)) > AHEAD
    except (TypeError, ValueError, OverflowError):
        return False


def zoned(value: object) -> datetime:
    """Read a moment in ISO 8601 with its zone, that every zone can write. Raises `ValueError`."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is not None and 1 < moment.year < 9999:
            return moment
    raise ValueError(f"« {str(value)[:40]} » n’est pas un moment avec son fuseau")


def written(seconds: float) -> str:
    """Write seconds since 1970: `2026-11-24T16:57:00+00:00`. Raises `ValueError`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def stamped(value: object) -> str:
    """Check the moment of an answer, ISO 8601, UTC where it gives no zone.

    Raises `Misfit`, `ValueError`.
    """
    moment = datetime.fromisoformat(text(value))
    return written((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def of_milliseconds(value: str) -> str:
    """Read a moment in milliseconds since 1970. Raises `ValueError`, `OverflowError`."""
    return written(int(value) / 1000)
