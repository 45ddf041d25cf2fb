"""The two figures of acceptance of a bag: mandatory completeness (F9), concordance (F10).

A figure over an unread system says so: an unobserved item is in no denominator, and has a count of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from piste.engine.figure import Figure, share
from piste.exports.bag.concordance import F10_TARGET, compared
from piste.exports.bag.contents import Contents
from piste.exports.bag.inventory import FILLINGS, filling, gaps
from piste.exports.bag.items import ATTRIBUTES, PLURALS, items
from piste.exports.bag.table import Row, Table
from piste.readings import history
from piste.town.model import Town
from piste.town.model.dates import today
from piste.town.model.derived import Derived

F9_TARGET = 98.0


def agreeing(rows: Iterable[Row]) -> Figure:
    """Add up F10 of the classes."""
    every = [*rows]
    equal, declared = sum(row["numerator"] for row in every), sum(row["denominator"] for row in every)
    return Figure("F10", share(equal, declared), "%", equal, declared, sum(row["unknown"] for row in every))


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F10 as the last bag noted it, with its day; nothing where no bag was made."""
    for row in history.past(environment, "", today().isoformat()).get("F10", [])[-1:]:
        yield Figure("F10", row.value, row.unit, row.numerator, row.denominator, row.unknown, day=row.day)


def completeness(contents: Contents, town: Town) -> Iterator[Row]:
    """Compute F9 by attribute and whole, over the items of each class, then over all.

    A placeholder and an example to confirm are no values: each has a count of its own. A class without an item is
    named without a figure, and keeps the whole below its target, unless the town declares that it has none.
    """
    listed = list(items(town))
    there = {item.kind for item in listed} | town.empty_classes
    lacking = [name for name in PLURALS if name not in there]
    for name in (*PLURALS, "*"):
        whole: Counter[str] = Counter()
        of_class = [item for item in listed if name in (item.kind, "*")]
        for attribute in ATTRIBUTES:
            fillings = Counter[str](filling(item, attribute) for item in of_class if attribute in item.mandatory)
            whole += fillings
            if fillings:
                yield _completeness(name, attribute, fillings, whole=not lacking)
        if of_class or name == "*":
            yield _completeness(name, "*", whole, whole=not lacking)
    for name in lacking:
        yield _completeness(name, "*", Counter(), whole=False)


def _completeness(name: str, attribute: str, fillings: Mapping[str, int], *, whole: bool) -> dict[str, object]:
    row = _figure(name, attribute, fillings.get("filled", 0), sum(fillings.values()), F9_TARGET)
    other: dict[str, object] = {state: fillings.get(state, 0) for state in FILLINGS if state != "filled"}
    return {**row, **other, "reached": row["reached"] and (name != "*" or whole)}


def _gaps(contents: Contents, town: Town) -> Iterator[Row]:
    for gap in gaps(town):
        yield {**gap._asdict(), "class": gap.kind}


def _figure(name: str, attribute: str, numerator: int, denominator: int, target: float) -> dict[str, object]:
    value = share(numerator, denominator)
    return {
        "class": name,
        "attribute": attribute,
        "numerator": numerator,
        "denominator": denominator,
        "percent": value,
        "target": target,
        "reached": value is not None and value >= target,
    }


def concordance(contents: Contents, town: Town) -> Iterator[Row]:
    """Compute F10 by class: declared as it was read; the figure of an unread class is unknown."""
    for entry in compared(contents, town):
        read = bool(entry.declared or entry.live or not entry.unknown)
        yield {
            **_figure(entry.name, "*", len(entry.equal), len(entry.declared), F10_TARGET),
            "absent": sorted(entry.declared.keys() - entry.live.keys()) if read else None,
            "different": sorted(entry.both - entry.equal),
            "undeclared": sorted(entry.live.keys() - entry.declared.keys()) if read else None,
            "unknown": entry.unknown,
        }


QUALITY: tuple[Table, ...] = (
    Table("completeness", completeness),
    Table("inventory_gaps", _gaps),
    Table("concordance", concordance),
)
