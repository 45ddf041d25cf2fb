"""The clock of the lab: real time plus an offset, or frozen."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """A movable clock, in seconds since 1970; limits, batches, delays and timestamps read it."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen_at: float | None = None

    def now(self) -> float:
        if self._frozen_at is not None:
            return self._frozen_at
        return time.time() + self._offset

    def iso(self, at: float | None = None) -> str:
        """Return a moment (now by default) as `2026-08-05T09:00:00.123456Z`."""
        moment = datetime.fromtimestamp(self.now() if at is None else at, UTC)
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def advance(self, seconds: float) -> None:
        """Move forward, or back by a negative number; a frozen clock stays frozen."""
        if self._frozen_at is None:
            self._offset += seconds
        else:
            self._frozen_at += seconds

    def freeze(self, at: float | None = None) -> None:
        self._frozen_at = self.now() if at is None else at

    def release(self) -> None:
        """Run again from the frozen moment."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - time.time()
            self._frozen_at = None


def seconds(text: str) -> float:
    """Read an ISO 8601 moment, UTC where it gives no zone. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
