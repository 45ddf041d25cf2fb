"""The dashboard of a month, a quarter or a year: a page for a director, then the detail.

Source: CCTP 4.4.5 and 4.4.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Fact, Facts, Section, Table, Text, required
from piste.papers.dossier.decision import decided
from piste.sobriety.breakdown import Listing, Share
from piste.sobriety.documents.actions import gains_drawing
from piste.sobriety.documents.alerts import DECISIONS, Alert, alerts, alerts_table
from piste.sobriety.documents.energy_tables import footprint_drawing, savings_table, totals_table
from piste.sobriety.documents.figure_tables import details_table, figures_table, verdicts
from piste.sobriety.documents.levers import PERIMETERS, Stage, lever_data, next_text, places_text, stage_text
from piste.sobriety.documents.notes import Notes
from piste.sobriety.documents.overview import overview_blocks
from piste.sobriety.documents.part_tables import list_blocks, part_blocks
from piste.sobriety.documents.since_tables import (
    Measurable,
    MeasuredShare,
    measurable,
    measurable_table,
    measured_shares,
    shares_table,
    since_blocks,
)
from piste.sobriety.documents.subject import Period, SobrietySubject
from piste.sobriety.documents.trend_tables import trend_blocks
from piste.sobriety.figure import Figure
from piste.sobriety.footprint import Footprint
from piste.sobriety.savings import Saving
from piste.sobriety.since import Since, since
from piste.sobriety.trends import Trend, trends
from piste.town.model.sobriety.form import Perimeter


class PeriodData(TypedDict):
    id: str
    label: str
    start: str
    until: str


class Ongoing(TypedDict):
    """A lever in progress, or applied."""

    lever: str
    label: str
    perimeter: Perimeter
    stage: Stage
    places: str


class ExceptionData(TypedDict):
    site: str
    levers: list[str]
    start: str
    until: str
    why: str


class Dashboard(TypedDict):
    """A period, as its last reading shows it."""

    period: PeriodData
    moment: str
    validated_by: str | None
    validated_on: str | None
    figures: list[Figure]
    verdicts: dict[str, bool | None]
    footprint: Footprint
    savings: list[Saving]
    since: Since | None
    trends: list[Trend]
    breakdowns: list[Share]
    lists: list[Listing]
    measured: list[MeasuredShare]
    measurable: list[Measurable]
    alerts: list[Alert]
    ongoing: list[Ongoing]
    exceptions: list[ExceptionData]


def dashboard(subject: SobrietySubject) -> Dashboard:
    """Give the data of the dashboard."""
    reading, town = subject.reading, subject.town
    labels = {name: lever.label for name, lever in town.sobriety.levers.items()}
    levers = [lever_data(town, name, subject.today) for name in town.sobriety.levers]
    return {
        "period": _period_data(subject.dashboard),
        "moment": reading.moment,
        "validated_by": subject.validated_by,
        "validated_on": subject.validated_on,
        "figures": list(reading.figures),
        "verdicts": verdicts(reading.figures),
        "footprint": reading.footprint,
        "savings": list(reading.savings),
        "since": since(subject.history, town.sobriety.prices, town.sobriety.alerts.gap_days),
        "trends": trends(subject.history, subject.today),
        "breakdowns": list(reading.breakdowns),
        "lists": list(reading.lists),
        "measured": measured_shares(subject.history[0].footprint, reading.footprint),
        "measurable": measurable(reading.footprint),
        "alerts": alerts(subject),
        "ongoing": [
            {
                "lever": lever["id"],
                "label": lever["label"],
                "perimeter": lever["perimeter"],
                "stage": lever["stage"],
                "places": places_text(lever["places"]),
            }
            for lever in levers
            if lever["stage"]["step"]
        ],
        "exceptions": [
            {
                "site": town.sites[site]["name"],
                "levers": [labels[lever] for lever in exception.levers],
                "start": exception.start,
                "until": exception.until,
                "why": exception.why,
            }
            for site, exceptions in subject.exceptions.items()
            for exception in exceptions
        ],
    }


def _period_data(period: Period) -> PeriodData:
    return {"id": period.id, "label": period.label, "start": period.start, "until": period.until}


def dashboard_sections(data: Dashboard, subject: SobrietySubject) -> Iterator[Section]:
    """Print the dashboard: a page for a director, then the detail, then what is to be signed."""
    figures, town = data["figures"], subject.town
    labels = {name: lever.label for name, lever in town.sobriety.levers.items()}
    waiting = [alert for alert in data["alerts"] if alert["kind"] in DECISIONS]
    others = [alert for alert in data["alerts"] if alert["kind"] not in DECISIONS]
    shown = (figures, data["trends"], data["alerts"], data["since"], subject.today, labels)
    yield Section("overview", "En une minute", list(overview_blocks(*shown)))
    yield Section("history", "Évolution, mois par mois", list(trend_blocks(data["trends"], town.sobriety.targets)))
    yield Section("parts", "Par site et par service", list(part_blocks(town, figures, data["breakdowns"])))
    todo: list[Block] = [alerts_table(others), *list_blocks(town, data["lists"])]
    yield Section("todo", "Sur quoi agir", todo)
    yield Section("ongoing", "Actions en cours", [_ongoing(data["ongoing"]), _exceptions(data["exceptions"])])
    gains: list[Block] = [
        *since_blocks(data["since"], town.sobriety.prices, labels),
        gains_drawing("gains", data["savings"]),
        savings_table("savings", "Gains d’une année : attendus, réalisés, restants", data["savings"]),
    ]
    yield Section("gains", "Gains depuis le début", gains)
    whole = data["footprint"]
    shares = shares_table(data["measured"], subject.history[0].day)
    energy = [footprint_drawing(whole), totals_table(whole), shares, measurable_table(data["measurable"])]
    yield Section("energy", "Consommation, et part mesurée", energy)
    yield Section("figures", "Indicateurs", list(_figures(figures, Notes(town, figures))))
    details = details_table("details", "Ce qui n’est pas conforme, pas connu, pas compté", figures, town)
    yield Section("details", "Détail et exclusions", [details])
    decisions = alerts_table(waiting, "decisions", "Ce que le comité décide, ou dont il prend acte")
    yield Section("validation", "Décisions et validation du comité de pilotage", [decisions, *_validation(data)])
    yield decided((), ["Pour la DSI", "Pour les directions utilisatrices", "Pour le titulaire"])


def _figures(figures: Sequence[Figure], notes: Notes) -> Iterator[Block]:
    """Print the figures, the measured before the estimated."""
    measured = sorted(
        (figure for figure in figures if figure.method != "estimated"), key=lambda figure: figure.value is None
    )
    estimated = [figure for figure in figures if figure.method == "estimated"]
    yield figures_table("figures", "Mesurés, en tout ou partie (cibles à titre indicatif)", measured, notes)
    yield figures_table("estimates", "Estimés, par des facteurs publiés", estimated, notes)
    yield notes.table("sources", "Notes : source de chaque indicateur")


def _days(start: str, until: str) -> str:
    return f"{notation.day(start)} au {notation.day(until)}"


def _ongoing(levers: Sequence[Ongoing]) -> Table:
    return Table.of(
        "ongoing",
        "Leviers engagés",
        levers,
        lambda lever: lever["lever"],
        (Column("label", "Action", 3), lambda lever: lever["label"]),
        (Column("perimeter", "Périmètre", 2), lambda lever: Cell(PERIMETERS[lever["perimeter"]])),
        (Column("stage", "Étape", 3), lambda lever: stage_text(lever["stage"])),
        (Column("places", "Cibles", 3), lambda lever: lever["places"]),
        (Column("next", "Suite", 3), lambda lever: next_text(lever["stage"])),
        empty="Aucun levier n’est engagé.",
    )


def _exceptions(exceptions: Sequence[ExceptionData]) -> Table:
    return Table.of(
        "exceptions",
        "Exceptions datées",
        exceptions,
        lambda exception: f"{exception['site']}/{exception['start']}",
        (Column("site", "Site", 2), lambda exception: exception["site"]),
        (Column("levers", "Leviers", 3), lambda exception: Cell(", ".join(exception["levers"]) or "tous")),
        (Column("days", "Du, au", 2), lambda exception: Cell(_days(exception["start"], exception["until"]))),
        (Column("why", "Pourquoi", 3), lambda exception: exception["why"]),
        empty="Aucune exception.",
    )


def _validation(data: Dashboard) -> Iterator[Block]:
    day, period = data["validated_on"], data["period"]
    yield Text(
        f"Période : {period['label']}, du {_days(period['start'], period['until'])}. Dernier relevé : "
        f"{notation.moment(data['moment'])}."
    )
    yield Facts(
        "Validation (CCTP 4.4.6)",
        [
            Fact("validated_by", "Validé par", required(data["validated_by"])),
            Fact("validated_on", "Le", required(notation.day(day) if day else None)),
        ],
    )


CSV_COLUMNS = (
    "period", "moment", "environment", "id", "title", "unit", "value", "low", "high", "numerator", "denominator",
    "source", "date", "method", "measured_share", "failing", "unknown", "excluded", "target_at_least", "target_at_most",
    "reached", "why",
)  # fmt: skip


def dashboard_rows(subject: SobrietySubject) -> Iterator[Mapping[str, Any]]:
    """Give a row a figure; an empty value is unknown.

    `failing`, `unknown` and `excluded` are counts.
    """
    for figure in subject.reading.figures:
        yield {
            "period": subject.dashboard.id,
            "moment": subject.reading.moment,
            "environment": subject.reading.environment,
            "id": figure.id,
            "title": figure.title,
            "unit": figure.unit,
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "source": figure.source,
            "date": figure.date,
            "method": figure.method,
            "measured_share": figure.measured_share,
            "failing": len(figure.failing),
            "unknown": len(figure.unknown),
            "excluded": len(figure.excluded),
            "target_at_least": figure.target.at_least if figure.target else None,
            "target_at_most": figure.target.at_most if figure.target else None,
            "reached": figure.reached,
            "why": figure.why,
        }
