"""Policy-based VPN: topology nodes, writable only while the VPN is open."""

from __future__ import annotations

from lab.smc import kinds
from lab.smc.call import Answer, Call
from lab.smc.elements import name_of
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


def complete_node(call: Call, node: Json) -> None:
    """Name a new node after its gateway. Raises ApiError where the VPN is not open."""
    vpn = call.world[node["parent"]]
    if not vpn.get("open"):
        call.world.remove(node)
        raise refused(f"The VPN {name_of(vpn)} is not open.")
    gateway = next((call.world[key] for key in kinds.used(node)), None)
    node["data"].setdefault("name", name_of(gateway) if gateway else "")
