"""Prism Central v4, simulated: sessions, limits, faults, versions, then a handler."""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from lab.beyond import without
from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.http import Request, Response, json_response, of_json
from lab.prism import accounts, audits, vms
from lab.prism.answers import Call, envelope, identity, read, shown
from lab.prism.behaviour import NAMESPACES, Behaviour
from lab.prism.errors import ApiError, SchemaError, stale, unknown_path
from lab.prism.handlers import HANDLERS
from lab.prism.kinds import TASK_REFERENCE, route
from lab.prism.models import MODELS
from lab.prism.session import Limits, Sessions
from lab.prism.site import Site
from lab.prism.tasks import FATES, settle, start
from lab.prism.world import World, etag
from lab.simulated import Simulated

Json = dict[str, Any]
SYSTEM = "prism"


class PrismSimulator(Simulated):
    """A Prism Central and the clusters that it manages.

    `handle` answers a request with or without a socket. Tests change or read `behaviour`, `faults`, `clock`, `calls`
    and `sessions`; `world` is the state.
    """

    system = SYSTEM
    own_faults = tuple(FATES)

    def __init__(
        self,
        username: str,
        password: str,
        api_key: str,
        *,
        world: World | None = None,
        clock: Clock | None = None,
        faults: Faults | None = None,
        calls: Calls | None = None,
    ) -> None:
        super().__init__(clock, faults, calls)
        self.site = Site(world or World(), self.clock, Behaviour(), self.faults, username)
        self.limits = Limits(self.clock, self.behaviour)
        self.sessions = Sessions(
            username, password, api_key, self.clock, self.behaviour, lambda: self.calls.open_session(SYSTEM)
        )

    @property
    def world(self) -> World:
        return self.site.world

    @property
    def behaviour(self) -> Behaviour:
        return self.site.behaviour

    def edit(self, method: str, path: str, body: Json | None = None) -> Json:
        """Write as another administrator and finish at once, without limit, fault or count.

        `path` is as `vmm/ahv/config/vms/…`. Returns the task, or the entity where there is no task. Raises ApiError.
        """
        with self.lock:
            routed = route(method, path)
            if routed is None:
                raise unknown_path()
            operation, ids = routed
            request = Request(method, f"/api/{path}", body=b"" if body is None else json.dumps(body).encode())
            call = Call(operation, ids, 9, request)
            call.body = self._body(call, request)
            job = self._job(call, None)
            audits.note(self.site, audits.OTHER, job)
            with self._elsewhere():
                if operation.kind.sync:
                    HANDLERS[operation.name](self.site, job)
                    return self.world.of(operation.kind.name).get(job["new"] or ids.get("extId", ""), {})
                task = start(self.site, job, method, request.path)
                task["_at"] = self.clock.now()
                settle(self.site)
            return task

    @contextlib.contextmanager
    def _elsewhere(self) -> Iterator[None]:
        """Suspend the armed faults."""
        self.site.faults = Faults(*FATES)
        try:
            yield
        finally:
            self.site.faults = self.faults

    def finish(self) -> None:
        """Run the tasks that are due, before the lab stops."""
        with self.lock:
            settle(self.site)

    def reset(self, world: World) -> None:
        """Replace the state; limits and sessions start again, switches stay."""
        with self.lock:
            self.site.world = world
            self.limits = Limits(self.clock, self.behaviour)
            self.sessions.expire()

    def _edit_for(self, given: Mapping[str, Any]) -> None:
        self.edit(given["method"], given["path"], given.get("body"))

    def _failure(self, effect: Fault, headers: Mapping[str, str]) -> Response:
        if effect.body is not None:
            return Response(effect.status, {"Content-Type": "text/html", **headers}, effect.body.encode())
        return json_response(effect.status, {"message": f"Server error {effect.status}"}, headers)

    def _kind(self, request: Request) -> str:
        return "read" if request.method in ("GET", "OPTIONS") else "write"

    def _answer(self, request: Request) -> Response:
        settle(self.site)
        namespace, version, path = _split(request.path)
        routed = route(request.method, f"{namespace}/{path}")
        headers, passes = self.limits.take(routed[0].name if routed else request.path)
        cookies: tuple[str, ...] = ()
        try:
            cookies = self.sessions.enter(request)
            if not passes:
                fault = ApiError(self.behaviour.over_rate, "PLAT-10001", "RATE_LIMITED", "Too many requests.")
                fault.headers = {"Retry-After": "1"}
                raise fault
            if namespace not in NAMESPACES:
                raise unknown_path()
            if namespace in self.behaviour.forbidden and request.method != "OPTIONS":
                text = "The account has no authorisation policy for this namespace."
                raise ApiError(403, "PRISM-10003", "FORBIDDEN", text)  # [inferred]
            if request.method == "OPTIONS" and (version, path) == ("unversioned", "info"):
                response = json_response(200, {"data": self.behaviour.versions[namespace]})
            elif namespace == accounts.NAMESPACE:
                response = accounts.answer(self.site, request, version, path)
            elif namespace == audits.NAMESPACE:
                response = audits.answer(self.site, request, version, path)
            else:
                minor = self._minor(namespace, version)
                if routed is None or minor is None or minor < routed[0].kind.since:
                    raise unknown_path()
                operation, ids = routed
                response = self._perform(Call(operation, ids, minor, request))
        except ApiError as fault:
            holder = namespace if namespace in NAMESPACES else "prism"
            body = fault.body(holder, request.path, self.site.moment())
            response = json_response(fault.status, body, fault.headers)
        return Response(response.status, {**response.headers, **headers}, response.body, cookies)

    def _minor(self, namespace: str, version: str) -> int | None:
        """Return the minor version of a request, None where its namespace does not serve it."""
        newest = int(self.behaviour.versions[namespace].removeprefix("v4."))
        minor = version.removeprefix("v4.")
        return int(minor) if minor.isdecimal() and version.startswith("v4.") and int(minor) <= newest else None

    def _perform(self, call: Call) -> Response:
        if call.operation.method == "GET":
            return read(self.site, call)
        request = call.request
        request_id = request.header("NTNX-Request-Id")
        if not request_id:
            raise ApiError(400, "VMM-30400", "REQUEST_ID_MISSING", "The NTNX-Request-Id header is missing.")
        try:
            uuid.UUID(request_id)
        except ValueError:
            text = "The NTNX-Request-Id header is not a valid UUID."
            raise ApiError(400, "VMM-30401", "REQUEST_ID_INVALID", text) from None
        target = f"{request.method} {request.path}"
        digest = hashlib.sha256(request.body).hexdigest()
        kept = self.world.replays.get(request_id)
        if kept and kept[0] == target:
            reused = self.behaviour.reused_id
            if reused == "refuse" or (reused == "refuse_other" and kept[4] != digest):
                text = "The NTNX-Request-Id was already used by another request."
                raise ApiError(409, "VMM-30402", "REQUEST_ID_REUSED", text)  # [inferred]
            return json_response(kept[1], kept[2], kept[3])
        call.body = self._body(call, request)
        rev = self._match(call)
        job = self._job(call, rev)
        audits.note(self.site, self.sessions.username, job)
        if call.operation.kind.sync:
            status, body, headers = self._at_once(call, job)
        else:
            task = start(self.site, job, request.method, request.path)
            version = call.request.path.split("/")[3]
            status, body = 202, envelope(call, _reference(task, call.minor), TASK_REFERENCE)
            headers = {"Location": f"{request.origin}/api/prism/{version}/config/tasks/{task['extId']}"}
        self.world.replays[request_id] = [target, status, body, headers, digest]
        return json_response(status, body, headers) if status != 204 else Response(204)

    def _body(self, call: Call, request: Request) -> Json:
        """Return the checked body. Raises SchemaError with all its faults."""
        operation = call.operation
        if not operation.body:
            return {}
        if operation.body == "-":
            if request.body:
                raise SchemaError([("/body", "no body expected")])
            return {}
        try:
            given = of_json(request.body)
        except ValueError:
            raise SchemaError([("/body", "Unable to parse the request body as JSON")]) from None
        given = without(given, self.world.extras(operation.kind.name, call.ids.get("extId", "")), identity)
        accepted, faults = MODELS.check(operation.body, given, call.minor)
        if self.behaviour.read_only_in_body == "reject" and isinstance(given, dict):
            fields = MODELS.fields[operation.body]
            faults += [(f"/body/{key}", "read only") for key in given if key in fields and fields[key].mark == "!"]
        if faults:
            raise SchemaError([(f"/body{where}", text) for where, text in faults])
        return accepted

    def _match(self, call: Call) -> int | None:
        """Check the ETag of a request; return the version of the entity that it names."""
        operation, name = call.operation, call.operation.kind.name
        ext_id = call.ids.get("vmExtId") or call.ids.get("extId")
        if ext_id is None:
            return None
        entity = self.world.get(name, ext_id)
        given = call.request.header("If-Match")
        if not given:
            if operation.guarded:
                text = "The If-Match header is mandatory for this operation."
                raise ApiError(428, "PLAT-10004", "MISSING_ETAG_HEADER", text)
            return None
        late = self.behaviour.etag_late and not operation.kind.sync
        if given != etag(entity) and not late:
            raise stale(name, ext_id)
        return int(given.rpartition(":")[2]) if given.rpartition(":")[2].isdecimal() else -1

    def _job(self, call: Call, rev: int | None) -> Json:
        operation, ids = call.operation, dict(call.ids)
        creates = operation.name.startswith("Create")
        job: Json = {
            "name": operation.name, "kind": operation.kind.name, "ids": ids, "body": call.body,
            "new": self.world.new_id() if creates else "", "rev": rev, "affected": [],
        }  # fmt: skip
        main = ids.get("vmExtId") or ids.get("extId") or job["new"]
        if operation.kind.rel:
            job["affected"].append({"extId": main, "rel": operation.kind.rel})
        vms.refuse_at_once(self.site, job)
        return job

    def _at_once(self, call: Call, job: Json) -> tuple[int, Json, Json]:
        """Perform an operation that has no task."""
        name, kind = call.operation.name, call.operation.kind
        HANDLERS[name](self.site, job)
        if name.startswith("Delete"):
            return 204, {}, {}
        entity = self.world.get(kind.name, job["new"] or job["ids"]["extId"])
        if name.startswith("Create"):
            return 201, envelope(call, shown(self.site, call, entity), kind.model), {"ETag": etag(entity)}
        text = f"{kind.name} updated."
        said = {"message": text, "severity": "INFO", "code": "CTGS-20001", "locale": "en-US", "errorGroup": "UPDATED"}
        model = f"{kind.namespace}.v4.error.AppMessage"
        shown_list = [MODELS.answer(model, said, call.minor)]
        return 200, envelope(call, shown_list, f"List<{model}>"), {"ETag": etag(entity)}


def _reference(task: Json, minor: int) -> Json:
    return MODELS.answer(TASK_REFERENCE, {"extId": task["extId"]}, minor)


def _split(path: str) -> tuple[str, str, str]:
    """Split `/api/vmm/v4.2/ahv/config/vms` into namespace, version and the rest."""
    parts = unquote(path).removeprefix("/api/").split("/", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and path.startswith("/api/") else ("", "", "")

