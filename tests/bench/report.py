"""The measures as a table that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf, isfinite

from tests.bench.aims import SET_AT, Pair
from tests.bench.measure import Measure
from tests.bench.scale import Size
from tests.bench.tenfold import Tenfold
from tests.bench.towns import MOST as TOWN
from tests.bench.towns import TownCost

UNKNOWN = "inconnu"
"""What could not be measured."""

type Columns = Mapping[str, Callable[[Measure], str]]


def table(title: str, measures: Sequence[Measure], columns: Columns | None = None) -> str:
    """One line per measure; `columns` give the cells, by title."""
    columns = API if columns is None else columns
    rows = [(measure.label, [cell(measure) for cell in columns.values()]) for measure in measures]
    return grid(title, list(columns), rows)


def grid(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Lines of cells under their columns."""
    lines = [(title, columns), *rows]
    width = max(len(label) for label, _ in lines)
    widths = [max(map(len, cells)) for cells in zip(*(cells for _, cells in lines), strict=True)]
    return "\n".join(
        f"{label:<{width}}  " + "  ".join(f"{cell:>{size}}" for cell, size in zip(cells, widths, strict=True)).rstrip()
        for label, cells in lines
    )


def pairs(base: str, measured: Sequence[Pair]) -> str:
    """Each aim: its floor, the most that is aimed at, its former seconds, both sides."""
    return grid(
        f"CPU, à côté de {base[:7]}",
        ["plancher ou pair", "visé", SET_AT, "avant", "ici", "appels avant", "ici"],
        [(pair.aim.label, _cells(pair)) for pair in measured],
    )


def goals(pairs_: Sequence[Pair], tenfolds_: Sequence[Tenfold], towns: Sequence[TownCost]) -> str:
    """All that is aimed at, and what is above its aim."""
    rows: list[tuple[str, list[str]]] = []
    for pair in pairs_:
        aim = pair.aim
        if aim.most:
            rows.append((aim.label, _goal(aim.floor, aim.most, aim.then, pair.now, hundredths)))
        for system, (most, then) in aim.reads.items():
            rows.append((f"{aim.label}, lectures {system}", _goal("", most, then, pair.reads.get(system, inf), whole)))
    for work in tenfolds_:
        line = f"dix fois : {seconds(work.floor)}"
        rows.append((f"dix fois la ville, {work.label}", _goal(line, work.most, 0, work.tenfold.cpu, hundredths)))
    if towns:
        dearest = max(towns, key=lambda cost: cost.load)
        rows.append((f"lire la {dearest.label}", _goal("", TOWN, 0, dearest.load, hundredths)))
    return grid("Tout ce qui est visé", ["plancher ou pair", "visé", SET_AT, "ici", ""], rows)


def _goal(floor: str, most: float, then: float, now: float, written: Callable[[float], str]) -> list[str]:
    return [floor, written(most), written(then) if then else "", written(now), "" if now <= most else "au-dessus"]


def _cells(pair: Pair) -> list[str]:
    aim = pair.aim
    before, now = (
        written if isfinite(cpu) else UNKNOWN
        for cpu, written in ((pair.base, str(pair.base_calls)), (pair.now, str(pair.now_calls)))
    )
    return [aim.floor, *map(hundredths, (aim.most, aim.then, pair.base, pair.now)), before, now]


def sizes(title: str, measured: Sequence[Size]) -> str:
    """The cost of each number of towns."""
    rows = [
        (
            size.label,
            [
                seconds(size.cpu),
                "" if size.memory is None else f"{size.memory:.0f} Mo",
                "" if size.reads is None else f"{size.reads} lectures",
            ],
        )
        for size in measured
    ]
    return grid(title, ["CPU", "mémoire", "requêtes"], rows)


def tenfolds(measured: Sequence[Tenfold]) -> str:
    """Each work on ten towns: its floor, its aim, its cost, beside that of a town."""
    rows = [
        (
            work.label,
            [
                seconds(work.once.cpu),
                seconds(work.floor),
                seconds(work.most),
                seconds(work.tenfold.cpu),
                *(f"{cost.memory:.0f} Mo" for cost in (work.once, work.tenfold)),
                *("" if cost.calls is None else str(cost.calls) for cost in (work.once, work.tenfold)),
            ],
        )
        for work in measured
    ]
    columns = ["une ville", "plancher", "visé", "dix villes", "mémoire", "dix", "requêtes", "dix"]
    return grid("Dix fois la ville", columns, rows)


def town_costs(measured: Sequence[TownCost]) -> str:
    """The cost of each town, then of all."""
    cells = [(cost.load, cost.plan, cost.memory, cost.operations) for cost in measured]
    total = (sum(cost.load for cost in measured), sum(cost.plan for cost in measured))
    most = (max(cost.memory for cost in measured), sum(cost.operations for cost in measured))
    sites = sum(cost.sites for cost in measured)
    labels = [*(cost.label for cost in measured), f"{len(measured)} villes, {sites} sites"]
    rows = [
        (label, [seconds(load), seconds(plan), f"{memory:.0f} Mo", str(operations)])
        for label, (load, plan, memory, operations) in zip(labels, [*cells, (*total, *most)], strict=True)
    ]
    return grid("Villes engendrées", ["lire", "planifier un site", "mémoire (au plus)", "opérations"], rows)


def count(number: int | None) -> str:
    return "?" if number is None else str(number)


def seconds(value: float) -> str:
    return f"{value:.1f} s".replace(".", ",")


def whole(value: float) -> str:
    return f"{value:.0f}" if isfinite(value) else UNKNOWN


def hundredths(value: float) -> str:
    return f"{value:.2f} s".replace(".", ",") if isfinite(value) else UNKNOWN


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
"""`plancher`: the time that the API's limit imposes on that number of calls."""
TOOLS: Columns = {**_REQUESTS, "processus": lambda measure: count(measure.processes), **_TIMES}
