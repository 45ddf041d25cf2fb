"""The measures as a table that a person reads."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.measure import Measure

TITLES = ("lectures", "écritures", "durée", "CPU", "plancher à 10/s")


def table(title: str, measures: Sequence[Measure]) -> str:
    """One line a measure. ``plancher``: the time that the API's limit imposes on that number of calls."""
    labels = [title, *(measure.label for measure in measures)]
    rows = [TITLES, *(cells(measure) for measure in measures)]
    width = max(map(len, labels))
    columns = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        f"{label:<{width}}  " + "  ".join(f"{cell:>{size}}" for cell, size in zip(row, columns, strict=True))
        for label, row in zip(labels, rows, strict=True)
    )


def cells(measure: Measure) -> tuple[str, ...]:
    times = (seconds(value) for value in (measure.seconds, measure.cpu, measure.floor))
    return (str(measure.reads), str(measure.writes), *times)


def seconds(value: float) -> str:
    return f"{value:.1f} s".replace(".", ",")


def ratio(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
