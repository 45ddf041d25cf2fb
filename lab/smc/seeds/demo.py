"""What the vendor's example scripts take for granted: an engine called Plano, a few networks, profiles by name."""

from __future__ import annotations

from typing import Any

from lab.smc.simulator import SmcSimulator


def demo(simulator: SmcSimulator) -> None:
    """Fill a server with the elements that the scripts look up by name, or take the first of."""

    def make(kind: str, name: str, **data: Any) -> str:
        return simulator.edit("POST", f"/elements/{kind}", {"name": name, **data}).location

    for name, network in (("London Internal Network", "172.16.10.0/24"), ("net-172.31.14.0/24", "172.31.14.0/24")):
        make("network", name, ipv4_network=network)
    make("address_range", "range-10.10.10.1-10", ip_range="10.10.10.1-10.10.10.10")
    make("router", "router-172.18.1.1", address="172.18.1.1")
    make("location", "Plano office")
    make("rpc_service", "portmapper", program_number="100000", transport="both")
    make("vpn_profile", "Suite-B-GCM-128")
    log = simulator.look("/elements/log_server")["result"][0]["href"]
    engine(simulator, "Plano", log)


def engine(simulator: SmcSimulator, name: str, log_server: str) -> str:
    """Make a single firewall of two interfaces; return its path."""
    node = {"name": f"{name} node 1", "nodeid": 1, "activate_test": True, "loopback_node_dedicated_interface": []}
    interfaces = [
        _interface(0, "10.17.10.1", "10.17.10.0/24", primary_mgt=True, outgoing=True, auth_request=True),
        _interface(1, "172.18.1.254", "172.18.1.0/24"),
    ]
    body = {
        "name": name,
        "nodes": [{"firewall_node": node}],
        "log_server_ref": log_server,
        "domain_server_address": [],
        "physicalInterfaces": interfaces,
    }
    return simulator.edit("POST", "/elements/single_fw", body).location


def _interface(number: int, address: str, network: str, **flags: bool) -> dict[str, Any]:
    inner = {"address": address, "network_value": network, "nicid": str(number), "nodeid": 1, **flags}
    wrapped = {"interface_id": str(number), "interfaces": [{"single_node_interface": inner}], "vlanInterfaces": []}
    return {"physical_interface": wrapped}
