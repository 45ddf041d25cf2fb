"""Figures by site, model, kind, service or queue, and the lists that an engineer acts on.

No row names a person: a breakdown stops at the service, a list at the computer, the queue or the device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

By = Literal["site", "model", "kind", "service", "queue"]


@dataclass(frozen=True, slots=True)
class Share:
    """A figure for a part of the town; an unknown `value` is None.

    `figure` is the id of the figure, `name` that of the part: the id of a site, the label of a model. `unknown` counts
    what was not read: it is in the denominator, never in the numerator. `unit` is that of the value.
    """

    figure: str
    by: By
    name: str
    numerator: float | None
    denominator: float | None
    value: float | None
    unknown: int = 0
    unit: str = "%"


class Heading(NamedTuple):
    """A column of a list: its English key, its French label, its unit."""

    key: str
    label: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list to act on, the most urgent row first.

    `todo` says what to do with it, or by which command. `figure` is the id of the figure that gets better, empty if
    none does. A row has a cell a column; None is unknown.
    """

    key: str
    title: str
    columns: Sequence[Heading]
    rows: Sequence[Sequence[str | int | float | None]]
    figure: str = ""
    todo: str = ""


def shares[T](
    figure: str, by: By, items: Iterable[T], name: Callable[[T], str], verdict: Callable[[T], bool | None]
) -> Iterator[Share]:
    """Compute the share of each part in per cent; a verdict None is unknown."""
    parts: dict[str, list[bool | None]] = {}
    for item in items:
        parts.setdefault(name(item), []).append(verdict(item))
    for part, verdicts in sorted(parts.items()):
        conforming, unknown = verdicts.count(True), verdicts.count(None)
        value = 100 * conforming / len(verdicts) if unknown < len(verdicts) else None
        yield Share(figure, by, part, conforming, len(verdicts), value, unknown)
