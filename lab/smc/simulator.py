"""The SMC API, simulated: versions, sessions, faults, then the elements."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.http import Request, Response
from lab.simulated import Simulated
from lab.smc import sessions, tasks
from lab.smc.behaviour import Behaviour
from lab.smc.call import Answer, Call
from lab.smc.errors import DATABASE, STALE, ApiError, not_found
from lab.smc.handlers import HANDLERS
from lab.smc.routes import dispatch, entry_points, is_read
from lab.smc.world import Json, World

SYSTEM = "smc"
# An upload that fails (`body` says why), an upload that never ends.
OWN_FAULTS = ("upload_fail", "upload_hang")
CLIENT, OTHER = "piste", "autre administrateur"
_TEXTS = {409: STALE, 429: "Too many requests.", 503: DATABASE, 401: "Unauthorized."}
_VERSIONED = re.compile(r"^/(\d+\.\d+)(?:/(.*))?$")


class SmcSimulator(Simulated):
    """A Management Server behind its API.

    `handle` answers a request with or without a socket. Tests change or read `behaviour`, `faults`, `clock` and
    `calls`; `world` is the state. `accounts` are administrators (name -> password) for `lms_login`.
    """

    system = SYSTEM
    own_faults = OWN_FAULTS

    def __init__(
        self,
        api_key: str,
        *,
        world: World | None = None,
        clock: Clock | None = None,
        faults: Faults | None = None,
        calls: Calls | None = None,
        accounts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(clock, faults, calls)
        self.api_key = api_key
        self.accounts = dict(accounts or {})
        self.world = world or World()
        self.behaviour = Behaviour()
        self.behaviour.set(**self.world.data.get("switches", {}))
        self.sessions = sessions.Sessions(self.clock, self.behaviour)

    def edit(self, method: str, path: str, body: Json | None = None, admin: str = OTHER, **headers: str) -> Answer:
        """Write as another administrator, in the newest form, without session, fault or count.

        `path` is below the version and may hold a query (`/elements/host`); references are such paths too. Raises
        ApiError.
        """
        request = Request.to(method, path, headers=headers, body=json.dumps(body or {}).encode(), origin="")
        with self.lock:
            call = self._call(request, self.behaviour.offered[-1], admin)
            answer = dispatch(call, request.path.strip("/").split("/"))
            tasks.settle(call)
            return answer

    def look(self, path: str) -> Any:
        """Read a path below the version as another administrator, references as paths."""
        with self.lock:
            call = self._call(Request.to("GET", path, origin=""), self.behaviour.offered[-1], OTHER)
            shown = call.outward(dispatch(call, call_path(path)).value)
            return json.loads(json.dumps(shown).replace(f'"/{call.api}/', '"/'))

    def shown(self, path: str, api: str, about: str = "") -> Any:
        """Read a path below the version as the state has it; `about` is an element asked about.

        Raises ApiError.
        """
        content = json.dumps({"value": about}).encode() if about else b""
        request = Request.to("POST" if about else "GET", path, body=content, origin="", headers={"Accept": "json"})
        with self.lock:
            return dispatch(self._call(request, api, OTHER), call_path(path)).value

    def reset(self, world: World) -> None:
        """Replace the state; sessions and faults start again.

        Switches stay, but for those of a captured server.
        """
        with self.lock:
            self.world = world
            self.behaviour.set(**world.data.get("switches", {}))
            self.sessions.open.clear()
            self.faults.clear()

    def _kind(self, request: Request) -> str:
        if request.path.rpartition("/")[2] in ("login", "lms_login", "logout"):
            return "session"
        return "read" if is_read(request.method, request.path) else "write"

    def _edit_for(self, given: Mapping[str, Any]) -> None:
        self.edit(given["method"], given["path"], given.get("body"), **{"If-Match": "*"})

    def _failure(self, effect: Fault, headers: Mapping[str, str]) -> Response:
        if effect.status == 401:
            self.sessions.open.clear()
        text = effect.body or _TEXTS.get(effect.status, f"Server error {effect.status}")
        return _json(effect.status, ApiError(effect.status, text).body, headers)

    def _answer(self, request: Request) -> Response:
        try:
            if request.path == "/api" and request.method == "GET":
                return self._versions(request)
            match = _VERSIONED.match(request.path)
            if match is None or match[1] not in self.behaviour.offered:
                raise not_found("the requested resource")
            api, path = match[1], match[2] or ""
            if request.method == "POST" and path in ("login", "lms_login"):
                return self._login(request, path)
            session = self.sessions.of(request)
            if request.method == "PUT" and path == "logout":
                self.sessions.end(request)
                return Response(204)
            call = self._call(request, api, session.admin)
            tasks.settle(call)
            if request.method == "GET" and path == "api":
                return _shown(call, entry_points(call))
            return _shown(call, dispatch(call, path.strip("/").split("/")))
        except ApiError as fault:
            return _json(fault.status, fault.body)

    def _versions(self, request: Request) -> Response:
        offered = [{"rel": version, "href": f"{request.origin}/{version}/api"} for version in self.behaviour.offered]
        return _json(200, {"version": offered})

    def _login(self, request: Request, way: str) -> Response:
        admin = self.world.data.get("client", CLIENT)
        if way == "login":
            try:
                given = json.loads(request.body or b"{}")
            except ValueError:
                given = {}
            good = isinstance(given, dict) and sessions.same(given.get("authenticationkey"), self.api_key)
        else:
            admin, password = (next(iter(request.query.get(name, ())), "") for name in ("login", "pwd"))
            good = admin in self.accounts and sessions.same(password, self.accounts[admin])
        if not good:
            raise ApiError(401, "Unauthorized. The credentials are not valid.")
        secret = self.sessions.start(admin)
        self.calls.open_session(SYSTEM)
        return _json(200, {}, self.sessions.headers(request, secret))

    def _call(self, request: Request, api: str, admin: str) -> Call:
        return Call(
            self.world,
            self.clock,
            self.behaviour,
            self.faults,
            self.accounts,
            HANDLERS,
            request.method,
            api,
            request.origin,
            admin,
            request.query,
            request.body,
            request.header("If-Match"),
            request.header("If-None-Match"),
            request.header("Content-Type"),
            request.header("Accept"),
        )


def call_path(path: str) -> list[str]:
    return path.partition("?")[0].strip("/").split("/")


def _shown(call: Call, answer: Answer) -> Response:
    headers = {"ETag": answer.etag} if answer.etag else {}
    if answer.location:
        headers["Location"] = call.href(answer.location)
    if answer.status in (204, 304):
        return Response(answer.status, headers)
    if isinstance(answer.value, bytes):
        return Response(answer.status, {"Content-Type": answer.content_type, **headers}, answer.value)
    if answer.value is None:
        return Response(answer.status, headers)
    return _json(answer.status, call.outward(answer.value), headers)


def _json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    # The vendor's library reads JSON only with exactly this type.
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": "application/json", **(headers or {})}, body)
