"""The server of the supervision and what it polls, at their declared addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from piste.trials.twin.layout import Host, Layout, Watched, access, plain
from piste.trials.twin.readings import Readings
from piste.trials.twin.routers import Gateway
from piste.trials.twin.switching import Switching

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

SUPERVISION = "supervision"
"""Host of the server, which is a computer of its own."""
AGENT, SERVER, SNMP, UPS = 10050, 10051, 161, 3493
"""Ports of an agent of Zabbix, of its server, of SNMP, of a server of NUT."""
_COMMUNITY = "{$SNMP_COMMUNITY}"


def polled(town: Derived, sites: Iterable[str]) -> set[str]:
    """Collect the addresses that stand by themselves: the server, the devices of sites."""
    supervision: Any = (town.commune and town.commune["supervision"]) or {"server": None}
    shares: list[Any] = [town.sites[name]["supervision"] or {"hosts": ()} for name in sites]
    return {supervision["server"], *(host["address"] for share in shares for host in share["hosts"])} - {None}


def stand(
    layout: Layout,
    readings: Readings,
    plug: Callable[[str, int, Iterable[str]], None],
    switching: Switching,
    gateways: Sequence[Gateway],
    town: Derived,
    sites: Sequence[str],
) -> None:
    """Stand the server behind `plug`, the devices of sites; name the machines that are there."""
    supervision: Any = town.commune and town.commune["supervision"]
    address = supervision and supervision["server"]
    gateway = _gateway(gateways, address) if address else None
    if gateway is None:
        layout.unsaid.append("serveur de supervision : sans adresse connue, absent")
        return
    plug(SUPERVISION, gateway.vlan, [f"{address}/{gateway.address.network.prefixlen}"])
    server = layout.host(SUPERVISION)
    server.answers, server.free = True, {AGENT, SERVER, UPS}
    server.routes.append(("default", str(gateway.address.ip)))
    resolvers = sorted({name for scope in readings.scopes for name in (scope.get("options") or {}).get("dns") or ()})
    server.files["resolv.conf"] = "".join(f"nameserver {IPv4Address(name)}\n" for name in resolvers)
    standing = {
        given.partition("/")[0]: host
        for host in layout.hosts.values()
        for addresses in host.interfaces.values()
        for given in addresses
    }
    for watched in supervision["hosts"]:
        if host := standing.get(watched["address"]):
            host.free |= {AGENT, SNMP}
            layout.watched.append(_watched(watched, host.name, supervision))
    for name in sites:
        _devices(layout, switching, gateways, name, town.sites[name]["supervision"] or {"hosts": ()}, standing)


def _gateway(gateways: Iterable[Gateway], address: str) -> Gateway | None:
    return next((gateway for gateway in gateways if IPv4Address(address) in gateway.address.network), None)


def _devices(
    layout: Layout,
    switching: Switching,
    gateways: Sequence[Gateway],
    site: str,
    here: Mapping[str, Any],
    standing: Mapping[str, Host],
) -> None:
    """Stand the devices of a site that do not stand yet, a host for each VLAN where some are."""
    root = switching.root(site)
    counted = 0
    for watched in here["hosts"]:
        if known := standing.get(watched["address"]):
            known.free |= {AGENT, SNMP}
            layout.watched.append(_watched(watched, known.name, here))
            continue
        gateway = _gateway(gateways, watched["address"])
        if gateway is None or root is None:
            layout.unsaid.append(f"{watched['name']} : aucune passerelle lue n’est sur son réseau, absent")
            continue
        host = layout.host(plain(f"equipements-{site}-{gateway.vlan}"))
        if not host.interfaces:
            layout.plug(host.name, "eth0", layout.port(root, access(gateway.vlan), label=host.name))
            host.routes.append(("default", str(gateway.address.ip)))
        host.interfaces["eth0"].append(f"{watched['address']}/{gateway.address.network.prefixlen}")
        layout.watched.append(_watched(watched, host.name, here))
        counted += 1
    if counted:
        layout.taken.append(f"{site} : équipements surveillés à leur adresse déclarée, {counted}")


def _watched(watched: Mapping[str, Any], host: str, here: Mapping[str, Any]) -> Watched:
    also = here["also"].get(watched["name"]) or {"templates": []}
    templates = (*here["classes"][watched["kind"]]["templates"], *also["templates"])
    community = here["classes"][watched["kind"]]["secret_macros"].get(_COMMUNITY) or {"secret": ""}
    return Watched(watched["name"], watched["kind"], watched["address"], host, templates, community["secret"])
