"""Expenses of a year against the ceilings of the contract (F20; CCTP 8.2, 8.2.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from piste.engine.figure import Figure
from piste.papers.dossier import notation
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.spending import Spending

FIXED, ORDERS_EXCL_TAX, ORDERS_INCL_TAX = 270_000.0, 33_333.33, 40_000.0
"""Euros of a civil year: the fixed part with tax, orders without and with tax.

The tender gives no period for orders; its ceilings are by year (8.5), so this is.
"""
WARNED = 80.0
"""Percents of a ceiling from which somebody decides what is still ordered (8.9)."""


class Used(NamedTuple):
    """A ceiling of a year, and what is spent of it, in euros."""

    label: str
    spent: float
    ceiling: float

    @property
    def percent(self) -> float:
        """Give the part of the ceiling that is spent; far above it where there is none."""
        if not self.ceiling:
            return 1000.0 if self.spent else 0.0
        percent = round(100 * self.spent / self.ceiling, 2)
        return max(percent, 100.01) if self.spent > self.ceiling else percent

    @property
    def said(self) -> str:
        spent, ceiling = (notation.measure(euros, "€", 2) for euros in (self.spent, self.ceiling))
        return f"{self.label} : {spent} sur {ceiling}"


def used(town: Derived, year: int) -> list[Used]:
    """Sum the expenses of a year against each ceiling; nothing where nobody declares any."""
    spending = town.commune["spending"] if town.commune else None
    declared = spending and any(line["day"][:4] == f"{year}" for line in spending["lines"])
    if not spending or not (declared or whole(spending, *counted(spending, year))):
        return []

    def total(kind: str, amount: str) -> float:
        mine = [line for line in spending["lines"] if line["kind"] == kind and line["day"][:4] == f"{year}"]
        return round(sum(line[amount] for line in mine), 2)  # type: ignore[literal-required]

    return [
        Used("part forfaitaire, TTC", total("fixed", "incl_tax"), round(FIXED * _part(spending, year), 2)),
        Used("commandes, HT", total("order", "excl_tax"), ORDERS_EXCL_TAX),
        Used("commandes, TTC", total("order", "incl_tax"), ORDERS_INCL_TAX),
    ]


def whole(spending: Spending, first: str, last: str) -> bool:
    """Tell whether a person says that all expenses between two days, both included, are there."""
    since, until = spending["since"], spending["until"]
    return since is not None and until is not None and since <= first and last <= until


def counted(spending: Spending, year: int) -> tuple[str, str]:
    """Give the first and last day whose expenses a year must hold by now: until last month."""
    first, last = f"{year}-01-01", (today().replace(day=1) - timedelta(days=1)).isoformat()
    return max(first, spending["start"] or first), min(last, f"{year}-12-31", spending["end"] or last)


def _part(spending: Spending, year: int) -> float:
    """Give the part of a year that the contract covers, by its days (8.2.1)."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    begun = max(first, date.fromisoformat(spending["start"])) if spending["start"] else first
    ended = min(last, date.fromisoformat(spending["end"])) if spending["end"] else last
    return max(0, (ended - begun).days + 1) / ((last - first).days + 1)


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F20, the most used ceiling of this year; unknown where no expense is declared.

    Where nobody says that the expenses are all there, its value is a lower bound.
    """
    year, spending = today().year, town.commune["spending"] if town.commune else None
    most = max(used(town, year), key=lambda each: each.percent, default=None)
    if most is None or spending is None:
        yield Figure("F20", None)
        return
    lacking = not whole(spending, *counted(spending, year))
    said = f"{most.said}{' ; nul ne dit le registre complet' if lacking else ''}"
    yield Figure("F20", most.percent, "%", most.spent, most.ceiling, int(lacking), said=said)
