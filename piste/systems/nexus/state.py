"""The state of a Nexus, from its running configuration: VLANs, trunks, gateways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from netaddr import AddrFormatError, IPNetwork

from piste.engine.converge.reading import reading
from piste.engine.converge.values import Misfit
from piste.systems.nexus.commands import Command
from piste.systems.nexus.configuration import Line, tree
from piste.systems.nexus.shell import Shell

ALL = frozenset(range(1, 4095))
RESERVED = frozenset({1, *range(1002, 1006), *range(3968, 4095)})
"""VLANs that a Nexus has by itself: the default, those of Token Ring, its own (*NX-OS Layer 2 Switching*)."""
_DEFAULT = "system default switchport"
SHUT = f"{_DEFAULT} shutdown"
"""The line that makes ports switch unless they say otherwise; `no` before it makes them route."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port or a port-channel.

    `allowed` are the VLANs of a trunk, `group` the port-channel that it is a member of.
    """

    name: str
    trunk: bool
    up: bool
    allowed: frozenset[int]
    group: str = ""
    description: str = ""
    vpc: str = ""
    """Number of its vPC, or `peer-link`."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """An address of a VLAN's interface; `shared` where HSRP or VRRP gives it to two switches.

    `subnet` is empty for a shared address, which has none of its own.
    """

    vlan: int
    address: str
    up: bool
    shared: bool = False
    subnet: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Defaults:
    """State of the ports whose block says nothing: they route, or are shut where they switch."""

    routed: bool
    shut: bool


@dataclass(frozen=True, slots=True)
class State:
    hostname: str
    vlans: Mapping[int, bool]
    """Whether each VLAN is active."""
    ports: Mapping[str, Port]
    gateways: tuple[Gateway, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()
    """Static routes of the default VRF: prefix and next router."""
    vpc_domain: int | None = None
    root: Line = field(default_factory=lambda: Line(""), repr=False)
    """The configuration itself, with its secrets."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A switch as it was read: its configuration with its secrets, and its state."""

    text: str = field(repr=False)
    state: State


def read(shell: Shell) -> Reading:
    """Read the configuration of a switch."""
    text = shell.ask(Command.CONFIGURATION)
    with reading(shell.name):
        return Reading(text, of_configuration(tree(text)))


def of_configuration(root: Line) -> State:
    """Read VLANs, ports and gateways of a configuration. Raises `Misfit`."""
    vlans: dict[int, bool] = {}
    ports: dict[str, Port] = {}
    gateways: list[Gateway] = []
    routes: list[tuple[str, str]] = []
    defaults = Defaults(routed=root.says(f"no {_DEFAULT}"), shut=root.says(SHUT))
    for line in root.below:
        kind, _, rest = line.text.partition(" ")
        if kind == "vlan" and re.fullmatch(r"[0-9,\- ]+", rest):
            stopped = line.says("shutdown") or line.says("state suspend")
            # The list of all comes first, then a block for each that has a name.
            vlans.update(dict.fromkeys(numbers(rest), not stopped))
        elif kind == "interface":
            if match := re.fullmatch(r"Vlan([0-9]{1,4})", rest):
                gateways += _gateways(int(match[1]), line)
            elif rest.startswith(("Ethernet", "port-channel")) and "." not in rest:
                ports[rest] = _port(rest, line, defaults)
        elif match := re.fullmatch(r"ip route ([0-9./]+) ([0-9.]+)(?: .*)?", line.text):
            routes.append((_subnet(match[1]), match[2]))
    return State(
        hostname=root.rest("hostname ") or "",
        vlans=vlans,
        ports=ports,
        gateways=tuple(gateways),
        routes=tuple(routes),
        vpc_domain=_domain(root),
        root=root,
    )


def _domain(root: Line) -> int | None:
    """Read the vPC domain of a switch, None where it has none."""
    text = root.rest("vpc domain ")
    if text is None:
        return None
    if not text.isdecimal():
        raise Misfit(f"un domaine vPC est attendu, reçu « {text[:40]} »")
    return int(text)


def _port(name: str, line: Line, defaults: Defaults) -> Port:
    group, routed = line.rest("channel-group "), _routed(line, defaults)
    return Port(
        name=name,
        trunk=line.says("switchport mode trunk") and not routed,
        up=_up(name, line, routed, defaults),
        allowed=_allowed(line),
        group=f"port-channel{group.split()[0]}" if group else "",
        description=line.rest("description ") or "",
        vpc=line.rest("vpc ") or "",
    )


def _routed(line: Line, defaults: Defaults) -> bool:
    """Tell whether a port routes, by its own word or by that of the switch."""
    return line.says("no switchport") or (defaults.routed and not line.says("switchport"))


def _up(name: str, line: Line, routed: bool, defaults: Defaults) -> bool:
    """Tell whether a port is open. NX-OS shows only what differs from the default.

    Source: *Cisco Nexus 9000 Series NX-OS Interfaces Configuration Guide*, and the defaults that Cisco's own Ansible
    collection computes (`default_intf_enabled`): a port that routes is shut, a port-channel open, a switched port as
    `system default switchport shutdown` says. That the first two hold for every platform is [belief nexus.no_shutdown].
    """
    if line.says("shutdown") or line.says("no shutdown"):
        return line.says("no shutdown")
    if name.startswith("port-channel"):
        return True
    return not (routed or defaults.shut)


def _allowed(line: Line) -> frozenset[int]:
    """Read the allowed VLANs of a trunk; a trunk without any list allows all."""
    allowed = ALL
    start = "switchport trunk allowed vlan "
    for entry in line.starting(start):
        words = entry.text[len(start) :].split()
        match words:
            case ["none"]:
                allowed = frozenset()
            case ["all"]:
                allowed = ALL
            case ["add", *more]:
                allowed |= frozenset(numbers("".join(more)))
            case ["remove", *more]:
                allowed -= frozenset(numbers("".join(more)))
            case ["except", *more]:
                allowed = ALL - frozenset(numbers("".join(more)))
            case more:
                allowed = frozenset(numbers("".join(more)))
    return allowed


def _gateways(vlan: int, line: Line) -> Iterator[Gateway]:
    # An interface of a VLAN is shut down until somebody opens it.
    up = line.says("no shutdown")
    for entry in line.starting("ip address "):
        value = entry.text.split()[2]
        if value != "dhcp":
            yield Gateway(vlan, _address(value), up, subnet=_subnet(value))
    for entry in line.starting("ipv6 address "):
        if "/" in (value := entry.text.split()[2]):
            yield Gateway(vlan, _address(value), up)
    for block in line.starting("hsrp ", "vrrp ", "vrrpv3 "):
        for entry in block.starting("ip ", "address "):
            value = entry.text.split()[1]
            if value != "autoconfig" and not value.lower().startswith("fe80:"):
                yield Gateway(vlan, _address(value), up, shared=True)


def _address(text: str) -> str:
    return str(_network(text).ip)


def _subnet(text: str) -> str:
    return str(_network(text).cidr)


def _network(text: str) -> IPNetwork:
    try:
        return IPNetwork(text)
    except (AddrFormatError, ValueError) as error:
        raise Misfit(f"une adresse est attendue, reçu « {text[:40]} »") from error


def numbers(text: str) -> list[int]:
    """Expand `1,10-12` to VLANs. Raises `Misfit`."""
    vlans: list[int] = []
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"([0-9]{1,4})(?:-([0-9]{1,4}))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not 1 <= first <= last <= 4094:
            raise Misfit(f"une liste de VLAN est attendue, reçu « {text[:40]} »")
        vlans += range(first, last + 1)
    return vlans
