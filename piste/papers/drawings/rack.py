"""Rack elevations, unit by unit, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from piste.papers.drawings.canvas import INK, PAPER, QUIET, RULE, SOFT, TINTS, Canvas, Point
from piste.papers.drawings.text import LINE, SIZE, SMALL, clean, fitted, lines, width

UNIT, GUTTER, WIDE, BETWEEN = 15.0, 24.0, 176.0, 16.0
SIDE_BY_SIDE = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A device at a unit; without a unit, it is somewhere in the rack."""

    unit: int | None
    name: str
    about: str = ""
    tint: int = 0


@dataclass(frozen=True, slots=True)
class Elevation:
    """A rack: `units` is its height, None where it is not known."""

    name: str
    about: Sequence[str]
    units: int | None
    slots: Sequence[Slot]


def elevations(racks: Sequence[Elevation]) -> Canvas:
    """Draw racks side by side, at most `SIDE_BY_SIDE`, each unit with its number."""
    canvas = Canvas()
    heads = [_head(rack) for rack in racks]
    top = max(SIZE * LINE * len(name) + SMALL * LINE * len(about) for name, about in heads) + 6
    most = max((_height(rack) for rack in racks), default=0)
    for place, (rack, head) in enumerate(zip(racks, heads, strict=True)):
        _draw(canvas, rack, head, Point(place * (GUTTER + WIDE + BETWEEN), 0), top, most)
    return canvas


def _head(rack: Elevation) -> tuple[list[str], list[str]]:
    room = GUTTER + WIDE
    name = lines(rack.name, room, SIZE, bold=True)
    return name, [line for text in rack.about for line in lines(text, room, SMALL)]


def _height(rack: Elevation) -> int:
    """Give the units that are drawn: all of them, or up to the highest in use."""
    return max(rack.units or 0, *(slot.unit or 0 for slot in rack.slots), 0)


def _draw(canvas: Canvas, rack: Elevation, head: tuple[list[str], list[str]], at: Point, top: float, most: int) -> None:
    below = canvas.paragraph(at, head[0], SIZE, bold=True)
    canvas.paragraph(Point(at.x, below), head[1], SMALL, fill=QUIET)
    units, left = _height(rack), at.x + GUTTER
    taken = {slot.unit: slot for slot in rack.slots if slot.unit}
    ground = top + (most - units) * UNIT
    for unit in range(units, 0, -1):
        row = ground + (units - unit) * UNIT
        slot = taken.get(unit)
        canvas.rect(Point(left, row), (WIDE, UNIT), TINTS[slot.tint] if slot else SOFT, stroke=RULE, round_=0)
        canvas.text(Point(left - 4, row + UNIT - 4), str(unit), 9, anchor="end", fill=QUIET)
        if slot:
            _label(canvas, slot, Point(left + 5, row + UNIT - 4))
    if units:
        whole = (WIDE, units * UNIT)
        canvas.rect(Point(left, ground), whole, "none", dashed=not rack.units, heavy=True, round_=1)
    loose = [slot for slot in rack.slots if not slot.unit]
    row = ground + units * UNIT + 8
    if loose:
        titled = lines("Dans la baie, rang non déclaré" if units else "Rangs et hauteur non déclarés", WIDE, SMALL)
        row = canvas.paragraph(Point(left, row - 4), titled, SMALL, fill=QUIET) + 2
    for slot in loose:
        canvas.rect(Point(left, row), (WIDE, UNIT), TINTS[slot.tint], dashed=True, round_=0)
        _label(canvas, slot, Point(left + 5, row + UNIT - 4))
        row += UNIT + 3
    canvas.rect(Point(left, row), (WIDE, 1), PAPER, stroke=None, round_=0)


def _label(canvas: Canvas, slot: Slot, at: Point) -> None:
    """Write the name in bold, then what fits beside it of the model."""
    room = WIDE - 10
    name, size = fitted(clean(slot.name), room, SMALL, bold=True)
    canvas.text(at, name, size, bold=True, fill=INK)
    used = width(name, size, bold=True) + 8
    if slot.about and used + width(slot.about, 9) <= room:
        canvas.text(Point(at.x + used, at.y), slot.about, 9, fill=QUIET)
