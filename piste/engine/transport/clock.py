"""Clock that waits and deadlines read: the machine's, or another that a test hands in."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The part of the module `time` that this project uses."""

    def time(self) -> float:
        """Seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds that no correction of the clock moves."""

    def sleep(self, seconds: float, /) -> None: ...
