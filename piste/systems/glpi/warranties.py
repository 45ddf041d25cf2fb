"""Warranties and ends of life of assets (`Infocom`), by the legacy API.

The High-Level API reads them (`/Assets/{type}/{id}/Infocom`) and has no route that writes them in any version read.
GLPI computes the end of a warranty from its beginning and its months: the declared end goes as a beginning of no
month, so that GLPI shows it as it is [belief glpi.legacy].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Missing
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import number, optional, text
from piste.engine.converge.resource import Field, Resource
from piste.systems.glpi.assets import Assets
from piste.systems.glpi.client import Document
from piste.systems.glpi.driver import changed
from piste.systems.glpi.items import ASSETS
from piste.systems.glpi.legacy import Legacy

TABLE = "Infocom"
RESOURCE = Resource(
    system="glpi",
    name="warranty",
    doc="Garantie de GLPI",
    key=("itemtype", "name"),
    fields=(
        Field("itemtype", "Kind of item, as GLPI calls it.", required=True, choices=ASSETS, path_only=True),
        Field("name", "Name of the asset in the town.", required=True, path_only=True),
        Field("serial", "Serial number by which GLPI knows it.", path_only=True),
        Field("warranty_until", "Last day of its warranty, C(YYYY-MM-DD).", wire="warranty_date", nullable=True),
        Field(
            "end_of_life",
            "Day on which its maker stops following it, C(YYYY-MM-DD).",
            wire="decommission_date",
            nullable=True,
        ),
    ),
)
COLUMNS: Mapping[str, str] = {entry.name: entry.wire_name for entry in RESOURCE.fields if not entry.path_only}


class Warranties(Assets):
    resource = RESOURCE
    states: Sequence[str] = ("merged", "replaced", "gathered")

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {self.resource.key_of(item): item for item in desired}
        super().gather(desired, whole=whole, fresh=False)
        rows = {(text(row["itemtype"]), number(row["items_id"])): row for row in self.legacy.all(TABLE, fresh=fresh)}
        self.rows: dict[str, Document] = {}
        items: dict[str, Item] = {}
        for key, document in self.raw.items():
            row = rows.get((document["_itemtype"], self._id(document)))
            if row is None or not (any(row.get(column) for column in COLUMNS.values()) or key in asked):
                continue
            self.rows[key] = row
            dates = {name: _day(row.get(column)) for name, column in COLUMNS.items()}
            items[key] = {**self.resource.named(key), **dates}
        return items

    @property
    def legacy(self) -> Legacy:
        return Legacy(self.glpi)

    def canonical(self, document: Document, desired: Item, key: str) -> Item:
        return {}

    def check(self, desired: Sequence[Item]) -> Sequence[Any]:
        return ()

    def write(self, operation: Operation) -> None:
        content = (operation.after or {}) if operation.action == "create" else changed(operation)
        row = {column: content[name] for name, column in COLUMNS.items() if name in content}
        if "warranty_date" in row:
            row["warranty_duration"] = 0
        if operation.key in self.rows:
            self.legacy.update(TABLE, self._id(self.rows[operation.key]), row)
            return
        if operation.key not in self.raw:
            raise Missing(f"« {operation.key} » n’est pas dans GLPI", where=self.glpi.host)
        document = self.raw[operation.key]
        self.legacy.create(TABLE, {"itemtype": document["_itemtype"], "items_id": self._id(document), **row})


def _day(value: Any) -> str | None:
    """Read a day; GLPI writes an empty day in several ways."""
    shown = optional(text, value) or ""
    return shown[:10] if shown and not shown.startswith("0000") else None
