"""The first page of the dashboard: verdict of each target, savings, three alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Fact, Facts, Mark, Table, Text, optional
from piste.sobriety.documents.alerts import Alert, alerts_table
from piste.sobriety.documents.energy_tables import KWH, SHEETS, range_text
from piste.sobriety.documents.figure_tables import (
    METHODS,
    named,
    names_text,
    quantity,
    share,
    target_text,
    value_cell,
    verdict,
)
from piste.sobriety.figure import Figure
from piste.sobriety.since import Since, Unread
from piste.sobriety.trends import Direction, Trend
from piste.sobriety.value_range import NOTHING

DIRECTIONS: Mapping[Direction, tuple[str, Mark | None]] = {
    "better": ("↗ s’améliore", "good"), "worse": ("↘ se dégrade", "bad"), "steady": ("→ stable", None),
    "up": ("↗ monte", None), "down": ("↘ baisse", None), "unknown": ("? trop tôt", "doubt"),
}  # fmt: skip
SHOWN = 3
EUROS = "€ HT"


def overview_blocks(
    figures: Sequence[Figure],
    trends: Sequence[Trend],
    alerts: Sequence[Alert],
    since: Since | None,
    day: str,
    labels: Mapping[str, str],
) -> Iterator[Block]:
    """Print the page of a director, for a reading of `day`; `labels` are those of levers."""
    by_figure = {trend.figure: trend for trend in trends}
    aimed = [figure for figure in figures if figure.target]
    yield Table.of(
        "targets",
        "Chaque cible (à titre indicatif), son verdict et sa tendance",
        aimed,
        lambda figure: figure.id,
        (Column("figure", "Indicateur", 1), lambda figure: Cell(named(figure))),
        (Column("value", "Valeur"), value_cell),
        (Column("target", "Cible"), lambda figure: optional(target_text(figure.target, figure.unit))),
        (Column("verdict", "Verdict"), verdict),
        (Column("trend", "Tendance"), lambda figure: trend_cell(by_figure.get(figure.id))),
        (Column("data", "Données"), lambda figure: _data(figure, day)),
        empty="Aucun indicateur n’a de cible.",
    )
    more = len(alerts) - SHOWN
    caption = f"Les {SHOWN} premières alertes, sur {len(alerts)}" if more > 0 else "Alertes"
    yield _since(since, labels)
    yield alerts_table(alerts[:SHOWN], "first-alerts", caption)


def trend_cell(trend: Trend | None) -> Cell:
    """Make the cell of a trend, an arrow and a word."""
    return Cell(*DIRECTIONS[trend.direction if trend else "unknown"])


def _data(figure: Figure, day: str) -> Cell:
    """Say how much of a figure is measured, and the age of its data."""
    if figure.value is None:
        return Cell("aucune", "doubt")
    part = figure.measured_share
    how = METHODS[figure.method] if part is None or part in (0, 1) else f"mesuré à {share(part)}"
    if len(figure.date) == len("2026-11"):
        return Cell(f"{how}, {notation.day(figure.date)}")
    age = (date.fromisoformat(day) - date.fromisoformat(figure.date[:10])).days if figure.date else 0
    return Cell(f"{how}, {notation.measure(age, 'j')}" if age > 0 else how)


def days_text(gap: Unread) -> str:
    """Write the two readings between which a lever is unknown."""
    return f"du {notation.day(gap.start)} au {notation.day(gap.until)}"


def _counted(since: Since) -> bool:
    """Check that a lever or a meter was read twice at least."""
    return bool(since.parts) or since.sheets != NOTHING


def _since(since: Since | None, labels: Mapping[str, str]) -> Block:
    if since is None:
        return Text("C’est le premier relevé : les gains se comptent à partir du prochain.")
    whole = since.measured.plus(since.estimated)
    measured = f"{quantity(since.measured.value, KWH)} sous compteur, {range_text(since.estimated, KWH)} estimés"
    unpriced = f" ; {agreed(since.unpriced, 'jour(s)')} sans prix déclaré" if since.unpriced else ""
    euros = "aucun prix n’est déclaré" if since.euros is None else f"{range_text(since.euros, EUROS)}{unpriced}"
    doubt: Mark | None = "doubt" if since.unread else None
    facts = [
        Fact("kwh", "Électricité", Cell(f"{range_text(whole, KWH)} : {measured}", doubt)),
        Fact("euros", "Économie", Cell(euros, "doubt" if since.euros is None else doubt)),
        Fact("sheets", "Papier", Cell(range_text(since.sheets, SHEETS), doubt)),
    ]
    if since.unread and not _counted(since):
        facts = [Fact("kwh", "Électricité et papier", Cell("inconnu : rien n’a été relu", "doubt"))]
    if since.unread:
        gaps = names_text([f"{labels.get(gap.lever, gap.lever)} ({days_text(gap)})" for gap in since.unread], SHOWN)
        facts.append(Fact("unread", "Non relu", Cell(f"{gaps} : inconnu, ni gain ni perte", "doubt")))
    start, until = notation.day(since.start), notation.day(since.until)
    return Facts(f"Gains depuis le premier diagnostic, du {start} au {until}", facts)
