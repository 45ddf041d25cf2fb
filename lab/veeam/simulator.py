"""The REST API of a Veeam Backup & Replication, with or without a socket."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.http import Request, Response, json_response
from lab.simulated import Simulated
from lab.veeam.behaviour import VERSIONS, Behaviour
from lab.veeam.world import JOBS, Answered, Json, World

SYSTEM = "veeam"
USERNAME, ADMINISTRATOR = "svc-piste", "administrateur"
_DEFAULT_LIMIT = 200
_PAGED = frozenset({"skip", "limit", "orderColumn", "orderAsc", "nameFilter"})
_TYPED = _PAGED | {"typeFilter"}
_DATED = _PAGED | {"createdAfterFilter", "createdBeforeFilter"}


class ApiError(Exception):
    """A refusal, in the words of Veeam."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.body = status, {"errorCode": code, "message": message, "resourceId": ""}
        super().__init__(message)


class VeeamSimulator(Simulated):
    """A backup server that answers reads; its administrator alone disables and enables jobs."""

    system: ClassVar[str] = SYSTEM

    def __init__(
        self,
        password: str,
        world: Answered | Callable[[], World] | World,
        *,
        administrator: str = "",
        clock: Clock | None = None,
        faults: Faults | None = None,
        calls: Calls | None = None,
    ) -> None:
        super().__init__(clock, faults, calls)
        self.password, self.behaviour, self._made = password, Behaviour(), world
        self.passwords = {USERNAME: password, **({ADMINISTRATOR: administrator} if administrator else {})}
        self._administrators: set[str] = set()
        self._ends: dict[str, float] = {}
        self._grown = 0

    @property
    def world(self) -> Answered | World:
        """The world, made when it is first asked for: it follows from the declaration."""
        if not isinstance(self._made, (Answered, World)):
            self._made = self._made()
        return self._made

    @property
    def taken(self) -> Json:
        """The captured content; empty where the world follows from the declaration."""
        return self._made.content if isinstance(self._made, Answered) else {}

    def reset(self, world: Answered | Callable[[], World]) -> None:
        """Make the world again, or take that of a capture; tokens end."""
        with self.lock:
            self._made = world
            if isinstance(world, Answered):
                self.behaviour.disabled_jobs = world.disabled()
            self.expire()

    @property
    def sessions(self) -> int:
        """The number of tokens that nobody has given back."""
        return len(self._ends)

    def expire(self) -> None:
        self._ends = dict.fromkeys(self._ends, 0.0)

    def _answer(self, request: Request) -> Response:
        try:
            self._check_version(request)
            if request.path == "/api/oauth2/token":
                return json_response(200, self._open(request))
            self._check_token(request)
            if request.path == "/api/oauth2/logout":
                return self._close(request)
            if request.method == "POST" and request.path.endswith(("/disable", "/enable")):
                return json_response(200, self._switch(request))
            if request.method != "GET":
                raise ApiError(405, "MethodNotAllowed", "The method is not allowed in the lab")
            if request.path in self.behaviour.forbidden:
                raise ApiError(403, "AccessDenied", "Your user role does not have the required permissions")
            return json_response(200, self._read(request))
        except ApiError as fault:
            return json_response(fault.status, fault.body)

    def _check_version(self, request: Request) -> None:
        asked = request.header("x-api-version")
        served = VERSIONS[: VERSIONS.index(self.behaviour.version) + 1]
        if not asked:
            raise ApiError(400, "UnexpectedContent", "The x-api-version header is required")
        if asked not in served:
            raise ApiError(400, "UnexpectedContent", f"API version '{asked}' is not supported")

    def _open(self, request: Request) -> Json:
        if request.method != "POST":
            raise ApiError(405, "MethodNotAllowed", "The method is not allowed")
        if "x-www-form-urlencoded" not in request.header("Content-Type"):
            raise ApiError(400, "UnexpectedContent", "A form is expected")
        given = dict(parse_qsl(request.body.decode(errors="replace")))
        if given.get("grant_type") != "password":
            raise ApiError(400, "UnexpectedContent", "The grant type is not supported")
        username = given.get("username", "")
        known = self.passwords.get(username, "")
        same = hmac.compare_digest(given.get("password", "").encode(), known.encode())
        if not (known and same):
            raise ApiError(401, "AccessDenied", "Invalid username or password")
        self.calls.open_session(SYSTEM)
        token, now = secrets.token_urlsafe(48), self.clock.now()
        self._ends[token] = now + self.behaviour.token_seconds
        if username == ADMINISTRATOR:
            self._administrators.add(token)
        return {
            "access_token": token, "token_type": "bearer", "refresh_token": secrets.token_urlsafe(48),
            "expires_in": self.behaviour.token_seconds, ".issued": _moment(now), ".expires": _moment(self._ends[token]),
        }  # fmt: skip

    def _check_token(self, request: Request) -> None:
        scheme, _, token = request.header("Authorization").partition(" ")
        if scheme != "Bearer" or token not in self._ends:
            raise ApiError(401, "InvalidToken", "The access token is invalid")
        if self._ends[token] <= self.clock.now():
            raise ApiError(401, "ExpiredToken", "The access token has expired")

    def _close(self, request: Request) -> Response:
        if request.method != "POST":
            raise ApiError(405, "MethodNotAllowed", "The method is not allowed")
        del self._ends[request.header("Authorization").partition(" ")[2]]
        return json_response(200, {})

    def _switch(self, request: Request) -> Json:
        """Disable or enable a job, as its administrator does (*Jobs*, `DisableJob` and `EnableJob`)."""
        if request.header("Authorization").partition(" ")[2] not in self._administrators:
            raise ApiError(403, "AccessDenied", "Your user role does not have the required permissions")
        id_, _, verb = request.path.removeprefix("/api/v1/jobs/").partition("/")
        jobs = self.world.lists(self.clock.now(), self.behaviour)[JOBS]()
        names = [job["name"] for job in jobs if job["id"] == id_]
        if not names:
            raise ApiError(404, "NotFound", "The resource is not found")
        others = [name for name in self.behaviour.disabled_jobs if name not in names]
        self.behaviour.disabled_jobs = [*others, *names] if verb == "disable" else others
        return {}

    def _read(self, request: Request) -> Json:
        path = request.path
        if path == "/api/v1/serverInfo":
            return self.world.server()
        lists = self.world.lists(self.clock.now(), self.behaviour)
        if path not in lists or (path.endswith("/backupFiles") and self.behaviour.without_sizes):
            raise ApiError(404, "NotFound", "The resource is not found")
        known = _DATED if path in ("/api/v1/restorePoints", "/api/v1/sessions", "/api/v1/backups") else _PAGED
        known = _TYPED if path.startswith("/api/v1/jobs") else known
        return self._page(request, lists[path](), known)

    def _page(self, request: Request, items: list[Json], known: frozenset[str]) -> Json:
        given = {name: values[-1] for name, values in request.query.items()}
        if unknown := given.keys() - known:
            raise ApiError(400, "UnexpectedContent", f"Unknown parameter: {', '.join(sorted(unknown))}")
        try:
            skip, limit = int(given.get("skip", 0)), int(given.get("limit", _DEFAULT_LIMIT))
            after = datetime.fromisoformat(given["createdAfterFilter"]) if "createdAfterFilter" in given else None
            if skip < 0 or limit < 1 or (after is not None and after.tzinfo is None):
                raise ValueError
        except ValueError:
            raise ApiError(400, "UnexpectedContent", "A parameter has a wrong value") from None
        if after is not None:
            items = [item for item in items if datetime.fromisoformat(item["creationTime"]) >= after]
        self._grown += self.behaviour.moving
        page = items[skip : skip + min(limit, self.behaviour.page_limit)]
        return {
            "data": page,
            "pagination": {"total": len(items) + self._grown, "count": len(page), "skip": skip, "limit": limit},
        }

    def _kind(self, request: Request) -> str:
        return "session" if request.path.startswith("/api/oauth2/") else super()._kind(request)

    def _failure(self, effect: Fault, headers: Mapping[str, str]) -> Response:
        if effect.body is not None:
            return Response(effect.status, {"Content-Type": "text/html", **headers}, effect.body.encode())
        return json_response(effect.status, ApiError(effect.status, "UnknownError", "Server error").body, headers)

    def _edit_for(self, given: Mapping[str, Any]) -> None:
        raise ValueError("nobody edits a Veeam of the lab")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
