"""The Meraki Dashboard API, simulated: authentication, limits, faults, then a handler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.http import Request, Response, json_response, of_json
from lab.meraki import as_answered, batches, changes
from lab.meraki.behaviour import Behaviour
from lab.meraki.call import Call
from lab.meraki.errors import ApiError, not_found, refused
from lab.meraki.fields import check
from lab.meraki.handlers import HANDLERS
from lab.meraki.limits import Limits
from lab.meraki.operations import Operation, route
from lab.meraki.paging import BASE, page_of
from lab.meraki.world import ORGANIZATION_ID, Json, World, public
from lab.simulated import Simulated

SYSTEM = "meraki"
OWN_FAULTS = ("batch_fail", "batch_stuck")
RATE_LIMITED = "API rate limit exceeded for organization"
_HTML_404 = (
    "<!DOCTYPE html><html><head><title>Not Found</title></head><body>"
    + "<p>The page you were looking for does not exist.</p>" * 100
    + "</body></html>"
)


# A template decides these parts of the networks that are bound to it; the refusal of local writes is [inferred].
_OF_TEMPLATE = tuple(
    f"/networks/{{networkId}}/{part}"
    for part in ("switch/", "wireless/", "settings", "syslogServers", "snmp", "alerts", "traffic")
)


class MerakiSimulator(Simulated):
    """An organization behind the Dashboard API.

    `handle` answers a request with or without a socket. Tests change or read `behaviour`, `faults`, `clock` and
    `calls`; `world` is the state.
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
    ) -> None:
        super().__init__(clock, faults, calls)
        self.api_key = api_key
        self.world = world or World()
        self.behaviour = Behaviour()
        self.limits = Limits(self.clock, self.behaviour)

    def perform(
        self,
        operation: Operation,
        ids: Mapping[str, str],
        query: Mapping[str, list[str]],
        body: Json,
        admin: str = changes.ADMIN,
    ) -> Any:
        """Check and run an operation. Raises ApiError."""
        call = self._call(ids, query, body)
        self._gate(operation, call)
        if operation.body is not None:
            call.body, errors = check(operation.body, body, self.behaviour.unknown_keys)
            if errors:
                raise refused(*errors)
        before = self._before(operation, call)
        result = as_answered.answered(self.world, operation, ids, query) if operation.method == "GET" else None
        if result is None:
            result = HANDLERS[operation.name](call)
        if operation.method == "GET":
            result = as_answered.joined(self.world, operation, ids, result)
        if operation.method != "GET" and "ActionBatch" not in operation.name:
            changes.record(self.world, self.clock.iso(), admin, operation, call, before)
            if "serial" in ids:
                self.world.devices[ids["serial"]]["touched"] = self.clock.now()
        return result

    def edit(
        self, method: str, path: str, body: Json | None = None, admin: str = "Autre administrateur"
    ) -> Any:
        """Write as another administrator, without limit, fault or count; `path`: `/networks/…`."""
        with self.lock:
            routed = route(method, path)
            if routed is None:
                raise not_found()
            return self.perform(*routed, {}, body or {}, admin)

    def reset(self, world: World) -> None:
        """Replace the state; limits start again, switches stay."""
        with self.lock:
            self.world = world
            self.limits = Limits(self.clock, self.behaviour)

    def finish(self) -> None:
        """Run what is still pending, before the lab stops."""
        with self.lock:
            batches.settle_all(self._call({}, {}, {}))

    def _edit_for(self, given: Mapping[str, Any]) -> None:
        self.edit(given["method"], given["path"], given.get("body"))

    def _failure(self, effect: Fault, headers: Mapping[str, str]) -> Response:
        if effect.body is not None:
            return Response(effect.status, {"Content-Type": "text/html", **headers}, effect.body.encode())
        if effect.status == 404:
            return self._not_found([])
        text = RATE_LIMITED if effect.status == 429 else f"Server error {effect.status}"
        return json_response(effect.status, {"errors": [text]}, headers)

    def _answer(self, request: Request) -> Response:
        try:
            self._authenticate(request)
            wait = self.limits.request_wait()
            if wait:
                raise ApiError(429, RATE_LIMITED, retry_after=wait)
            batches.settle(self._call({}, {}, {}))
            routed = (
                route(request.method, request.path.removeprefix(BASE))
                if request.path.startswith(BASE)
                else None
            )
            if routed is None:
                raise not_found()
            operation, ids = routed
            result = self.perform(operation, ids, request.query, _decoded(request))
            headers: dict[str, str] = {}
            if operation.page is not None:
                whole, listed = result, result[operation.within] if operation.within else result
                result, headers = page_of(operation, listed, request, self.behaviour)
                result = {**whole, operation.within: result} if operation.within else result
        except ApiError as fault:
            if fault.status == 404:
                return self._not_found(fault.errors)
            return json_response(fault.status, {"errors": fault.errors}, fault.headers)
        if operation.status == 204:
            return Response(204)
        return json_response(operation.status, public(result), headers)

    def _call(self, ids: Mapping[str, str], query: Mapping[str, list[str]], body: Json) -> Call:
        def perform(operation: Operation, ids: Mapping[str, str], body: Json) -> Any:
            return self.perform(operation, ids, {}, body)

        rules = (self.clock, self.behaviour, self.limits, self.faults, self.calls)
        return Call(self.world, *rules, perform, ids, query, body)

    def _authenticate(self, request: Request) -> None:
        given = (
            request.header("Authorization").removeprefix("Bearer "),
            request.header("X-Cisco-Meraki-API-Key"),
        )
        if self.api_key not in given:
            raise ApiError(401, "No valid authentication method found")

    def _gate(self, operation: Operation, call: Call) -> None:
        """Refuse another organization, a missing product, a bound network, a fresh device."""
        ids = call.ids
        if ids.get("organizationId", ORGANIZATION_ID) != ORGANIZATION_ID:
            raise not_found("Organization")
        for product in ("switch", "wireless"):
            if operation.path.startswith(f"/networks/{{networkId}}/{product}/") and (
                product not in call.network["productTypes"]
            ):
                raise refused(f"This endpoint only supports {product} networks")
        if (
            self.behaviour.template_refuses
            and operation.method != "GET"
            and operation.path.startswith(_OF_TEMPLATE)
            and call.network.get("bound")
        ):
            raise refused("This network is bound to a configuration template")
        if operation.path.startswith("/devices/") and call.device["ready_at"] > self.clock.now():
            raise ApiError(self.behaviour.fresh_status, self.behaviour.fresh_error)

    def _before(self, operation: Operation, call: Call) -> Any:
        """Return the object before a PUT, as its GET shows it; None for another operation."""
        reader = (
            HANDLERS.get(operation.name.replace("update", "get", 1)) if operation.method == "PUT" else None
        )
        return reader(call) if reader and "ActionBatch" not in operation.name else None

    def _not_found(self, errors: list[str]) -> Response:
        form = self.behaviour.not_found
        if form == "html":
            return Response(404, {"Content-Type": "text/html; charset=utf-8"}, _HTML_404.encode())
        if form == "empty":
            return Response(404)
        return json_response(404, {"errors": errors or ["Not found"]})


def _decoded(request: Request) -> Json:
    if not request.body:
        return {}
    try:
        body = of_json(request.body)
    except ValueError:
        raise refused("The request body is not valid JSON") from None
    if not isinstance(body, dict):
        raise refused("The request body must be a JSON object")
    return body
