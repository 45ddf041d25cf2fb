"""The catalogue of the applications: rows of the tender, versions, sheets (CCTP 3.5, 4.3.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Fact, Facts, Section, Table, optional, required
from piste.town.model.applications import Application, ApplicationFlow, ApplicationHost, counted
from piste.town.model.relations import End, relations

if TYPE_CHECKING:
    from piste.papers.dossier.subject import Commune

HOSTING: Mapping[str, str] = {"saas": "SaaS", "on_premise": "sur place"}
STATE: Mapping[str, str] = {
    "in_service": "en service",
    "to_clarify": "à clarifier",
    "decommissioned": "décommissionnée",
}


class Counts(TypedDict):
    """Rows of the tender; those in use; distinct products in use; those on premise, in use."""

    rows: int
    live: int
    products: int
    on_premise: int


class Sheet(TypedDict):
    """An application, with the name of its publisher, its contracts and what depends on it."""

    application: Application
    publisher: str | None
    covered_by: list[str]
    needed_by: list[str]


class Catalogue(TypedDict):
    counts: Counts
    sheets: list[Sheet]


def catalogue(subject: Commune) -> Catalogue:
    """Give the data of the document."""
    commune = subject.town.commune
    assert commune is not None
    applications = commune["applications"]
    labels = {party["id"]: party["label"] for party in commune["third_parties"]}
    names = {entry["id"]: entry["label"] for entry in applications}
    names |= {entry["id"]: entry["label"] for entry in (*commune["contracts"], *commune["licences"])}
    every = relations(subject.town)
    count = counted(applications)
    live = [entry for entry in applications if entry["row"] is not None and entry["state"] != "decommissioned"]
    return Catalogue(
        counts=Counts(
            rows=count.rows,
            live=count.live,
            products=count.products,
            on_premise=sum(entry["hosting"] == "on_premise" for entry in live),
        ),
        sheets=[
            Sheet(
                application=entry,
                publisher=labels.get(entry["publisher"] or ""),
                covered_by=[
                    names.get(relation.target.name, relation.target.name)
                    for relation in every
                    if relation.kind == "covered_by" and relation.source == End("application", entry["id"])
                ],
                needed_by=[
                    names.get(relation.source.name, relation.source.name)
                    for relation in every
                    if relation.kind == "depends_on" and relation.target == End("application", entry["id"])
                ],
            )
            for entry in applications
        ],
    )


def catalogue_sections(data: Catalogue, subject: Commune) -> Iterator[Section]:
    """Print the counts, the tables, then a sheet for each application on premise."""
    sheets = data["sheets"]
    rows = [sheet for sheet in sheets if sheet["application"]["row"] is not None]
    others = [sheet for sheet in sheets if sheet["application"]["row"] is None]
    live = [sheet for sheet in sheets if sheet["application"]["state"] != "decommissioned"]
    yield Section("counts", "En chiffres", [_counts(data["counts"])])
    yield Section("rows", "Les applications métiers (CCTP 3.5.1)", [_table("rows", "Lignes du tableau 3.5.1", rows)])
    yield Section("others", "Les logiciels de tous (CCTP 3.5.2)", [_others(others)])
    yield Section("versions", "Versions, prérequis, retour en arrière (CCTP 4.3.4)", [_versions(live)])
    yield Section("remarks", "Remarques", [_remarks(sheets)])
    for sheet in live:
        if sheet["application"]["hosting"] == "on_premise":
            yield _sheet(sheet)


def _counts(counts: Counts) -> Facts:
    facts = [
        Fact("rows", "Lignes du tableau", required(counts["rows"])),
        Fact("live", "Dont en service ou à clarifier", required(counts["live"])),
        Fact("products", "Produits distincts, ceux de deux services comptés une fois", required(counts["products"])),
        Fact("on_premise", "Dont hébergées sur place", required(counts["on_premise"])),
    ]
    return Facts("Décompte", facts)


def _table(key: str, caption: str, sheets: Sequence[Sheet]) -> Table:
    def of(sheet: Sheet) -> Application:
        return sheet["application"]

    return Table.of(
        key, caption, sheets, lambda sheet: of(sheet)["id"],
        (Column("row", "Ligne"), lambda sheet: optional(of(sheet)["row"])),
        (Column("label", "Application", 2), lambda sheet: of(sheet)["label"]),
        (Column("services", "Service", 2), lambda sheet: ", ".join(of(sheet)["services"])),
        (Column("publisher", "Éditeur", 2), lambda sheet: optional(sheet["publisher"])),
        (Column("hosting", "Hébergement", 1), lambda sheet: HOSTING[of(sheet)["hosting"]]),
        (Column("state", "Situation", 1), lambda sheet: STATE[of(sheet)["state"]]),
        (Column("url", "Adresse", 2), lambda sheet: _url(of(sheet))),
        status=lambda sheet: of(sheet)["status"],
    )  # fmt: skip


def _others(sheets: Sequence[Sheet]) -> Table:
    """List the software of all, with its chapter of the tender: the rows above are those of one."""
    table = _table("others", "Logiciels de tous", sheets)
    rows = [
        replace(row, cells=[*row.cells, optional(sheet["application"]["cctp"])])
        for row, sheet in zip(table.rows, sheets, strict=True)
    ]
    return replace(table, columns=[*table.columns, Column("cctp", "CCTP")], rows=rows)


def _url(entry: Application) -> Cell:
    """Print where an application opens; the cloud's, which is watched there, must have one."""
    watched = entry["hosting"] == "saas" and entry["state"] != "decommissioned" and not entry["same_as"]
    return (required if watched else optional)(entry["url"])


def _versions(sheets: Sequence[Sheet]) -> Table:
    """Print what a version needs; the town goes back by itself from a version on premise alone."""

    def must(sheet: Sheet) -> Callable[[object], Cell]:
        return required if sheet["application"]["hosting"] == "on_premise" else optional

    def version(entry: Application) -> str | None:
        read = f" (relevée le {notation.day(entry['version_on'])})" if entry["version_on"] else ""
        return f"{entry['version']}{read}" if entry["version"] else None

    return Table.of(
        "versions", "Applications en service ou à clarifier", sheets, lambda sheet: sheet["application"]["id"],
        (Column("label", "Application", 2), lambda sheet: _name(sheet["application"])),
        (Column("critical", "Critique"), lambda sheet: _yes(sheet["application"]["critical"])),
        (Column("version", "Version", 1), lambda sheet: must(sheet)(version(sheet["application"]))),
        (Column("prerequisites", "Prérequis", 3), lambda sheet: " ; ".join(sheet["application"]["prerequisites"])),
        (Column("way_back", "Retour en arrière", 2), lambda sheet: must(sheet)(sheet["application"]["way_back"])),
    )  # fmt: skip


def _remarks(sheets: Sequence[Sheet]) -> Table:
    noted = [sheet["application"] for sheet in sheets if sheet["application"]["note"]]
    return Table.of(
        "remarks", "Ce que le CCTP laisse à dire", noted, lambda entry: entry["id"],
        (Column("label", "Application", 1), _name),
        (Column("note", "Remarque", 3), lambda entry: entry["note"]),
    )  # fmt: skip


def _name(entry: Application) -> str:
    return f"{entry['label']} ({', '.join(entry['services'])})" if entry["same_as"] else entry["label"]


def _yes(value: bool | None) -> str | None:
    return None if value is None else notation.yes(value)


def _sheet(sheet: Sheet) -> Section:
    """Print what an application on premise lives on; a missing machine, backup or flow is seen."""
    entry = sheet["application"]
    rank = f"{entry['row']}. " if entry["row"] is not None else ""
    facts = [
        Fact("machines", "Machines", required(", ".join(map(_host, entry["hosts"]))), entry["status"]),
        Fact("backup", "Sauvegarde", required(", ".join(dict.fromkeys(map(_backup, entry["hosts"]))))),
        Fact("flows", "Flux", required(", ".join(map(_path, entry["paths"])))),
        Fact("certificates", "Certificats", optional(", ".join(entry["certificates"]))),
        Fact("needs", "S’arrête sans", optional(", ".join(entry["needs"]))),
        Fact("needed_by", "Dont dépend", optional(", ".join(sheet["needed_by"]))),
        Fact("covered_by", "Contrat, licence", optional(", ".join(sheet["covered_by"]))),
    ]
    sheet_facts = Facts(f"Fiche de {entry['label']}", facts)
    return Section(f"application-{entry['id']}", f"{rank}{entry['label']}", [sheet_facts])


def _host(host: ApplicationHost) -> str:
    return f"{host['name']} ({host['address']})"


def _path(path: ApplicationFlow) -> str:
    return f"{path['id']} ({', '.join(path['services'])})"


def _backup(host: ApplicationHost) -> str:
    rpo, rto = host["rpo_hours"], host["rto_hours"]
    return f"{host['protection']} : RPO {rpo} h, RTO {rto} h" if rpo is not None else str(host["protection"])
