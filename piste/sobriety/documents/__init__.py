"""The six documents of sobriety, and the note to the agents (CCTP 4.4.5).

`documents` makes them, `write` writes them with the CSV of the dashboard. Each kind has a function for its data and a
function for its print.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from piste.engine import cells
from piste.papers.dossier import document, forms
from piste.papers.dossier.document import Document, Envelope, Kind, Origin, make
from piste.sobriety import history
from piste.sobriety.documents import acceptance, actions, dashboard, diagnosis, dictionary, kit, part_tables
from piste.sobriety.documents.subject import AppliedSubject, LeverSubject, SobrietySubject

__all__ = ["DASHBOARD", "KINDS", "documents", "schemas", "write"]

DIAGNOSIS: Kind[SobrietySubject] = Kind(
    "rapport-diagnostic",
    "Rapport de diagnostic",
    Envelope[diagnosis.Diagnosis],
    diagnosis.diagnosis,
    diagnosis.diagnosis_sections,
    observed=True,
)
DICTIONARY: Kind[SobrietySubject] = Kind(
    "dictionnaire-leviers",
    "Dictionnaire des leviers",
    Envelope[dictionary.Dictionary],
    dictionary.dictionary,
    dictionary.dictionary_sections,
    observed=True,
)
ACTIONS: Kind[SobrietySubject] = Kind(
    "plan-actions",
    "Plan d’actions de sobriété",
    Envelope[actions.Actions],
    actions.actions,
    actions.actions_sections,
    observed=True,
)
DASHBOARD: Kind[SobrietySubject] = Kind(
    "tableau-de-bord",
    "Tableau de bord de la sobriété",
    Envelope[dashboard.Dashboard],
    dashboard.dashboard,
    dashboard.dashboard_sections,
    observed=True,
)
KIT: Kind[LeverSubject] = Kind(
    "kit", "Kit de mise en œuvre", Envelope[kit.Kit], kit.kit, kit.kit_sections, observed=True
)
NOTE: Kind[LeverSubject] = Kind(
    "note-agents", "Note aux agents", Envelope[kit.Note], kit.note, kit.note_sections, observed=True, letter=True
)
ACCEPTANCE: Kind[AppliedSubject] = Kind(
    "pv",
    "Procès-verbal de recette",
    Envelope[acceptance.Acceptance],
    acceptance.acceptance,
    acceptance.acceptance_sections,
    observed=True,
    headline=acceptance.headline,
)
EVERY: tuple[Kind[Any], ...] = (DIAGNOSIS, DICTIONARY, ACTIONS, DASHBOARD, KIT, NOTE, ACCEPTANCE)
READING = "releve-sobriete"
KINDS = tuple(kind.name for kind in EVERY)
"""The names of the documents; files of a lever, or of a period, add its name."""


def documents(
    subject: SobrietySubject, origin: Origin, kinds: Collection[str] = KINDS, levers: Collection[str] = ()
) -> list[Document]:
    """Make the documents of some kinds and levers (of all, if none is named).

    A PV is only made of a lever that was applied. Raises Misused if a reading is of another environment than `origin`.
    """
    subject.require(origin.environment)
    chosen = [name for name in subject.town.sobriety.levers if name in (levers or subject.town.sobriety.levers)]
    return list(_made(subject, origin, kinds, chosen))


def _made(
    subject: SobrietySubject, origin: Origin, kinds: Collection[str], levers: Collection[str]
) -> Iterator[Document]:
    period = subject.dashboard
    of_period = replace(DASHBOARD, name=f"{DASHBOARD.name}-{period.id}", title=f"{DASHBOARD.title}, {period.label}")
    for kind, made in ((DIAGNOSIS, DIAGNOSIS), (DICTIONARY, DICTIONARY), (ACTIONS, ACTIONS), (DASHBOARD, of_period)):
        if kind.name in kinds:
            yield make(made, subject, origin)
    for lever in levers:
        of_lever = LeverSubject(subject, lever)
        for lever_kind in (KIT, NOTE):
            if lever_kind.name in kinds:
                yield make(replace(lever_kind, name=f"{lever_kind.name}-{lever}"), of_lever, origin)
        applied = subject.applied.get(lever)
        if applied and ACCEPTANCE.name in kinds:
            named = replace(ACCEPTANCE, name=f"{ACCEPTANCE.name}-{lever}")
            yield make(named, AppliedSubject(subject, lever, applied), origin)


def write(
    subject: SobrietySubject,
    origin: Origin,
    folder: Path,
    kinds: Collection[str] = KINDS,
    levers: Collection[str] = (),
) -> list[Path]:
    """Write documents in their three forms, the dashboard as CSV too; return every path.

    Raises as `documents`.
    """
    written = []
    for made in documents(subject, origin, kinds, levers):
        written += forms.write(made, folder)
        if made.name.startswith(DASHBOARD.name):
            written += _tables(subject, folder / made.name)
    return written


def _tables(subject: SobrietySubject, stem: Path) -> Iterator[Path]:
    """Write the dashboard as CSV: its figures, the figures by part of the town, the lists."""
    reading, period = subject.reading, subject.dashboard.id
    for ending, columns, rows in (
        ("", dashboard.CSV_COLUMNS, dashboard.dashboard_rows(subject)),
        ("-ventilation", part_tables.PART_COLUMNS, part_tables.part_rows(subject.town, reading, period)),
        ("-listes", part_tables.LIST_COLUMNS, part_tables.list_rows(reading, period)),
    ):
        path = stem.with_name(f"{stem.name}{ending}.csv")
        cells.write(path, columns, rows)
        yield path


def schemas() -> dict[str, dict[str, Any]]:
    """Give the JSON Schema (2020-12) of each kind of document and of a reading, by name."""
    return document.schemas(EVERY) | {READING: history.schema()}
