"""The kinds of GLPI, in the order of converging.

Nothing is deleted there: an item that is no longer wanted gets the state « Sorti ».
"""

from __future__ import annotations

from functools import partial

from piste.engine.kind import OF_THE_TOWN, Kind

_KEPT = "GLPI le garde : Piste n’y supprime rien"
_LEFT = "suit l’état de ce que la ville déclare"
_ASSETS = "profil avec lecture, création, modification des matériels (inventaire), sans suppression"
_MANAGEMENT = "profil avec lecture, création, modification de la gestion, sans suppression"
_LISTS = "profil avec lecture, création, modification des intitulés (déduit)"

_inventory = partial(Kind, "inventory", if_declared=True)
INVENTORY = (
    _inventory(
        "glpi_lists",
        "piste.systems.glpi.lists:ListEntries",
        unclosed=OF_THE_TOWN,
        unreturned=_KEPT,
        rights=_LISTS,
    ),
    _inventory(
        "glpi_locations",
        "piste.systems.glpi.locations:Locations",
        unclosed="garde l’histoire de ce qui y était",
        unreturned=_KEPT,
        rights=_LISTS,
    ),
    _inventory(
        "glpi_suppliers",
        "piste.systems.glpi.records:Suppliers",
        unclosed=OF_THE_TOWN,
        unreturned=_KEPT,
        rights=_MANAGEMENT,
    ),
    _inventory(
        "glpi_contracts",
        "piste.systems.glpi.records:Contracts",
        unclosed=OF_THE_TOWN,
        rights=_MANAGEMENT,
    ),
    _inventory(
        "glpi_assets",
        "piste.systems.glpi.assets:Assets",
        unclosed=_LEFT,
        rights=_ASSETS,
    ),
    _inventory(
        "glpi_licenses",
        "piste.systems.glpi.records:Licenses",
        unclosed=OF_THE_TOWN,
        rights=_MANAGEMENT,
    ),
    _inventory(
        "glpi_certificates",
        "piste.systems.glpi.records:Certificates",
        unclosed=OF_THE_TOWN,
        rights=_MANAGEMENT,
    ),
    _inventory(
        "glpi_appliances",
        "piste.systems.glpi.records:Appliances",
        unclosed=OF_THE_TOWN,
        rights=_MANAGEMENT,
    ),
    _inventory(
        "glpi_warranties",
        "piste.systems.glpi.warranties:Warranties",
        unexported="vient avec l’ancienne API, où la ville l’admet",
        unclosed=_LEFT,
        rights="profil avec lecture et modification des informations financières (déduit)",
    ),
    _inventory(
        "glpi_links",
        "piste.systems.glpi.links:Links",
        unexported="vient avec l’ancienne API, où la ville l’admet",
        unclosed=_LEFT,
        unreturned=_KEPT,
        rights="profil avec analyse d’impact et liens des contrats (déduit)",
    ),
)
