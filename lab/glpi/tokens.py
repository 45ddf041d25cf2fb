"""The OAuth 2.0 tokens of GLPI: grants `password` and `client_credentials`, scope `api`."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl

from lab.clock import Clock
from lab.glpi.behaviour import Behaviour
from lab.glpi.errors import ApiError, bad_token, oauth, unauthenticated
from lab.http import Request

CLIENT_ID = "piste"
USERNAME = "svc-piste"


class Tokens:
    """The client, the account, and the tokens that they opened."""

    def __init__(self, secret: str, password: str, clock: Clock, behaviour: Behaviour) -> None:
        self.secret, self.password = secret, password
        self._clock, self._behaviour = clock, behaviour
        self._ends: dict[str, float] = {}

    def open(self, request: Request) -> dict[str, object]:
        """Answer a demand of a token. Raises ApiError in the words of OAuth."""
        given = _given(request)
        known = hmac.compare_digest(given.get("client_secret", ""), self.secret)
        if given.get("client_id") != CLIENT_ID or not known:
            raise oauth(401, "invalid_client", "Client authentication failed")
        grant = given.get("grant_type")
        if grant not in ("password", "client_credentials"):
            raise oauth(400, "unsupported_grant_type", "The authorization grant type is not supported")
        if "api" not in given.get("scope", "").split():
            raise oauth(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed")
        if grant == "password":
            same = hmac.compare_digest(given.get("password", ""), self.password)
            if given.get("username") != USERNAME or not same:
                raise oauth(400, "invalid_grant", "The user credentials were incorrect.")
        token = secrets.token_urlsafe(32)
        self._ends[token] = self._clock.now() + self._behaviour.token_seconds
        return {"token_type": "Bearer", "expires_in": self._behaviour.token_seconds, "access_token": token}

    def check(self, request: Request) -> None:
        """Check the token of a request. Raises ApiError."""
        scheme, _, token = request.header("Authorization").partition(" ")
        if scheme != "Bearer" or not token:
            raise unauthenticated()
        if self._ends.get(token, 0.0) <= self._clock.now():
            raise bad_token()

    def expire(self) -> None:
        """End every token now."""
        self._ends.clear()


def _given(request: Request) -> Mapping[str, str]:
    """Read the body, a form or JSON: both reach the parameters of the request."""
    try:
        if "json" in request.header("Content-Type"):
            return {str(name): str(value) for name, value in json.loads(request.body).items()}
        return dict(parse_qsl(request.body.decode()))
    except (ValueError, AttributeError):
        raise ApiError(400, "ERROR", "Invalid JSON body") from None
