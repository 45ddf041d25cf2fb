"""The form of a figure that an audit can check: counts, sources, targets, exclusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from piste.town.model.sobriety.form import SobrietyTarget

Method = Literal["measured", "estimated", "mixed"]


class Excluded(NamedTuple):
    """A name that is left out of a denominator, and the reason."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure; an unknown `value` is None, and `why` then gives the reason.

    A share is `numerator` over `denominator`. Names that were not read (`unknown`) are in the denominator and never in
    the numerator; names that were read and do not conform are `failing`; `excluded` names are in neither. `low` and
    `high` bound an estimate; `measured_share` (0 to 1) is the part that rests on measures. `date` is that of the data.
    """

    id: str
    title: str
    unit: str
    value: float | None
    source: str
    date: str
    method: Method
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    measured_share: float | None = None
    failing: Sequence[str] = ()
    unknown: Sequence[str] = ()
    excluded: Sequence[Excluded] = ()
    why: str = ""
    cctp: str = "4.4.6"
    target: SobrietyTarget | None = None

    @property
    def reached(self) -> bool | None:
        """The verdict against the target; None without a target or a value: unknown never conforms."""
        return None if self.target is None or self.value is None else merit(self.value, self.target) >= 0


def merit(value: float, target: SobrietyTarget) -> float:
    """Measure a value against its target: zero or more has reached it, more is better."""
    low, high = target.at_least, target.at_most
    if low is not None and high is not None:
        return min(value - low, high - value, 0)
    return value - low if low is not None else (high or 0) - value
