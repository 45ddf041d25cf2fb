"""The classes of assets: the only list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

State = Literal["awaited", "in_service", "stock", "reuse", "leaving", "retired"]
STATES: Mapping[str, str] = {
    "awaited": "attendu",
    "in_service": "en service",
    "stock": "en stock",
    "reuse": "à réemployer",
    "leaving": "en partance",
    "retired": "sorti",
}
"""The life of an asset, with its French words."""
MANDATORY: Mapping[str, str] = {
    "serial": "numéro de série",
    "site": "localisation",
    "assigned_to": "affectation",
    "warranty_until": "garantie",
    "state": "statut",
    "end_of_life": "fin de vie prévisionnelle",
}
"""Mandatory attributes of an asset (CCTP 3.4.1), by the name of the column."""
LOGICAL = ("site", "assigned_to", "state")
"""Mandatory attributes of a virtual machine: it has no maker, and ends when it is removed."""
PLACED = ("site", "state")
"""Mandatory attributes of a cluster: its servers have the others."""
ItilClass = Literal["network", "server", "virtual", "workstation", "telephony", "peripheral", "facility", "security"]
ITIL: Mapping[ItilClass, str] = {
    "network": "élément réseau",
    "server": "serveur",
    "virtual": "ressource virtuelle",
    "workstation": "poste de travail",
    "telephony": "téléphonie",
    "peripheral": "périphérique",
    "facility": "énergie et locaux",
    "security": "sûreté",
}
"""Classes of configuration items (ITIL 4, ISO/IEC 20000-1:2018, 8.2.6)."""
Reader = Literal["meraki", "prism", "directory", "dhcp", "printing", "smc", "nexus", "ups", "agent"]
READERS: Mapping[Reader, str] = {
    "meraki": "Dashboard Meraki",
    "prism": "Prism Central",
    "directory": "annuaire (comptes d’ordinateurs)",
    "dhcp": "baux du DHCP",
    "printing": "serveur d’impression",
    "smc": "console du pare-feu (SMC)",
    "nexus": "Nexus",
    "ups": "onduleur (SNMP)",
    "agent": "agent d’inventaire (GLPI)",
}
"""Systems that can tell of an asset."""
Table = Literal["none", "lines", "completes"]
"""A class without a file of lines; with lines of its own; whose lines also complete derived assets."""
COMPUTERS: Mapping[str, str] = {
    "desktop": "poste fixe",
    "laptop": "portable",
    "mac": "Mac",
    "thin_client": "client léger",
    "public": "poste en libre accès",
    "school": "poste d’école",
}
"""Variants of a computer."""
PRINTERS: Mapping[str, str] = {"copier": "copieur", "printer": "imprimante"}
"""Variants of a printer."""

CLIENT = "thin_client"
"""The variant of a computer that is watched: without it its user has no session."""


def watched_as(asset: Mapping[str, Any]) -> str:
    """Name the class of an asset in the supervision."""
    return CLIENT if asset.get("variant") == CLIENT else str(asset["kind"])


class Watch(NamedTuple):
    """The supervision of a class: `how`, or `why` there is none."""

    by: Literal["server", "collector", "none"]
    how: str = ""
    why: str = ""


class AssetClass(NamedTuple):
    """A class of assets.

    `declared_in` names the variable that declares it, where it is not a line of `assets/<name>.csv`.
    """

    name: str
    label: str
    plural: str
    mandatory: tuple[str, ...]
    itil: ItilClass
    glpi: str
    watch: Watch
    readers: tuple[Reader, ...]
    table: Table = "lines"
    declared_in: str = ""
    variants: Mapping[str, str] = {}


_ALL = tuple(MANDATORY)
_SNMP = Watch("server", "SNMP, interrogé par le serveur de supervision")
_MERAKI = Watch("collector", "API Meraki, lue une fois pour l’organisation")
_SLEEPS = Watch("none", why="un poste s’éteint le soir : son absence n’est pas une panne")


def _classes() -> tuple[AssetClass, ...]:
    return (
        AssetClass("switch", "commutateur", "commutateurs", _ALL, "network", "NetworkEquipment", _MERAKI, ("meraki",),
                   "none", "switches, awaited_devices"),
        AssetClass("access_point", "borne Wi-Fi", "bornes Wi-Fi", _ALL, "network", "NetworkEquipment", _MERAKI,
                   ("meraki",), "none", "access_points, awaited_devices"),
        AssetClass("core_switch", "commutateur Nexus", "commutateurs Nexus", _ALL, "network", "NetworkEquipment", _SNMP,
                   ("nexus",), "completes", "nexus"),
        AssetClass("firewall", "pare-feu", "pare-feu", _ALL, "network", "NetworkEquipment", _SNMP, ("smc",),
                   "completes", "firewall.engines, routing.firewall"),
        AssetClass("server", "serveur", "serveurs", _ALL, "server", "Computer", _SNMP, ("prism", "agent"), "lines",
                   "hosting.nodes"),
        AssetClass("cluster", "grappe", "grappes", PLACED, "virtual", "Cluster",
                   Watch("collector", "API de Prism, lue une fois pour la grappe"), ("prism",), "none", "hosting"),
        AssetClass("virtual_machine", "machine virtuelle", "machines virtuelles", LOGICAL, "virtual", "Computer",
                   Watch("server", "agent ou ICMP, interrogé par le serveur de supervision"), ("prism", "directory"),
                   "none", "hosting_machines"),
        AssetClass("ups", "onduleur", "onduleurs", _ALL, "facility", "Peripheral", _SNMP, ("ups",), "none",
                   "premises.ups"),
        AssetClass("computer", "poste", "postes", _ALL, "workstation", "Computer", _SLEEPS,
                   ("directory", "dhcp", "agent"), variants=COMPUTERS),
        AssetClass("phone", "téléphone", "téléphones", _ALL, "telephony", "Phone",
                   Watch("none", why="l’opérateur surveille sa plate-forme, Piste le port qui l’alimente"),
                   ("dhcp",)),
        AssetClass("mobile", "mobile ou tablette", "mobiles et tablettes", _ALL, "telephony", "Phone",
                   Watch("none", why="hors du réseau de la ville la plupart du temps"), ()),
        AssetClass("printer", "imprimante ou copieur", "imprimantes et copieurs", _ALL, "peripheral", "Printer", _SNMP,
                   ("printing", "dhcp", "agent"), "completes", "print_queues", variants=PRINTERS),
        AssetClass("interactive_board", "tableau interactif", "tableaux interactifs", _ALL, "peripheral", "Peripheral",
                   Watch("none", why="sans adresse : il dépend du poste de la classe"), ()),
        AssetClass("access_control", "contrôle d’accès", "éléments de contrôle d’accès", _ALL, "security", "Peripheral",
                   Watch("server", "ICMP, dans le segment de la sûreté"), ("dhcp",)),
    )  # fmt: skip


CLASSES: Mapping[str, AssetClass] = {entry.name: entry for entry in _classes()}
