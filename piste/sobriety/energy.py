"""What the town's equipment uses in a year, by perimeter: measured where something does, else by published factors.

Counts come from the declaration and from the inventory of workstations; what nobody counts is unknown, and said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from piste.sobriety.figure import Method

Perimeter = Literal["postes", "hebergement", "reseau", "impression", "locaux"]
PERIMETERS: dict[Perimeter, str] = {
    "postes": "Postes de travail",
    "hebergement": "Hébergement et VDI",
    "reseau": "Réseau et Wi-Fi",
    "impression": "Impression",
    "locaux": "Locaux techniques",
}


class Range(NamedTuple):
    """A value, and between which values it lies."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of equipment: how many, kilowatt-hours a year, the share (0 to 1) of them that is measured.

    `kwh` is None where it is unknown, `count` where nobody counts them; `why` then says so, and otherwise what must be
    known to read the figure.
    """

    perimeter: Perimeter
    key: str
    label: str
    count: int | None
    kwh: Range | None
    measured_share: float
    method: Method
    source: str
    date: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of what is known of a perimeter, or of all (`perimeter` empty); `unknown` names what is not in it."""

    perimeter: str
    label: str
    kwh: Range | None
    co2_kg: Range | None
    measured_share: float
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Footprint:
    """The lines, the total of each perimeter, the total of all of them; `sources` are those of the factors."""

    lines: Sequence[Line]
    perimeters: Sequence[Total]
    total: Total
    sources: Sequence[str]
