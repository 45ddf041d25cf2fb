"""Authentication and limits: Basic, API key, session cookies, lockout, rate limit."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections import defaultdict, deque
from collections.abc import Callable

from lab.clock import Clock
from lab.http import Request
from lab.prism.behaviour import Behaviour
from lab.prism.errors import ApiError

COOKIE = "NTNX_IAM_SESSION"
_OTHERS = ("NTNX_MERCURY_IAM_SESSION", "NTNX_MERCURY_IAM_REFRESH_TOKEN")
LOCKED_SECONDS = 900.0
_BUDGET = 80


class Sessions:
    """The credentials, and the sessions that they opened."""

    def __init__(
        self, username: str, password: str, api_key: str, clock: Clock, behaviour: Behaviour, opened: Callable[[], None]
    ) -> None:
        self.username, self.password, self.api_key = username, password, api_key
        self._clock, self._behaviour, self._opened = clock, behaviour, opened
        self._expiry: dict[str, float] = {}
        self._wrong = 0
        self._locked_until = 0.0

    def enter(self, request: Request) -> tuple[str, ...]:
        """Authenticate; return the cookies of a new session. Raises ApiError 401."""
        now = self._clock.now()
        if self._expiry.get(_cookie(request), 0.0) > now:
            return ()
        if not self._known(request, now):
            raise ApiError(401, "PRISM-10001", "UNAUTHENTICATED", "Authentication required.")
        self._wrong = 0
        token = secrets.token_urlsafe(24)
        self._expiry = {known: at for known, at in self._expiry.items() if at > now}
        self._expiry[token] = now + self._behaviour.session_seconds
        self._opened()
        path = "Path=/; Secure; HttpOnly"
        return (*(f"{name}={secrets.token_urlsafe(12)}; {path}" for name in _OTHERS), f"{COOKIE}={token}; {path}")

    def expire(self) -> None:
        """End every session now."""
        self._expiry.clear()

    def _known(self, request: Request, now: float) -> bool:
        key = request.header("X-ntnx-api-key")
        if key:
            return hmac.compare_digest(key.encode(), self.api_key.encode())
        scheme, _, given = request.header("Authorization").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            pair = base64.b64decode(given, validate=True)
        except binascii.Error:
            pair = b""
        if self._locked_until > now:
            return False
        if hmac.compare_digest(pair, f"{self.username}:{self.password}".encode()):
            return True
        self._wrong += 1
        if self._behaviour.lockout is not None and self._wrong >= self._behaviour.lockout:
            self._locked_until, self._wrong = now + LOCKED_SECONDS, 0
        return False


def _cookie(request: Request) -> str:
    for part in request.header("Cookie").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


class Limits:
    """A sliding window of a second for each operation, and its headers on every answer."""

    def __init__(self, clock: Clock, behaviour: Behaviour) -> None:
        self._clock, self._behaviour = clock, behaviour
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def take(self, operation: str) -> tuple[dict[str, str], bool]:
        """Count a request; return the headers of its answer, and whether it passes."""
        limit, now = self._behaviour.rate_limit, self._clock.now()
        seen = self._seen[operation]
        while seen and (seen[0] <= now - 1.0 or seen[0] > now):
            seen.popleft()
        passes = limit is None or len(seen) < limit
        if passes and limit is not None:
            seen.append(now)
        shown = _BUDGET if limit is None else limit
        return {
            "x-api-ratelimit-limit": str(shown),
            "x-api-ratelimit-refresh-period-seconds": "1",
            "x-api-ratelimit-remaining": str(max(0, shown - len(seen))),
            "x-ratelimit-limit": str(_BUDGET),
            "x-ratelimit-remaining": str(_BUDGET - 1),
            "x-ratelimit-reset": "0",
        }, passes
