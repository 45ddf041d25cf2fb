"""The periods of a report: a month, a quarter, a year."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from typing import NamedTuple

from piste.engine.clock import TOWN
from piste.engine.converge.errors import Misused
from piste.papers.dossier.notation import month as month_words
from piste.readings.links.period import bounds

_FORM = re.compile(r"(20\d\d)(?:-(?:(0[1-9]|1[0-2])|T([1-4])))?")
_RANKS = ("", "premier", "deuxième", "troisième", "quatrième")


class Period(NamedTuple):
    """A period by its name (`2026-11`, `2026-T4`, `2026`) and its months."""

    name: str
    months: tuple[str, ...]

    @property
    def first(self) -> date:
        return date.fromisoformat(f"{self.months[0]}-01")

    @property
    def last(self) -> date:
        year, month = int(self.months[-1][:4]), int(self.months[-1][5:])
        return date(year, month, monthrange(year, month)[1])

    @property
    def start(self) -> datetime:
        """The moment at which it begins, in the town."""
        return datetime.fromtimestamp(bounds(self.months[0], TOWN).start, TOWN)

    @property
    def end(self) -> datetime:
        """The moment at which the next begins."""
        return datetime.fromtimestamp(bounds(self.months[-1], TOWN).end, TOWN)

    @property
    def words(self) -> str:
        """Write it: `novembre 2026`, `quatrième trimestre 2026`, `année 2026`."""
        if len(self.months) == 1:
            return month_words(self.name)
        year, _, quarter = self.name.partition("-T")
        return f"{_RANKS[int(quarter)]} trimestre {year}" if quarter else f"année {year}"

    @property
    def short(self) -> str:
        """Write it short: `11/2026`, `T4/2026`, `2026`."""
        return "/".join(reversed(self.name.split("-")))

    @property
    def before(self) -> Period:
        """The period of the same length before."""
        if len(self.months) == 12:
            return period(str(int(self.name) - 1))
        months = [_earlier(month, len(self.months)) for month in self.months]
        return period(months[0] if len(months) == 1 else f"{months[0][:4]}-T{(int(months[0][5:]) + 2) // 3}")

    @property
    def year_before(self) -> Period:
        return period(f"{int(self.name[:4]) - 1}{self.name[4:]}")


def is_period(name: str) -> bool:
    return _FORM.fullmatch(name) is not None


def period(name: str) -> Period:
    """Read the name of a period. Raises `Misused`."""
    match = _FORM.fullmatch(name)
    if not match:
        todo = "Donnez un mois (2026-11), un trimestre (2026-T4) ou une année (2026)."
        raise Misused(f"« {name} » n’est pas une période", todo=todo)
    year, month, quarter = match.groups()
    if month:
        return Period(name, (name,))
    first, count = (3 * int(quarter) - 2, 3) if quarter else (1, 12)
    return Period(name, tuple(f"{year}-{number:02}" for number in range(first, first + count)))


def _earlier(month: str, by: int) -> str:
    rank = int(month[:4]) * 12 + int(month[5:]) - 1 - by
    return f"{rank // 12:04}-{rank % 12 + 1:02}"
