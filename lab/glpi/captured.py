"""A GLPI made of the answers of a real GLPI: items by type, rows of the former API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from lab.beyond import Captured, missing
from lab.glpi.behaviour import Behaviour
from lab.glpi.items import ZONE, Items, identity
from lab.glpi.legacy import TABLES
from lab.glpi.schemas import VERSIONS, columns, routes
from lab.glpi.world import World

_ITEM = re.compile(r"/api\.php/v(2\.\d+)/(\w+/\w+)(?:/\d+)?")
_ROW = re.compile(r"/api\.php/v1/(\w+)")
_NEWEST = "2.3"


def world_of(answers: Iterable[Captured]) -> tuple[World, list[str]]:
    """Build the items of a GLPI from its answers; list the lines of what was left."""
    world, left = World(), []
    shown: dict[tuple[str, int], tuple[str, Any]] = {}
    for answer in answers:
        if not 200 <= answer.status < 300:
            continue
        item, row = _ITEM.fullmatch(answer.path), _ROW.fullmatch(answer.path)
        itemtype = routes(_NEWEST).get(item[2].lower()) if item else None
        documents = answer.answer if isinstance(answer.answer, list) else [answer.answer]
        if item and itemtype:
            for document in documents:
                _take(world, itemtype, document)
                shown[itemtype, document["id"]] = item[1], document
        elif row and row[1] in TABLES:
            for document in documents:
                _keep(world, row[1], {**world.of(row[1]).get(document["id"], {}), **document})
        else:
            left.append(f"{answer.path} : le laboratoire n’a pas cette lecture")
    items = Items(world, Behaviour(), lambda: "")
    for (itemtype, number), (version, document) in shown.items():
        now = items.shown(itemtype, world.of(itemtype)[number], version if version in VERSIONS else _NEWEST)
        if extras := missing(document, now, f"{itemtype} {number}", left.append, named=identity):
            world.beyond[f"{itemtype} {number}"] = extras
    return world, list(dict.fromkeys(left))


def _take(world: World, itemtype: str, document: Mapping[str, Any]) -> None:
    """Keep an item, its references by their ids."""
    known, kept = columns(itemtype, _NEWEST), {"id": document["id"]}
    for name, value in document.items():
        column = known.get(name)
        if column is None or name in ("id", "completename", "level"):
            continue
        if isinstance(value, Mapping):
            if column.link and value["id"] not in world.of(column.link):
                _keep(world, column.link, {"id": value["id"], "name": value.get("name")})
            kept[name] = value["id"]
        elif column.kind == "t" and value:
            kept[name] = _local(value)
        else:
            kept[name] = value
    _keep(world, itemtype, {**world.of(itemtype).get(document["id"], {}), **kept})


def _local(moment: str) -> str:
    """Give a moment as the state has it, in the zone of the server; a text that is none stays."""
    try:
        return datetime.fromisoformat(moment).astimezone(ZONE).replace(tzinfo=None).isoformat(timespec="seconds")
    except ValueError:
        return moment


def _keep(world: World, itemtype: str, item: dict[str, Any]) -> None:
    world.of(itemtype)[item["id"]] = item
    world.last[itemtype] = max(world.last.get(itemtype, 0), item["id"])
