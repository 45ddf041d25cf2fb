"""The reception of a delivery: awaited assets get their numbers, the others enter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from piste.engine import tables
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed
from piste.sites.declaring import text_at
from piste.sites.life.changes import ASSETS, HISTORY, Made, event_of, finished, with_event
from piste.sites.life.tables import as_line, with_cells, with_line
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES
from piste.town.model.assets.derived import Asset
from piste.town.model.assets.form import COLUMNS as TABLE
from piste.town.model.assets.titles import TITLES, titled
from piste.town.model.life.history import COLUMNS, Event
from piste.town.model.placeholder import is_placeholder

MOST = 2_000
"""Assets of a delivery."""
_LISTED = ("name", "serial", "variant", "maker", "model", "mac", "site", "place", "warranty_until", "end_of_life")
"""Columns that a list of a delivery may have."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery: its `order`, its assets, the cells that they share.

    `prefix` begins the names of new assets.
    """

    order: str
    kind: str
    items: Sequence[Mapping[str, str]]
    role: str
    date: str
    shared: Mapping[str, str | None] = field(default_factory=dict)
    prefix: str = ""


def read_list(path: Path) -> list[dict[str, str]]:
    """Read the list of a delivery: a serial number a line, or a table with headers.

    Raises `Misused` with the faults of its lines.
    """
    table = tables.read(path, _LIST)
    if table.faults:
        raise Misused(
            f"{path} a {agreed(len(table.faults), 'faute(s)')}, rien n’est reçu",
            todo=f"Corrigez :\n{tables.listing(table.faults, path.name)}",
        )
    if not table.rows:
        raise Misused(f"{path} : aucun équipement n’y est")
    return [{name: cell for name, cell in row.values.items() if cell} for row in table.rows]


def _serial(text: str) -> str:
    if not text:
        raise ValueError("pas de numéro de série")
    return text


# The place of an asset, which inventories call its site.
_PLACED = {"place": (*TITLES["place"], "lieu"), "site": [title for title in TITLES["site"] if title != "lieu"]}
_LIST = tables.Form(
    titled(
        _LISTED,
        serial=tables.Column("serial", required=True, titles=TITLES["serial"], form=_serial),
        **{name: tables.Column(name, titles=titles) for name, titles in _PLACED.items()},
    ),
    rows=MOST,
    bare="serial",
    formulas=False,
)


def make(delivery: Delivery, town: Town, root: Path) -> Made:
    """Make the files of a reception, and validate the town with them on a copy.

    An asset that this order delivered already stays as it is, so that the same list finishes what was interrupted.
    Raises `Misused` with every fault, `InvalidDeclaration`.
    """
    entry = CLASSES.get(delivery.kind)
    if entry is None or entry.table != "lines":
        known = ", ".join(name for name, each in CLASSES.items() if each.table == "lines")
        todo = f"Inscrivez-le là où il est déclaré ({entry.declared_in})." if entry else f"Classes : {known}."
        raise Misused(f"« {delivery.kind} » ne se reçoit pas ainsi", todo=todo)
    reception = _Reception(delivery, town, root)
    for item in delivery.items:
        reception.take(item)
    if reception.faults:
        raise Misused(" ; ".join(reception.faults[:20]), todo="Rien n’a été écrit : corrigez la liste.")
    return finished(reception.history, {reception.path: reception.table}, reception.lines, root)


class _Reception:
    """A reception under way: the table and the history, as they become asset by asset."""

    def __init__(self, delivery: Delivery, town: Town, root: Path) -> None:
        self.delivery, self.path = delivery, ASSETS / f"{delivery.kind}.csv"
        self.table = text_at(root / self.path) or as_line(TABLE)
        self.history = text_at(root / HISTORY) or as_line(COLUMNS)
        self.lines: list[str] = []
        self.faults: list[str] = []
        self._names = {asset["name"].casefold() for asset in town.assets}
        self._owners = {asset["serial"].casefold(): asset["name"] for asset in town.assets if asset["serial"]}
        self._awaited = [
            asset for asset in town.assets if asset["kind"] == delivery.kind and asset["state"] == "awaited"
        ]
        written = [event for event in town.history if _of(delivery, event)]
        self._written = {(event.serial or "").casefold(): event.asset for event in written}
        self._free = _numbered(delivery.prefix, [*self._names, *(event.asset.casefold() for event in town.history)])

    def take(self, item: Mapping[str, str]) -> None:
        """Take an asset: as the awaited asset that it is, or as a line of its own."""
        serial = item["serial"]
        owner, before = self._owners.get(serial.casefold()), self._written.get(serial.casefold())
        expected = next((asset for asset in self._awaited if asset["name"] == owner), None)
        if owner is not None and expected is None:
            if before is None:
                self.faults.append(f"{serial} est déjà {owner}")
            return
        cells: dict[str, str | None] = {**self.delivery.shared, **item, "state": "stock"}
        asset = expected or _waiting(self._awaited, {**cells, **({"name": before} if before else {})})
        name = asset["name"] if asset else before or item.get("name") or next(self._free, "")
        if not name:
            self.faults.append(f"{serial} : donnez son nom (colonne name, ou --prefix)")
        elif asset is None and name.casefold() in self._names:
            self.faults.append(f"{serial} : « {name} » est déjà à l’inventaire")
        else:
            self._enter(name, asset, cells, written=before is not None)

    def _enter(self, name: str, asset: Asset | None, cells: Mapping[str, str | None], *, written: bool) -> None:
        known = {column: value for column, value in cells.items() if value and column != "name"}
        if asset:
            self._awaited.remove(asset)
            self.table = with_cells(self.table, name, known)
        else:
            self.table = with_line(self.table, {**known, "name": name})
        serial = str(cells["serial"])
        self._names.add(name.casefold())
        self._owners[serial.casefold()] = name
        if not written:
            after: dict[str, str | None] = {
                column: known.get(column) or (asset[column] if asset else None) for column in _NOTED
            }
            event = {"date": self.delivery.date, "action": "receive", "asset": name, "role": self.delivery.role}
            cells = {**event, **after, "serial": serial, "reference": self.delivery.order}
            self.history = with_event(self.history, event_of(cells))
        self.lines.append(f"{name} : reçu ({serial})")


_TELLING: tuple[Literal["variant", "model", "site"], ...] = ("variant", "model", "site")
_NOTED: tuple[Literal["state", "site", "place", "assigned_to"], ...] = ("state", "site", "place", "assigned_to")


def _of(delivery: Delivery, event: Event) -> bool:
    return event.action == "receive" and event.reference == delivery.order


def _waiting(awaited: Sequence[Asset], cells: Mapping[str, str | None]) -> Asset | None:
    """Find the awaited asset that a delivered asset is.

    It has that name, else no number yet, and its variant, model and site where both give them.
    """
    if cells.get("name"):
        return next((asset for asset in awaited if asset["name"] == cells["name"]), None)
    for asset in awaited:
        numbered = asset["serial"] and not is_placeholder(asset["serial"])
        if not numbered and all(asset[column] in (None, cells.get(column) or asset[column]) for column in _TELLING):
            return asset
    return None


def _numbered(prefix: str, known: Sequence[str]) -> Iterator[str]:
    """Continue the numbers of a prefix: `pc-jau-004` after `pc-jau-003`."""
    if not prefix:
        return
    numbers = [match for name in known if (match := re.fullmatch(rf"{re.escape(prefix.casefold())}(\d+)", name))]
    width = max((len(match[1]) for match in numbers), default=3)
    number = max((int(match[1]) for match in numbers), default=0)
    while True:
        number += 1
        yield f"{prefix}{number:0{width}}"
