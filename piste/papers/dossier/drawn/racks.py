"""The racks of a site as elevations; the table of the document lists what is in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Drawing
from piste.papers.drawings.rack import SIDE_BY_SIDE, Elevation, Slot, elevations
from piste.town.model.premises import Rack, Ups

UPS = 2
"""Ground of the supplies: that of other devices is the first."""


def elevation_blocks(
    key: str, racks: Sequence[Rack], supplies: Sequence[Ups], models: Mapping[str, str]
) -> list[Drawing]:
    """Draw the racks of a site; a device or a supply without a unit is listed under its rack."""
    drawn = [_elevation(rack, supplies, models) for rack in racks]
    blocks: list[Drawing] = []
    for start in range(0, len(drawn), SIDE_BY_SIDE):
        part = drawn[start : start + SIDE_BY_SIDE]
        caption = f"Élévation : {', '.join(rack.name for rack in part)}"
        name = key if not start else f"{key}-{start // SIDE_BY_SIDE + 1}"
        blocks.append(Drawing.drawn(f"{name}-racks", caption, "; ".join(map(_words, part)), elevations(part)))
    return blocks


def contents(rack: Rack, supplies: Sequence[Ups]) -> dict[str, int | None]:
    """Give the unit of each device of a rack, the supplies that it has among them."""
    return {**dict.fromkeys(ups["name"] for ups in supplies if ups["rack"] == rack["name"]), **rack["equipment"]}


def _elevation(rack: Rack, supplies: Sequence[Ups], models: Mapping[str, str]) -> Elevation:
    powering = {ups["name"] for ups in supplies}
    slots = [
        Slot(unit, name, models.get(name, ""), UPS if name in powering else 0)
        for name, unit in contents(rack, supplies).items()
    ]
    return Elevation(rack["name"], list(_about(rack, slots)), rack["units"], slots)


def _about(rack: Rack, slots: Sequence[Slot]) -> Iterator[str]:
    yield rack["room"] or "local non déclaré"
    yield notation.measure(rack["units"], "U") if rack["units"] else "hauteur non déclarée"
    if rack["critical"]:
        planned = f" : prévu le {notation.day(rack['ups_planned'])}" if rack["ups_planned"] else ""
        supplied = any(slot.tint == UPS for slot in slots)
        yield "critique, secourue" if supplied else f"critique, sans onduleur{planned}"


def _words(rack: Elevation) -> str:
    placed = sorted((slot for slot in rack.slots if slot.unit), key=lambda slot: -(slot.unit or 0))
    units = ", ".join(f"{slot.name} au rang {slot.unit}" for slot in placed)
    loose = sum(not slot.unit for slot in rack.slots)
    parts = [units, agreed(loose, "équipement(s) sans rang déclaré") if loose else ""]
    return f"{rack.name} : {' ; '.join(part for part in parts if part) or 'vide'}"
