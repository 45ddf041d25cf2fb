"""Policy-based VPN: topology nodes, writable only while the VPN is open."""

from __future__ import annotations

from itertools import combinations, product

from lab.smc import kinds
from lab.smc.call import Answer, Call
from lab.smc.elements import entry, name_of
from lab.smc.errors import refused
from lab.smc.kinds import GATEWAY_NODES
from lab.smc.world import Json, mark


def open_vpn(call: Call, vpn: Json) -> Answer:
    vpn["open"] = call.admin
    return Answer()


def save_vpn(call: Call, vpn: Json) -> Answer:
    return Answer()


def close_vpn(call: Call, vpn: Json) -> Answer:
    vpn["open"] = None
    return Answer()


def validate_vpn(call: Call, vpn: Json) -> Answer:
    return Answer(value={"value": "No issue was found."})


def show_site(call: Call, site: Json, body: Json) -> Json:
    """Show the VPNs of a site: those that have its gateway as a node."""
    if "vpn_references" in body:
        return body
    nodes = [candidate for candidate in call.world.of_type(*GATEWAY_NODES) if site["parent"] in kinds.used(candidate)]
    keys = dict.fromkeys(node["parent"] for node in nodes)
    return {**body, "vpn_references": [{"vpn_ref": mark(key), "enabled": True, "site_mode": "Normal"} for key in keys]}


def show_gateway(call: Call, gateway: Json, body: Json) -> Json:
    """Show the proxy of a portal with its default timeout unless the body gave a timeout."""
    if not body.get("ssl_vpn_proxy"):
        return body
    return {**body, "ssl_vpn_proxy": {"renegociation_timeout": 7200, **body["ssl_vpn_proxy"]}}


def list_tunnels(call: Call, vpn: Json) -> Answer:
    """List the tunnels of a VPN: between central gateways, and from each to each satellite."""
    central, satellites = (call.world.children(vpn, kind) for kind in GATEWAY_NODES[:2])
    ends = [[a["key"], b["key"]] for a, b in (*combinations(central, 2), *product(central, satellites))]
    known = {frozenset(each["data"].get("_ends", ())): each for each in call.world.children(vpn, "gateway_tunnel")}
    for pair in (pair for pair in ends if frozenset(pair) not in known):
        data: Json = {"_ends": pair, "enabled": True}
        known[frozenset(pair)] = call.world.add("gateway_tunnel", data, vpn["key"], call.admin, call.now)
    for pair_gone in known.keys() - {frozenset(pair) for pair in ends}:
        call.world.remove(known.pop(pair_gone))
    return Answer(value={"result": [entry(call, tunnel) for tunnel in known.values()]})


def show_tunnel(call: Call, tunnel: Json, body: Json) -> Json:
    """Show the nodes at the ends of a tunnel, and whether a key was given."""
    ends = {f"gateway_node_{side}": mark(key) for side, key in enumerate(tunnel["data"].get("_ends", ()), 1)}
    hashed = {"hashed_preshared_key": "*"} if tunnel["data"].get("preshared_key") else {}
    return {**body, **ends, **hashed}


def complete_endpoint(call: Call, endpoint: Json) -> None:
    """Show the address of an endpoint behind its name, as the system does."""
    data = endpoint["data"]
    if data.get("address") and not str(data["name"]).endswith(")"):
        data["name"] = f"{data['name']} ({data['address']})"


def refuse_domain(call: Call, domain: Json) -> None:
    """Refuse a second internal domain. Raises ApiError."""
    if len(list(call.world.of_type("internal_user_domain"))) > 1:
        call.world.remove(domain)
        raise refused("Only one internal user domain is allowed.")


def complete_node(call: Call, node: Json) -> None:
    """Name a new node after its gateway. Raises ApiError where the VPN is not open."""
    vpn = call.world[node["parent"]]
    if not vpn.get("open"):
        call.world.remove(node)
        raise refused(f"The VPN {name_of(vpn)} is not open.")
    gateway = next((call.world[key] for key in kinds.used(node)), None)
    node["data"].setdefault("name", name_of(gateway) if gateway else "")
