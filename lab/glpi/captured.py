"""A GLPI made of the answers of a real GLPI: items by type, rows of the former API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lab.glpi.legacy import TABLES
from lab.glpi.schemas import columns, routes
from lab.glpi.world import World
from lab.meraki.captured import Captured

_ITEM = re.compile(r"/api\.php/v(2\.\d+)/(\w+/\w+)(?:/\d+)?")
_ROW = re.compile(r"/api\.php/v1/(\w+)")
_NEWEST = "2.3"


def world_of(answers: Iterable[Captured]) -> tuple[World, list[str]]:
    """Build the items of a GLPI from its answers; list the lines of what was left."""
    world, left = World(), []
    for answer in answers:
        if not 200 <= answer.status < 300:
            continue
        item, row = _ITEM.fullmatch(answer.path), _ROW.fullmatch(answer.path)
        itemtype = routes(_NEWEST).get(item[2].lower()) if item else None
        documents = answer.answer if isinstance(answer.answer, list) else [answer.answer]
        if itemtype:
            for document in documents:
                left += _take(world, itemtype, document)
        elif row and row[1] in TABLES:
            for document in documents:
                _keep(world, row[1], {**world.of(row[1]).get(document["id"], {}), **document})
        else:
            left.append(f"{answer.path} : le laboratoire n’a pas cette lecture")
    return world, list(dict.fromkeys(left))


def _take(world: World, itemtype: str, document: Mapping[str, Any]) -> list[str]:
    """Keep an item, its references by their ids; list the fields beyond the simulator's."""
    known, kept = columns(itemtype, _NEWEST), {"id": document["id"]}
    for name, value in document.items():
        column = known.get(name)
        if column is None or name in ("id", "completename", "level"):
            continue
        if isinstance(value, Mapping):
            if column.link and value["id"] not in world.of(column.link):
                _keep(world, column.link, {"id": value["id"], "name": value.get("name")})
            kept[name] = value["id"]
        else:
            kept[name] = value
    _keep(world, itemtype, {**world.of(itemtype).get(document["id"], {}), **kept})
    return [f"{itemtype} : le laboratoire n’a pas le champ {name}" for name in document.keys() - known.keys()]


def _keep(world: World, itemtype: str, item: dict[str, Any]) -> None:
    world.of(itemtype)[item["id"]] = item
    world.last[itemtype] = max(world.last.get(itemtype, 0), item["id"])
