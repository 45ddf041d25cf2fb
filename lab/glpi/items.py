"""Items through the schemas of the API: shown, added, changed. Source: `ResourceAccessor`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lab.beyond import joined
from lab.glpi.behaviour import Behaviour
from lab.glpi.errors import invalid, missing
from lab.glpi.schemas import TREES, Column, columns
from lab.glpi.world import STATUSES, Json, World

ZONE = ZoneInfo("Europe/Paris")
"""Zone of its clock."""
_SHORT = 255
_TYPES: dict[str, tuple[type, ...]] = {"s": (str,), "d": (str,), "t": (str,), "i": (int,), "b": (bool,)}


def identity(entry: Any) -> str:
    """Name an item of a list of a document."""
    return str(entry.get("id", "")) if isinstance(entry, dict) else str(entry)


class Items:
    """The items of a world, as a version of the API has them."""

    def __init__(self, world: World, behaviour: Behaviour, moment: Callable[[], str]) -> None:
        self.world, self._behaviour, self._moment = world, behaviour, moment

    def shown(self, itemtype: str, item: Json, version: str) -> Json:
        """Build the document of an item."""
        way = self.world.way(itemtype, item) if itemtype in TREES else []
        known = columns(itemtype, version).items()
        document = {name: self._value(itemtype, item, column, way) for name, column in known}
        extras = self.world.beyond.get(f"{itemtype} {item['id']}")
        return document if extras is None else joined(document, extras, identity)

    def _value(self, itemtype: str, item: Json, column: Column, way: list[str]) -> Any:
        value = item.get(column.name)
        if column.name == "completename" and way:
            return " > ".join(way)
        if column.name == "level" and way:
            return len(way)
        if column.link:
            other = self.world.get(column.link, value)
            return None if other is None else {"id": other["id"], "name": other.get("name", "")}
        if column.kind == "status":
            return {"id": value or 1, "name": STATUSES[itemtype].get(value or 1, "")}
        if column.kind.startswith("["):
            return value or []
        if column.kind == "t" and value:
            return datetime.fromisoformat(value).replace(tzinfo=ZONE).isoformat(timespec="seconds")
        return bool(value) if column.kind == "b" else value

    def add(self, itemtype: str, body: Json, version: str) -> Json:
        content = self._kept(itemtype, body, version)
        now = self._moment()
        return self.world.add(itemtype, {**content, "date_creation": now, "date_mod": now})

    def change(self, itemtype: str, item_id: int, body: Json, version: str) -> None:
        item = self.world.get(itemtype, item_id)
        if item is None:
            raise missing()
        content = self._kept(itemtype, body, version)
        if any(item.get(name) != value for name, value in content.items()):
            item.update(content, date_mod=self._moment())

    def remove(self, itemtype: str, item_id: int, *, forced: bool) -> None:
        item = self.world.get(itemtype, item_id)
        if item is None:
            raise missing()
        if forced or "is_deleted" not in columns(itemtype, "2.3"):
            del self.world.of(itemtype)[item_id]
        else:
            item["is_deleted"] = True

    def _kept(self, itemtype: str, body: Json, version: str) -> Json:
        """Check a body; give what a write keeps of it.

        Unknown and read-only fields are passed over in silence.
        """
        known = columns(itemtype, version)
        faults: dict[str, list[Json]] = {}
        kept: Json = {}
        for name, value in body.items():
            column = known.get(name)
            if column is None or column.read_only or column.kind.startswith("[") or name in self._behaviour.silent:
                continue
            if column.link or column.kind == "status":
                kept[name] = self._reference(value)
                continue
            if value is not None and not isinstance(value, _TYPES[column.kind]):
                faults[name] = [{"error": "type", "message": f"This field must be of type {column.kind}"}]
            elif isinstance(value, str) and len(value) > _SHORT and name not in ("comment", "content"):
                message = f"This field must be at most {_SHORT} characters long"
                faults[name] = [{"error": "maxLength", "message": message, "maxLength": _SHORT}]
            elif column.kind == "t" and value:
                try:
                    # The real GLPI keeps the digits, whatever the offset.
                    kept[name] = datetime.fromisoformat(value).replace(tzinfo=None).isoformat(timespec="seconds")
                except ValueError:
                    faults[name] = [{"error": "format", "message": "This field must be a date-time"}]
            else:
                kept[name] = value
        if faults:
            raise invalid("Invalid input parameters", faults)
        return kept

    def _reference(self, value: Any) -> int | None:
        """Read a reference: `{"id": 5}`, or 5; 0 and null refer to nothing."""
        given = value.get("id") if isinstance(value, dict) else value
        if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
            raise invalid("Invalid input parameters", {"id": [{"error": "type", "message": "must be an integer"}]})
        return given or None
