"""The page of the kept reports, with their digest and signatures."""

from __future__ import annotations

from piste.engine.clock import DAY, in_town
from piste.exports.portal.known import Known
from piste.exports.portal.page import Page, Part
from piste.papers.dossier.blocks import Cell, Column, Section, Table, Text
from piste.sites.month.form import Report
from piste.trials.restore.signatures import PARTIES, Signature

type _Row = tuple[Report, list[Signature]]
_LEAD = (
    "Les rapports du mois, du trimestre, de l’année : gardés et scellés à la fin de la période ; signé par les deux, "
    "un rapport ne change plus. L’empreinte est celle que porte le document signé."
)


def reports(known: Known) -> Page:
    """Make the page, the newest period first."""
    rows = sorted(known.reports, key=lambda row: (row[0].about.last, len(row[0].about.months)), reverse=True)
    table = Table.of(
        "reports", "Rapports gardés", rows, lambda row: row[0].period,
        (Column("period", "Période", 2.4), lambda row: Cell(row[0].about.words.capitalize())),
        (Column("known", "Indicateurs connus", 2), _indicators),
        (Column("made", "Établi le", 1.4), lambda row: Cell(in_town(row[0].made, DAY))),
        (Column("signed", "Signatures", 3), _signed),
        (Column("hash", "Empreinte", 3), lambda row: Cell(row[0].hash[:16])),
        empty=known.nothing("reports", "Aucun rapport n’est gardé."),
    )  # fmt: skip
    doubt = [Text(f"Ne se lit pas : {known.unread['reports']}.", "doubt")] if "reports" in known.unread else []
    section = Section("reports", "Les rapports du comité", [*doubt, table])
    return Page("rapports.html", "Rapports", [Part(section, "town")], menu="Rapports", lead=_LEAD)


def _indicators(row: _Row) -> Cell:
    report = row[0]
    said = f"{len(report.lines) - report.unknown} sur {len(report.lines)}"
    return Cell(f"? {said}" if report.unknown else said, "doubt" if report.unknown else None)


def _signed(row: _Row) -> Cell:
    by = {signature.party: in_town(signature.signed_on, DAY) for signature in row[1]}
    if {*by} == {*PARTIES}:
        return Cell(f"✓ signé par les deux ({' ; '.join(f'{PARTIES[each]}, le {by[each]}' for each in by)})", "good")
    if by:
        return Cell("? " + " ; ".join(f"{PARTIES[each]}, le {by[each]}" for each in by) + " : l’autre manque", "doubt")
    return Cell("? non signé", "doubt")
