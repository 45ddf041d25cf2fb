"""The yearly energy of the equipment, by perimeter: measured, else by published factors.

Counts come from the declaration and from the inventory of workstations; what is not counted is unknown, and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from piste.sobriety.counting import Known, sources
from piste.sobriety.figure import Method
from piste.sobriety.imports import Imports
from piste.sobriety.parts import PERIMETERS, Part, Perimeter, parts
from piste.sobriety.readings import Readings
from piste.sobriety.value_range import Range, total
from piste.town.model import Town


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of equipment: count, kilowatt-hours a year, the share (0 to 1) that is measured.

    An unknown `kwh` or `count` is None and `why` gives the reason; else `why` says what a reader must know.
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
    """The sum of the known lines of a perimeter, or of all (`perimeter` empty).

    `unknown` names the lines that are not in the sum.
    """

    perimeter: str
    label: str
    kwh: Range | None
    co2_kg: Range | None
    measured_share: float
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Footprint:
    """The lines, the total of each perimeter, the total of all; `sources` are those of factors."""

    lines: Sequence[Line]
    perimeters: Sequence[Total]
    total: Total
    sources: Sequence[str]


def footprint(town: Town, readings: Readings, imports: Imports, today: date) -> Footprint:
    """Compute the footprint of the town. Pure."""
    return footprint_of(Known(town, readings, imports, today))


def footprint_of(known: Known) -> Footprint:
    """Compute the footprint from the data of the figures."""
    lines = list(_lines(parts(known)))
    of_each = [
        _total(known, name, label, [line for line in lines if line.perimeter == name])
        for name, label in PERIMETERS.items()
    ]
    return Footprint(lines, of_each, _total(known, "", "Ensemble", lines), _sources(known))


def emitted(known: Known, kwh: Range | None) -> Range | None:
    """Compute kilograms of CO2 equivalent: bounds of the energy by bounds of the mix."""
    energy = known.town.sobriety.energy
    if kwh is None or energy is None:
        return None
    mix = energy.electricity
    return Range(kwh.value * mix.grams_per_kwh / 1000, kwh.low * mix.low / 1000, kwh.high * mix.high / 1000)


def _lines(every: Iterable[Part]) -> Iterator[Line]:
    groups: dict[tuple[Perimeter, str], list[Part]] = {}
    for part in every:
        groups.setdefault((part.perimeter, part.key), []).append(part)
    for (perimeter, key), group in groups.items():
        counts = [part.count for part in group if part.count is not None]
        energies = [part.kwh for part in group if part.kwh is not None]
        kwh = total(energies) if energies else None
        yield Line(
            perimeter, key, group[0].label, sum(counts) if counts else None, kwh,
            _measured_share((part.kwh, part.measured) for part in group), _method(group),
            sources(part.source for part in group if part.source), max(part.date for part in group),
            "; ".join(dict.fromkeys(part.why for part in group if part.why)),
        )  # fmt: skip


def _method(group: Sequence[Part]) -> Method:
    sides = {part.measured for part in group}
    return "mixed" if len(sides) == 2 else "measured" if sides == {True} else "estimated"


def _measured_share(energies: Iterable[tuple[Range | None, bool]]) -> float:
    """Compute the part of the energy that is measured, 0 to 1."""
    known = [(kwh.value, measured) for kwh, measured in energies if kwh is not None]
    whole = sum(value for value, _ in known)
    return sum(value for value, measured in known if measured) / whole if whole else 0.0


def _total(known: Known, perimeter: str, label: str, lines: Sequence[Line]) -> Total:
    energies = [line.kwh for line in lines if line.kwh is not None]
    kwh = total(energies) if energies else None
    measured = sum(line.kwh.value * line.measured_share for line in lines if line.kwh is not None)
    share = measured / kwh.value if kwh and kwh.value else 0.0
    unknown = [line.label for line in lines if line.kwh is None]
    return Total(perimeter, label, kwh, emitted(known, kwh), share, unknown)


def _sources(known: Known) -> list[str]:
    """List the sources of the factors as a report cites them."""
    energy = known.town.sobriety.energy
    if energy is None:
        return []
    factors = [
        f"{source.title}{f' ({source.year})' if source.year else ''}, relevé le {source.read_on}"
        for source in energy.sources.values()
    ]
    base = (energy.node_power, energy.electricity)
    return [*factors, *(f"{factor.source}, relevé le {factor.read_on}" for factor in base)]
