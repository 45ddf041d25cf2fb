"""The table of the indicators of a report, and what a quarter or a year makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any, Literal, NamedTuple

from piste.engine.words import some
from piste.papers.dossier import notation
from piste.papers.dossier.notation import month as month_words
from piste.papers.frameworks.clauses import TENDER, frameworks
from piste.town.model.committees import Better

type Over = Literal["sum", "mean", "worst", "last"]
OVER: Mapping[Over, str] = {
    "sum": "somme des mois", "mean": "moyenne des mois", "worst": "pire des mois", "last": "dernier mois",
}  # fmt: skip


class Value(NamedTuple):
    """The value of an indicator; None is unknown, and `why` says the reason.

    `unknown` counts what it leaves out, `day` is that of its data where it has one; `why` may also qualify a value.
    `void`: it is known that there was nothing to measure.
    """

    value: float | None
    unit: str | None = None
    unknown: int = 0
    day: str = ""
    why: str = ""
    void: bool = False


class Line(NamedTuple):
    """An indicator: where it stands, where it comes from, how months are put together.

    `target` is that of the tender (`≥ 90`), empty where it gives none.
    """

    id: str
    section: str
    label: str
    unit: str
    of: str
    over: Over
    better: Better | None
    method: str
    target: str


class Table(NamedTuple):
    sections: Mapping[str, str]
    lines: Mapping[str, Line]


@cache
def table() -> Table:
    """Load the sections by their id, and the lines by theirs, in the order of the report."""
    import yaml

    content = yaml.load(Path(__file__).with_name("lines.yml").read_text("utf-8"), yaml.CSafeLoader)
    made = {
        id_: Line(
            id_, entry["section"], entry["label"], entry["unit"], entry["of"], entry["over"], entry.get("better"),
            content["methods"][entry["of"]], entry.get("target") or _targets().get(id_, ""),
        )
        for id_, entry in content["lines"].items()
    }  # fmt: skip
    return Table(content["sections"], made)


@cache
def _targets() -> Mapping[str, str]:
    every = frameworks()[TENDER].clauses.values()
    return {id_: target for clause in every for id_, target in clause.answered.get("figures", {}).items()}


def amount(value: float | None, unit: str) -> str:
    """Write a value with its unit; unknown, it is said so."""
    if value is None:
        return "inconnu"
    decimals = next(count for count in (0, 1, 2, 3) if count == 3 or value == round(value, count))
    return notation.measure(value, unit, decimals) if unit else notation.number(value, decimals)


@cache
def lists() -> Mapping[str, Any]:
    """Load the lists of the report by their name, in its order."""
    import yaml

    return dict(yaml.load(Path(__file__).with_name("lists.yml").read_text("utf-8"), yaml.CSafeLoader))


def together(line: Line, months: Mapping[str, Value]) -> Value:
    """Put the months of a quarter or of a year together; an unknown month makes them unknown.

    `last` alone needs the last month only. What is known is said beside.
    """
    last = [*months.values()][-1]
    if line.over == "last":
        return last
    months = {name: made for name, made in months.items() if not made.void}
    if not months:
        return last
    known = {name: made.value for name, made in months.items() if made.value is not None}
    unit = next((made.unit for made in months.values() if made.unit), None)
    value = _over(line, [*known.values()]) if known else None
    absent = [month_words(name) for name in months if name not in known]
    if not absent:
        return Value(value, unit, sum(made.unknown for made in months.values()))
    why = f"inconnu en {some(absent, 12)}"
    if value is not None:
        said = amount(value, unit or line.unit)
        why += f" ; {said} sur {len(known)} mois connu{'s' if len(known) > 1 else ''}"
    return Value(None, unit, why=why)


def _over(line: Line, values: Sequence[float]) -> float:
    if line.over == "sum":
        return round(sum(values), 2)
    if line.over == "mean":
        return round(mean(values), 3)
    return max(values) if line.better == "less" else min(values)
