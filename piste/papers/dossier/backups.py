"""The plan of backups: RPO and RTO by family, stores, protected sets (CCTP 3.2.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypedDict

from piste.papers.dossier.blocks import Cell, Column, Section, Table, optional, required
from piste.papers.dossier.subject import Commune
from piste.town.model.protection.derived import ProtectedSet, ProtectionFamily, Store

_MEDIA: Mapping[str, str] = {
    "hci": "disques de la grappe",
    "disk": "disque",
    "tape": "bande",
    "object": "stockage objet",
    "cloud": "service en ligne",
}
_KINDS: Mapping[str, str] = {
    "machine": "machine",
    "share": "partage",
    "database": "base de données",
    "directory": "annuaire",
    "configurations": "réglages",
    "microsoft365": "Microsoft 365",
}


class BackupPlan(TypedDict):
    """Families, stores and sets, as declared."""

    families: list[ProtectionFamily]
    stores: list[Store]
    sets: list[ProtectedSet]


def backup_plan(subject: Commune) -> BackupPlan:
    """Give the data of the document: sets in order of family, the shortest return first."""
    commune = subject.town.commune
    assert commune is not None
    protection = commune["protection"]
    families = sorted(protection["families"], key=lambda family: (family["rto_hours"], family["rpo_hours"]))
    rank = {family["name"]: place for place, family in enumerate(families)}
    sets = sorted(protection["sets"], key=lambda item: rank[item["family"]])
    return BackupPlan(families=families, stores=protection["stores"], sets=sets)


def sections(data: BackupPlan, subject: Commune) -> Iterator[Section]:
    """Print the families in order of return, the stores, then the sets of each family."""
    yield Section("families", "Perte admise et temps de retour, par famille", [_families(data)])
    yield Section("stores", "Où vont les copies", [_stores(data["stores"], subject)])
    for family in data["families"]:
        sets = [item for item in data["sets"] if item["family"] == family["name"]]
        if sets:
            caption = f"Famille {family['label']} : RPO {family['rpo_hours']} h, RTO {family['rto_hours']} h"
            yield Section(f"family-{family['name']}", f"Famille {family['label']}", [_sets(family, sets, caption)])


def _families(data: BackupPlan) -> Table:
    def wanted(family: ProtectionFamily) -> str:
        asked = family["requirement"]
        scheme = f"{asked['copies']}-{asked['media']}-{asked['off_site']}"
        return f"{scheme}, immuable" if asked["immutable"] else scheme

    return Table.of(
        "families",
        "Exemplaires (l’original compris), supports, copies externalisées ; le retour le plus court d’abord",
        data["families"], lambda family: family["name"],
        (Column("name", "Famille", 2), lambda family: family["label"]),
        (Column("rpo", "RPO", 1), lambda family: required(f"{family['rpo_hours']} h")),
        (Column("rto", "RTO", 1), lambda family: required(f"{family['rto_hours']} h")),
        (Column("wanted", "Demandé", 2), lambda family: wanted(family)),
        (Column("keep", "Gardées", 1), lambda family: f"{family['requirement']['keep_days']} j"),
        (Column("stores", "Endroits", 3), lambda family: required(", ".join(family["stores"]))),
        (Column("exempt", "Exemption", 3), lambda family: optional(family["requirement"]["exempt"])),
        status=lambda family: family["status"],
        required=True,
    )  # fmt: skip


def _stores(stores: list[Store], subject: Commune) -> Table:
    def place(store: Store) -> str:
        known = subject.town.sites.get(store["site"] or "")
        return "hors site" if store["off_site"] else known["name"] if known else store["site"] or ""

    return Table.of(
        "stores", "Une copie portée par la grappe est perdue avec elle : elle ne fait pas un second support",
        stores, lambda store: store["name"],
        (Column("name", "Endroit", 2), lambda store: f"{store['name']} ({store['label']})"),
        (Column("medium", "Support", 2), lambda store: _MEDIA[store["medium"]]),
        (Column("place", "Lieu", 2), lambda store: required(place(store))),
        (Column("carrier", "Porté par", 1), lambda store: optional(store["carrier"])),
        (Column("immutable", "Immuable", 1), lambda store: optional(_days(store["immutable_days"]))),
        (Column("max_age", "Âge au plus", 1), lambda store: _hours(store["max_age_hours"])),
        (Column("reader", "Lu par", 1), lambda store: store["reader"]),
        status=lambda store: store["status"],
    )  # fmt: skip


def _hours(number: int | None) -> Cell:
    return optional(None if number is None else f"{number} h")


def _days(number: int | None) -> str | None:
    return None if number is None else f"{number} j"


def _sets(family: ProtectionFamily, sets: list[ProtectedSet], caption: str) -> Table:
    return Table.of(
        f"sets-{family['name']}", caption, sets, lambda item: item["name"],
        (Column("name", "Ensemble", 2), lambda item: item["name"]),
        (Column("label", "Ce que c’est", 3), lambda item: item["label"]),
        (Column("kind", "Sorte", 1), lambda item: _KINDS[item["kind"]]),
        (Column("server", "Serveur", 1), lambda item: optional(item["server"])),
        (Column("parts", "Dont", 2), lambda item: optional(", ".join(item["parts"]))),
        status=lambda item: item["status"],
    )  # fmt: skip
