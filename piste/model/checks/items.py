"""What an inventory must tell of hardware: when it is over, and a warranty that ends no later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..faults import Mark
from ..schema import Dated
from .view import View


class Entry(NamedTuple):
    """Where something with dates is declared, and the dates that hold for it."""

    path: str
    mark: Mark
    name: str
    warranty_until: str | None
    end_of_life: str | None


def ends(view: View) -> None:
    """M153, M154: what is in use has an end of life, told once a model; no warranty outlives it."""
    for entry in _all(view):
        if entry.end_of_life is None:
            message = f"{entry.name} n'a pas de fin de vie prévisionnelle (end_of_life)"
            view.faults.add("PISTE-M153", entry.path, entry.mark, message)
        elif entry.warranty_until is not None and entry.warranty_until > entry.end_of_life:
            message = f"{entry.name} est sous garantie jusqu'au {entry.warranty_until}, après sa fin de vie"
            view.faults.add("PISTE-M154", entry.path, entry.mark, f"{message}, le {entry.end_of_life}")


def _all(view: View) -> Iterator[Entry]:
    """Every model in use, then what has dates of its own: devices that say so, supplies, servers of the cluster."""
    town, used = view.declared.town, set[str]()
    for declared, site in view.pairs():
        for found in view.devices(declared):
            device = found.device
            if found.line.warranty_until or found.line.end_of_life:
                dates = (device["warranty_until"], device["end_of_life"])
                yield Entry(found.path, found.mark("warranty_until"), device["name"], *dates)
            else:
                used.add(device["model"])
        for ups in site["premises"]["ups"]:
            mark = declared.where(("premises", "ups", ups["name"]))
            path = f"sites[{declared.id}].premises.ups[{ups['name']}]"
            yield Entry(path, mark, ups["name"], ups["warranty_until"], ups["end_of_life"])
    tables: dict[str, dict[str, Dated]] = {
        "hardware": {name: entry for name, entry in town.variables.hardware.items() if name in used},
        "hosting.nodes": dict(town.variables.hosting.nodes) if town.variables.hosting else {},
    }
    for table, entries in tables.items():
        for name, entry in entries.items():
            mark = town.where((*table.split("."), name))
            yield Entry(f"{table}[{name}]", mark, name, entry.warranty_until, entry.end_of_life)
