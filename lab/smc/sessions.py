"""Sessions: their start, the cookie or the token that proves them, their end."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass

from lab.clock import Clock
from lab.http import Request
from lab.smc.behaviour import Behaviour
from lab.smc.errors import ApiError

_COOKIE = re.compile(r"(?:^|;\s*)JSESSIONID=([^;]*)")


@dataclass(slots=True)
class Session:
    admin: str
    used: float


class Sessions:
    """The open sessions of one SMC, by their secret."""

    def __init__(self, clock: Clock, behaviour: Behaviour) -> None:
        self._clock, self._behaviour = clock, behaviour
        self.open: dict[str, Session] = {}

    def start(self, admin: str) -> str:
        """Open a session; return its secret. Raises ApiError where too many are open."""
        self._sweep()
        most = self._behaviour.most_sessions
        if most is not None and len(self.open) >= most:
            raise ApiError(503, "Too many open sessions.")
        secret = secrets.token_hex(16)
        self.open[secret] = Session(admin, self._clock.now())
        return secret

    def of(self, request: Request) -> Session:
        """Return the session of a request and keep it alive. Raises ApiError (401)."""
        session = self.open.get(self.secret(request))
        if session is None or self._idle(session):
            self._sweep()
            raise ApiError(401, "Unauthorized. There is no session, or it has expired.")
        session.used = self._clock.now()
        return session

    def end(self, request: Request) -> None:
        self.open.pop(self.secret(request), None)

    def secret(self, request: Request) -> str:
        """Return the secret of a request, where its scheme wants it, or an empty text."""
        cookie, token = self.modes(request)
        match = _COOKIE.search(request.header("Cookie"))
        if token and request.header("Authorization"):
            return request.header("Authorization")
        return match[1] if cookie and match else ""

    def headers(self, request: Request, secret: str) -> dict[str, str]:
        cookie, token = self.modes(request)
        headers = {"Set-Cookie": f"JSESSIONID={secret}; Path=/; HttpOnly"} if cookie else {}
        return {**headers, "Authorization": secret} if token else headers

    def modes(self, request: Request) -> tuple[bool, bool]:
        """Tell whether a cookie proves a session, and whether a token does."""
        mode = self._behaviour.token_mode
        if mode == "auto":
            mode = "token" if request.origin.startswith("https") else "cookie"
        return mode in ("cookie", "both"), mode in ("token", "both")

    def _idle(self, session: Session) -> bool:
        return self._clock.now() - session.used > self._behaviour.session_seconds

    def _sweep(self) -> None:
        self.open = {secret: session for secret, session in self.open.items() if not self._idle(session)}


def same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())
