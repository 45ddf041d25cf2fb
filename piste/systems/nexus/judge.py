"""The judgement of a Nexus: how its configuration departs from the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from netaddr import IPAddress, IPNetwork

from piste.engine.converge.orphan import WHY
from piste.systems.nexus.state import RESERVED, Port, State

VLAN, TRUNK, GATEWAY, VPC = "nexus_vlan", "nexus_trunk", "nexus_gateway", "nexus_vpc"
CARRIERS: Mapping[str, str] = {"core": "le cœur", "ngfw": "le pare-feu"}


class Departure(NamedTuple):
    """A departure of a switch; `orphan` where it has what nobody declares."""

    kind: str
    key: str
    why: str
    orphan: bool = False


def judge(declared: Mapping[str, Any], town: Sequence[Mapping[str, Any]], state: State) -> Iterator[Departure]:
    """Yield the departures of a switch; `town` has every VLAN of the town, with its gateway."""
    name = declared["name"]
    known = {vlan["vlan"]: vlan for vlan in town}
    yield from _vlans(name, declared["vlans"], known, state)
    yield from _trunks(name, declared["links"], known, state)
    yield from _vpc(name, declared, state)
    yield from _gateways(name, declared["address"], town, state)


def _vpc(name: str, declared: Mapping[str, Any], state: State) -> Iterator[Departure]:
    """Yield the departures of a declared vPC; another is not judged."""
    domain = declared.get("vpc_domain")
    if domain is None:
        return
    if state.vpc_domain != domain:
        said = f"est dans le domaine vPC {state.vpc_domain}" if state.vpc_domain else "n’a pas de domaine vPC"
        yield Departure(VPC, f"{name}/domain", f"{said}, alors qu’il est déclaré dans le {domain}")
    for link in declared["links"]:
        port = state.ports.get(link["name"])
        if port is not None and port.vpc != link["vpc"]:
            said = f"vPC {port.vpc}" if port.vpc else "hors de tout vPC"
            wanted = f"le vPC {link['vpc']}" if link["vpc"] else "aucun vPC"
            yield Departure(VPC, f"{name}/{link['name']}", f"{said}, alors que {wanted} est déclaré")
    declared_links = {link["name"] for link in declared["links"]}
    for port in state.ports.values():
        if port.vpc and port.name not in declared_links:
            yield Departure(VPC, f"{name}/{port.name}", f"vPC {port.vpc}, et {WHY}", orphan=True)


def _vlans(
    name: str, wanted: Sequence[int], known: Mapping[int, Mapping[str, Any]], state: State
) -> Iterator[Departure]:
    for vlan in wanted:
        if vlan not in state.vlans:
            yield Departure(VLAN, f"{name}/{vlan}", f"absent, alors qu’il porte le segment {_said(known.get(vlan))}")
        elif not state.vlans[vlan]:
            yield Departure(VLAN, f"{name}/{vlan}", f"arrêté, alors qu’il porte le segment {_said(known.get(vlan))}")
    for vlan in sorted(state.vlans.keys() - known.keys() - RESERVED):
        yield Departure(VLAN, f"{name}/{vlan}", WHY, orphan=True)


def _said(vlan: Mapping[str, Any] | None) -> str:
    return f"{vlan['segment']} ({vlan['owner']})" if vlan else "de la ville"


def _trunks(
    name: str, links: Sequence[Mapping[str, Any]], known: Mapping[int, Mapping[str, Any]], state: State
) -> Iterator[Departure]:
    members = {port: link["name"] for link in links for port in link["ports"]}
    for link in links:
        port, key = state.ports.get(link["name"]), f"{name}/{link['name']}"
        if port is None or not port.trunk:
            said = "n’est pas un trunk" if port else "absent"
            yield Departure(TRUNK, key, f"{said}, alors qu’il mène à {link['to']}")
        else:
            if not port.up:
                yield Departure(TRUNK, key, f"arrêté, alors qu’il mène à {link['to']}")
            for vlan in link["vlans"]:
                if vlan not in port.allowed:
                    yield Departure(TRUNK, key, f"n’admet pas le VLAN {vlan}, segment {_said(known.get(vlan))}")
        for member in link["ports"]:
            live = state.ports.get(member)
            if live is None or live.group != link["name"]:
                yield Departure(TRUNK, f"{name}/{member}", f"n’est pas dans {link['name']}")
            elif not live.up:
                yield Departure(TRUNK, f"{name}/{member}", f"arrêté, dans {link['name']}")
    declared = {link["name"] for link in links}
    for port in state.ports.values():
        if port.name not in declared and port.name not in members and _leads_somewhere(port, declared):
            why = f"dans {port.group}, et {WHY}" if port.group in declared else f"trunk, et {WHY}"
            yield Departure(TRUNK, f"{name}/{port.name}", why, orphan=True)


def _leads_somewhere(port: Port, declared: set[str]) -> bool:
    # The members of a port-channel that nobody declares are named by it.
    return port.up and (port.group in declared or (port.trunk and not port.group))


def _gateways(name: str, own: str, town: Sequence[Mapping[str, Any]], state: State) -> Iterator[Departure]:
    by_address = {vlan["gateway"]: vlan for vlan in town if vlan["gateway"]}
    for gateway in state.gateways:
        if not gateway.up or gateway.address == own:
            continue
        key = f"{name}/Vlan{gateway.vlan}"
        if carried := by_address.get(gateway.address):
            carrier = CARRIERS.get(carried["carrier"], "un autre équipement")
            why = f"a l’adresse de la passerelle du segment {_said(carried)}, {gateway.address}, que porte {carrier}"
            yield Departure(GATEWAY, key, why)
        else:
            within = next((vlan for vlan in town if _inside(gateway.address, vlan["subnet"])), None)
            where = f" dans le segment {_said(within)}" if within else ""
            yield Departure(GATEWAY, key, f"a l’adresse {gateway.address}{where}, et {WHY}", orphan=True)


def _inside(address: str, subnet: str) -> bool:
    return bool(subnet) and IPAddress(address) in IPNetwork(subnet)
