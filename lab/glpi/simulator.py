"""A GLPI that answers over HTTP, with or without a socket."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.glpi import agent, legacy, rules
from lab.glpi.behaviour import Behaviour
from lab.glpi.errors import ApiError, forbidden, invalid, missing
from lab.glpi.items import ZONE, Items
from lab.glpi.rsql import BadFilter, parse, properties
from lab.glpi.schemas import VERSIONS, columns, routes
from lab.glpi.tokens import Tokens
from lab.glpi.world import STATUSES, Json, World
from lab.http import Request, Response, json_response, of_json
from lab.simulated import Simulated

SYSTEM = "glpi"
API = "/api.php"
_PAGE = 100


class GlpiSimulator(Simulated):
    """The two APIs (`/api.php/v2.x`, `/api.php/v1`), the entry of inventory agents."""

    system: ClassVar[str] = SYSTEM

    def __init__(
        self,
        secret: str,
        password: str,
        user_token: str = "",
        app_token: str = "",
        *,
        world: World | None = None,
        clock: Clock | None = None,
        faults: Faults | None = None,
        calls: Calls | None = None,
    ) -> None:
        super().__init__(clock, faults, calls)
        self.behaviour = Behaviour()
        self.tokens = Tokens(secret, password, self.clock, self.behaviour)
        self.items = Items(world or World(), self.behaviour, self.moment)
        self.legacy = legacy.Legacy(self.items, self.behaviour, user_token, app_token)
        self._seen: deque[float] = deque()

    @property
    def world(self) -> World:
        return self.items.world

    def moment(self) -> str:
        return datetime.fromtimestamp(self.clock.now(), ZONE).strftime("%Y-%m-%dT%H:%M:%S")

    def reset(self, world: World) -> None:
        """Replace the state; tokens end, switches stay."""
        with self.lock:
            self.items.world = world
            self.tokens.expire()

    def edit(self, method: str, path: str, body: Json | None = None) -> Any:
        """Write as another person, without token, limit, fault or count. Raises ApiError."""
        with self.lock:
            data = b"" if body is None else json.dumps(body).encode()
            kept, self.behaviour.read_only = self.behaviour.read_only, False
            try:
                return self._item(Request.to(method, f"/{path}", body=data), VERSIONS[-1], path).json()
            finally:
                self.behaviour.read_only = kept

    def _edit_for(self, given: Mapping[str, Any]) -> None:
        self.edit(given["method"], given["path"], given.get("body"))

    def _failure(self, effect: Fault, headers: Mapping[str, str]) -> Response:
        if effect.body is not None:
            return Response(effect.status, {"Content-Type": "text/html", **headers}, effect.body.encode())
        return json_response(effect.status, {"status": "ERROR", "title": "Server error", "detail": None}, headers)

    def _kind(self, request: Request) -> str:
        if request.path.lower().endswith(("/token", "/initsession", "/killsession")):
            return "session"
        return "read" if request.method in ("GET", "HEAD") else "write"

    def _answer(self, request: Request) -> Response:
        if not self._passes():
            return json_response(429, {"title": "Too many requests"}, {"Retry-After": "1"})
        try:
            return self._routed(request)
        except ApiError as fault:
            return json_response(fault.status, fault.body)

    def _passes(self) -> bool:
        limit, now = self.behaviour.rate_limit, self.clock.now()
        while self._seen and self._seen[0] <= now - 1.0:
            self._seen.popleft()
        if limit is not None and len(self._seen) >= limit:
            return False
        self._seen.append(now)
        return True

    def _routed(self, request: Request) -> Response:
        path = request.path
        if path in agent.PATHS:
            return agent.receive(self.items, self.behaviour, request, self.moment())
        if not path.startswith(API):
            return Response(404)
        rest = path.removeprefix(API).strip("/")
        if rest.lower().split("/")[-1] == "token" and (rest.count("/") == 0 or _is_version(rest.partition("/")[0])):
            if request.method != "POST":
                return Response(404)
            self.calls.open_session(SYSTEM)
            return json_response(200, self.tokens.open(request))
        if rest.split("/")[0] == "v1":
            return self.legacy.answer(request, rest.removeprefix("v1").strip("/"))
        if not rest:
            return self._versions(request)
        head, _, tail = rest.partition("/")
        version, tail = (self._version(head[1:]), tail) if _is_version(head) else (self.behaviour.version, rest)
        self.tokens.check(request)
        return self._item(request, version, tail)

    def _versions(self, request: Request) -> Response:
        served = VERSIONS[: VERSIONS.index(self.behaviour.version) + 1]
        every = [
            {"api_version": number[0], "version": number, "endpoint": f"{request.origin}{API}/v{number[:-2]}"}
            for number in ("1.0.0", *(f"{version}.0" for version in served))
        ]
        return json_response(200, {"message": "Welcome to GLPI API", "api_versions": every, "links": []})

    def _version(self, asked: str) -> str:
        """Give the served version of a pinned version; an unknown version is the newest."""
        served = [version for version in VERSIONS if VERSIONS.index(version) <= VERSIONS.index(self.behaviour.version)]
        alike = [version for version in served if version.startswith(asked) or f"{version}.0" == asked]
        return alike[-1] if alike else served[-1]

    def _item(self, request: Request, version: str, path: str) -> Response:
        parts = path.strip("/").split("/")
        if path.strip("/") == rules.PATH and request.method == "GET":
            self._may("Rule")
            return self._page(request, rules.rules())
        itemtype = routes(version).get("/".join(parts[:2]).lower())
        if itemtype in STATUSES and parts[3:] == ["Timeline", "Followup"] and parts[2].isdecimal():
            return self._followups(request, itemtype, int(parts[2]))
        if itemtype is None or len(parts) > 4:
            return Response(404)
        if len(parts) == 2:
            if request.method == "GET":
                return self._list(request, itemtype, version)
            if request.method == "POST":
                return self._create(request, itemtype, version, "/".join(parts))
            return Response(404)
        if not parts[2].isdecimal():
            return Response(404)
        item_id = int(parts[2])
        if len(parts) == 4:
            return self._below(request, itemtype, item_id, parts[3], version)
        match request.method:
            case "GET":
                return json_response(200, self._shown(itemtype, item_id, version))
            case "PATCH":
                self._may(itemtype, write=True)
                self.items.change(itemtype, item_id, self._body(request), version)
                return json_response(200, self._shown(itemtype, item_id, version))
            case "DELETE":
                self._may(itemtype, write=True)
                self.items.remove(itemtype, item_id, forced="true" in request.query.get("force", []))
                return Response(204)
        return Response(404)

    def _below(self, request: Request, itemtype: str, item_id: int, name: str, version: str) -> Response:
        """Answer a route of a part of an item: what is read of its finance."""
        if name != "Infocom" or request.method != "GET":
            return Response(404)
        self._shown(itemtype, item_id, version)
        known = self.legacy.infocom(itemtype, item_id)
        if known is None:
            raise missing()
        return json_response(200, known)

    def _followups(self, request: Request, itemtype: str, item_id: int) -> Response:
        self._may(itemtype, write=request.method != "GET")
        if self.world.get(itemtype, item_id) is None:
            raise missing()
        if request.method == "POST":
            body = {"itemtype": itemtype, "items_id": item_id, "content": str(self._body(request).get("content", ""))}
            item = self.world.add("ITILFollowup", body)
            href = f"/Assistance/{itemtype}/{item_id}/Timeline/Followup/{item['id']}"
            return json_response(self.behaviour.created_status, {"id": item["id"], "href": href}, {"Location": href})
        mine = [
            {"type": "Followup", "item": item}
            for item in self.world.of("ITILFollowup").values()
            if (item["itemtype"], item["items_id"]) == (itemtype, item_id)
        ]
        return json_response(200, mine)

    def _may(self, itemtype: str, *, write: bool = False) -> None:
        if itemtype in self.behaviour.forbidden or (write and self.behaviour.read_only):
            raise forbidden()

    def _shown(self, itemtype: str, item_id: int, version: str) -> Json:
        self._may(itemtype)
        item = self.world.get(itemtype, item_id)
        if item is None:
            raise missing()
        return self.items.shown(itemtype, item, version)

    def _create(self, request: Request, itemtype: str, version: str, path: str) -> Response:
        self._may(itemtype, write=True)
        item = self.items.add(itemtype, self._body(request), version)
        href = f"/{path}/{item['id']}"
        return json_response(
            self.behaviour.created_status, {"id": item["id"], "href": href}, {"Location": href}
        )

    def _body(self, request: Request) -> Json:
        try:
            body = of_json(request.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ApiError(400, "ERROR", "Invalid JSON body")
        return body

    def _list(self, request: Request, itemtype: str, version: str) -> Response:
        self._may(itemtype)
        every = [self.items.shown(itemtype, item, version) for item in self.world.of(itemtype).values()]
        for query in filter(None, request.query.get("filter", [])):
            try:
                test = parse(query, frozenset(properties(columns(itemtype, version))))
                every = [document for document in every if test(document)]
            except BadFilter as fault:
                raise invalid(str(fault)) from None
        return self._page(request, every)

    def _page(self, request: Request, every: list[Json]) -> Response:
        start, limit = (self._number(request, name, standard) for name, standard in (("start", 0), ("limit", _PAGE)))
        if self.behaviour.page_limit is not None:
            limit = min(limit, self.behaviour.page_limit)
        page = every[start : start + limit]
        total = len(page) if self.behaviour.wrong_range else len(every)
        end = min(max(0, start + limit - 1), max(0, total - 1))
        status = 206 if start + limit < total else 200
        return json_response(status, page, {"Content-Range": f"{start}-{end}/{total}"})

    def _number(self, request: Request, name: str, standard: int) -> int:
        given = request.query.get(name, [str(standard)])[0]
        if not given.isdecimal():
            raise invalid("One or more parameters are invalid", None)
        return int(given)


def _is_version(head: str) -> bool:
    return head.startswith("v") and head[1:2].isdecimal()
