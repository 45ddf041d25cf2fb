"""Servers that may answer on a site's switches, and the second address of its switches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, TypedDict

from netaddr import IPNetwork

from ..addressing.plan import host

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..declaration import DeclaredSite
    from ..devices import Device
    from ..paths import KeyPath
    from ..routing.derived import Gateway
    from ..view import View


class DhcpPolicy(TypedDict):
    """The DHCP servers that may answer, by MAC address; `inspection` None: not managed."""

    default: Literal["allow", "block"]
    allowed: list[str]
    blocked: list[str]
    inspection: bool | None


class TrustedServer(TypedDict):
    """A server that ARP inspection trusts in a VLAN."""

    mac: str
    vlan: int
    address: str


class SecondAddress(TypedDict):
    serial: str
    address: str
    mask: str
    gateway: str


class AlternateManagement(TypedDict):
    """The segment by which switches speak to some servers, and their addresses there."""

    vlan: int
    protocols: list[Literal["radius", "snmp", "syslog"]]
    switches: list[SecondAddress]


def derive_dhcp_policy(declared: DeclaredSite, gateways: list[Gateway]) -> DhcpPolicy | None:
    """Derive the DHCP policy of a site: its gateways answer, and what is declared beside them."""
    wanted = declared.variables.network_settings.dhcp_servers
    if wanted is None:
        return None
    answering = {server["mac"] for server in _answering(declared, gateways)}
    return DhcpPolicy(
        default=wanted.default,
        allowed=sorted(answering | {*wanted.allowed}) if wanted.default == "block" else [],
        blocked=sorted(wanted.blocked),
        inspection=wanted.inspection,
    )


def derive_trusted_servers(declared: DeclaredSite, gateways: list[Gateway]) -> list[TrustedServer]:
    """Derive the servers that ARP inspection trusts: the gateways that relay or lend."""
    wanted = declared.variables.network_settings.dhcp_servers
    return list(_answering(declared, gateways)) if wanted and wanted.inspection else []


def _answering(declared: DeclaredSite, gateways: list[Gateway]) -> Iterator[TrustedServer]:
    macs = _macs(declared)
    for gateway in gateways:
        mac = macs.get(gateway["carrier"])
        if mac and (gateway["relay"] or gateway["server"]):
            yield TrustedServer(mac=mac, vlan=gateway["vlan"], address=gateway["address"])


def _macs(declared: DeclaredSite) -> Mapping[str, str | None]:
    routing = declared.variables.routing
    return {"core": routing.core.mac, "ngfw": routing.firewall.mac} if routing else {}


def derive_alternate(
    declared: DeclaredSite, segments: Mapping[str, Segment], devices: list[Device]
) -> AlternateManagement | None:
    """Derive the second address of each switch: its rank, in the segment that is declared."""
    wanted = declared.variables.network_settings.alternate_management
    segment = segments.get(wanted.segment) if wanted else None
    if wanted is None or segment is None:
        return None
    subnet, first = IPNetwork(segment["subnet"]), declared.variables.addressing.hosts.switches.first
    return AlternateManagement(
        vlan=segment["vlan"],
        protocols=list(wanted.protocols),
        switches=[
            SecondAddress(
                serial=device["serial"],
                address=str(host(subnet, first + device["rank"] - 1)),
                mask=str(subnet.netmask),
                gateway=segment["gateway"],
            )
            for device in devices
            if device["kind"] == "switch"
        ],
    )


def check_answering(view: View) -> None:
    """M215: where the servers that answer are chosen, gateways that give addresses are known."""
    for declared, site in view.pairs():
        wanted = declared.variables.network_settings.dhcp_servers
        if wanted is None or (wanted.default == "allow" and not wanted.inspection):
            continue
        macs, where = _macs(declared), ("network_settings", "dhcp_servers")
        for carrier, name in (("core", "le cœur"), ("ngfw", "le pare-feu")):
            through = [
                str(gateway["vlan"])
                for gateway in site["gateways"]
                if gateway["carrier"] == carrier and (gateway["relay"] or gateway["server"])
            ]
            if through and not macs.get(carrier):
                message = f"les VLAN {', '.join(through)} ont leurs adresses par {name}, sans adresse MAC"
                _add(view, declared, "PISTE-M215", where, f"{declared.id} : {message}")


def check_alternate(view: View) -> None:
    """M216: the segment of second addresses is the site's, and they are free there."""
    for declared, site in view.pairs():
        wanted = declared.variables.network_settings.alternate_management
        if wanted is None:
            continue
        where: KeyPath = ("network_settings", "alternate_management")
        segment = site["segments"].get(wanted.segment)
        if segment is None:
            message = f"{declared.id} n’a pas de segment « {wanted.segment} »"
            _add(view, declared, "PISTE-M216", where, message)
            continue
        alternate = site["settings"]["alternate_management"]
        taken = {address: name for name, address in segment["reservations"].items()}
        for switch in alternate["switches"] if alternate else ():
            pool = segment["dhcp"]
            lent = pool and _number(pool["start"]) <= _number(switch["address"]) <= _number(pool["end"])
            owner = "la plage DHCP" if lent else taken.get(switch["address"])
            if owner:
                message = f"{declared.id} : {switch['address']}, de {switch['serial']}, est à {owner}"
                _add(view, declared, "PISTE-M216", where, message)


def _number(address: str) -> int:
    return int(IPNetwork(address).ip)


def _add(view: View, declared: DeclaredSite, rule: str, where: KeyPath, message: str) -> None:
    path = f"sites[{declared.id}].{'.'.join(map(str, where))}"
    view.faults.add(rule, path, declared.where(where), message)
