"""Assets: what Piste owns of an item, and what it leaves to the inventory agent.

Identity. An item is found by its serial number, else by Piste's name in the inventory number (`otherserial`), else by
its name where it has no serial number: agents rename items, and a part of the park has no number yet. Piste writes the
inventory number where it is empty alone: a town's own stickers stay.

Ownership. Location, state, type are Piste's. Name, serial number, manufacturer, model are the agent's as soon as it has
seen the item; what differs then is named, never written. Persons (user, group, contact) are nobody's here: an asset is
assigned to a service, which the High-Level API does not keep (glpi-project/glpi #24899).
Believed: [belief glpi.agent], [belief glpi.import_rules].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.plan import Item
from piste.engine.converge.reading import mapped, optional, text, truth
from piste.engine.converge.resource import Field, Resource
from piste.systems.glpi.client import Document
from piste.systems.glpi.driver import WRITTEN, GlpiDriver, stated
from piste.systems.glpi.items import ASSETS

AGENT = ("title", "serial", "manufacturer", "model")
"""Fields of the inventory agent, once it has seen the item."""
RESOURCE = Resource(
    system="glpi",
    name="asset",
    doc="Matériel de GLPI",
    key=("itemtype", "name"),
    known=WRITTEN
    | {"group", "group_tech", "uuid", "network", "autoupdatesystem", "is_dynamic", "last_inventory_update"},
    parents={"location": "location"},
    fields=(
        Field("itemtype", "Kind of item, as GLPI calls it.", required=True, choices=ASSETS, path_only=True),
        Field("name", "Name of the asset in the town; its identity.", required=True, path_only=True),
        Field("title", "Name that GLPI shows; C(name) where not given.", wire="name", maximum=255),
        Field("serial", "Serial number of the maker; never a placeholder.", wire="serial", nullable=True, maximum=255),
        Field(
            "inventory_number",
            "Piste's name of the asset, written where GLPI has none.",
            wire="otherserial",
            nullable=True,
            maximum=255,
        ),
        stated("the asset"),
        Field("location", "Way of its location.", nullable=True),
        Field("type", "Its type, a name of the list of types.", nullable=True),
        Field("manufacturer", "Its maker.", nullable=True),
        Field("model", "Its model.", nullable=True),
        Field("trashed", "Whether somebody has put it in the bin.", type="bool", wire="is_deleted", default=False),
    ),
)


class Assets(GlpiDriver):
    resource = RESOURCE

    def itemtypes(self, desired: Iterable[Item]) -> list[str]:
        wanted = {item["itemtype"] for item in desired} or (ASSETS if self.everything else ())
        return [name for name in ASSETS if name in wanted]

    def itemtype(self, item: Mapping[str, Any]) -> str:
        return str(item["itemtype"])

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = [(self.resource.key_of(item), item) for item in desired]
        self._serials = {(item["itemtype"], _plain(item["serial"])): key for key, item in asked if item.get("serial")}
        self._keys = {key.casefold(): key for key, _ in asked}
        return super().gather(desired, whole=whole, fresh=fresh)

    def key(self, itemtype: str, document: Document, asked: Mapping[str, Item]) -> str:
        serial = optional(text, document.get("serial")) or ""
        if serial and (key := self._serials.get((itemtype, _plain(serial)))):
            return key
        name = optional(text, document.get("name")) or ""
        number = optional(text, document.get("otherserial")) or ""
        for own in (f"{itemtype}/{number}", f"{itemtype}/{name}"):
            # Agents of Windows give names in capitals, and GLPI compares them without regard to case.
            key = self._keys.get(own.casefold())
            if key and self._may_be(asked[key], serial):
                return key
        own = f"{itemtype}/{number or name or serial}"
        return f"{own} ({document['id']})" if own.casefold() in self._keys or own.endswith("/") else own

    def _may_be(self, item: Item, serial: str) -> bool:
        """False where both have a serial number, and not the same: the name has moved."""
        declared = item.get("serial")
        return not (serial and declared and _plain(serial) != _plain(declared))

    def lookups(self, item: Item) -> Iterator[tuple[str, str]]:
        if serial := item.get("serial"):
            yield "serial", str(serial)
        if item["itemtype"] != "Cluster":
            yield "otherserial", str(item["name"])
        yield "name", str(item["name"])

    def canonical(self, document: Document, desired: Item, key: str) -> Item:
        item = super().canonical(document, desired, key)
        if document.get("otherserial") and desired.get("inventory_number"):
            item["inventory_number"] = desired["inventory_number"]
        if _by_agent(document):
            for name in AGENT:
                wanted, live = desired.get(name), item.get(name)
                if wanted is not None and wanted != live:
                    label = _WORDS[name]
                    self.note(key, f"{label} {live or 'vide'} selon l’agent d’inventaire, {wanted} dans la déclaration")
                    item[name] = wanted
        return item


_WORDS = {"title": "nom", "serial": "numéro de série", "manufacturer": "fabricant", "model": "modèle"}


def _by_agent(document: Mapping[str, Any]) -> bool:
    """True for an item that an inventory agent keeps.

    `is_dynamic` is of the version 2.3; before it, the source of updates alone says so [belief glpi.version].
    """
    if "is_dynamic" in document:
        return truth(document["is_dynamic"])
    return bool(mapped(document.get("autoupdatesystem")))


def _plain(serial: str) -> str:
    return serial.strip().casefold()
