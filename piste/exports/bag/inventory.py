"""Completeness of the inventory (F9): filled mandatory cells, and who can fill the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Literal, NamedTuple, get_args

from piste.engine.figure import Figure, share
from piste.exports.bag.items import ATTRIBUTES, PLURALS, RECORDS, Item, items
from piste.town.model.assets.classes import CLASSES, READERS, Reader
from piste.town.model.derived import Derived
from piste.town.model.placeholder import is_empty, is_placeholder

Filling = Literal["filled", "to_confirm", "placeholder", "empty"]
FILLINGS: tuple[Filling, ...] = get_args(Filling)
Filler = Literal["system", "supplier", "site_manager", "dsi"]
FILLERS: Mapping[Filler, str] = {
    "system": "Un système que Piste sait lire",
    "supplier": "Le fournisseur",
    "site_manager": "Le responsable du site",
    "dsi": "La DSI",
}
"""Who can fill a cell, in the order in which it is cheapest to ask."""
_TELL_SERIALS: frozenset[Reader] = frozenset(("meraki", "prism", "nexus", "ups", "agent"))
_SOLD = ("end", "publisher", "version", "prerequisites", "way_back", "contacts", "delays", "escalation")
"""Attributes of a record that its supplier knows."""
_DECIDED = ("network", "server", "virtual", "security")
"""Classes of items whose use the DSI decides; a site knows the use of the others."""


def filling(item: Item, attribute: str) -> Filling:
    """Classify a cell: an example to confirm is not filled, whatever its value."""
    state = _filling(item.cells.get(attribute))
    return "to_confirm" if state == "filled" and attribute in item.doubted else state


def _filling(value: object) -> Filling:
    """Classify a value; a list is filled as far as the least of its entries."""
    if isinstance(value, Mapping):
        if any(is_placeholder(cell) for name, cell in value.items() if name != "status"):
            return "placeholder"
        return "to_confirm" if value.get("status") == "to_confirm" else "filled"
    if isinstance(value, (list, tuple)):
        states = {_filling(entry) for entry in value} or {"empty"}
        return next(state for state in ("placeholder", "to_confirm", "filled", "empty") if state in states)
    if is_empty(value):
        return "empty"
    return "placeholder" if is_placeholder(value) else "filled"


class Gap(NamedTuple):
    """A mandatory cell that is not filled; `reader` is the system that gives it, if any."""

    filler: Filler
    reader: str
    kind: str
    attribute: str
    site: str
    filling: Filling
    name: str
    source: str


def gaps(town: Derived) -> list[Gap]:
    """List the mandatory cells that are not filled, sorted by who can fill them."""
    order = [*FILLERS, *PLURALS, *ATTRIBUTES]
    ranked = ("filler", "kind", "attribute")
    return sorted(_gaps(town), key=lambda gap: ([order.index(getattr(gap, name)) for name in ranked], gap))


def _gaps(town: Derived) -> Iterator[Gap]:
    for item in items(town):
        for attribute in item.mandatory:
            state = filling(item, attribute)
            if state != "filled":
                filler, reader = _filler(item.kind, attribute)
                yield Gap(filler, reader, item.kind, attribute, item.site, state, item.name, item.source)


def _filler(kind: str, attribute: str) -> tuple[Filler, str]:
    if kind in RECORDS:
        return ("supplier" if attribute in _SOLD else "dsi"), ""
    entry = CLASSES[kind]
    if attribute == "serial":
        readers = [reader for reader in entry.readers if reader in _TELL_SERIALS]
        return ("system", READERS[readers[0]]) if readers else ("site_manager", "")
    if attribute in ("warranty_until", "end_of_life"):
        return "supplier", ""
    if entry.itil == "virtual" or (attribute == "assigned_to" and entry.itil in _DECIDED):
        return "dsi", ""
    return "site_manager", ""


def by_filler(listed: Iterable[Gap]) -> Iterator[tuple[str, list[str]]]:
    """Give the missing cells of each filler, counted by class and attribute, in French."""
    counts = Counter((gap.filler, gap.reader, gap.kind, gap.attribute) for gap in listed)
    for (filler, reader), keys in groupby(counts, key=lambda key: key[:2]):
        lines = []
        for kind, group in groupby(keys, key=lambda key: key[2]):
            cells = ", ".join(f"{ATTRIBUTES[key[3]]} ({counts[key]})" for key in group)
            lines.append(f"{PLURALS[kind]} : {cells}")
        yield FILLERS[filler] + (f" : {reader}" if reader else ""), lines


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F9 of the whole."""
    fillings = Counter(filling(item, attribute) for item in items(town) for attribute in item.mandatory)
    filled, whole = fillings["filled"], fillings.total()
    yield Figure("F9", share(filled, whole), "%", filled, whole)
