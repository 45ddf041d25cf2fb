"""Rules of the Nexus switches: address, ends of links, ports, segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..wording import closest

if TYPE_CHECKING:
    from ..declaration import DeclaredSite
    from ..paths import KeyPath
    from ..view import View
    from .form import Nexus, NexusLink


def check_nexus(view: View) -> None:
    """M230 to M234, for each Nexus of each site."""
    for declared in view.declared.sites:
        for name, nexus in declared.variables.nexus.items():
            _check_address(view, declared, name)
            _check_links(view, declared, name, nexus)
            _check_segments(view, declared, name, nexus)
            _check_vpc(view, declared, name, nexus)


def _check_vpc(view: View, declared: DeclaredSite, name: str, nexus: Nexus) -> None:
    used: dict[int, str] = {}
    peer = nexus.links.get(nexus.vpc.peer_link) if nexus.vpc else None
    other = declared.variables.nexus.get(peer.to) if peer else None
    if nexus.vpc and (other is None or not nexus.vpc.peer_link.startswith("port-channel")):
        message = f"{declared.id} : {name}, {nexus.vpc.peer_link} n’est pas un agrégat vers un autre Nexus du site"
        _add(view, declared, "PISTE-M234", (name, "vpc", "peer_link"), message)
    elif nexus.vpc and other and peer and (other.vpc is None or other.vpc.domain != nexus.vpc.domain):
        message = f"{declared.id} : {name} est dans le domaine vPC {nexus.vpc.domain}, et pas {peer.to}"
        _add(view, declared, "PISTE-M234", (name, "vpc", "domain"), message)
    for key, link in nexus.links.items():
        if link.vpc is None:
            continue
        if said := _wrong_vpc(key, link, nexus, other):
            _add(view, declared, "PISTE-M234", (name, "links", key, "vpc"), f"{declared.id} : {name}, {key} {said}")
        elif link.vpc in used:
            message = f"{declared.id} : {name}, le vPC {link.vpc} est déjà {used[link.vpc]}"
            _add(view, declared, "PISTE-M234", (name, "links", key, "vpc"), message)
        used.setdefault(link.vpc, key)


def _wrong_vpc(key: str, link: NexusLink, nexus: Nexus, other: Nexus | None) -> str:
    """Say what is wrong with the vPC of a link; empty if nothing is."""
    if nexus.vpc is None:
        return "a un vPC, et son Nexus n’a pas de domaine (vpc)"
    if not key.startswith("port-channel") or key == nexus.vpc.peer_link:
        return "ne peut être un vPC : seul l’est un agrégat, autre que la liaison entre les deux Nexus"
    if other is not None and not any(there.vpc == link.vpc and there.to == link.to for there in other.links.values()):
        return f"est le vPC {link.vpc} vers {link.to}, que l’autre Nexus n’a pas"
    return ""


def _add(view: View, declared: DeclaredSite, rule: str, place: KeyPath, message: str, advice: str = "") -> None:
    path = f"sites[{declared.id}].nexus[{']['.join(map(str, place))}]"
    view.faults.add(rule, path, declared.where(("nexus", *place), ("nexus", place[0])), message, advice)


def _check_address(view: View, declared: DeclaredSite, name: str) -> None:
    segments = view.sites[declared.id]["segments"].values()
    if not any(name in segment["reservations"] for segment in segments):
        message = f"{declared.id} : le Nexus « {name} » n’a de réservation dans aucun segment du site"
        _add(view, declared, "PISTE-M230", (name,), message)


def _check_links(view: View, declared: DeclaredSite, name: str, nexus: Nexus) -> None:
    ends, used = set(_ends(view, declared)) - {name}, dict[str, str]()
    for key, link in nexus.links.items():
        if view.declared.complete and link.to not in ends:
            message = f"{declared.id} : {name}, {key} mène à « {link.to} », que rien ne déclare"
            _add(view, declared, "PISTE-M231", (name, "links", key, "to"), message, closest(link.to, ends))
        grouped = key.startswith("port-channel")
        if grouped != bool(link.ports):
            said = "n’a pas de ports" if grouped else "est un port : il n’en a pas d’autres"
            _add(view, declared, "PISTE-M232", (name, "links", key), f"{declared.id} : {name}, {key} {said}")
        for port in link.ports if grouped else [key]:
            if port in used:
                message = f"{declared.id} : {name}, {port} est déjà à {used[port]}"
                _add(view, declared, "PISTE-M232", (name, "links", key), message)
            used[port] = key


def _check_segments(view: View, declared: DeclaredSite, name: str, nexus: Nexus) -> None:
    here = view.sites[declared.id]["segments"]
    hosting = view.declared.town.variables.hosting
    hosted = hosting.segments if hosting and hosting.site == declared.id else []
    carried = {*hosted, *nexus.segments}
    for index, segment in enumerate(nexus.segments):
        if segment not in here:
            message = f"{declared.id} : le site n’a pas de segment « {segment} »"
            _add(view, declared, "PISTE-M233", (name, "segments", index), message, closest(segment, here))
    for key, link in nexus.links.items():
        for index, segment in enumerate(link.segments or ()):
            if segment not in carried:
                message = f"{declared.id} : {name} ne porte pas le segment « {segment} » de {key}"
                place: KeyPath = (name, "links", key, "segments", index)
                _add(view, declared, "PISTE-M233", place, message, closest(segment, carried))


def _ends(view: View, declared: DeclaredSite) -> Iterator[str]:
    town = view.declared.town.variables
    yield from (device["name"] for device in view.sites[declared.id]["devices"] if device["kind"] == "switch")
    yield from declared.variables.stacks
    yield from declared.variables.nexus
    yield from (town.hosting.nodes if town.hosting and town.hosting.site == declared.id else ())
    yield from (engine.name for engine in town.firewall.engines)
