"""Rules of the links between switches: stacks, aggregates, far ends, root, priorities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..paths import dotted
from ..wording import closest
from .derived import ROOT_PRIORITY, split_port

if TYPE_CHECKING:
    from ..declaration import DeclaredSite
    from ..paths import KeyPath
    from ..site import Site
    from ..view import View


@dataclass(frozen=True, slots=True)
class _Switches:
    """The switches of a site: ports of each, those that are links, and its stack."""

    ports: dict[str, int]
    links: frozenset[str]
    stack: dict[str, str]

    @classmethod
    def of(cls, view: View, site: Site) -> _Switches:
        hardware = view.declared.town.variables.hardware
        switches = [device for device in (*site["devices"], *site["awaited"]) if device["kind"] == "switch"]
        stacks: dict[str, str] = {}
        for stack in site["stacks"]:
            for member in stack["members"]:
                stacks.setdefault(member["name"], stack["name"])
        return cls(
            {
                device["name"]: (entry.ports or 0) if (entry := hardware.get(device["model"])) else 0
                for device in switches
            },
            frozenset(
                f"{device['name']}/{port['port']}" for device in switches for port in device["ports"] if port["uplink"]
            ),
            stacks,
        )

    def wrong(self, port: str) -> str:
        """Say what is wrong with a port of a link; empty if nothing is."""
        device, number = split_port(port)
        if device not in self.ports:
            return f"« {device} » n’est pas un commutateur du site"
        if int(number) > self.ports[device]:
            return f"{device} n’a pas de port {number}"
        return "" if port in self.links else f"{port} n’est pas une liaison"


def check_stacks(view: View) -> None:
    """M210: the members of a stack are switches of its site, and of no other stack."""
    for declared, site in view.pairs():
        switches = [device["name"] for device in site["devices"] if device["kind"] == "switch"]
        taken: dict[str, str] = {}
        for name, stack in declared.variables.stacks.items():
            for index, member in enumerate(stack.members):
                where: KeyPath = ("stacks", name, "members", index)
                if member not in switches:
                    message = f"{name} : « {member} » n’est pas un commutateur de {declared.id}"
                    _add(view, declared, "PISTE-M210", where, message, closest(member, switches))
                elif member in taken:
                    message = f"{name} : {member} est déjà dans {taken[member]}"
                    _add(view, declared, "PISTE-M210", where, message)
                taken.setdefault(member, f"la pile {name}")


def check_aggregates(view: View) -> None:
    """M211: the ports of an aggregate exist, are links of one switch or stack, and of it alone."""
    for declared, site in view.pairs():
        known = _Switches.of(view, site)
        plugged = set(firewall_ports(view, declared))
        taken = dict.fromkeys(plugged, "le pare-feu")
        ends = [*view.sites, *known.ports, *(stack["name"] for stack in site["stacks"])]
        engine = site["engine"]["name"] if site["engine"] and plugged else None
        for name, aggregate in declared.variables.aggregates.items():
            carriers: set[str] = set()
            for index, port in enumerate(aggregate.ports):
                where: KeyPath = ("aggregates", name, "ports", index)
                device = split_port(port)[0]
                if wrong := known.wrong(port):
                    _add(view, declared, "PISTE-M211", where, f"{name} : {wrong}")
                elif engine is not None and aggregate.to == engine and port in plugged:
                    plugged.discard(port)
                    taken[port] = f"l’agrégat {name}"
                elif port in taken:
                    _add(view, declared, "PISTE-M211", where, f"{name} : {port} est déjà pris par {taken[port]}")
                carriers.add(known.stack.get(device, device))
                taken.setdefault(port, f"l’agrégat {name}")
            if len(carriers) > 1:
                message = f"{name} : {' et '.join(sorted(carriers))} ne sont pas une même pile"
                _add(view, declared, "PISTE-M211", ("aggregates", name, "ports"), message)
            if aggregate.to is not None and aggregate.to not in (*ends, engine):
                message = f"{name} : « {aggregate.to} » n’est ni un site, ni un commutateur ou une pile d’ici"
                _add(view, declared, "PISTE-M211", ("aggregates", name, "to"), message, closest(aggregate.to, ends))


def check_far_ends(view: View) -> None:
    """M212: a link arrives at a link port of the other site, alone or in an aggregate."""
    if not view.declared.complete:
        return
    known = {name: _Switches.of(view, site) for name, site in view.sites.items()}
    routing = view.declared.town.variables.routing
    taken: dict[tuple[str, str], str] = {}
    if routing:
        taken = {(routing.core.site, port): "le pare-feu" for port in routing.firewall.ports}
        for index, port in enumerate(routing.firewall.ports):
            there = known.get(routing.core.site)
            if there and split_port(port)[0] in there.ports and (wrong := there.wrong(port)):
                where: KeyPath = ("routing", "firewall", "ports", index)
                view.faults.add("PISTE-M212", dotted(where), view.declared.town.where(where), f"Le pare-feu : {wrong}")
    for declared, site in view.pairs():
        for index, link in enumerate(declared.variables.premises.links):
            if link.far_port is None or site["lifecycle"] == "closed":
                continue
            where = ("premises", "links", index, "far_port")
            end = (link.to or "", link.far_port)
            if link.to not in known:
                message = f"{link.name} : « {link.to} » n’est pas un site, et n’a pas de port"
                _add(view, declared, "PISTE-M212", where, message)
            elif wrong := known[link.to].wrong(link.far_port):
                _add(view, declared, "PISTE-M212", where, f"{link.name}, à {link.to} : {wrong}")
            elif end in taken:
                _add(view, declared, "PISTE-M212", where, f"{link.name} : {link.far_port} est pris par {taken[end]}")
            mark = declared.where(where)
            taken.setdefault(end, f"la liaison {link.name} ({mark.file}:{mark.line})")


def check_root(view: View) -> None:
    """M213: priorities are those of switches and stacks of the site, none before the core's."""
    routing = view.declared.town.variables.routing
    core = (routing.core.stack or routing.core.switch) if routing else None
    least = ROOT_PRIORITY
    for declared in view.declared.sites if routing else ():
        if routing and declared.id == routing.core.site:
            least = declared.variables.spanning_tree.priorities.get(core or "", ROOT_PRIORITY)
    for declared, site in view.pairs():
        known = [*(stack["name"] for stack in site["stacks"]), *_Switches.of(view, site).ports]
        for name, priority in declared.variables.spanning_tree.priorities.items():
            where: KeyPath = ("spanning_tree", "priorities", name)
            here = routing is not None and declared.id == routing.core.site and name == core
            if name not in known:
                message = f"« {name} » n’est ni un commutateur ni une pile de {declared.id}"
                _add(view, declared, "PISTE-M213", where, message, closest(name, known))
            elif routing and not here and priority <= least:
                message = f"{name} passerait avant le cœur {core} : {priority}, contre {least}"
                _add(view, declared, "PISTE-M213", where, message)


def check_traffic(view: View) -> None:
    """M030: the segments that have a priority exist."""
    catalogue = view.declared.town.variables.segment_catalogue
    reported: set[tuple[str, int, str]] = set()
    for declared in view.declared.sites:
        for key in declared.variables.traffic_priorities.segments:
            where = ("traffic_priorities", "segments", key)
            mark = declared.where(where)
            if key not in catalogue and (mark.file, mark.line, key) not in reported:
                reported.add((mark.file, mark.line, key))
                view.unknown("PISTE-M030", dotted(where), mark, "Le segment", key, catalogue)


def firewall_ports(view: View, declared: DeclaredSite) -> list[str]:
    """Give the ports of a site where the firewall is plugged in."""
    routing = view.declared.town.variables.routing
    return routing.firewall.ports if routing and routing.core.site == declared.id else []


def _add(view: View, declared: DeclaredSite, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    path = f"sites[{declared.id}].{dotted(where)}"
    view.faults.add(rule, path, declared.where(where), f"{declared.id}, {message}", advice)
