"""The way from a path below the version to its handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lab.beyond import joined
from lab.smc import elements, kinds, maintenance, management, routing, rules, search, tasks, versions
from lab.smc.call import Answer, Call, identity, question
from lab.smc.errors import ApiError, not_found
from lab.smc.world import Json

# Paths beside the elements; the simulator answers login and logout itself.
_TOP: dict[tuple[str, str], Callable[[Call], Answer]] = {
    ("GET", "current_user"): management.current_user,
    ("GET", "elements"): search.everywhere,
    ("GET", "elements/search_unused"): search.unused,
    ("GET", "elements/search_duplicate"): search.duplicates,
    ("GET", "system"): management.root,
    **maintenance.TOP,
}
_READS_BY_POST = frozenset({"monitoring_status", "references_by_element", "rule_counter"})


def entry_points(call: Call) -> Answer:
    """Answer `GET /<version>/api`: the entry points."""
    points = [
        {"rel": kind, "href": call.href(f"/elements/{kind}"), "method": "GET"}
        for kind in sorted(kinds.KINDS)
        if _known(call, kind)
    ]
    for rel in ("current_user", "elements", "ha", "login", "lms_login", "logout", "system"):
        points.append({"rel": rel, "href": call.href(f"/{rel}"), "method": "PUT" if rel == "logout" else "GET"})
    for rel in ("search_unused", "search_duplicate"):
        points.append({"rel": rel, "href": call.href(f"/elements/{rel}"), "method": "GET"})
    for verb, rel in management.ROUTES:
        points.append({"rel": rel, "href": call.href(f"/system/{rel}"), "method": verb})
    return Answer(value={"entry_point": points})


def _known(call: Call, kind: str) -> bool:
    return kind in kinds.KINDS and versions.has_kind(call.api, kind)


def is_read(method: str, path: str) -> bool:
    """Tell whether a request changes nothing, whatever its verb."""
    return method in ("GET", "OPTIONS") or (method == "POST" and path.rpartition("/")[2] in _READS_BY_POST)


def dispatch(call: Call, parts: list[str]) -> Answer:
    """Answer one call; `parts` is the path below the version. Raises ApiError."""
    extras = call.world.data.get("extras")
    if not extras:
        return _dispatched(call, parts)
    place = "/".join(parts)
    call.extras = extras.get(question("GET", place), {}) if call.method == "PUT" else {}
    answer = _dispatched(call, parts)
    about = _about(call) if call.method == "POST" and parts[-1] in _READS_BY_POST else ""
    beyond = extras.get(question(call.method, place, about)) if answer.status == 200 else None
    return answer if beyond is None else replace(answer, value=joined(answer.value, beyond, identity))


def _about(call: Call) -> str:
    """Name the element that the body of a question names."""
    return next((call.world.path(call.world[key]).strip("/") for key in search.asked_keys(call.body())), "")


def _dispatched(call: Call, parts: list[str]) -> Answer:
    top = _TOP.get((call.method, "/".join(parts)))
    if top is not None:
        return top(call)
    if parts[:1] == ["system"]:
        if parts[1:2] == ["system_properties"] and len(parts) == 3:
            return _element(call, management.property_of(call, parts[2]))
        served = management.ROUTES.get((call.method, "/".join(parts[1:])))
        if served is None:
            raise not_found("the requested resource")
        return served(call)
    if parts[:2] == ["elements", "task_progress"] and len(parts) > 2:
        return tasks.serve(call, parts[2:])
    if len(parts) < 2 or parts[0] != "elements" or not _known(call, parts[1]):
        raise not_found("the requested resource")
    if len(parts) == 2:
        return _collection(call, None, parts[1])
    record = _record(call, None, parts[1], parts[2])
    return _below(call, record, parts[3:])


def _below(call: Call, record: Json, parts: list[str]) -> Answer:
    if not parts:
        return _element(call, record)
    name, rest = parts[0], parts[1:]
    if name in routing.TREES and record["type"] in kinds.ENGINES:
        return routing.serve(call, record, name, rest)
    if rest and rest[0].isdecimal():
        return _below(call, _record(call, record, name, rest[0]), rest[1:])
    if rest == ["re_rank"] and call.method == "POST" and name in kinds.LISTS.get(record["type"], ()):
        return rules.re_rank(call, record, name)
    handler = call.handlers.action(call.method, "/".join(parts), record["type"])
    if handler is not None:
        return handler(call, record)
    if not rest and (name in CHILDREN.get(record["type"], ()) or name in kinds.LISTS.get(record["type"], ())):
        return _collection(call, record, name)
    if call.handlers.knows(name, record["type"]):
        raise ApiError(405, f"Method {call.method} is not allowed.")
    raise not_found("the requested resource")


def _record(call: Call, parent: Json | None, kind: str, key: str) -> Json:
    record = call.world.get(int(key)) if key.isdecimal() else None
    above = None if parent is None else parent["key"]
    if record is None or record["type"] != kind or record["parent"] != above:
        raise not_found(f"the element {kind}/{key}")
    return record


def _collection(call: Call, parent: Json | None, kind: str) -> Answer:
    if call.method == "GET":
        if parent is None:
            return search.of_kind(call, kind)
        return search.listed(call, call.world.children(parent, kind))
    if call.method != "POST":
        raise ApiError(405, f"Method {call.method} is not allowed.")
    if parent is not None and kinds.is_rule(kind):
        return rules.create(call, parent, kind)
    if parent is not None:
        elements.refuse_system(parent)
        elements.refuse_locked(call, parent)
    record = elements.create(call, kind, call.body(), parent)
    return Answer(201, location=call.world.path(record))


def _element(call: Call, record: Json) -> Answer:
    rule = kinds.is_rule(record["type"])
    handlers: dict[str, Callable[[Call, Json], Answer]] = {
        "GET": elements.read,
        "PUT": rules.update if rule else elements.update,
        "DELETE": rules.remove if rule else elements.delete,
    }
    if call.method not in handlers:
        raise ApiError(405, f"Method {call.method} is not allowed.")
    if call.method != "GET" and record["trashed"]:
        raise not_found(f"the element {record['type']}/{record['key']}")
    return handlers[call.method](call, record)


# Kind -> kinds of its children other than rules.
CHILDREN: dict[str, tuple[str, ...]] = {
    "external_gateway": ("external_endpoint", "vpn_site"),
    "internal_gateway": ("internal_endpoint", "vpn_site", "gateway_certificate", "gateway_certificate_request"),
    **dict.fromkeys(kinds.TASKS, ("task_schedule",)),
    "vpn": (*kinds.GATEWAY_NODES, "gateway_tunnel"),
    **dict.fromkeys(kinds.ENGINES, (*kinds.INTERFACES, "virtual_resource")),
}
