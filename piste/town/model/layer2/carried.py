"""Ports as the links of the town make them: VLANs of uplinks, ports that must be up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..flows.ends import IN_SERVICE
from ..ports import reserved
from ..routing.derived import core_place

if TYPE_CHECKING:
    from ..declaration import Declaration, DeclaredSite
    from ..site import Site
    from ..variables import TownLevel
    from .derived import FarPort

FIREWALL = "ngfw"
"""The firewall, as an end of a link."""


def link_ports(declaration: Declaration, sites: Mapping[str, Site]) -> None:
    """Give each uplink its VLANs, and mark each port whose other end is declared.

    VLANs of None: what is at the other end of a port of the core is not declared, and its VLANs stand.
    """
    tree = _Tree.of(declaration, sites)
    place = core_place(declaration.town.variables, sites)
    core = set(place["serials"]) if place else set[str]()
    rates = _arrivals(declaration)
    for declared in declaration.sites:
        ends, usual = tree.ends(declared), _text(tree.behind(declared.id))
        plugged = _plugged(declaration, declared, rates)
        named = tree.named(declared)
        for device in (*sites[declared.id]["devices"], *sites[declared.id]["awaited"]):
            for port in device["ports"]:
                name = f"{device['name']}/{port['port']}"
                if name in plugged:
                    port["in_use"] = True
                    port["rate_mbps"] = max(port["rate_mbps"] or 0, plugged[name]) or None
                if port["uplink"]:
                    # A port of the core without a declared end may lead to any site.
                    other = None if device["serial"] in core else usual
                    port["allowed_vlans"], port["far_end"] = ends.get(name, other), named.get(name)


def far_ports(name: str, sites: Mapping[str, Site]) -> list[FarPort]:
    """List the ports of other open sites that let the VLANs of a site pass."""
    vlans = {str(segment["vlan"]) for segment in sites[name]["segments"].values()}
    return [
        {
            "site": other,
            "device": device["name"],
            "serial": device["serial"],
            "port": port["port"],
            "name": port["name"],
            "tags": port["tags"],
            "allowed_vlans": port["allowed_vlans"] or "",
        }
        for other, site in sites.items()
        if other != name and site["lifecycle"] == "open"
        for device in site["devices"]
        for port in device["ports"]
        if port["uplink"] and vlans & set((port["allowed_vlans"] or "").split(","))
    ]


def _arrivals(declaration: Declaration) -> dict[tuple[str | None, str], int]:
    """Give the rate of each link of a site in service by where it arrives: a site, a port."""
    return {
        (link.to, link.far_port): link.rate_mbps or 0
        for site in declaration.sites
        if site.variables.site.lifecycle in IN_SERVICE
        for link in site.variables.premises.links
        if link.far_port
    }


def _plugged(
    declaration: Declaration, declared: DeclaredSite, rates: Mapping[tuple[str | None, str], int]
) -> dict[str, int]:
    """Give the rate of the link of each port whose other end is declared, 0 where unknown."""
    routing = declaration.town.variables.routing
    here = routing.firewall.ports if routing and routing.core.site == declared.id else []
    ports = [*here, *(port for aggregate in declared.variables.aggregates.values() for port in aggregate.ports)]
    return dict.fromkeys(ports, 0) | {port: rate for (site, port), rate in rates.items() if site == declared.id}


def open_links(town: TownLevel, sites: Mapping[str, Site]) -> list[str]:
    """List the links of the core that lead nowhere declared, `serial/port`: their VLANs stand."""
    place = core_place(town, sites)
    return [
        f"{device['serial']}/{port['port']}"
        for device in (sites[place["site"]]["devices"] if place else ())
        if place and device["serial"] in place["serials"]
        for port in device["ports"]
        if port["uplink"] and port["far_end"] is None
    ]


def free_ports(declaration: Declaration, sites: Mapping[str, Site]) -> list[str]:
    """List the link ports of the core that nothing takes, `switch/port`, in order.

    A port that its switch declares for itself is reserved.
    """
    place = core_place(declaration.town.variables, sites)
    if place is None:
        return []
    declared = next(site for site in declaration.sites if site.id == place["site"])
    kept = {device.serial: reserved(device) for device in declared.variables.switches}
    return [
        f"{device['name']}/{port['port']}"
        for device in sites[place["site"]]["devices"]
        if device["serial"] in place["serials"]
        for port in device["ports"]
        if port["uplink"] and port["far_end"] is None and port["enabled"] and not port["in_use"]
        if port["port"] not in kept.get(device["serial"], ())
    ]


@dataclass(frozen=True, slots=True)
class _Tree:
    """The links of the town: what arrives at each site, from which site and at which port."""

    declaration: Declaration
    sites: Mapping[str, Site]
    arrivals: dict[str, list[tuple[str, str | None]]]

    @classmethod
    def of(cls, declaration: Declaration, sites: Mapping[str, Site]) -> _Tree:
        arrivals: dict[str, list[tuple[str, str | None]]] = {}
        for site in declaration.sites:
            for link in site.variables.premises.links if site.variables.site.lifecycle != "closed" else ():
                if link.to and link.to in sites:
                    arrivals.setdefault(link.to, []).append((site.id, link.far_port))
        return cls(declaration, sites, arrivals)

    def behind(self, name: str) -> set[int]:
        """Give the VLANs of a site and of the sites that pass through it; of the core, its own."""
        routing = self.declaration.town.variables.routing
        vlans: set[int] = set()
        waiting, seen = [name], {name}
        while waiting:
            here = waiting.pop()
            vlans |= {segment["vlan"] for segment in self.sites[here]["segments"].values()}
            if routing is None or here != routing.core.site:
                nearer = [site for site, _ in self.arrivals.get(here, ()) if site not in seen]
                seen |= set(nearer)
                waiting += nearer
        return vlans

    def ends(self, declared: DeclaredSite) -> dict[str, str]:
        """Give the VLANs of each port of a site whose other end is declared."""
        ends: dict[str, set[int]] = {}
        for site, port in self.arrivals.get(declared.id, ()):
            if port:
                ends.setdefault(port, set()).update(self.behind(site))
        for aggregate in declared.variables.aggregates.values():
            known = set[int]().union(*(ends.get(port, ()) for port in aggregate.ports))
            if aggregate.to and aggregate.to in self.sites:
                known |= self.behind(aggregate.to)
            elif aggregate.to and not known:
                known = self.behind(declared.id)
            ends |= dict.fromkeys(aggregate.ports if known else (), known)
        routing = self.declaration.town.variables.routing
        if routing and routing.core.site == declared.id:
            ends |= dict.fromkeys(routing.firewall.ports, self.routed_by_firewall())
        return {port: _text(vlans) for port, vlans in ends.items()}

    def named(self, declared: DeclaredSite) -> dict[str, str]:
        """Name the declared end of each link of a site, by its port."""
        named = {port: site for site, port in self.arrivals.get(declared.id, ()) if port}
        for aggregate in declared.variables.aggregates.values():
            near = next((named[port] for port in aggregate.ports if port in named), aggregate.to)
            named |= dict.fromkeys(aggregate.ports, near) if near else {}
        routing = self.declaration.town.variables.routing
        if routing and routing.core.site == declared.id:
            named |= dict.fromkeys(routing.firewall.ports, FIREWALL)
        return named

    def routed_by_firewall(self) -> set[int]:
        """Give the VLANs between the core and the firewall: those that it routes, and the transit."""
        routing, shared = self.declaration.town.variables.routing, self.declaration.shared
        entry = shared.variables.shared_segments.get(routing.transit.segment) if routing and shared else None
        vlans = {entry.vlan} if entry and entry.vlan else set[int]()
        for site in self.sites.values():
            if site["lifecycle"] != "closed":
                vlans |= {gateway["vlan"] for gateway in site["gateways"] if gateway["carrier"] == "ngfw"}
        return vlans


def _text(vlans: set[int]) -> str:
    return ",".join(map(str, sorted(vlans)))
