"""Engines with their nodes, interfaces and gateway: enough for the installation of a policy."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from lab.smc import kinds
from lab.smc.call import Action, Answer, Call
from lab.smc.elements import create, entry, etag, name_of, view
from lab.smc.errors import ApiError, refused
from lab.smc.kinds import INTERFACES
from lab.smc.world import Json

ENGINE_VERSION = "7.1.2"
_NOT_ON = {
    "virtual_fw": frozenset({"physical_interface", "switch_physical_interface", "modem_interface", "adsl_interface"}),
    "fw_cluster": frozenset({"modem_interface", "adsl_interface", "wireless_interface", "switch_physical_interface"}),
}
GATEWAYS = kinds.FIREWALLS - {"master_engine"}
PARTS: dict[str, frozenset[str]] = {"nodes": kinds.NODE_KINDS, "physicalInterfaces": frozenset(INTERFACES)}


def interface_kinds(kind: str) -> list[str]:
    """List the kinds of interfaces that an engine of a kind may have."""
    return [interface for interface in INTERFACES if interface not in _NOT_ON.get(kind, ())]


def complete(call: Call, engine: Json) -> None:
    """Give a new engine its parts and, where it has a gateway, the gateway with its endpoints."""
    keep_parts(call, engine)
    if engine["type"] in GATEWAYS:
        data = {"name": f"{name_of(engine)} Primary", "vpn_client_mode": "no", "trust_all_cas": True}
        gateway = call.world.add("internal_gateway", data, engine["key"], call.admin, call.now)
        _endpoints(call, engine, gateway)


def keep_parts(call: Call, engine: Json) -> None:
    """Turn the nodes and interfaces in the body of an engine into elements of their own."""
    data = dict(engine["data"])
    for name, known in PARTS.items():
        if name not in data:
            continue
        kept = set()
        for wrapped in data.pop(name):
            for kind, body in wrapped.items():
                kept.add(_keep_part(call, engine, kind, body))
        for child in call.world.children(engine):
            if child["type"] in known and child["key"] not in kept:
                call.world.remove(child)
    call.world.keep(engine, data)


def _keep_part(call: Call, engine: Json, kind: str, body: Json) -> int:
    body = {key: value for key, value in body.items() if value is not None}
    key = body.pop("key", None)
    body = {name: value for name, value in body.items() if name not in ("link", "locked", "read_only", "system")}
    part = call.world.get(key) if key is not None else None
    if part is None or part["parent"] != engine["key"]:
        part = call.world.add(kind, {}, engine["key"], call.admin, call.now)
        part["data"] = body
        if kind in INTERFACES:
            _named(part)
    elif part["data"] != body:
        call.world.change(part, body, call.admin, call.now)
    return int(part["key"])


def complete_interface(call: Call, interface: Json) -> None:
    """Complete a new interface and the gateways. Raises ApiError where its number is taken."""
    engine = call.world[interface["parent"]]
    number = str(interface["data"].get("interface_id", ""))
    for other in call.world.children(engine, *INTERFACES):
        if other["key"] != interface["key"] and str(other["data"].get("interface_id", "")) == number:
            call.world.remove(interface)
            raise refused("Impossible to store the sub element.", f"Interface {number} already exists.")
    try:
        refuse_invalid(call, engine, interface)
    except ApiError:
        call.world.remove(interface)
        raise
    follow_interface(call, interface)


def change_interface(call: Call, interface: Json) -> None:
    """Check a changed interface, and let its engine follow. Raises ApiError."""
    refuse_invalid(call, call.world[interface["parent"]], interface)
    follow_interface(call, interface)


def follow_interface(call: Call, interface: Json) -> None:
    """Give the engine of an interface a new ETag, and its gateways their endpoints."""
    engine = call.world[interface["parent"]]
    _named(interface)
    call.world.touch(engine, call.admin, call.now)
    for gateway in call.world.children(engine, "internal_gateway"):
        _endpoints(call, engine, gateway)


def refuse_invalid(call: Call, engine: Json, interface: Json) -> None:
    """Refuse an impossible aggregate, and an address of a relay that is off. Raises ApiError.

    The text is recorded. An address outside its network, or on two VLANs, is accepted: scripts of the vendor do so.
    """
    name = name_of(engine)
    _refuse_aggregate(call, engine, interface)
    for holder in (interface["data"], *interface["data"].get("vlanInterfaces", ())):
        number = holder.get("interface_id", "")
        relays = holder.get("dhcp_relay", {}).get("enabled")
        addresses = [inner for wrapped in holder.get("interfaces", ()) for inner in wrapped.values()]
        if any(inner.get("relayed_by_dhcp") for inner in addresses) and not relays:
            raise refused(
                f"Impossible to store the element {name}.",
                f"Element appears invalid: {name} Firewall Cluster has an invalid Physical Interface configuration: "
                f"Interface {number}. One relayed by DHCP CVI belongs to this Physical Interface but it has no defined "
                "enabled DHCP relay.",
            )


def _refuse_aggregate(call: Call, engine: Json, interface: Json) -> None:
    """Refuse an aggregate without mode or other port, or of a port in use. Raises ApiError.

    That the server refuses them is inferred, its words too.
    """
    data, wanted = interface["data"], interface["data"].get("aggregate_mode")
    others = [part.strip() for part in str(data.get("second_interface_id", "")).split(",") if part.strip()]
    if wanted is None and not others:
        return
    mine, used = str(data.get("interface_id", "")), set[str]()
    for other in call.world.children(engine, *INTERFACES):
        if other["key"] != interface["key"]:
            used.add(str(other["data"].get("interface_id", "")))
            used.update(str(other["data"].get("second_interface_id", "")).split(","))
    most = {"ha": 1, "lb": 7}.get(str(wanted), 0)
    if not 1 <= len(others) <= most or set(others) & (used | {mine}):
        raise refused(
            f"Impossible to store the element {name_of(engine)}.",
            f"Element appears invalid: Interface {mine} has an invalid aggregated link.",
        )


def inside(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _named(interface: Json) -> None:
    """Give an interface the form of answers: numbers as text, a name."""
    data = interface["data"]
    if "interface_id" in data:
        data["interface_id"] = str(data["interface_id"])
    title = {"tunnel_interface": "Tunnel Interface", "modem_interface": "Modem"}.get(interface["type"], "Interface")
    data.setdefault("name", f"{title} {data.get('interface_id', '')}")
    for vlan in data.get("vlanInterfaces", ()):
        vlan["interface_id"] = str(vlan.get("interface_id", ""))
        vlan.setdefault("name", f"VLAN {vlan['interface_id']}")


def _endpoints(call: Call, engine: Json, gateway: Json) -> None:
    """Give the gateway of an engine an endpoint for each address of an interface."""
    known = {child["data"]["name"] for child in call.world.children(gateway, "internal_endpoint")}
    for address in dict.fromkeys(str(inner["address"]) for _, inner in interfaces_of(call, engine)):
        if address not in known:
            data = {"name": address, "deducted_name": address, "enabled": False, "nat_t": True, "ipsec_vpn": True}
            call.world.add("internal_endpoint", data, gateway["key"], call.admin, call.now)


def interfaces_of(call: Call, engine: Json) -> Iterator[tuple[str, Json]]:
    """Yield the addresses of interfaces and VLANs: (`2.20`, {address, network_value, …})."""
    for interface in call.world.children(engine, *INTERFACES):
        for holder in (interface["data"], *interface["data"].get("vlanInterfaces", ())):
            for wrapped in holder.get("interfaces", ()):
                for inner in wrapped.values():
                    if inner.get("address"):
                        yield str(holder.get("interface_id", "")), inner


def show(call: Call, engine: Json, body: Json) -> Json:
    for name, known in PARTS.items():
        parts = [child for child in call.world.children(engine) if child["type"] in known]
        body[name] = [{part["type"]: view(call, part)} for part in parts]
    if engine["type"] == "master_engine":
        resources = call.world.children(engine, "virtual_resource")
        body["virtualResources"] = [{"virtual_resource": view(call, resource)} for resource in resources]
    return {"engine_version": ENGINE_VERSION, **body} if engine.get("installed") else body


def list_nodes(call: Call, engine: Json) -> Answer:
    return _listed(call, kinds.nodes(call.world, engine))


def list_interfaces(call: Call, engine: Json) -> Answer:
    return _listed(call, call.world.children(engine, *INTERFACES))


def list_gateways(call: Call, engine: Json) -> Answer:
    return _listed(call, call.world.children(engine, "internal_gateway"))


def add_gateway(call: Call, engine: Json) -> Answer:
    made = create(call, "internal_gateway", call.body(), engine)
    return Answer(201, location=call.world.path(made))


def permissions(call: Call, engine: Json) -> Answer:
    granted = {"granted_element": engine.get("permissions", []), "role_containers": engine.get("roles", [])}
    return Answer(value=granted, etag=etag(engine))


def grant(call: Call, engine: Json) -> Answer:
    body = call.body()
    engine["permissions"], engine["roles"] = body.get("granted_element", []), body.get("role_containers", [])
    return Answer()


_LASTING = ("dyn_up", "platform", "version")
"""What a captured node keeps once the lab has installed a policy on it."""
STATES = {"ONLINE": "Online", "OFFLINE": "Offline", "STANDBY": "Standby"}


def status(call: Call, node: Json) -> Answer:
    """Return the state of a node and the policy installed on it, at its link."""
    return Answer(value=_state(call, node))


def _state(call: Call, node: Json) -> Json:
    installed = call.world[node["parent"]].get("installed")
    online = node.get("state", "ONLINE")
    known = bool(installed or node.get("contacted"))
    state: Json = {
        "configuration_status": "Installed" if installed else "Configured" if known else "Initial",
        "dyn_up": "1500",
        **({"installed_policy": installed["name"]} if installed else {}),
        "monitoring_state": "READY" if known else "NO_STATUS",
        "monitoring_status": "OK" if known else "UNKNOWN",
        "name": name_of(node),
        "platform": "x86-64",
        "state": online if installed else "NO_STATUS",
        "status": STATES[online] if installed else "No Policy Installed" if known else "Not Monitored",
        "version": f"version {ENGINE_VERSION} #28110" if installed else "unknown",
    }
    answered = node.get("answered", {})
    if installed and not installed.get("answered"):  # the lab has installed a policy since
        answered = {name: answered[name] for name in _LASTING if name in answered}
    return state | answered


def monitored(call: Call, node: Json) -> Json:
    """Return the status of a node as `monitoring_status` gives it.

    The form of the moment of the last installation is [inferred].
    """
    state, installed = _state(call, node), call.world[node["parent"]].get("installed")
    state["engine_node_status"] = state.get("engine_node_status", state["status"])
    del state["state"], state["status"]
    return state | ({"last_upload_time": str(installed["at"])} if installed else {})


def appliance_status(call: Call, node: Json) -> Answer:
    """Return the hardware of a node: none in the lab."""
    return Answer(value={"hardware_statuses": [], "interface_statuses": []})


def command(state: str) -> Action:
    """Return the action that brings a node to a state."""

    def answer(call: Call, node: Json) -> Answer:
        node["state"] = state
        for name in ("state", "status", "engine_node_status"):
            node.get("answered", {}).pop(name, None)
        return Answer(204)

    return answer


def initial_contact(call: Call, node: Json) -> Answer:
    """Return the configuration that starts a new node, and note that the node has started."""
    node["contacted"] = True
    return Answer(value=f"# {name_of(node)}\n".encode(), content_type="text/plain")


def licence(call: Call, node: Json) -> Answer:
    """Accept an action on a licence; the lab has none."""
    return Answer(204)


def _listed(call: Call, records: list[Json]) -> Answer:
    return Answer(value={"result": [entry(call, record) for record in records]})
