"""The content of a GLPI: items by type, without the form of an API."""

from __future__ import annotations

import copy
import pickle
from typing import Any

Json = dict[str, Any]
STATUSES = {
    "Ticket": {1: "Nouveau", 2: "En cours (Attribué)", 3: "En cours (Planifié)", 4: "En attente", 5: "Résolu",
               6: "Clos"},
    "Change": {1: "Nouveau", 9: "Évaluation", 10: "Validation", 4: "En attente", 11: "Test", 12: "Qualification",
               5: "Appliqué", 8: "Revue", 6: "Clos", 13: "Annulé", 14: "Refusé"},
    "Problem": {1: "Nouveau", 2: "En cours (Attribué)", 5: "Résolu", 6: "Clos"},
}  # fmt: skip
"""Statuses of the assistance items, by id. Source: `CommonITILObject`, `Change::getAllStatusArray`."""


class World:
    """The items of a GLPI; a reference is the id of another item."""

    def __init__(self, kept: Any = None) -> None:
        self.items: dict[str, dict[int, Json]] = {}
        self.last: dict[str, int] = {}
        self.agents: dict[str, Json] = {}
        """The last inventory of each agent, by its `deviceid`."""
        self.beyond: Json = {}
        """Fields that a captured GLPI showed and the schemas do not have, by `itemtype id` (`lab.beyond`)."""
        if kept:
            whole = kept["items"].items()
            self.items = {name: {int(key): item for key, item in items.items()} for name, items in whole}
            self.last, self.agents = dict(kept["last"]), dict(kept["agents"])
            self.beyond = dict(kept.get("beyond") or {})

    def of(self, itemtype: str) -> dict[int, Json]:
        return self.items.setdefault(itemtype, {})

    def get(self, itemtype: str, item_id: Any) -> Json | None:
        return self.of(itemtype).get(item_id)

    def add(self, itemtype: str, content: Json) -> Json:
        """Add an item; an id is never used twice."""
        self.last[itemtype] = self.last.get(itemtype, 0) + 1
        item = {"id": self.last[itemtype], **content}
        self.of(itemtype)[item["id"]] = item
        return item

    def named(self, itemtype: str, name: str) -> Json:
        """Find an item by its name, or add it."""
        items = self.of(itemtype).values()
        return next((item for item in items if item.get("name") == name), None) or self.add(itemtype, {"name": name})

    def way(self, itemtype: str, item: Json) -> list[str]:
        """List the names from the root of a tree to an item."""
        names: list[str] = []
        current: Json | None = item
        while current is not None and len(names) < 20:
            names.insert(0, str(current.get("name", "")))
            current = self.get(itemtype, current.get("parent"))
        return names

    def snapshot(self) -> bytes:
        return pickle.dumps((self.items, self.last, self.agents, self.beyond))

    def state(self) -> Json:
        return copy.deepcopy({"items": self.items, "last": self.last, "agents": self.agents, "beyond": self.beyond})
