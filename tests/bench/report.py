"""The measures as a table that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tests.bench.measure import Measure

type Columns = Mapping[str, Callable[[Measure], str]]


def table(title: str, measures: Sequence[Measure], columns: Columns | None = None) -> str:
    """One line a measure; ``columns`` give what each cell says, by title."""
    columns = API if columns is None else columns
    labels = [title, *(measure.label for measure in measures)]
    rows = [list(columns), *([tell(measure) for tell in columns.values()] for measure in measures)]
    width = max(map(len, labels))
    sizes = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return "\n".join(
        f"{label:<{width}}  " + "  ".join(f"{cell:>{size}}" for cell, size in zip(row, sizes, strict=True))
        for label, row in zip(labels, rows, strict=True)
    )


def count(number: int | None) -> str:
    return "?" if number is None else str(number)


def seconds(value: float) -> str:
    return f"{value:.1f} s".replace(".", ",")


def ratio(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


_REQUESTS: Columns = {
    "lectures": lambda measure: count(measure.reads),
    "écritures": lambda measure: count(measure.writes),
}
_TIMES: Columns = {
    "durée": lambda measure: seconds(measure.seconds),
    "CPU": lambda measure: seconds(measure.cpu),
}
API: Columns = {**_REQUESTS, **_TIMES, "plancher à 10/s": lambda measure: seconds(measure.floor)}
"""``plancher``: the time that the API's limit imposes on that number of calls."""
TOOLS: Columns = {**_REQUESTS, "processus": lambda measure: count(measure.processes), **_TIMES}
