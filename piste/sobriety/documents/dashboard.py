"""The dashboard of a month or a quarter: figures, energy, gains, alerts, actions.

Source: CCTP 4.4.5 and 4.4.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from piste.dossier import notation
from piste.dossier.blocks import (
    Block,
    Cell,
    Column,
    Drawing,
    Fact,
    Facts,
    Section,
    Signatures,
    Table,
    Text,
    required,
)
from piste.dossier.charts import Point, series
from piste.model.sobriety.form import Perimeter
from piste.sobriety.documents.actions import gains_drawing
from piste.sobriety.documents.alerts import Alert, alerts, alerts_table
from piste.sobriety.documents.energy_tables import KWH, footprint_drawing, savings_table, totals_table
from piste.sobriety.documents.figure_tables import (
    UNKNOWN,
    bullets_drawing,
    decimals,
    details_table,
    figures_table,
    named,
    quantity,
    sources_table,
    verdicts,
)
from piste.sobriety.documents.levers import PERIMETERS, Stage, lever_data, next_text, places_text, stage_text
from piste.sobriety.documents.subject import Period, SobrietySubject
from piste.sobriety.figure import Figure
from piste.sobriety.footprint import Footprint
from piste.sobriety.history import Reading
from piste.sobriety.savings import Saving

POINTS = 12
"""The most readings that a drawing shows: the last of each month."""


class PeriodData(TypedDict):
    id: str
    label: str
    start: str
    until: str


class Moment(TypedDict):
    """The values of a day; an unknown value is None."""

    day: str
    energy: float | None
    figures: dict[str, float | None]


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
    history: list[Moment]
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
        "history": [_moment(reading) for reading in shown(subject.history)],
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


def shown(history: Sequence[Reading]) -> list[Reading]:
    """List the readings of a drawing: the first diagnosis, then the last of each month."""
    months = {reading.moment[:7]: reading for reading in history}
    kept = list(months.values())
    return kept[-POINTS:] if history[0] is kept[0] else [history[0], *kept[-POINTS:]]


def _moment(reading: Reading) -> Moment:
    total = reading.footprint.total.kwh
    return {
        "day": reading.day,
        "energy": total.value if total else None,
        "figures": {figure.id: figure.value for figure in reading.figures},
    }


def dashboard_sections(data: Dashboard, subject: SobrietySubject) -> Iterator[Section]:
    """Print the dashboard."""
    figures = data["figures"]
    yield Section("period", "Période", [_period(data)])
    drawing = bullets_drawing("targets", "Indicateurs et cibles indicatives", figures)
    yield Section(
        "figures", "Indicateurs", [drawing, figures_table("figures", "Valeurs et cibles (à titre indicatif)", figures)]
    )
    yield Section("alerts", "Alertes et dérives", [alerts_table(data["alerts"])])
    energy: list[Block] = [footprint_drawing(data["footprint"]), totals_table(data["footprint"])]
    yield Section("energy", "Consommation", energy)
    yield Section("history", "Évolution", list(_history(data)))
    gains: list[Block] = [
        gains_drawing("gains", data["savings"]),
        savings_table("savings", "Gains réalisés et attendus", data["savings"]),
    ]
    yield Section("gains", "Gains", gains)
    yield Section("ongoing", "Actions en cours", [_ongoing(data["ongoing"]), _exceptions(data["exceptions"])])
    sources: list[Block] = [
        sources_table("sources", "Source, date et méthode de chaque indicateur", figures),
        details_table("details", "Ce qui n'est pas conforme, pas connu, pas compté", figures),
    ]
    yield Section("sources", "Sources et exclusions", sources)
    yield Section("validation", "Validation du comité de pilotage", list(_validation(data)))


def _period(data: Dashboard) -> Facts:
    period = data["period"]
    return Facts(
        "Le tableau de bord",
        [
            Fact("period", "Période", required(period["label"])),
            Fact("days", "Du, au", required(_days(period["start"], period["until"]))),
            Fact("moment", "Dernier relevé", required(notation.moment(data["moment"]))),
        ],
    )


def _days(start: str, until: str) -> str:
    return f"{notation.day(start)} au {notation.day(until)}"


def _history(data: Dashboard) -> Iterator[Block]:
    history = data["history"]
    if len(history) < 2:
        yield Text("C'est le premier relevé : l'évolution commence au prochain.")
        return
    energy = [(moment["day"], moment["energy"]) for moment in history]
    yield _line("energy", "Consommation annuelle estimée", KWH, energy)
    aimed = [figure for figure in data["figures"] if figure.target]
    for figure in aimed:
        values = [(moment["day"], moment["figures"].get(figure.id)) for moment in history]
        if sum(value is not None for _, value in values) > 1:
            yield _line(f"history-{figure.id.replace('.', '-')}", named(figure), figure.unit, values)
    yield Table.of(
        "history", "Valeurs relevées", history, lambda moment: moment["day"],
        (Column("day", "Relevé du", 2), lambda moment: Cell(notation.day(moment["day"]))),
        (Column("energy", "kWh par an", 2), lambda moment: _value(moment["energy"])),
        *(_of_figure(figure) for figure in aimed),
    )


def _of_figure(figure: Figure) -> tuple[Column, Callable[[Moment], Cell]]:
    """The column of a figure in the table of the history."""
    return Column(figure.id, f"{figure.id} ({figure.unit})", 1), lambda moment: _value(moment["figures"].get(figure.id))


def _value(value: float | None) -> Cell:
    return Cell(UNKNOWN, "doubt") if value is None else Cell(notation.number(value, decimals(value)))


def _line(key: str, title: str, unit: str, values: Sequence[tuple[str, float | None]]) -> Drawing:
    points = [
        Point(f"{day[8:]}/{day[5:7]}", value, UNKNOWN if value is None else notation.number(value, decimals(value)))
        for day, value in values
    ]
    (first, begun), (last, ended) = values[0], values[-1]
    words = (
        f"Le premier relevé montré, du {notation.day(first)}, donne {quantity(begun, unit)} ; le dernier, du "
        f"{notation.day(last)}, donne {quantity(ended, unit)}. Le tableau les donne tous."
    )
    return Drawing.of(key, f"{title}, en {unit}", words, series, points)


def _ongoing(levers: Sequence[Ongoing]) -> Table:
    return Table.of(
        "ongoing", "Leviers engagés", levers, lambda lever: lever["lever"],
        (Column("label", "Action", 3), lambda lever: lever["label"]),
        (Column("perimeter", "Périmètre", 2), lambda lever: Cell(PERIMETERS[lever["perimeter"]])),
        (Column("stage", "Étape", 3), lambda lever: stage_text(lever["stage"])),
        (Column("places", "Cibles", 3), lambda lever: lever["places"]),
        (Column("next", "Suite", 3), lambda lever: next_text(lever["stage"])),
        empty="Aucun levier n'est engagé.",
    )


def _exceptions(exceptions: Sequence[ExceptionData]) -> Table:
    return Table.of(
        "exceptions", "Exceptions datées", exceptions, lambda exception: f"{exception['site']}/{exception['start']}",
        (Column("site", "Site", 2), lambda exception: exception["site"]),
        (Column("levers", "Leviers", 3), lambda exception: Cell(", ".join(exception["levers"]) or "tous")),
        (Column("days", "Du, au", 2), lambda exception: Cell(_days(exception["start"], exception["until"]))),
        (Column("why", "Pourquoi", 3), lambda exception: exception["why"]),
        empty="Aucune exception.",
    )


def _validation(data: Dashboard) -> Iterator[Block]:
    day = data["validated_on"]
    yield Facts(
        "Validation (CCTP 4.4.6)",
        [
            Fact("validated_by", "Validé par", required(data["validated_by"])),
            Fact("validated_on", "Le", required(notation.day(day) if day else None)),
        ],
    )
    yield Signatures(["Pour la DSI", "Pour les directions utilisatrices", "Pour le titulaire"])


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
