"""Inventory items: owner, state, warranty and end of life of each piece of hardware."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from .assets.classes import State

if TYPE_CHECKING:
    from .faults import Mark
    from .forms import Dated, Owned
    from .identity import Lifecycle
    from .view import View


class Item(TypedDict):
    """The inventory data of an item (CCTP 3.4.1), besides its serial number and its site.

    `state` follows from the life of the site; `status` is about the data, not about the item. None: not given yet.
    """

    assigned_to: str | None
    state: State
    warranty_until: str | None
    end_of_life: str | None
    status: str | None


_STATES: Mapping[Lifecycle, State] = {
    "planned": "awaited",
    "open": "in_service",
    "closing": "leaving",
    "closed": "stock",
}


def state_of(lifecycle: Lifecycle) -> State:
    """Give the state of what is at a site."""
    return _STATES[lifecycle]


def derive_item(owned: Owned, model: Dated | None, lifecycle: Lifecycle, where: str, *, here: bool = True) -> Item:
    """Derive an item.

    `where` is its default `assigned_to`; `here` is false for an item on its way.
    """
    return Item(
        assigned_to=owned.assigned_to or where,
        state=_STATES[lifecycle] if here else "awaited",
        warranty_until=owned.warranty_until or (model.warranty_until if model else None),
        end_of_life=owned.end_of_life or (model.end_of_life if model else None),
        status=owned.status,
    )


class Entry(NamedTuple):
    """An item with dates: the place of its declaration, and the dates that hold for it."""

    path: str
    mark: Mark
    name: str
    warranty_until: str | None
    end_of_life: str | None


def check_ends(view: View) -> None:
    """M153, M154: hardware in use has an end of life, and no longer warranty.

    M153 comes once a model.
    """
    for entry in _all(view):
        if entry.end_of_life is None:
            message = f"{entry.name} n’a pas de fin de vie prévisionnelle (end_of_life)"
            view.faults.add("PISTE-M153", entry.path, entry.mark, message)
        elif entry.warranty_until is not None and entry.warranty_until > entry.end_of_life:
            message = f"{entry.name} est sous garantie jusqu’au {entry.warranty_until}, après sa fin de vie"
            view.faults.add("PISTE-M154", entry.path, entry.mark, f"{message}, le {entry.end_of_life}")


def _all(view: View) -> Iterator[Entry]:
    """Yield each model in use, then each item with its own dates.

    These are devices, supplies and servers of the cluster.
    """
    town, used = view.declared.town, set[str]()
    for declared, site in view.pairs():
        for located in view.devices(declared):
            device = located.device
            if located.line.warranty_until or located.line.end_of_life:
                dates = (device["warranty_until"], device["end_of_life"])
                yield Entry(located.path, located.mark("warranty_until"), device["name"], *dates)
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
