"""The items of the inventory whose mandatory cells are counted: assets, then records (F9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from piste.town.model.assets.classes import CLASSES, MANDATORY
from piste.town.model.derived import Derived


class RecordClass(NamedTuple):
    """A class of records: its plural, its mandatory attributes with their French names."""

    plural: str
    mandatory: Mapping[str, str]


RECORDS: Mapping[str, RecordClass] = {
    "licence": RecordClass(
        "licences", {"type": "typologie", "end": "durée", "publisher": "éditeur", "scope": "périmètre"}
    ),
    "certificate": RecordClass(
        "certificats", {"type": "type", "use": "usage", "not_after": "expiration", "authority": "autorité"}
    ),
    "application": RecordClass(
        "applications métiers",
        {
            "publisher": "éditeur",
            "services": "utilisateurs",
            "hosting": "hébergement",
            "prerequisites": "prérequis",
            "machines": "machine",
            "flows": "flux",
            "version": "version",
            "way_back": "retour en arrière",
        },
    ),
    "contract": RecordClass(
        "contrats",
        {"supplier": "fournisseur", "vehicle": "marché", "scope": "périmètre", "reference": "numéro", "end": "durée"},
    ),
    "interface_plan": RecordClass(
        "plans d’interface",
        {
            "contacts": "points de contact",
            "delays": "délais",
            "escalation": "escalade",
            "approved_by": "approbation",
            "approved_on": "jour de l’approbation",
        },
    ),
}
"""Classes that are no hardware (CCTP 4.2.4, 3.5.1 and 4.3.4: applications; 6.3; 3.6 and 4.1.4: interface plans)."""
_ON_PREMISE = ("machines", "flows", "version", "way_back")
"""Attributes that only an application of the town's own machines must have."""
ATTRIBUTES: Mapping[str, str] = {
    **MANDATORY,
    **{name: label for entry in RECORDS.values() for name, label in entry.mandatory.items()},
}
"""The French name of each mandatory attribute."""
PLURALS: Mapping[str, str] = {
    **{name: entry.plural for name, entry in CLASSES.items()},
    **{name: entry.plural for name, entry in RECORDS.items()},
}


class Item(NamedTuple):
    """An item: class, mandatory attributes, cells; `doubted` names cells to confirm."""

    kind: str
    name: str
    site: str
    source: str
    mandatory: tuple[str, ...]
    cells: Mapping[str, Any]
    doubted: tuple[str, ...] = ()


def items(town: Derived) -> Iterator[Item]:
    """List the items that did not leave."""
    for asset in town.assets:
        if asset["state"] != "retired":
            mandatory = CLASSES[asset["kind"]].mandatory
            doubted = mandatory if asset["status"] == "to_confirm" else tuple(asset["doubted"])
            yield Item(asset["kind"], asset["name"], asset["site"], asset["source"], mandatory, asset, doubted)
    for kind, name, site, cells in _records(town):
        spared = _ON_PREMISE if cells.get("hosting") == "saas" else ()
        mandatory = tuple(attribute for attribute in RECORDS[kind].mandatory if attribute not in spared)
        doubted = mandatory if cells["status"] == "to_confirm" else ()
        yield Item(kind, name, site, "", mandatory, cells, doubted)


def _records(town: Derived) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    commune = town.commune
    if commune is None:
        return
    for licence in commune["licences"]:
        end = "sans fin" if licence["endless"] else licence["end"]
        yield "licence", licence["id"], "", {**licence, "end": end}
    for certificate in commune["certificates"]["certificates"]:
        yield "certificate", certificate["name"], "", certificate
    for application in commune["applications"]:
        if application["state"] == "in_service":
            given = {name: value or None for name, value in application.items()}
            yield "application", application["id"], application["site"] or "", given
    for contract in commune["contracts"]:
        yield "contract", contract["id"], "", contract
    for party in commune["third_parties"]:
        if party["plan_due"] or party["interface"]:
            plan: Mapping[str, Any] = party["interface"] or {}
            cells = {name: plan.get(name) or None for name in RECORDS["interface_plan"].mandatory}
            yield "interface_plan", party["id"], "", {**cells, "status": plan.get("status")}
