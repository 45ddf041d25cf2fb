"""The parts of a twin, as data: hosts in namespaces, bridges, ports, wires, places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from piste.trials.twin.place import Place

INTERFACE = "eth0"
FIREWALL = ("", "pare-feu")
TEMPLATES = Path(__file__).with_name("templates")
NOWHERE = 4095
"""A VLAN that no switch carries: that of a port before its admission."""


def plain(*parts: str) -> str:
    """Make the name of a namespace and of a folder from live names, which are not trusted."""
    text = ".".join("".join(sign if sign.isalnum() or sign in "_-" else "-" for sign in part) for part in parts)
    return text.encode("ascii", "replace").decode().replace("?", "-")[:100]


class Vlans(NamedTuple):
    """VLANs of a port; `trunks` empty with a mode of trunk means all of them."""

    tag: int | None = None
    trunks: tuple[int, ...] = ()
    mode: str = "trunk"

    def carries(self, vlan: int) -> bool:
        return vlan == self.tag or (self.mode != "access" and (not self.trunks or vlan in self.trunks))


ALL = Vlans()


def access(vlan: int) -> Vlans:
    return Vlans(vlan, (), "access")


@dataclass(slots=True)
class Port:
    """A port of a bridge: an end of a wire to a host, or of a patch to the port `peer`."""

    name: str
    bridge: str
    number: int
    vlans: Vlans
    peer: str | None = None
    protected: bool = False
    label: str = ""


@dataclass(slots=True)
class Bridge:
    """A switch, or a stack of switches; `flows` judge packets before they are switched."""

    name: str
    label: str
    flows: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Daemon:
    """A program of a host, its UDP port; `{folder}` in its words is the folder of the host."""

    name: str
    words: tuple[str, ...]
    port: int


@dataclass(slots=True)
class Host:
    """A namespace: `routes` as `(destination, gateway)`, `settings` below `/proc/sys/net/ipv4`."""

    name: str
    interfaces: dict[str, list[str]] = field(default_factory=dict)
    routes: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    ruleset: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    daemons: list[Daemon] = field(default_factory=list)
    answers: bool = False
    free: set[int] = field(default_factory=set)
    """Ports left to programs that others start."""

    @property
    def ports(self) -> set[int]:
        """Ports of its own services."""
        return {daemon.port for daemon in self.daemons}


class Wire(NamedTuple):
    """A cable from an interface of a host to a port."""

    host: str
    interface: str
    port: str


class Plug(NamedTuple):
    """A live port where a computer is plugged in; a phone tags its frames itself."""

    serial: str
    port: str
    tagged: bool = False


class Direct(NamedTuple):
    """A cable between two interfaces."""

    host: str
    interface: str
    other: str
    other_interface: str


class Relay(NamedTuple):
    """An interface of a router that relays DHCP to servers, from its own address."""

    host: str
    interface: str
    address: str
    servers: tuple[str, ...]


@dataclass(slots=True)
class Guard:
    """A port with an access policy; `host` has the address of its switch, from which it asks.

    `vlan` is that of the port, `guest`, `failed` and `critical` those of a computer without 802.1X, of a refusal, of
    servers that do not answer; None leaves the port in a VLAN that leads nowhere. `servers` are `(address, port,
    secret)`.
    """

    port: str
    label: str
    host: str
    address: str
    vlan: int
    eap: bool
    mac: bool
    servers: tuple[tuple[str, int, str], ...]
    guest: int | None
    failed: int | None
    critical: int | None


class Portal(NamedTuple):
    """A captive portal: its host, and the bridge whose flows of that cookie lead to it."""

    host: str
    bridge: str
    cookie: int


class Page(NamedTuple):
    """The page of a service, on a port of its host: the name that users open, what it shows."""

    host: str
    port: int
    name: str
    shows: str


class Watched(NamedTuple):
    """A thing that the supervision polls at its declared address, in a host of the twin.

    `community` is the reference of its secret of SNMP; empty for what a new server has.
    """

    name: str
    kind: str
    address: str
    host: str
    templates: tuple[str, ...]
    community: str


@dataclass(slots=True)
class Layout:
    """All that the machine makes; `unsaid` is what it cannot say, `taken` what it assumes."""

    hosts: dict[str, Host] = field(default_factory=dict)
    bridges: dict[str, Bridge] = field(default_factory=dict)
    ports: list[Port] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    direct: list[Direct] = field(default_factory=list)
    relays: list[Relay] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    portals: list[Portal] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    plugs: dict[tuple[str, str], Plug] = field(default_factory=dict)
    """Where each computer is plugged in, by site and name; the firewall is of no site."""
    watched: list[Watched] = field(default_factory=list)
    links: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Ports where a cable leaves a site, with those at its other end, by site."""
    ways: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """The way of each place to its gateway, by site (`piste.trials.twin.trunks`)."""
    labels: dict[str, str] = field(default_factory=dict)
    """Labels of the live ports that stand in the twin, by `serial/number`."""
    unsaid: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def host(self, name: str) -> Host:
        return self.hosts.setdefault(name, Host(name))

    def bridge(self, label: str) -> Bridge:
        bridge = Bridge(f"b{len(self.bridges)}", label)
        self.bridges[bridge.name] = bridge
        return bridge

    def port(self, bridge: str, vlans: Vlans, *, label: str = "", protected: bool = False) -> Port:
        number = len(self.ports) + 1
        self.ports.append(Port(f"p{number}", bridge, number, vlans, None, protected, label))
        return self.ports[-1]

    def plug(self, host: str, interface: str, port: Port, addresses: Iterable[str] = ()) -> None:
        self.host(host).interfaces.setdefault(interface, []).extend(addresses)
        self.wires.append(Wire(host, interface, port.name))

    def patch(self, first: Port, second: Port) -> None:
        first.peer, second.peer = second.name, first.name
