"""Routing and antispoofing trees of an engine: interface, network, gateway, destination.

The upper levels follow from the interfaces; the state keeps gateways and their destinations by interface and network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.smc.call import Answer, Call
from lab.smc.elements import etag, guard, name_of
from lab.smc.engines import inside, interfaces_of
from lab.smc.errors import ApiError, not_found, refused
from lab.smc.kinds import INTERFACES
from lab.smc.pending import note
from lab.smc.world import Json, key_of, mark, references

TREES = {"routing": "routing_node", "antispoofing": "antispoofing_node"}


def serve(call: Call, engine: Json, tree: str, rest: list[str]) -> Answer:
    """Answer `<engine>/routing[/<node>]`: GET shows a tree, PUT and DELETE change the gateways."""
    if call.method == "GET" and not rest:
        return Answer(value=_root(call, engine, tree), etag=etag(engine))
    if len(rest) != 1:
        raise not_found("the requested resource")
    nodes = _walk(_root(call, engine, tree), TREES[tree])
    node = next((candidate for candidate in nodes if candidate["_id"] == rest[0]), None)
    if node is None:
        raise not_found(f"the routing node {rest[0]}")
    if call.method == "GET":
        return Answer(value=node, etag=etag(engine))
    if call.method not in (("PUT", "DELETE") if tree == "routing" else ("PUT",)):
        raise ApiError(405, f"Method {call.method} is not allowed.")
    guard(call, engine, needed=False)
    if tree == "antispoofing":
        given = [below for below in call.body().get(TREES[tree], []) if below.get("auto_generated") == "false"]
        engine.setdefault("antispoofing", {})[node["nic_id"]] = given
    else:
        (_change if call.method == "PUT" else _remove)(call, engine, node)
    call.world.touch(engine, call.admin, call.now)
    note(call, engine, "update")
    return Answer(200 if call.method == "PUT" else 204)


def show_peering(call: Call, peering: Json, body: Json) -> Json:
    """Show the number of an autonomous system as a text, as the model has it."""
    return {**body, "local_as_value": str(body["local_as_value"])} if "local_as_value" in body else body


def add_route(call: Call, engine: Json) -> Answer:
    """Route a network through a gateway on the network of an interface. Raises ApiError."""
    guard(call, engine, needed=False)
    body = call.body()
    gateway = _end(call, body.get("gateway_ref") or call.value("gateway") or "")
    network = _end(call, body.get("network_ref") or call.value("network") or "")
    for number, inner in interfaces_of(call, engine):
        if inside(gateway["ip"], inner["network_value"]):
            gateways = _kept(engine, number, inner["network_value"])
            route = next((known for known in gateways if known["ip"] == gateway["ip"]), None)
            if route is None:
                route = {**_node(call, gateway, "gateway", "router"), "below": []}
                gateways.append(route)
            route["below"].append(_node(call, network, "any", "network"))
            call.world.touch(engine, call.admin, call.now)
            note(call, engine, "update")
            return Answer(201)
    raise refused("Impossible to add the route.", f"Gateway {gateway['ip']} is on no network of an interface.")


def _root(call: Call, engine: Json, tree: str) -> Json:
    added = engine.get("antispoofing", {}) if tree == "antispoofing" else {}
    nodes = [
        _shown_node(
            call, engine, tree, f"i{number}", [*nodes, *_added(call, engine, added.get(number, ()))],
            name=f"Interface {number}", level="interface", nic_id=number,
            related_element_type=_kind_of(call, engine, number),
        )
        for number, nodes in _networks(call, engine, tree).items()
    ]  # fmt: skip
    for number in _left_behind(call, engine) if tree == "routing" else ():
        node = _shown_node(call, engine, tree, f"i{number}", [], name=f"Interface {number}", nic_id=number)
        nodes.append({**node, "level": "interface", "to_delete": True})
    return _shown_node(call, engine, tree, "", nodes, name=name_of(engine), level="engine_cluster")


def _added(call: Call, engine: Json, given: Sequence[Json]) -> Iterator[Json]:
    """Yield the nodes of antispoofing that people have added."""
    for at, below in enumerate(given):
        kept = {key: value for key, value in below.items() if key != "link"}
        yield {**_shown_node(call, engine, "antispoofing", f"a{at}", [], **kept), **kept}


def _left_behind(call: Call, engine: Json) -> list[str]:
    """Return the numbers of removed interfaces whose routes the tree still has."""
    there = {number for number, _ in interfaces_of(call, engine)}
    kept = engine.get("gateways", {})
    return [number for number, networks in kept.items() if number not in there and any(networks.values())]


def _networks(call: Call, engine: Json, tree: str) -> dict[str, list[Json]]:
    """Return the network nodes of each interface, by its number."""
    networks: dict[str, dict[str, Json]] = {}
    for number, inner in interfaces_of(call, engine):
        value = inner["network_value"]
        gateways = _kept(engine, number, value) if tree == "routing" else []
        below = [_gateway(call, engine, gateway) for gateway in gateways]
        node = _shown_node(
            call, engine, tree, f"n{number}-{value.replace('/', '-')}", below, name=f"network-{value}",
            level="network", ip=value, nic_id=number, related_element_type="network",
        )  # fmt: skip
        node["_place"] = [number, value]
        networks.setdefault(number, {})[value] = node
    return {number: list(nodes.values()) for number, nodes in networks.items()}


def _gateway(call: Call, engine: Json, kept: Json) -> Json:
    below = [_shown_node(call, engine, "routing", str(end["id"]), [], **_shown(end)) for end in kept["below"]]
    return _shown_node(call, engine, "routing", str(kept["id"]), below, **_shown(kept))


def _shown(kept: Json) -> Json:
    return {key: value for key, value in kept.items() if key not in ("id", "below") and value is not None}


def _shown_node(call: Call, engine: Json, tree: str, number: str, below: list[Json], **values: object) -> Json:
    path = f"{call.world.path(engine)}/{tree}{'/' if number else ''}{number}"
    node: Json = {"_id": number, **values, "invalid": False, "to_delete": False, TREES[tree]: below}
    if tree == "antispoofing":
        node |= {"auto_generated": "true", "validity": "enable"}
    return {**node, "link": [{"rel": "self", "href": call.href(path), "type": TREES[tree]}]}


def _change(call: Call, engine: Json, node: Json) -> None:
    """Replace the gateways that a body puts under an interface or a network."""
    body = call.body()
    if node["level"] == "interface":
        for below in body.get("routing_node", []):
            place = next((network for network in node["routing_node"] if network["ip"] == below.get("ip")), None)
            if place is not None:
                _keep(call, engine, place["_place"], below.get("routing_node", []))
    elif node["level"] == "network":
        _keep(call, engine, node["_place"], body.get("routing_node", []))
    else:
        for kept in _all_kept(engine):
            if str(kept["id"]) == node["_id"]:
                kept |= {key: body[key] for key in body if key.startswith("probe_")}
                if "below" in kept:
                    kept["below"] = [_node(call, destination, "any") for destination in body.get("routing_node", [])]


def _keep(call: Call, engine: Json, place: list[str], gateways: list[Json]) -> None:
    made = []
    for gateway in gateways:
        below = [_node(call, destination, "any") for destination in gateway.get("routing_node", [])]
        made.append({**_address(call, engine, place, _node(call, gateway, "gateway")), "below": below})
    _kept(engine, *place)[:] = made


def _address(call: Call, engine: Json, place: list[str], node: Json) -> Json:
    """Give a node without an address (a peering) the address of its interface."""
    near = ((inner, [number, inner["network_value"]]) for number, inner in interfaces_of(call, engine))
    own = (inner["address"] for inner, where in near if where == place)
    return node if node["ip"] else {**node, "ip": next(own, None)}


def _node(call: Call, given: Json, level: str, kind: str = "") -> Json:
    """Return a gateway or a destination for the state; a reference gives name, kind and address."""
    key = next(references(given.get("href", "")), None)
    record = call.world.get(key) if key is not None else None
    data = record["data"] if record else {}
    address = data.get("address") or data.get("ipv4_network") or data.get("ipv6_network") or given.get("ip")
    name = given.get("name") or (name_of(record) if record else address)
    return {
        "id": call.world.new_key(),
        "level": level,
        "name": name,
        "ip": address,
        "href": given.get("href"),
        "related_element_type": record["type"] if record else kind or given.get("related_element_type"),
    }


def _remove(call: Call, engine: Json, node: Json) -> None:
    if node["to_delete"]:
        del engine["gateways"][node["nic_id"]]
    for nodes in _lists(engine):
        nodes[:] = [kept for kept in nodes if str(kept["id"]) != node["_id"]]


def _end(call: Call, given: str) -> Json:
    """Return an end of a route, given as a reference or as an address."""
    if next(references(given), None) is None:
        return {"name": given, "ip": given}
    return {"href": mark(key_of(given)), **_node(call, {"href": given}, "any")}


def _kept(engine: Json, number: str, network: str) -> list[Json]:
    gateways: list[Json] = engine.setdefault("gateways", {}).setdefault(number, {}).setdefault(network, [])
    return gateways


def _lists(engine: Json) -> Iterator[list[Json]]:
    for networks in engine.get("gateways", {}).values():
        for gateways in networks.values():
            yield gateways
            yield from (gateway["below"] for gateway in gateways)


def _all_kept(engine: Json) -> Iterator[Json]:
    for nodes in _lists(engine):
        yield from nodes


def _walk(node: Json, below: str) -> Iterator[Json]:
    yield node
    for child in node[below]:
        yield from _walk(child, below)


def _kind_of(call: Call, engine: Json, number: str) -> str:
    wanted = number.partition(".")[0]
    interfaces = call.world.children(engine, *INTERFACES)
    fitting = (interface for interface in interfaces if str(interface["data"].get("interface_id")) == wanted)
    return next((str(interface["type"]) for interface in fitting), "physical_interface")

