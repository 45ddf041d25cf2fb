"""The items of the inventory whose mandatory cells are counted: assets, then records (F9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from piste.model.assets.classes import CLASSES, MANDATORY
from piste.model.derived import Derived


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
        "applications métiers", {"publisher": "éditeur", "services": "utilisateurs", "hosting": "hébergement"}
    ),
}
"""Classes that are no hardware (CCTP 4.2.4: licences, certificats ; 3.5.1: applications)."""
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
        mandatory = tuple(RECORDS[kind].mandatory)
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
            services = ", ".join(application["services"])
            yield "application", application["id"], application["site"] or "", {**application, "services": services}
