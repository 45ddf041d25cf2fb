"""The monthly sheet of an operator: its links over the month, and whom to call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    NOTHING,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Section,
    Table,
    Text,
    optional,
    required,
)
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.interface_plan import contacts_table, delays_table, escalation_table
from piste.papers.dossier.subject import About
from piste.readings.links.figures import LinkFigures, Verdict, available_words
from piste.readings.links.period import month_words
from piste.town.model.third_parties import ThirdParty

UNKNOWN = "inconnu"
VERDICTS: Mapping[Verdict, tuple[str, Mark]] = {
    "conform": ("atteint", "good"),
    "wrong": ("non atteint", "bad"),
    "unknown": ("inconnu", "doubt"),
    "untested": ("sans objectif", "doubt"),
}


@dataclass(frozen=True, slots=True)
class OperatorMonth:
    """The links of an operator over a month; `party` is None where no third party has its name."""

    operator: str
    party: ThirdParty | None
    month: str
    town: str
    figures: Sequence[LinkFigures]
    read_at: str

    @property
    def about(self) -> About:
        name = self.party["label"] if self.party else self.operator
        said = f"{self.town}, liaisons, {month_words(self.month)}"
        return About(self.party["id"] if self.party else "operateur", name, said, self.town, observed=self.read_at)


class OperatorSheet(TypedDict):
    """`read_at` is the older of the readings of both systems, empty where a system was not read."""

    month: str
    operator: str
    party: ThirdParty | None
    read_at: str
    links: list[LinkFigures]


def operator_sheet(subject: OperatorMonth) -> OperatorSheet:
    """Give the data of the document."""
    return OperatorSheet(
        month=subject.month,
        operator=subject.operator,
        party=subject.party,
        read_at=subject.read_at,
        links=list(subject.figures),
    )


def operator_sections(data: OperatorSheet, subject: OperatorMonth) -> Iterator[Section]:
    """Print the figures of the month, then the sheet of the operator."""
    figures = data["links"]
    yield Section("month", f"Le mois : {month_words(data['month'])}", [_counts(figures), Text(_RULE)])
    yield Section("availability", "Disponibilité", [_availability(figures)])
    yield Section("latency", "Latence et perte", [_latency(figures)])
    yield Section("rate", "Débit", [_rate(figures)])
    plan = data["party"]["interface"] if data["party"] else None
    yield Section("contacts", "Qui joindre", [contacts_table(plan["contacts"] if plan else [])])
    yield Section("delays", "Délais", [delays_table(plan["delays"] if plan else [])])
    yield Section("escalation", "Escalade", [escalation_table(plan["escalation"] if plan else [])])


KIND: Kind[OperatorMonth] = Kind(
    "liaisons",
    "Liaisons",
    Envelope[OperatorSheet],
    operator_sheet,
    operator_sections,
    observed=True,
)
_RULE = (
    "« Mesuré » est la part du mois qui l’a été ; le reste est inconnu. Un objectif est atteint si, même en panne tout "
    "le temps qui n’a pas été mesuré, la liaison l’atteint ; il ne l’est pas si, même sans panne, elle ne l’atteint "
    "pas ; entre les deux, on ne sait pas."
)


def _counts(figures: Sequence[LinkFigures]) -> Facts:
    counts = {words: sum(row["verdict"] == verdict for row in figures) for verdict, (words, _) in VERDICTS.items()}
    facts = [Fact("links", "Liaisons", required(notation.number(len(figures))))]
    facts += [Fact(words, words.capitalize(), optional(notation.number(count))) for words, count in counts.items()]
    return Facts("Objectif de disponibilité", facts)


def _availability(figures: Sequence[LinkFigures]) -> Table:
    return Table.of(
        "availability", "Disponibilité par liaison", figures, lambda row: row["link"]["name"],
        (Column("name", "Liaison", 2), lambda row: row["link"]["name"]),
        (Column("site", "Site", 2), lambda row: row["link"]["site"]),
        (Column("available", "Disponible", 1), available),
        (Column("measured", "Mesuré", 1), lambda row: share(row["availability"]["measured"])),
        (Column("objective", "Objectif", 1), objective),
        (Column("verdict", "Verdict", 1), lambda row: Cell(*VERDICTS[row["verdict"]])),
        status=lambda row: row["link"]["objective_status"],
    )  # fmt: skip


def _latency(figures: Sequence[LinkFigures]) -> Table:
    return Table.of(
        "latency", "Latence et perte par liaison", figures, lambda row: row["link"]["name"],
        (Column("name", "Liaison", 2), lambda row: row["link"]["name"]),
        (Column("mean", "Moyenne", 1), lambda row: shown(row["latency"]["mean_ms"], "ms", 1)),
        (Column("measured", "Mesuré", 1), lambda row: share(row["latency"]["measured"])),
        (Column("p95", "95e centile", 1), lambda row: shown(row["latency"]["p95_ms"], "ms", 1)),
        (Column("p95_measured", "Mesuré", 1), lambda row: share(row["latency"]["p95_measured"])),
        (Column("loss", "Perte", 1), lambda row: shown(row["loss"]["percent"], "%", 2)),
        (Column("loss_measured", "Mesuré", 1), lambda row: share(row["loss"]["measured"])),
    )  # fmt: skip


def _rate(figures: Sequence[LinkFigures]) -> Table:
    return Table.of(
        "rate", "Débit par liaison, dans les deux sens ensemble", figures, lambda row: row["link"]["name"],
        (Column("name", "Liaison", 2), lambda row: row["link"]["name"]),
        (Column("declared", "Souscrit", 1), lambda row: required(_declared(row))),
        (Column("mean", "Moyen", 1), lambda row: shown(row["rate"]["mean_mbps"], "Mbit/s", 1)),
        (Column("busiest", "Jour le plus chargé", 2), _busiest),
        (Column("percent", "Part du souscrit", 1), lambda row: shown(row["rate"]["percent"], "%", 1)),
        (Column("measured", "Mesuré", 1), lambda row: share(row["rate"]["measured"])),
        status=lambda row: row["link"]["rate_status"],
    )  # fmt: skip


def _declared(row: LinkFigures) -> str | None:
    rate = row["link"]["rate_mbps"]
    return f"{notation.number(rate)} Mbit/s" if rate else None


def _busiest(row: LinkFigures) -> Cell:
    cell, day = shown(row["rate"]["busiest_mbps"], "Mbit/s", 1), row["rate"]["busiest_day"]
    return optional(f"{cell.text}, le {notation.day(day)}") if day else cell


def shown(value: float | None, unit: str, decimals: int) -> Cell:
    """Write a figure, or that it is unknown."""
    return Cell(UNKNOWN, "doubt") if value is None else optional(f"{notation.number(value, decimals)} {unit}")


def share(value: float | None) -> Cell:
    """Write a share of the month; rounded down: what is not whole never reads 100 %."""
    return Cell(UNKNOWN, "doubt") if value is None else optional(f"{notation.number(int(value * 1000) / 10, 1)} %")


def available(row: LinkFigures) -> Cell:
    """Write an availability in a cell."""
    said = available_words(row)
    return optional(said) if said else Cell(UNKNOWN, "doubt")


def objective(row: LinkFigures) -> Cell:
    due = row["link"]["objective"]
    return Cell(NOTHING) if due is None else optional(f"{notation.number(due, 2)} %")
