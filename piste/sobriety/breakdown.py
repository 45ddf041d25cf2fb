"""Figures by site, model, kind, service or queue, and the lists that an engineer acts on.

No row names a person: a breakdown stops at the service, a list at the computer, the queue or the device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

By = Literal["site", "model", "kind", "service", "queue"]
TOGETHER = "Petits services, ensemble"


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


def grouped(every: Sequence[Share], computers: Mapping[str, int], least: int) -> list[Share]:
    """Put the services of fewer than `least` computers together.

    A service of unknown size is small. The group takes more services, the smallest first, until it has `least`
    computers: alone, or with what a reader can subtract, a small service would be recognised.
    """
    kept: list[Share] = []
    for figure, shares_of in _by_figure(every).items():
        services = sorted((share for share in shares_of if share.by == "service"), key=_size(computers))
        small = [share for share in services if computers.get(share.name, 0) < least]
        rest = services[len(small) :]
        while small and rest and sum(computers.get(share.name, 0) for share in small) < least:
            small.append(rest.pop(0))
        hidden = {share.name for share in small}
        kept += [share for share in shares_of if share.by != "service" or share.name not in hidden]
        kept += [_together(figure, small)] if small else []
    return kept


def _by_figure(every: Sequence[Share]) -> dict[str, list[Share]]:
    by_figure: dict[str, list[Share]] = {}
    for share in every:
        by_figure.setdefault(share.figure, []).append(share)
    return by_figure


def _size(computers: Mapping[str, int]) -> Callable[[Share], tuple[int, str]]:
    return lambda share: (computers.get(share.name, 0), share.name)


def _together(figure: str, some: Sequence[Share]) -> Share:
    """Add shares; the value follows where all are ratios, or changes, of their counts."""
    known = [share for share in some if share.numerator is not None and share.denominator]
    numerator = sum(share.numerator or 0 for share in known)
    denominator = sum(share.denominator or 0 for share in known)
    value = None
    for offset in (0, 1):
        if denominator and any(share.value is not None for share in known) and all(
            share.value is None or abs(share.value - 100 * ((share.numerator or 0) / (share.denominator or 1) - offset))
            < 1e-6
            for share in known
        ):
            value = 100 * (numerator / denominator - offset)
            break
    unknown = sum(share.unknown for share in some)
    return Share(figure, "service", TOGETHER, numerator, denominator or None, value, unknown, some[0].unit)
