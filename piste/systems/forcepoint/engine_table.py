"""Tables of an engine: its interfaces, its static routes, its services (DNS, NTP, logs).

Source: the 7.4.1 model of the SMC API (`FirewallCluster`, `PhysicalInterface`, `VlanPhysicalInterface`,
`ClusterInterface`, `NodeInterface`, `DhcpRelay`, `DhcpServerSettings`, `RoutingNode`, `NtpSettings`).
"""

from __future__ import annotations

import ipaddress
import re

from piste.engine.converge.resource import Field, Resource, Shape
from piste.systems.forcepoint.element_table import address, ip_range
from piste.systems.forcepoint.references import ENGINES, reference

"""Types of the engines whose interfaces, routes and services are written."""
_NUMBER = re.compile(r"\d{1,4}(?:\.\d{1,4})?")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")


def engine(text: str) -> str:
    """Normalise an engine, `fw_cluster/FW-Bourget`. Raises `ValueError`."""
    if reference(text).partition("/")[0] not in ENGINES:
        raise ValueError(text)
    return text


def number(text: str) -> str:
    """Normalise the number of an interface, `1`, or `1.150` for a VLAN. Raises `ValueError`."""
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(text)
    return ".".join(str(int(part)) for part in text.strip().split("."))


def physical(text: str) -> str:
    """Normalise the number of a physical interface. Raises `ValueError`."""
    if "." in text:
        raise ValueError(text)
    return number(text)


def network(text: str) -> str:
    return str(ipaddress.ip_network(text.strip()))


def mac(text: str) -> str:
    clean = text.strip().lower().replace("-", ":")
    if not _MAC.fullmatch(clean):
        raise ValueError(text)
    return clean


def server(text: str) -> str:
    """Normalise a DNS server: an address, or the element that has it. Raises `ValueError`."""
    return reference(text) if "/" in text else address(text)


ENGINE = Field("engine", "Engine, C(type/name): C(fw_cluster/FW-Bourget).", required=True, normalise=engine)
_DHCP_SERVER = (
    Field("range", "Addresses that it gives, first and last.", nullable=True, normalise=ip_range),
    Field(
        "ranges",
        "Addresses that each node of a cluster gives, by number of node; two nodes never share an address.",
        type="map",
        normalise=ip_range,
    ),
    Field("gateway", "Router that it gives.", nullable=True, normalise=address),
    Field("dns", "DNS servers that it gives, two at most.", type="list", default=[], normalise=address),
    Field("domain", "Search list of domains that it gives.", nullable=True),
    Field("lease", "Seconds for which an address is given.", type="int", minimum=60),
)

INTERFACES = Resource(
    system="smc",
    name="engine_interface",
    doc="Interface du pare-feu",
    key=("interface", "engine"),
    known=frozenset(
        {"arp_entry", "interface_id", "interfaces", "key", "link", "log_moderation", "name", "sync_parameter"}
    ),
    fields=(
        ENGINE,
        Field("interface", "Number: C(1), or C(1.150) for its VLAN 150.", required=True, normalise=number),
        Field("comment", "Comment; null clears it.", nullable=True, default=None, minimum=1),
        Field(
            "zone",
            "Zone that rules know it by, C(interface_zone/name).",
            nullable=True,
            default=None,
            normalise=reference,
        ),
        Field(
            "addresses",
            "Its addresses, an entry for each network; all of them.",
            type="list",
            unordered=True,
            identity=("network",),
            default=[],
            of=(
                Field("network", "Network, C(10.93.40.0/24).", required=True, normalise=network),
                Field(
                    "cluster",
                    "Address that all nodes share (CVI), the gateway of the network; none on a single engine.",
                    nullable=True,
                    default=None,
                    normalise=address,
                ),
                Field(
                    "nodes",
                    "Own address of each node (NDI), by its number; on a single engine that of node 1 is the gateway.",
                    type="map",
                    default={},
                    normalise=address,
                ),
            ),
        ),
        Field(
            "relay",
            "DHCP servers to which it relays, C(dhcp_server/name); an empty list turns the relay off.",
            type="list",
            unordered=True,
            default=[],
            normalise=reference,
        ),
        Field(
            "dhcp_server",
            "DHCP server of the firewall on this interface; null turns it off.",
            type="dict",
            nullable=True,
            default=None,
            of=_DHCP_SERVER,
        ),
        Field(
            "cvi_mode",
            "Way in which nodes share addresses, C(packetdispatch) (physical interface).",
            nullable=True,
            default=None,
        ),
        Field(
            "mac_address",
            "MAC address that the nodes share (physical interface).",
            nullable=True,
            default=None,
            normalise=mac,
        ),
        Field(
            "aggregate",
            "Other interfaces that make up one link with it; null gives them back (physical interface).",
            type="dict",
            nullable=True,
            default=None,
            of=(
                Field("mode", "C(lb) is LACP on all; C(ha) keeps the second for a failure.", choices=("lb", "ha")),
                Field("interfaces", "Numbers of the others: C(2).", type="list", unordered=True, normalise=physical),
            ),
        ),
    ),
)

ROUTES = Resource(
    system="smc",
    name="engine_routes",
    doc="Routes du pare-feu",
    shape=Shape.FIXED,
    key=("engine",),
    fields=(
        ENGINE,
        Field(
            "routes",
            "Static routes by destination, C(10.93.0.0/16), each with its gateways; null takes a route away.",
            type="map",
            normalise_key=network,
            of=(
                Field(
                    "via",
                    "Gateways, each on a network of an interface.",
                    type="list",
                    unordered=True,
                    required=True,
                    normalise=address,
                ),
            ),
        ),
    ),
)

SETTINGS = Resource(
    system="smc",
    name="engine_settings",
    doc="Services du pare-feu",
    shape=Shape.FIXED,
    key=("engine",),
    fields=(
        ENGINE,
        Field(
            "dns",
            "DNS servers that the engine asks, in order: addresses, or elements C(type/name).",
            type="list",
            default=[],
            normalise=server,
        ),
        Field(
            "ntp",
            "NTP servers of the engine, C(ntp/name); an empty list turns NTP off.",
            type="list",
            unordered=True,
            default=[],
            normalise=reference,
        ),
        Field(
            "log_server",
            "Log server that receives its logs, C(log_server/name); it forwards them to a syslog.",
            wire="log_server_ref",
            normalise=reference,
        ),
        Field("time_zone", "Time zone of the nodes, C(Europe/Paris).", wire="timezone"),
        Field(
            "client_protection",
            "Authority that signs for the sites whose TLS is decrypted, C(tls_signing_certificate_authority/name); its "
            "key stays in the SMC; null decrypts nothing.",
            wire="tls_client_protection",
            nullable=True,
            default=None,
            normalise=reference,
        ),
        Field(
            "server_protection",
            "Certificates of the servers whose TLS is decrypted, C(tls_server_credentials/name); the keys stay there.",
            type="list",
            wire="server_credential",
            unordered=True,
            default=[],
            normalise=reference,
        ),
    ),
)
