"""The administrator that fills the seeds: writes elements and rules by name."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lab.smc.simulator import SmcSimulator

TEMPLATE = "Firewall Inspection Template"
ENGINE = "fw-hdv"


class Hand:
    """Writes as an administrator, and refers by name to elements made here or by the system."""

    def __init__(self, simulator: SmcSimulator, admin: str) -> None:
        self.simulator, self.admin = simulator, admin
        self._paths: dict[str, str] = {}

    def make(self, kind: str, name: str, **data: Any) -> str:
        """Create an element; return its path."""
        path = self.simulator.edit("POST", f"/elements/{kind}", {"name": name, **data}, self.admin).location
        self._paths[name] = path
        return path

    def trash(self, name: str) -> None:
        """Move an element made here to the trash."""
        self.simulator.edit("DELETE", self._paths.pop(name), None, self.admin, **{"If-Match": "*"})

    def path(self, name: str) -> str:
        """Return the path of an element made here or of the system's own. Raises LookupError."""
        if name not in self._paths:
            world = self.simulator.world
            tops = [record for record in world.elements.values() if record["parent"] is None]
            # A protocol agent often has the name of its service, and no rule names an agent.
            matches = [record for record in tops if record["data"].get("name") == name and record["type"] != "protocol"]
            if not matches:
                raise LookupError(name)
            self._paths[name] = world.path(matches[0])
        return self._paths[name]

    def paths(self, names: str) -> list[str]:
        """Return the paths of names separated by ` + `."""
        return [self.path(name) for name in names.split(" + ")]

    def row(self, policy: str, kind: str, **data: Any) -> str:
        """Add a row at the end of a list of a policy."""
        target = f"{self.path(policy)}/{kind}"
        return self.simulator.edit("POST", target, {"rank": 100_000.0, **data}, self.admin).location

    def cells(self, source: str, destination: str, service: str) -> dict[str, Any]:
        """Return the three cells of a rule; `*` is any, an empty text none."""
        wanted = {"sources": ("src", source), "destinations": ("dst", destination), "services": ("service", service)}
        flags: dict[str, dict[str, Any]] = {"*": {"any": True}, "": {"none": True}}
        return {cell: flags.get(names) or {item: self.paths(names)} for cell, (item, names) in wanted.items()}

    def access(
        self, policy: str, name: str, source: str, destination: str, service: str, action: str = "allow", **more: Any
    ) -> str:
        """Add an IPv4 access rule at the end of a policy."""
        named = {"name": name} if name else {}
        done = {"action": [action], **more.pop("with_action", {})}
        cells = self.cells(source, destination, service)
        return self.row(policy, "fw_ipv4_access_rule", **named, **cells, action=done, **more)

    def install(self, policy: str, engine: str = ENGINE) -> None:
        """Upload a policy to an engine, at once."""
        name = policy.replace(" ", "%20")
        delay, self.simulator.behaviour.upload_seconds = self.simulator.behaviour.upload_seconds, 0.0
        self.simulator.edit("POST", f"{self.path(engine)}/upload?filter={name}", None, self.admin)
        self.simulator.behaviour.upload_seconds = delay


def cluster(hand: Hand, name: str = ENGINE, vlans: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> str:
    """Create the cluster of two NGFW of the town, without a policy; return its path.

    `vlans` gives the address and the network of other VLANs, by number.
    """
    nodes = [
        {"firewall_node": {"name": f"{name}-{number}", "nodeid": number, "activate_test": True}} for number in (1, 2)
    ]
    trunk = {"interface_id": "0", "cvi_mode": "packetdispatch", "macaddress": "02:02:02:02:02:00", "interfaces": []}
    transit = _addresses("0.400", "10.93.240.2", "10.93.240.0/29", primary_mgt=True, primary_heartbeat=True)
    others = [{"interface_id": number, "interfaces": _addresses(number, *place)} for number, place in vlans.items()]
    outside = _addresses("1", "192.0.2.2", "192.0.2.0/29", outgoing=True)
    interfaces = [
        {**trunk, "vlanInterfaces": [{"interface_id": "0.400", "interfaces": transit}, *others]},
        {**trunk, "interface_id": "1", "macaddress": "02:02:02:02:02:01", "interfaces": outside, "vlanInterfaces": []},
    ]
    return hand.make(
        "fw_cluster",
        name,
        nodes=nodes,
        log_server_ref=hand.path("LogServer 192.0.2.10"),
        domain_server_address=[],
        cluster_mode="standby",
        ts_settings={"ts_enabled": True, "local_url_categorization_enabled": False},
        physicalInterfaces=[{"physical_interface": interface} for interface in interfaces],
    )


def _addresses(number: str, address: str, network: str, **flags: bool) -> list[dict[str, Any]]:
    """Build the addresses of an interface: shared, and the last of its network for the nodes."""
    free = [str(host) for host in ipaddress.ip_network(network).hosts() if str(host) != address]
    shared = {"cluster_virtual_interface": {"address": address, "network_value": network, "nicid": number}}
    own = [
        {"address": free[node - 3], "network_value": network, "nicid": number, "nodeid": node, **flags}
        for node in (1, 2)
    ]
    return [shared, *({"node_interface": body} for body in own)]
