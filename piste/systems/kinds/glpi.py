"""The kinds of GLPI, in the order of converging.

Nothing is deleted there: an item that is no longer wanted gets the state « Sorti ».
"""

from __future__ import annotations

from piste.engine.kind import OF_THE_TOWN, Kind

_KEPT = "GLPI le garde : Piste n’y supprime rien"
_LEFT = "suit l’état de ce que la ville déclare"
_ASSETS = "profil avec lecture, création, modification des matériels (inventaire), sans suppression"
_MANAGEMENT = "profil avec lecture, création, modification de la gestion, sans suppression"
_LISTS = "profil avec lecture, création, modification des intitulés (déduit)"

INVENTORY = (
    Kind(
        "inventory",
        "glpi_lists",
        "piste.systems.glpi.lists:ListEntries",
        "lists",
        unclosed=OF_THE_TOWN,
        unreturned=_KEPT,
        if_declared=True,
        rights=_LISTS,
    ),
    Kind(
        "inventory",
        "glpi_locations",
        "piste.systems.glpi.locations:Locations",
        "locations",
        unclosed="garde l’histoire de ce qui y était",
        unreturned=_KEPT,
        if_declared=True,
        rights=_LISTS,
    ),
    Kind(
        "inventory",
        "glpi_suppliers",
        "piste.systems.glpi.records:Suppliers",
        "suppliers",
        unclosed=OF_THE_TOWN,
        unreturned=_KEPT,
        if_declared=True,
        rights=_MANAGEMENT,
    ),
    Kind(
        "inventory",
        "glpi_contracts",
        "piste.systems.glpi.records:Contracts",
        "contracts",
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights=_MANAGEMENT,
    ),
    Kind(
        "inventory",
        "glpi_assets",
        "piste.systems.glpi.assets:Assets",
        "assets",
        unclosed=_LEFT,
        if_declared=True,
        rights=_ASSETS,
    ),
    Kind(
        "inventory",
        "glpi_licenses",
        "piste.systems.glpi.records:Licenses",
        "licenses",
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights=_MANAGEMENT,
    ),
    Kind(
        "inventory",
        "glpi_certificates",
        "piste.systems.glpi.records:Certificates",
        "certificates",
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights=_MANAGEMENT,
    ),
    Kind(
        "inventory",
        "glpi_appliances",
        "piste.systems.glpi.records:Appliances",
        "appliances",
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights=_MANAGEMENT,
    ),
    Kind(
        "inventory",
        "glpi_warranties",
        "piste.systems.glpi.warranties:Warranties",
        "warranties",
        unexported="vient avec l’ancienne API, où la ville l’admet",
        unclosed=_LEFT,
        if_declared=True,
        rights="profil avec lecture et modification des informations financières (déduit)",
    ),
    Kind(
        "inventory",
        "glpi_links",
        "piste.systems.glpi.links:Links",
        "links",
        unexported="vient avec l’ancienne API, où la ville l’admet",
        unclosed=_LEFT,
        unreturned=_KEPT,
        if_declared=True,
        rights="profil avec analyse d’impact et liens des contrats (déduit)",
    ),
)
