"""The shape of a figure that stands up to an audit: what was counted, over what, from where, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from piste.model.schema_sobriety import SobrietyTarget

Method = Literal["measured", "estimated", "mixed"]


class Excluded(NamedTuple):
    """Who is left out of a denominator, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure; `value` is None where it is unknown, and `why` then says so.

    `numerator` over `denominator` give it where it is a share. What was not read (`unknown`) is in the denominator and
    never in the numerator; what was read and does not conform is `failing`; `excluded` is in neither. `low` and `high`
    bound an estimate, `measured_share` (0 to 1) is the part of it that rests on measures. `date` is that of the data.
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
        """Whether the target is met; None where there is no target or no value: unknown never conforms."""
        if self.target is None or self.value is None:
            return None
        above = self.target.at_least is None or self.value >= self.target.at_least
        return above and (self.target.at_most is None or self.value <= self.target.at_most)
