"""The limits of the organization, on the clock of the lab."""

from __future__ import annotations

from collections import deque

from lab.clock import Clock
from lab.meraki.behaviour import Behaviour

CLAIM_WINDOW = 300.0


class Limits:
    """A token bucket for requests, a sliding window for claims."""

    def __init__(self, clock: Clock, behaviour: Behaviour) -> None:
        self._clock, self._behaviour = clock, behaviour
        self._tokens = behaviour.burst
        self._at = clock.now()
        self._claims: deque[float] = deque()

    def request_wait(self) -> float:
        """Count a request; return 0 where it may pass, else the seconds to wait."""
        rate, now = self._behaviour.rate_limit, self._clock.now()
        if rate is None:
            return 0.0
        self._tokens = min(self._behaviour.burst, self._tokens + max(0.0, now - self._at) * rate)
        self._at = now
        if self._tokens < 1.0:
            return (1.0 - self._tokens) / rate
        self._tokens -= 1.0
        return 0.0

    def claim_wait(self) -> float:
        """Count a claim; return 0 where it may pass, else the seconds to wait."""
        limit, now = self._behaviour.claim_limit, self._clock.now()
        if limit is None:
            return 0.0
        while self._claims and self._claims[0] <= now - CLAIM_WINDOW:
            self._claims.popleft()
        if len(self._claims) >= limit:
            return self._claims[0] + CLAIM_WINDOW - now if self._claims else CLAIM_WINDOW
        self._claims.append(now)
        return 0.0
