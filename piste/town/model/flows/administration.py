"""Flows that Piste itself needs: from its station to each system that it drives.

These flows are derived, not declared, so that the matrix cannot forget them; their rules are kept like those of
`firewall.keep`. LDAPS binds by password, SMB and WinRM sign in with NTLM: no port of Kerberos is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .declared import OF_PISTE, DeclaredFlow
from .form import Flow, Service

if TYPE_CHECKING:
    from ..declaration import Declaration, TownVariables

LDAPS, SMB, WINRM, DNS, HTTPS = "636", "445", "5986", "53", "443"
SMC, PRISM = "8082", "9440"
"""Ports of the SMC and of Prism Central; the inventory of an environment has the same ports in their addresses."""


class System(NamedTuple):
    """A system that Piste drives: its domain, the reason, its addresses, its ports."""

    domain: str
    name: str
    why: str
    field: str
    ends: Sequence[str]
    tcp: Sequence[str] = ()
    udp: Sequence[str] = ()

    @property
    def id(self) -> str:
        """The id of its flow, and of the service of that flow."""
        return OF_PISTE + self.name

    @property
    def service(self) -> Service:
        """The ports that Piste uses."""
        return Service(label=self.why, tcp=list(self.tcp), udp=list(self.udp))


def systems(town: TownVariables) -> list[System]:
    """List the systems that Piste drives in a town.

    `ends` is empty where nothing says where a system answers. The routing is at the Dashboard, as the network; the
    names are in the directory, and asked of the servers of names.
    """
    place, radius = town.administration, town.radius
    controllers = list(dict.fromkeys([town.directory.controller, *town.directory.controllers]))
    why = "Piste vers les contrôleurs : LDAPS et SYSVOL"
    driven = [
        System("network", "reseau", "Piste vers le Dashboard Meraki", "dashboard", place.dashboard, [HTTPS]),
        System("directory", "annuaire", why, "", controllers, [LDAPS, SMB]),
        System("names", "noms", "Piste vers les serveurs de noms", "", town.dns.servers, [DNS], [DNS]),
        System("firewall", "pare-feu", "Piste vers le SMC", "smc", place.smc, [SMC]),
    ]
    if town.dhcp.servers:
        why = "Piste vers les serveurs DHCP : WinRM"
        driven.append(System("addressing", "adresses", why, "", town.dhcp.servers, [WINRM]))
    if radius:
        why = "Piste vers les serveurs NPS : WinRM, essais du 802.1X"
        driven.append(System("access", "acces", why, "", radius.servers, [WINRM], [str(radius.auth_port)]))
    if town.printing:
        why = "Piste vers le serveur d’impression : WinRM"
        driven.append(System("printing", "impression", why, "", [town.printing.server], [WINRM]))
    if town.hosting:
        driven.append(System("hosting", "hebergement", "Piste vers Prism Central", "prism", place.prism or (), [PRISM]))
    if town.supervision:
        driven.append(System("supervision", "supervision", "Piste vers Zabbix", "zabbix", place.zabbix or (), [HTTPS]))
    if town.glpi:
        driven.append(System("inventory", "inventaire", "Piste vers GLPI", "glpi", place.glpi or (), [HTTPS]))
    return driven


def needed_flows(declaration: Declaration) -> Iterator[DeclaredFlow]:
    """Yield the flows that Piste needs, each at the declaration of its destination."""
    town = declaration.town
    every = tuple(site.id for site in declaration.sites)
    for system in systems(town.variables):
        if system.ends:
            # Not validated: a server name that is no end of a flow is reported as its own fault.
            flow = Flow.model_construct(
                source=list(town.variables.administration.station),
                to=list(system.ends),
                services=[system.id],
                why=system.why,
                permanent="Sans lui, Piste ne pilote plus ce système",
            )
            yield DeclaredFlow(system.id, flow, "town", every, town, ("administration",), "administration")


def needed_services(town: TownVariables) -> dict[str, Service]:
    """Give the services of these flows, by name."""
    return {system.id: system.service for system in systems(town)}
