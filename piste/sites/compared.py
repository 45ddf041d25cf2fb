"""The tests of a site that compare: live is as declared where a plan is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from piste.systems.forcepoint.intent import smc_intent
from piste.systems.kinds import BY_MODULE
from piste.systems.meraki.intent import meraki_intent
from piste.systems.meraki.routing_intent import routing_intent
from piste.systems.windows.dhcp.intent import addressing_intent
from piste.systems.windows.intent import ad_intent, names_intent, printing_intent
from piste.systems.windows.nps.intent import nps_intent

INTENTS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "network": meraki_intent,
    "routing": routing_intent,
    "access": nps_intent,
    "directory": ad_intent,
    "names": names_intent,
    "firewall": smc_intent,
    "printing": printing_intent,
    "addressing": addressing_intent,
}
"""The intent of a site for each role, in the words of its modules."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A test by comparison: the modules whose plan must be empty.

    `role` is the role of the modules; `parts` the parts of its intent that must exist.
    """

    id: str
    domain: str
    title: str
    requirements: tuple[str, ...]
    role: str
    modules: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def kinds(self) -> set[tuple[str, str]]:
        """Give the system and name of the objects that the modules plan."""
        tables = (BY_MODULE[name].table for name in self.modules)
        return {(table.system, table.name) for table in tables}


COMPARED: Sequence[Compared] = (
    Compared(
        id="network.devices",
        domain="Réseau",
        title="Réseau, équipements et réglages relus",
        requirements=("R031", "R067"),
        role="network",
        modules=("meraki_networks", "meraki_devices", "meraki_network_settings"),
        parts=("networks", "devices", "settings"),
    ),
    Compared(
        id="network.ports",
        domain="Réseau",
        title="Plan de ports égal à ce qui est en service",
        requirements=("R030", "R031", "R040"),
        role="network",
        modules=("meraki_port_schedules", "meraki_switch_ports"),
        parts=("port_schedules", "switch_ports"),
    ),
    Compared(
        id="network.links",
        domain="Réseau",
        title="Piles et agrégations relues",
        requirements=("R031",),
        role="network",
        modules=("meraki_switch_stacks", "meraki_link_aggregations"),
        parts=("switch_stacks", "link_aggregations"),
    ),
    Compared(
        id="network.gateways",
        domain="Réseau",
        title="Passerelles du site et leurs relais relus sur le cœur",
        requirements=("R030", "R012"),
        role="routing",
        modules=("meraki_routed_interfaces",),
        parts=("routed_interfaces",),
    ),
    Compared(
        id="wifi.ssids",
        domain="Wi-Fi",
        title="SSID relus, et SSID à éteindre éteints",
        requirements=("R033", "R034", "R035", "R067"),
        role="network",
        modules=("meraki_ssids",),
        parts=("ssids", "retired_ssids"),
    ),
    Compared(
        id="wifi.radio",
        domain="Wi-Fi",
        title="Puissance des bornes relue",
        requirements=("R110",),
        role="network",
        modules=("meraki_rf_profiles", "meraki_radios"),
        parts=("rf_profiles", "radios"),
    ),
    Compared(
        id="access.wired",
        domain="Contrôle d’accès",
        title="Politiques d’accès des commutateurs relues",
        requirements=("R037",),
        role="network",
        modules=("meraki_access_policies",),
        parts=("access_policies",),
    ),
    Compared(
        id="access.clients",
        domain="Contrôle d’accès",
        title="Clients RADIUS du site relus sur chaque serveur NPS",
        requirements=("R034", "R037"),
        role="access",
        modules=("nps_radius_clients",),
        parts=("clients",),
    ),
    Compared(
        id="directory.objects",
        domain="Annuaire",
        title="Unités, groupes et liens de stratégies relus",
        requirements=("R006", "R014"),
        role="directory",
        modules=("ad_organizational_units", "ad_groups", "ad_gpo_links"),
        parts=("units", "groups", "links"),
    ),
    Compared(
        id="directory.subnets",
        domain="Annuaire",
        title="Sous-réseau du site rattaché à ses contrôleurs",
        requirements=("R012",),
        role="directory",
        modules=("ad_subnets",),
        parts=("subnets",),
    ),
    Compared(
        id="names.records",
        domain="Noms",
        title="Noms du site relus dans les zones de l’annuaire",
        requirements=("R012", "R067"),
        role="names",
        modules=("dns_records",),
        parts=("records",),
    ),
    Compared(
        id="firewall.section",
        domain="Pare-feu",
        title="Règles du site relues dans la politique",
        requirements=("R003", "R019"),
        role="firewall",
        modules=("smc_policies",),
        parts=("policies",),
    ),
    Compared(
        id="firewall.interfaces",
        domain="Pare-feu",
        title="Passerelles du site et leurs relais relus sur le pare-feu",
        requirements=("R030", "R012"),
        role="firewall",
        modules=("smc_engine_interfaces",),
        parts=("engine_interfaces",),
    ),
    Compared(
        id="addressing.scopes",
        domain="Adressage",
        title="Étendues DHCP relues, et répliquées",
        requirements=("R012", "R030"),
        role="addressing",
        modules=("dhcp_scopes",),
        parts=("scopes",),
    ),
    Compared(
        id="printing.queues",
        domain="Impression",
        title="Réglages par défaut des files relus",
        requirements=("R109",),
        role="printing",
        modules=("win_print_queues",),
        parts=("queues",),
    ),
)


HOSTING = Compared(
    id="hosting.machines",
    domain="Hébergement",
    title="Machines virtuelles des segments du site relues",
    requirements=("R010", "R012"),
    role="hosting",
    modules=("prism_vms",),
    parts=("vms",),
)
