"""The kinds of objects that Piste converges, in order, and what it does with each.

The only list of kinds: modules, roles, export, replay, undo, closing, adoption, drift and the page of gaps follow it.
It imports no vendor: a run pays for those that it drives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from piste.converge.resource import Resource


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object.

    `driver` is the class that converges it, `module:Class`; its table is the driver's `resource`.
    """

    domain: str
    module: str
    driver: str
    name: str
    """Name of its objects in the domain: in `config`, in the files of an export."""
    intent: str = ""
    """Name of its objects in the derived intent, where it is not `name`."""
    within: tuple[str, ...] = ()
    """Modules of the kinds that contain these objects: a container that is removed takes them with it."""
    unexported: str = ""
    """Reason why an export leaves them out; empty where it includes them."""
    late: bool = False
    """True where exports of older versions lack them: a replay then has none."""
    closed: str = ""
    """State in which the closing of a site removes the site's own: `deleted` what is declared, `overridden` all."""
    unclosed: str = ""
    """Reason why the closing of a site leaves them to something else."""
    renewed: str = ""
    """What an undo loses of an object that it makes again."""
    unreturned: str = ""
    """Reason why an undo does not give them back; empty where it does."""
    declared: bool = True
    """True where the town declares them; else only the kind's own module, an export, a replay and an undo do."""
    surveyed: bool = True
    """True where an adoption asks the tasks of the kind for undeclared objects; else it matches by other means."""
    undeclared: str = "drift"
    """What names the undeclared objects: the `task` of their only owner, or the end of a `drift`."""
    step: str = ""
    """The step that converges it, where the usual run of its domain does not."""
    if_declared: bool = False
    """True where an owner that declares none has nothing to do with them."""
    rights: str = ""
    """The least rights that the account needs for them."""
    watched: str = ""
    """The way to watch what it makes."""
    inventory: str = ""
    """Its class in the inventory."""

    @property
    def system(self) -> str:
        """The name of its system, in operations and in what is kept as found."""
        return self.table.system

    @property
    def place(self) -> str:
        """The Python module of its module."""
        return f"piste.domains.{self.domain}"

    @property
    def driver_class(self) -> Any:
        place, name = self.driver.split(":")
        return getattr(import_module(place), name)

    @property
    def table(self) -> Resource:
        table: Resource = self.driver_class.resource
        return table

    @property
    def part(self) -> str:
        """Its name in the intent of an owner."""
        return self.intent or self.name


_NPS = "refaite avec ce que Piste en exprime ; des attributs ajoutés dans la console NPS sont perdus"
_WITH_THE_NETWORK = "part avec le réseau du site"
_OF_THE_TOWN = "est à la ville"
_NETWORK = ("meraki_networks",)
_DEVICE = ("meraki_networks", "meraki_devices")

KINDS: tuple[Kind, ...] = (
    Kind(
        "directory",
        "ad_organizational_units",
        "piste.windows.organizational_units:OrganizationalUnits",
        "organizational_units",
        intent="units",
        closed="deleted",
        renewed="refaite sans les délégations qui y étaient données",
    ),
    Kind(
        "directory",
        "ad_groups",
        "piste.windows.groups:Groups",
        "groups",
        closed="deleted",
        renewed="refait sous un autre identifiant (SID) : les droits qui lui étaient donnés, et sa place dans les "
        "groupes et les filtrages que Piste ne déclare pas, sont perdus",
    ),
    Kind(
        "directory",
        "ad_wmi_filters",
        "piste.windows.wmi_filters:WmiFilters",
        "wmi_filters",
        unclosed=_OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
        if_declared=True,
    ),
    Kind(
        "directory",
        "ad_gpos",
        "piste.windows.gpos:Gpos",
        "gpos",
        unclosed=_OF_THE_TOWN,
        renewed="refaite avec son contenu, sous un autre identifiant ; ses délégations, hors filtrage, sont perdues",
        if_declared=True,
    ),
    Kind(
        "directory",
        "ad_gpo_links",
        "piste.windows.gpo_links:GpoLinks",
        "gpo_links",
        intent="links",
        unclosed="part avec l’unité qui le porte",
    ),
    # Policies come first: an unknown group of the directory, or a certificate, may have them refused before any write.
    Kind(
        "access",
        "nps_network_policies",
        "piste.windows.nps.network_policies:NetworkPolicies",
        "network_policies",
        unclosed=_OF_THE_TOWN,
        renewed=_NPS,
    ),
    Kind(
        "access",
        "nps_connection_request_policies",
        "piste.windows.nps.connection_request_policies:ConnectionRequestPolicies",
        "connection_request_policies",
        intent="request_policies",
        unclosed=_OF_THE_TOWN,
        renewed=_NPS,
    ),
    Kind(
        "access",
        "nps_radius_clients",
        "piste.windows.nps.radius_clients:RadiusClients",
        "radius_clients",
        intent="clients",
        closed="overridden",
    ),
    Kind(
        "firewall",
        "smc_elements",
        "piste.forcepoint.elements:Elements",
        "elements",
        unclosed=_OF_THE_TOWN,
        if_declared=True,
    ),
    Kind(
        "firewall",
        "smc_policies",
        "piste.forcepoint.policies:Policies",
        "policies",
        closed="deleted",
        renewed="refaite avec ses règles ; leurs compteurs et leur historique sont perdus",
    ),
    Kind(
        "firewall",
        "smc_installations",
        "piste.forcepoint.installations:Installations",
        "installations",
        unexported="est un acte : ce qui tourne sur un moteur se réinstalle depuis la politique",
        unclosed=_OF_THE_TOWN,
        unreturned="est un acte : la politique rendue s’installe par l’étape « installation »",
        surveyed=False,
        step="installation",
    ),
    Kind(
        "printing",
        "win_print_queues",
        "piste.windows.print_queues:PrintQueues",
        "print_queues",
        intent="queues",
        unclosed="est au serveur d’impression : Piste ne la crée ni ne la supprime",
        if_declared=True,
    ),
    Kind(
        "network",
        "meraki_networks",
        "piste.meraki.networks:Networks",
        "networks",
        closed="deleted",
        surveyed=False,
    ),
    Kind(
        "network",
        "meraki_devices",
        "piste.meraki.devices:Devices",
        "devices",
        within=_NETWORK,
        closed="deleted",
    ),
    Kind(
        "network",
        "meraki_network_settings",
        "piste.meraki.network_settings:NetworkSettings",
        "network_settings",
        intent="settings",
        within=_NETWORK,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
    ),
    Kind(
        "network",
        "meraki_access_policies",
        "piste.meraki.access_policies:AccessPolicies",
        "access_policies",
        within=_NETWORK,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
    ),
    Kind(
        "network",
        "meraki_port_schedules",
        "piste.meraki.port_schedules:PortSchedules",
        "port_schedules",
        within=_NETWORK,
        late=True,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
    ),
    Kind(
        "network",
        "meraki_rf_profiles",
        "piste.meraki.rf_profiles:RfProfiles",
        "rf_profiles",
        within=_NETWORK,
        late=True,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
    ),
    Kind(
        "network",
        "meraki_switch_ports",
        "piste.meraki.switch_ports:SwitchPorts",
        "switch_ports",
        within=_DEVICE,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
    ),
    Kind(
        "network",
        "meraki_radios",
        "piste.meraki.radios:Radios",
        "radios",
        within=_DEVICE,
        late=True,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
    ),
    Kind(
        "network",
        "meraki_ssids",
        "piste.meraki.ssids:Ssids",
        "ssids",
        within=_NETWORK,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
    ),
    Kind(
        "hosting",
        "prism_categories",
        "piste.nutanix.categories:Categories",
        "categories",
        unclosed=_OF_THE_TOWN,
        renewed="refaite sous un autre identifiant : ce qui y était rangé ne l’est plus",
    ),
    Kind(
        "hosting",
        "prism_subnets",
        "piste.nutanix.subnets:Subnets",
        "subnets",
        unclosed=_OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
    ),
    Kind(
        "hosting",
        "prism_images",
        "piste.nutanix.images:Images",
        "images",
        unclosed=_OF_THE_TOWN,
        renewed="reprise de son adresse, sous un autre identifiant",
        if_declared=True,
    ),
    Kind(
        "hosting",
        "prism_vms",
        "piste.nutanix.vms:Vms",
        "vms",
        unclosed=_OF_THE_TOWN,
        renewed="refaite vide, sous un autre identifiant : ses disques se rendent depuis une sauvegarde",
    ),
    Kind(
        "hosting",
        "prism_affinity_policies",
        "piste.nutanix.affinity:AffinityPolicies",
        "affinity_policies",
        unclosed=_OF_THE_TOWN,
        renewed="refaite sous un autre identifiant",
        if_declared=True,
    ),
)

ADMINISTRATORS = ("meraki_administrators", "smc_administrators", "prism_administrators", "ad_administrators")
"""The modules that, in a drift, name the administrators that nobody declares."""


def faults(kinds: tuple[Kind, ...]) -> Iterator[str]:
    """List the faults of a table of kinds, a line each."""
    before: list[str] = []
    places: set[tuple[str, str]] = set()
    for kind in kinds:
        if kind.module in before:
            yield f"{kind.module}: listed twice"
        if (kind.domain, kind.name) in places:
            yield f"{kind.module}: another kind of {kind.domain} is called {kind.name}"
        if kind.step and not kind.unexported:
            yield f"{kind.module}: a step of its own has no place in an export, say why (unexported)"
        if bool(kind.closed) == bool(kind.unclosed):
            yield f"{kind.module}: either its state in a closing (closed), or why it has none (unclosed)"
        later = [name for name in kind.within if name not in before]
        yield from (f"{kind.module}: what holds it, {name}, comes after it" for name in later)
        before.append(kind.module)
        places.add((kind.domain, kind.name))


if wrong := list(faults(KINDS)):
    raise ValueError("piste/kinds.py: " + "; ".join(wrong))

BY_MODULE: Mapping[str, Kind] = {kind.module: kind for kind in KINDS}
DOMAINS: tuple[str, ...] = tuple(dict.fromkeys(kind.domain for kind in KINDS))
"""Domains in the order of converging."""
TITLES: Mapping[str, str] = {
    "directory": "annuaire",
    "access": "contrôle d'accès",
    "firewall": "pare-feu",
    "printing": "impression",
    "network": "réseau",
    "hosting": "hébergement",
}
"""Domains in the town's words."""


def of_domain(domain: str) -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if kind.domain == domain)


def of_object(name: str) -> Kind:
    """Find the kind of an operation by its name there. Raises KeyError."""
    return _by_object()[name]


@cache
def _by_object() -> Mapping[str, Kind]:
    return {kind.table.name: kind for kind in KINDS}


def within(module: str) -> tuple[Kind, ...]:
    """List the kinds of what an object of another kind takes with it."""
    return tuple(kind for kind in KINDS if module in kind.within)
