"""The form of the report of a period, as it is sealed."""

from __future__ import annotations

from typing import Literal

from piste.engine.figure import meets
from piste.sites.month.period import Period, period
from piste.town.model.forms import Record

type Value = str | int | float | bool | list[str] | None
type Row = dict[str, Value]


class Indicator(Record):
    """An indicator and its value in the period before; None is unknown, for a reason."""

    id: str
    value: float | None
    unit: str
    unknown: int
    day: str
    why: str
    void: bool
    target: str
    before: float | None

    @property
    def is_known(self) -> bool:
        return self.value is not None or self.void

    @property
    def reached(self) -> bool | None:
        """Tell whether it reaches its target, as a clause does; None: unknown, or no target."""
        return meets(self.id, self.value, self.target, self.unit, self.unknown)


class Listed(Record):
    """The rows of a list, by the fields that `lists.yml` shows; `known` for the whole period."""

    known: bool
    rows: list[Row]


class Report(Record):
    """The report of a period; `final`: it was over. `noted` of its `days` have a noted state."""

    format: Literal[1] = 1
    period: str
    environment: str
    town: str
    made: str
    final: bool
    days: int
    noted: int
    lines: list[Indicator]
    lists: dict[str, Listed]
    hash: str = ""

    @property
    def about(self) -> Period:
        return period(self.period)

    @property
    def unknown(self) -> int:
        return sum(not made.is_known for made in self.lines)
