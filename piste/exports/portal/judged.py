"""The pages of what is judged rule by rule: the directory, the tenant of Microsoft 365."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.clock import DAY, in_town
from piste.engine.finding import Finding, worst
from piste.engine.words import agreed
from piste.exports.portal.known import Known
from piste.exports.portal.page import Page, Part
from piste.exports.portal.states import finding_cell
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Section, Table, Text, optional
from piste.readings.belief import Reading
from piste.readings.findings import counted
from piste.readings.table import SUBJECTS
from piste.readings.tenant.rules import HIGHLY, RULES, UNCOUNTED
from piste.systems.windows.points.table import points, readable

_WHETHER = {True: "oui", False: "non", None: "inconnu"}
_KINDS = {"user": "personne", "group": "groupe", "servicePrincipal": "application"}


def directory(known: Known) -> Page:
    """Make the page of the directory: the level for the town, points by level for engineers."""
    judged = _judged(known, "directory")
    level = judged.get("level") or judged.get("")
    every = points()
    by_level = {number: [id_ for id_ in judged if id_ in every and every[id_].level == number] for number in range(5)}
    parts = [Part(Section("level", "Le niveau selon l’agence", [*_said(known, "directory", level)]), "town")]
    parts += [] if level else [_todo("directory")]
    for number in (1, 2, 3, 4, 0):
        title = f"Points de niveau {number}" if number else "Points sans niveau"
        listed = {id_: judged[id_] for id_ in by_level[number]}
        if listed:
            parts.append(Part(Section(f"level{number}", title, [*_lines(f"points{number}", "Point", listed)])))
    unread = Table.of(
        "unread", "Points de l’agence que Piste ne lit pas", [every[id_] for id_ in every.keys() - readable().keys()],
        lambda point: point.id,
        (Column("point", "Point", 3), lambda point: Cell(point.id)),
        (Column("says", "Faute cherchée", 4), lambda point: Cell(point.entry.says)),
        (Column("needs", "Il faudrait", 3), lambda point: Cell(point.entry.unread)),
    )  # fmt: skip
    unread = replace(unread, rows=sorted(unread.rows, key=lambda row: row.key))
    parts.append(Part(Section("unread", "Ce qui n’est pas lu", [unread])))
    return Page("annuaire.html", "Les points faibles de l’annuaire", parts, menu="Annuaire")


def tenant(known: Known) -> Page:
    """Make the page of the tenant: counts for the town, the rest for engineers."""
    judged = _judged(known, "tenant")
    rules = {id_: finding for id_, finding in judged.items() if id_ in RULES}
    counts = f"Sur {agreed(len(rules), 'règle(s)')} : {counted(rules.values())}."
    state = worst(finding.state for finding in rules.values())
    summed = Finding("tenant", state, counts) if rules else next(iter(judged.values()), None)
    return Page(
        "locataire.html",
        "Le locataire Microsoft de la Ville",
        [
            Part(Section("state", "Les règles en bref", [*_said(known, "tenant", summed)]), "town"),
            *([] if judged else [_todo("tenant")]),
            *([Part(Section("rules", "Règle par règle", [*_lines("rules", "Règle", rules)]))] if rules else []),
            Part(Section("roles", "Qui porte un rôle", [_roles(known), _roles(known, eligible=True)])),
            Part(Section("factors", "Seconds facteurs", [_factors(known)])),
            Part(Section("licences", "Licences", [_licences(known)])),
        ],
        menu="Locataire",
    )


def _judged(known: Known, subject: str) -> dict[str, Finding]:
    """Give the findings of a subject by thing, the worst first; that of all of it has no name."""
    mine = [finding for finding in known.findings if finding.id.partition(".")[0] == subject]
    return {finding.id.partition(".")[2]: finding for finding in sorted(mine, key=lambda finding: finding.rank)}


def _said(known: Known, subject: str, finding: Finding | None) -> Iterator[Text]:
    """Say what a finding does, else that nothing was ever read, which is unknown."""
    said = finding.what if finding else known.nothing(subject, "inconnu : jamais lu.")
    yield Text(f"{said[:1].upper()}{said[1:]}", finding_cell(finding.state if finding else "unknown").mark)


def _todo(subject: str) -> Part:
    return Part(Section("todo", "À faire", [Text(f"Lancez {SUBJECTS[subject].again}, puis piste portal.")]))


def _lines(key: str, label: str, judged: Mapping[str, Finding]) -> Iterator[Block]:
    """Yield a table of what waits; what holds is behind its caption."""
    kept = {name: finding for name, finding in judged.items() if finding.state == "ok"}
    waits = [(name, finding) for name, finding in judged.items() if finding.state != "ok"]
    yield _table(key, "À corriger, ou inconnu", label, waits)
    if kept:
        yield replace(_table(f"{key}-ok", "Tenu", label, [*kept.items()]), folded=True)


def _table(key: str, caption: str, label: str, judged: Sequence[tuple[str, Finding]]) -> Table:
    return Table.of(
        key, caption, judged, lambda line: line[0],
        (Column("id", label, 2), lambda line: Cell(line[0])),
        (Column("state", "État"), lambda line: finding_cell(line[1].state)),
        (Column("what", "Constat", 5), lambda line: Cell(notation.dated(_bare(*line)))),
        (Column("since", "Depuis", 1), lambda line: optional(in_town(line[1].since, DAY) if line[1].since else "")),
        (Column("todo", "À faire", 4), lambda line: optional(line[1].todo)),
        empty="Rien n’attend.",
    )  # fmt: skip


def _bare(name: str, finding: Finding) -> str:
    """Give what was seen, without the name of the thing, which the line has."""
    return finding.whole.removeprefix(name).lstrip(" ,:")


def _part(known: Known, name: str) -> tuple[Sequence[Mapping[str, Any]], str]:
    """Give the rows of a part of the tenant, and what its table says where it has none."""
    last = known.tenant.get(name)
    if isinstance(last, Reading):
        return last.value, "Néant."
    return (), f"Inconnu : {last.why}." if last else known.nothing("tenant", "Inconnu : jamais lu.")


def _roles(known: Known, *, eligible: bool = False) -> Table:
    rows, empty = _part(known, "eligible" if eligible else "administrators")
    named = {row["role"]: row["name"] for row in _part(known, "roles")[0]}

    def role(row: Mapping[str, Any]) -> str:
        return str(named.get(row["role"]) or HIGHLY.get(row["role"]) or row["role"])

    def who(row: Mapping[str, Any]) -> str:
        return str(row["name"] or row["label"] or row["id"])

    return Table.of(
        "eligible" if eligible else "holders", "Peuvent prendre un rôle" if eligible else "Portent un rôle",
        sorted(rows, key=lambda row: (role(row), who(row))),
        lambda row: f"{row['role']}/{row['id']}/{row['scope']}",
        (Column("role", "Rôle", 3), lambda row: Cell(role(row))),
        (Column("who", "Compte", 3), lambda row: Cell(who(row))),
        (Column("kind", "Genre"), lambda row: Cell(_KINDS.get(row["kind"], "inconnu"))),
        (Column("via", "Par le groupe", 2), lambda row: optional(row["via"])),
        (Column("synced", "De l’annuaire"), lambda row: Cell(_WHETHER[row["synced"]])),
        (Column("scope", "Portée", 2), lambda row: Cell("tout le locataire" if row["scope"] == "/" else row["scope"])),
        empty=empty,
    )  # fmt: skip


def _factors(known: Known) -> Table:
    """List administrators by name; all others are counted."""
    rows, empty = _part(known, "registrations")
    return Table.of(
        "factors", "Ce qui est enregistré",
        sorted(rows, key=lambda row: (row["admin"] is not True, row["capable"] is True, str(row["name"]))),
        lambda row: "/".join(map(str, row.values())),
        (Column("who", "Comptes", 3), lambda row: Cell(row["name"] or _OTHERS.get(row["type"], "autres"))),
        (Column("count", "Nombre"), lambda row: Cell(str(row["count"]))),
        (Column("capable", "Second facteur utilisable", 2), lambda row: Cell(_WHETHER[row["capable"]])),
        (Column("methods", "Méthodes", 4), lambda row: optional(", ".join(row["methods"] or ()))),
        empty=empty,
    )  # fmt: skip


_OTHERS = {"member": "agents", "guest": "invités"}


def _licences(known: Known) -> Table:
    rows, empty = _part(known, "licences")
    return Table.of(
        "licences", "Licences achetées et servies", sorted(rows, key=lambda row: row["sku"]), lambda row: row["sku"],
        (Column("sku", "Licence", 3), lambda row: Cell(row["sku"])),
        (Column("state", "État", 2), lambda row: Cell(_STATUS.get(row["status"], "inconnu"))),
        (Column("bought", "Achetées"), lambda row: _number(row["bought"], free=True)),
        (Column("used", "Servies"), lambda row: _number(row["used"])),
        empty=empty,
    )  # fmt: skip


_STATUS = {
    "Enabled": "en cours", "Warning": "à renouveler", "Suspended": "suspendue", "Deleted": "supprimée",
    "LockedOut": "fermée",
}  # fmt: skip
"""The words of a status (Microsoft Graph, *subscribedSku*)."""


def _number(value: int | None, *, free: bool = False) -> Cell:
    if value is None:
        return Cell("inconnu", "doubt")
    return Cell("gratuite, sans nombre" if free and value >= UNCOUNTED else str(value))
