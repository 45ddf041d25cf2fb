"""Subnets of a cluster: VLANs, known by name. Source: networking v4 `config/subnets`.

Subnets of virtual private clouds (`OVERLAY`) are in no cluster, and left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netaddr import AddrFormatError, IPAddress, IPNetwork

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, mapped, number, optional, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.spec import REHEARSE
from piste.engine.words import agreed
from piste.systems.nutanix.connection import CLUSTER
from piste.systems.nutanix.documents import At
from piste.systems.nutanix.driver import PrismDriver
from piste.systems.nutanix.names import GONE
from piste.systems.nutanix.prism import SUBNETS, VMS

_ADDED = frozenset(
    {
        "bridgeName",
        "clusterName",
        "clusterNameList",
        "hypervisorType",
        "virtualSwitch",
        "vpc",
        "ipUsage",
        "migrationState",
    }
)


def address(text: str) -> str:
    try:
        return str(IPAddress(text))
    except AddrFormatError as error:
        raise ValueError(text) from error


def network(text: str) -> str:
    try:
        return str(IPNetwork(text).cidr)
    except AddrFormatError as error:
        raise ValueError(text) from error


def pool(text: str) -> str:
    first, _, last = text.replace(" ", "").partition("-")
    return f"{address(first)}-{address(last)}"


RESOURCE = Resource(
    system="prism",
    name="subnet",
    doc="Sous-réseau de la grappe",
    endpoint=At(SUBNETS, _ADDED),
    known=frozenset(
        {
            "subnetType",
            "clusterReference",
            "clusterReferenceList",
            "vpcReference",
            "isExternal",
            "isNatEnabled",
            "isConnected",
            "reservedIpAddresses",
            "dynamicIpAddresses",
            "externalDhcpServers",
            "layer2StretchReference",
            "metadata",
            "sharedWithProjects",
            "projectExtId",
        }
    ),
    fields=(
        Field("name", "Name of the subnet; its identity in the cluster.", required=True, maximum=128),
        Field("formerly", "Names that it bore before: it is renamed.", type="list", path_only=True),
        Field("description", "Description; null clears it.", nullable=True, default=None, maximum=1000),
        Field(
            "vlan",
            "Number of the VLAN; 0 for the untagged one. Its machines change VLAN with it.",
            type="int",
            wire="networkId",
            minimum=0,
            maximum=4095,
            guard="vlan",
        ),
        Field(
            "virtual_switch",
            "Virtual switch that carries it; the cluster's own choice without it.",
            wire="virtualSwitchReference",
            ref="virtual_switch",
            create_only=True,
        ),
        Field(
            "advanced",
            "Whether the network controller manages it.",
            type="bool",
            wire="isAdvancedNetworking",
            create_only=True,
        ),
        Field(
            "ip",
            "Addresses that the cluster gives to its machines. Without it somebody else's DHCP, or nobody, does.",
            type="dict",
            of=(
                Field("network", "Addresses of the subnet, C(10.93.2.0/24).", normalise=network),
                Field("gateway", "Gateway that machines are given.", normalise=address),
                Field("dhcp_server", "Address of the cluster's own DHCP server.", normalise=address),
                Field("pools", "Ranges to give from, C(first-last).", type="list", unordered=True, normalise=pool),
            ),
        ),
        Field(
            "dhcp",
            "What the cluster tells its machines with their address.",
            type="dict",
            wire="dhcpOptions",
            of=(
                Field("dns", "Name servers, in order.", type="list", default=[], normalise=address),
                Field("domain", "Name of their domain.", wire="domainName"),
                Field(
                    "search", "Domains where short names are looked for.", type="list", wire="searchDomains", default=[]
                ),
                Field("tftp", "Server that they start from, over the network.", wire="tftpServerName"),
                Field("boot_file", "File that they start from.", wire="bootFileName"),
            ),
        ),
    ),
)


class Subnets(PrismDriver):
    resource = RESOURCE
    options = (CLUSTER, REHEARSE)

    def ours(self, document: Mapping[str, Any]) -> bool:
        return text(document["subnetType"]) == "VLAN" and super().ours(document)

    def plain(self, document: Mapping[str, Any], desired: Item) -> dict[str, Any]:
        plain = super().plain(document, desired)
        configs = listed(plain.pop("ipConfig", None))
        if config := next((config["ipv4"] for config in configs if mapped(config.get("ipv4"))), None):
            plain["ip"] = _ip_of(config)
        if options := dict(mapped(plain.pop("dhcpOptions", None))):
            named = listed(options.pop("domainNameServers", None))
            servers = [text(server["ipv4"]["value"]) for server in named if mapped(server.get("ipv4"))]
            plain["dhcpOptions"] = {**options, "dns": servers}
        return plain

    def wire(self, content: Item, document: Mapping[str, Any]) -> dict[str, Any]:
        wire = super().wire(content, document)
        if "ip" in content:
            inner = {**self._ip(document), **content["ip"]} if document else content["ip"]
            wire.pop("ip")
            wire["ipConfig"] = [{"ipv4": _ip_config(inner)}] if inner else []
        if "dhcp" in content:
            options = dict(wire["dhcpOptions"])
            if "dns" in options:
                options["domainNameServers"] = [{"ipv4": _value(server)} for server in options.pop("dns")]
            wire["dhcpOptions"] = {**mapped(document.get("dhcpOptions")), **options}
        if not document:
            wire |= {"subnetType": "VLAN", "clusterReference": self.known.cluster_id}
        return wire

    def _ip(self, document: Mapping[str, Any]) -> Item:
        return dict(self.canonical(document, {}).get("ip") or {})

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """Refuse to remove a subnet with machines, even foreign: they would lose their network."""
        removals = [operation for operation in operations if operation.action == "delete"]
        going = {self.raw[operation.key]["extId"]: operation for operation in removals}
        if not going:
            return []
        users: dict[str, list[str]] = {}
        gone = self.prism.shared.planned(GONE)
        for machine in self.prism.all(VMS):
            if machine.get("extId") in gone:
                continue
            for nic in listed(machine.get("nics")):
                subnet = subnet_of(nic)
                if subnet in going:
                    users.setdefault(subnet, []).append(str(machine.get("name")))
        return [
            f"{going[ext_id].name} : {agreed(len(names), 'machine(s)')} y sont encore : {', '.join(sorted(names)[:5])}"
            for ext_id, names in users.items()
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        words = {}
        for operation in operations:
            before, after = operation.before or {}, operation.after or {}
            if operation.action == "delete":
                words[f"subnet:{operation.key}"] = "supprimer un sous-réseau"
            elif before.get("vlan", after.get("vlan")) != after.get("vlan"):
                words[f"vlan:{operation.key}"] = "toutes ses machines changent de VLAN"
        return words


def subnet_of(nic: Mapping[str, Any]) -> str:
    """Id of the subnet of a network card, in either of its two forms."""
    info = mapped(nic.get("nicNetworkInfo") or nic.get("networkInfo"))
    return optional(text, mapped(info.get("subnet")).get("extId")) or ""


def _ip_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the `ipv4` of an `ipConfig`, unwrapped, to the `ip` of the table."""
    subnet = mapped(config.get("ipSubnet"))
    ip: dict[str, Any] = {}
    if base := optional(text, mapped(subnet.get("ip")).get("value")):
        ip["network"] = f"{base}/{number(subnet.get('prefixLength', 32))}"
    for name, wire in (("gateway", "defaultGatewayIp"), ("dhcpServer", "dhcpServerAddress")):
        if value := optional(text, mapped(config.get(wire)).get("value")):
            ip[name] = value
    if pools := listed(config.get("poolList")):
        ends = [(pool["startIp"]["value"], pool["endIp"]["value"]) for pool in pools]
        ip["pools"] = [f"{text(first)}-{text(last)}" for first, last in ends]
    return ip


def _ip_config(ip: Item) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if "network" in ip:
        net = IPNetwork(ip["network"])
        config["ipSubnet"] = {"ip": _value(str(net.network)), "prefixLength": net.prefixlen}
    for name, wire in (("gateway", "defaultGatewayIp"), ("dhcp_server", "dhcpServerAddress")):
        if name in ip:
            config[wire] = _value(ip[name])
    if ip.get("pools"):
        ends = [pool.split("-") for pool in ip["pools"]]
        config["poolList"] = [{"startIp": _value(first), "endIp": _value(last)} for first, last in ends]
    return config


def _value(text: str) -> dict[str, str]:
    return {"value": text}
