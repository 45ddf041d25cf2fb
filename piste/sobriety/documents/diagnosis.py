"""The report of the diagnosis: figures by perimeter, energy, gains, coverage (CCTP 4.4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Fact, Facts, Section, Table, Text, optional, required
from piste.sobriety.documents.energy_tables import (
    assumptions_table,
    footprint_drawing,
    lines_table,
    savings_table,
    totals_table,
)
from piste.sobriety.documents.figure_tables import (
    PERIMETERS,
    bullets_drawing,
    details_table,
    figures_table,
    perimeter_of,
    targets_table,
    verdicts,
)
from piste.sobriety.documents.notes import Notes, number_of
from piste.sobriety.documents.subject import SobrietySubject
from piste.sobriety.documents.usage_tables import usage_blocks
from piste.sobriety.figure import Figure
from piste.sobriety.footprint import Footprint
from piste.sobriety.savings import Saving


class Asked(NamedTuple):
    """A demand of the tender for a perimeter, and the figures or the energy that answer it.

    Without figures or energy, nothing answers it.
    """

    what: str
    figures: tuple[str, ...] = ()
    energy: str | None = None


ASKED = {
    "postes": (
        Asked("Typologie des matériels, profils énergétiques", energy="postes"),
        Asked("Politiques de mise en veille et d’arrêt", ("F1", "F1.policy")),
        Asked("Consommation moyenne par poste", ("F2",)),
        Asked("Taux d’usage réel"),
        Asked("Applications en démarrage automatique"),
        Asked("Cycle de vie et taux de réemploi"),
    ),
    "hebergement": (
        Asked("Consommation des nœuds", energy="hebergement"),
        Asked("Extinction planifiée des environnements hors production", ("F3",)),
        Asked("Densité des machines par nœud", ("F4.density", "F4")),
        Asked("Consolidation des charges : processeur, mémoire", ("F4.cpu", "F4.memory")),
        Asked("Consolidation des charges : entrées-sorties, attente des processeurs", ("F4.latency", "F4.ready")),
        Asked("Bureaux virtuels : ouverture d’une session", ("F4.sign_in",)),
        Asked("Taux de virtualisation"),
    ),
    "impression": (
        Asked("Volumes par site et par service", ("F6",)),
        Asked("Recto verso et noir et blanc par défaut", ("F7", "F7.queues")),
        Asked("Authentification et libération des travaux"),
        Asked("Localisation des copieurs, impressions orphelines"),
    ),
    "stockage": (
        Asked("Doublons et données dormantes des partages", ("F5", "F5.cold", "F5.duplicates")),
        Asked("Volumétrie par espace", ("F5.volume",)),
        Asked("Volumétrie par application"),
        Asked("Rétention", ("F5.retention",)),
        Asked("Compression, déduplication, externalisation"),
    ),
    "reseau": (
        Asked("Consommation des commutateurs et des bornes", energy="reseau"),
        Asked("Puissance et bornes actives hors des heures", ("F8", "F8.idle", "F8.ssid_hours")),
        Asked("Profils d’activité, charge moyenne et heure de pointe", ("F8.load",)),
    ),
}
"""The list of CCTP 4.4.2, by perimeter."""


class Coverage(TypedDict):
    """A demand of the tender: was it `read`, and by which figures."""

    perimeter: str
    what: str
    read: bool
    by: list[str]


class Diagnosis(TypedDict):
    """The readings of a day.

    `reference` is the day of the first diagnosis; None if this is the first.
    """

    moment: str
    reference: str | None
    figures: list[Figure]
    verdicts: dict[str, bool | None]
    footprint: Footprint
    savings: list[Saving]
    coverage: list[Coverage]


def diagnosis(subject: SobrietySubject) -> Diagnosis:
    """Give the data of the report."""
    reading = subject.reading
    return {
        "moment": reading.moment,
        "reference": subject.reference.day if subject.reference else None,
        "figures": list(reading.figures),
        "verdicts": verdicts(reading.figures),
        "footprint": reading.footprint,
        "savings": list(reading.savings),
        "coverage": list(_coverage(reading.figures, reading.footprint)),
    }


def _coverage(figures: Sequence[Figure], footprint: Footprint) -> Iterator[Coverage]:
    known = {figure.id for figure in figures if figure.value is not None}
    counted = {line.perimeter for line in footprint.lines if line.kwh}
    for perimeter, asked in ASKED.items():
        for item in asked:
            by = [figure for figure in item.figures if figure in known]
            if item.energy in counted:
                by.append("empreinte énergétique")
            yield {"perimeter": perimeter, "what": item.what, "read": bool(by), "by": by}


def diagnosis_sections(data: Diagnosis, subject: SobrietySubject) -> Iterator[Section]:
    """Print the report."""
    figures = data["figures"]
    notes = Notes(subject.town, figures)
    yield Section("object", "Objet et méthode", list(_object(data)))
    drawing = bullets_drawing("targets", "Indicateurs et cibles indicatives", figures)
    yield Section(
        "summary",
        "Synthèse",
        [drawing, targets_table("targets", "Les mêmes, en chiffres", figures), _covered(data["coverage"])],
    )
    yield Section("savings", "Gains possibles", list(_savings(data["savings"])))
    for key, (label, _) in PERIMETERS.items():
        own = [figure for figure in figures if perimeter_of(figure.id) == key]
        asked = [item for item in data["coverage"] if item["perimeter"] == key]
        blocks: list[Block] = [
            figures_table(f"figures[{key}]", f"{label}, indicateurs (cibles à titre indicatif)", own, notes)
        ]
        if key == "reseau":
            blocks += usage_blocks(subject.reading)
        yield Section(key, label, [*blocks, _asked(key, asked)])
    others = [figure for figure in figures if perimeter_of(figure.id) is None]
    yield Section("reference", "Indicateurs de référence", [figures_table("reference", "CCTP 4.4.3", others, notes)])
    yield Section("energy", "Empreinte énergétique", list(_energy(data["footprint"])))
    sources: list[Block] = [
        notes.table("sources", "Source de chaque indicateur"),
        details_table("details", "Ce qui n’est pas conforme, pas connu, pas compté", figures, subject.town),
    ]
    yield Section("sources", "Sources et exclusions", sources)


def _object(data: Diagnosis) -> Iterator[Block]:
    known = sum(figure.value is not None for figure in data["figures"])
    reference = data["reference"]
    yield Facts(
        "Le relevé",
        [
            Fact("moment", "Relevé du", required(notation.moment(data["moment"]))),
            Fact("reference", "Comparé au", optional(notation.day(reference) if reference else "premier diagnostic")),
            Fact("known", "Indicateurs connus", required(f"{known} sur {len(data['figures'])}")),
        ],
    )
    yield Text(
        "Ce qui n’a pas répondu est inconnu : il compte au dénominateur, jamais comme conforme. L’énergie est mesurée "
        "là où un système la donne, estimée ailleurs par des facteurs publiés, avec leurs bornes. Les cibles sont "
        "celles du CCTP 4.4.6, à titre indicatif."
    )


def _covered(coverage: Sequence[Coverage]) -> Table:
    """Table of the perimeters, with the part of the demands that was read."""
    of = {perimeter: [asked for asked in coverage if asked["perimeter"] == perimeter] for perimeter in PERIMETERS}
    return Table.of(
        "coverage",
        "Couverture de ce que demande le CCTP 4.4.2",
        PERIMETERS,
        str,
        (Column("perimeter", "Périmètre", 3), lambda perimeter: Cell(PERIMETERS[perimeter][0])),
        (
            Column("read", "Relevé", 1),
            lambda perimeter: Cell(f"{sum(asked['read'] for asked in of[perimeter])} sur {len(of[perimeter])}"),
        ),
        (
            Column("missing", "Non relevé", 6),
            lambda perimeter: optional(" ; ".join(asked["what"] for asked in of[perimeter] if not asked["read"])),
        ),
    )


def _asked(key: str, coverage: Sequence[Coverage]) -> Table:
    return Table.of(
        f"asked[{key}]",
        "Ce qui est demandé, ce qui est relevé",
        coverage,
        lambda asked: asked["what"],
        (Column("what", "Demandé par le CCTP 4.4.2", 3), lambda asked: Cell(asked["what"])),
        (
            Column("read", "Relevé", 2),
            lambda asked: Cell(_by(asked)) if asked["read"] else Cell("non relevé", "doubt"),
        ),
    )


def _by(asked: Coverage) -> str:
    return ", ".join(dict.fromkeys(map(number_of, asked["by"])))


def _energy(footprint: Footprint) -> Iterator[Block]:
    yield footprint_drawing(footprint)
    yield totals_table(footprint)
    yield lines_table(footprint)
    yield Table.of(
        "factors",
        "Sources des facteurs",
        footprint.sources,
        str,
        (Column("source", "Source", 1), notation.dated),
        empty="Aucun facteur n’est employé.",
    )


def _savings(savings: Sequence[Saving]) -> Iterator[Block]:
    settings = [saving for saving in savings if not saving.investment]
    bought = [saving for saving in savings if saving.investment]
    yield savings_table("settings", "Sans investissement : réglages, stratégies, scripts", settings)
    yield savings_table("bought", "Avec investissement : renouvellements, réarchitecture", bought)
    yield assumptions_table(savings)
    yield Text(f"{agreed(len(savings), 'levier(s)')} au total ; le plan d’actions dit leur ordre et leur calendrier.")
