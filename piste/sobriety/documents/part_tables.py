"""Figures by site, service, model or kind, and the lists to act on: tables, and rows of CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Table, Text
from piste.sobriety.breakdown import By, Heading, Listing, Share
from piste.sobriety.documents.figure_tables import UNKNOWN, decimals, measure, quantity
from piste.sobriety.documents.since_tables import METER_LABELS
from piste.sobriety.figure import Figure, merit
from piste.sobriety.figures_usage import PROFILE
from piste.sobriety.history import Reading
from piste.sobriety.places import label
from piste.town.model import Town

PARTS: Mapping[By, tuple[str, str]] = {
    "site": ("Site", "Par site"), "service": ("Service", "Par service"), "model": ("Modèle", "Par modèle"),
    "kind": ("Sorte", "Par sorte d’équipement"), "queue": ("File", "Par file d’impression"),
}  # fmt: skip
HEADS: Mapping[str, str] = {
    "F1.sleep": "F1, veille réglée", "F1.shutdown": "F1, arrêt réglé", "F1.slept": "F1, a dormi",
    "F1.stopped": "F1, s’est arrêté", "F8.load": "F8, charge", "F8.idle": "F8, émission sans client",
    "F8.ssid_hours": "F8, émission des SSID", **METER_LABELS,
}  # fmt: skip
"""The figures of breakdowns that have no number of their own, as a column of a table names them."""
COLUMNS, ROWS = 6, 12
"""The most figures of a table by part; the most rows of a list in a document."""
NOWHERE = "Aucun relevé ne donne encore ses chiffres par site ou par service."


def part_blocks(town: Town, figures: Sequence[Figure], shares: Sequence[Share]) -> Iterator[Block]:
    """Print the breakdowns: the best and the farthest, then a table by sort of part."""
    titles = {figure.id: figure for figure in figures}
    if not shares:
        yield Text(NOWHERE)
        return
    for by in PARTS:
        own = [share for share in shares if share.by == by]
        aimed = list(dict.fromkeys(share.figure for share in own))
        # Figures with a target first, in the order of the document.
        aimed.sort(key=lambda name: name not in titles or titles[name].target is None)
        sentences = [text for name in aimed if (text := _ends(town, titles.get(name), own))] if by == "site" else []
        if sentences:
            yield Text(" ".join(sentences))
        for rank in range(0, len(aimed), COLUMNS):
            yield _matrix(town, by, aimed[rank : rank + COLUMNS], own, titles, rank // COLUMNS)


def _ends(town: Town, figure: Figure | None, shares: Sequence[Share]) -> str:
    """Name the best site of a figure, and the farthest from its target."""
    target = figure.target if figure else None
    if figure is None or target is None:
        return ""
    known = [(share.value, share.name) for share in shares if share.figure == figure.id and share.value is not None]
    if len(known) < 2:
        return ""
    ordered = sorted(known, key=lambda pair: (-merit(pair[0], target), pair[1]))
    (best, first), (worst, last) = ((quantity(value, figure.unit), name) for value, name in (ordered[0], ordered[-1]))
    if best == worst:
        return f"{figure.id} : {best} sur chacun des {agreed(len(known), 'site(s)')} connus."
    return f"{figure.id} : au mieux {label(town, first)} ({best}), au plus loin {label(town, last)} ({worst})."


def _matrix(
    town: Town, by: By, names: Sequence[str], shares: Sequence[Share], titles: Mapping[str, Figure], rank: int
) -> Table:
    """Table of parts by figures, the farthest from the target of the first figure on top."""
    cells = {(share.name, share.figure): share for share in shares if share.figure in names}
    units = {share.figure: share.unit for share in shares}
    first = titles.get(names[0])
    target = first.target if first else None

    def order(part: str) -> tuple[bool, float, str]:
        share = cells.get((part, names[0]))
        value = share.value if share else None
        return value is None, merit(value, target) if target and value is not None else 0.0, label(town, part)

    what, caption = PARTS[by]
    return Table.of(
        f"parts[{by}]{f'-{rank + 1}' if rank else ''}",
        caption,
        sorted({part for part, _ in cells}, key=order),
        str,
        (Column("part", what, 3), lambda part: Cell(label(town, part))),
        *(_column(name, units[name], titles.get(name), cells) for name in names),
    )


def _column(
    name: str, unit: str, figure: Figure | None, cells: Mapping[tuple[str, str], Share]
) -> tuple[Column, Callable[[str], Cell]]:
    def cell(part: str) -> Cell:
        share = cells.get((part, name))
        if share is None:
            return Cell("—")
        if share.value is None:
            return Cell(UNKNOWN, "doubt")
        text = notation.number(share.value, decimals(round(share.value, 1)))
        silent = f", {agreed(share.unknown, 'inconnu(s)')}" if share.unknown else ""
        if figure is None or figure.target is None:
            return Cell(f"{text}{silent}")
        good = merit(share.value, figure.target) >= 0
        return Cell(f"{'✓' if good else '✗'} {text}{silent}", "good" if good else "bad")

    title = HEADS.get(name) or name.replace(".", " ")
    return Column(name, f"{title} ({unit})" if unit else title, 2), cell


def list_blocks(town: Town, lists: Sequence[Listing]) -> Iterator[Block]:
    """Print the lists to act on, their first rows and what to do with them.

    The profile of use is drawn in the diagnosis.
    """
    shown = [listing for listing in lists if listing.key != PROFILE]
    if not shown:
        yield Text("Aucune liste n’est relevée à ce jour.")
    for listing in shown:
        more = len(listing.rows) - ROWS
        caption = listing.title if more <= 0 else f"{listing.title} : les {ROWS} premiers, sur {len(listing.rows)}"
        yield Table.of(
            f"list[{listing.key}]",
            caption,
            enumerate(listing.rows[:ROWS]),
            lambda ranked: str(ranked[0]),
            *(_of_heading(town, heading, place) for place, heading in enumerate(listing.columns)),
            empty="Rien à faire.",
        )
        if listing.todo and listing.rows:
            yield Text(f"À faire : {listing.todo}")


def _of_heading(town: Town, heading: Heading, place: int) -> tuple[Column, Callable[[tuple[int, Any]], Cell]]:
    def cell(ranked: tuple[int, Sequence[str | int | float | None]]) -> Cell:
        value = ranked[1][place] if place < len(ranked[1]) else None
        if value is None:
            return Cell(UNKNOWN, "doubt")
        if isinstance(value, str):
            return Cell(notation.dated(label(town, value)) or "—")
        return Cell(measure(value, heading.unit))

    return Column(heading.key, heading.label, 2 if place else 3), cell


PART_COLUMNS = (
    "period", "moment", "environment", "figure", "by", "name", "label", "numerator", "denominator", "value", "unit",
    "unknown",
)  # fmt: skip
LIST_COLUMNS = ("period", "moment", "environment", "list", "row", "column", "value", "unit")


def part_rows(town: Town, reading: Reading, period: str) -> Iterator[Mapping[str, Any]]:
    """Give a row a share; an empty value is unknown."""
    for share in reading.breakdowns:
        yield {
            "period": period,
            "moment": reading.moment,
            "environment": reading.environment,
            "figure": share.figure,
            "by": share.by,
            "name": share.name,
            "label": label(town, share.name),
            "numerator": share.numerator,
            "denominator": share.denominator,
            "value": share.value,
            "unit": share.unit,
            "unknown": share.unknown,
        }


def list_rows(reading: Reading, period: str) -> Iterator[Mapping[str, Any]]:
    """Give a row a cell of each list, so that every list has the same columns."""
    for listing in reading.lists:
        for rank, row in enumerate(listing.rows, start=1):
            for heading, value in zip(listing.columns, row, strict=False):
                yield {
                    "period": period,
                    "moment": reading.moment,
                    "environment": reading.environment,
                    "list": listing.key,
                    "row": rank,
                    "column": heading.key,
                    "value": value,
                    "unit": heading.unit,
                }
