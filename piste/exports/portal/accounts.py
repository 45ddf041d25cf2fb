"""The page of who administers what: systems, accounts, F19."""

from __future__ import annotations

from piste.exports.portal.known import Known
from piste.exports.portal.page import Page, Part
from piste.exports.portal.states import finding_cell, moment
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Section, Table, Text, optional
from piste.readings.accounts.findings import nominal, of_system, words
from piste.readings.accounts.judgment import KINDS, RIGHTS, Row, System
from piste.readings.accounts.matrix import persons

_FACTOR = {True: "oui", False: "non", None: "inconnu"}


def accounts(known: Known) -> Page:
    """Make the page: systems for the town, accounts for engineers."""
    rows = [row for system in known.accounts for row in system.rows]
    systems = Table.of(
        "systems", "Systèmes", known.accounts, lambda system: system.name,
        (Column("system", "Système", 2), lambda system: Cell(system.label)),
        (Column("state", "État", 1.3), lambda system: finding_cell(of_system(system).state)),
        (Column("seen", "Constat", 5), lambda system: Cell(of_system(system).what.partition(" : ")[2])),
        (Column("read", "Lu le", 2), _read),
        empty=known.nothing("accounts", "Aucun système n’est déclaré."),
    )  # fmt: skip
    table = Table.of(
        "accounts", "Comptes", rows, lambda row: f"{row.system}/{row.login}",
        (Column("system", "Système"), lambda row: Cell(row.system)),
        (Column("account", "Compte", 2), lambda row: Cell(row.login)),
        (Column("kind", "Genre"), lambda row: Cell(KINDS[row.declared["kind"] if row.declared else None])),
        (Column("who", "À qui", 2), _who),
        (Column("rights", "Droits"), lambda row: Cell(RIGHTS[row.rights] if row.live else "—")),
        (Column("factor", "Second facteur"), lambda row: Cell(_FACTOR[row.live["mfa"]] if row.live else "—")),
        (Column("used", "Employé", 2), _used),
        (Column("state", "État"), lambda row: finding_cell(row.state)),
        (Column("why", "Constat", 3), lambda row: optional(" ; ".join(fault.said for fault in row.faults))),
        empty=known.nothing("accounts", "Aucun compte n’a été lu : piste read accounts."),
    )  # fmt: skip
    figure = Text(f"F19 : {words(nominal(known.accounts))}.")
    parts = [
        Part(Section("systems", "Ce que la Ville tient", [systems]), "town"),
        Part(Section("accounts", "Qui a quels droits", [figure, table])),
    ]
    return Page("comptes.html", "Qui administre quoi", parts, menu="Comptes")


def _read(system: System) -> Cell:
    return optional(moment(system.read_at.isoformat()) if system.read_at else None)


def _who(row: Row) -> Cell:
    return optional(persons(row) or (row.declared["holder"] if row.declared else None))


def _used(row: Row) -> Cell:
    used = row.live["used_at"] if row.live else None
    return Cell(notation.moment(used) if used else "inconnu" if row.live else "—")
