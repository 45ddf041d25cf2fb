"""The readings that a run of the playbook has made, checked and kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from piste.model.protection.derived import TownProtection
from piste.protection.copies import Reading, UnreadableCopies, keep, parsed, reading
from piste.protection.judgment import READ_BY

_UNREAD = "pas lu : il n’a pas répondu, ou cet environnement ne dit pas où il est"


def keep_read(protection: TownProtection, environment: str, content: bytes) -> None:
    """Keep the readings of a run, and why each other store was not read.

    A store that another verb reads keeps its last reading. What a module gave for a store that nothing declares is left
    out.
    """
    given = dict(_given(content))
    for store in protection["stores"]:
        name = store["name"]
        if name in given:
            keep(environment, given[name])
        elif store["reader"] not in READ_BY:
            keep(environment, reading(name, (), unknown=_UNREAD))


def _given(content: bytes) -> Iterator[tuple[str, Reading]]:
    """Yield the readings of a run by store; one that makes no sense is unknown."""
    for part in json.loads(content):
        for entry in part if isinstance(part, list) else ():
            name = entry.get("store") if isinstance(entry, Mapping) else None
            if isinstance(name, str):
                yield name, _checked(name, entry)


def _checked(name: str, entry: Mapping[str, Any]) -> Reading:
    try:
        return parsed(json.dumps(entry).encode(), name)
    except UnreadableCopies as error:
        return reading(name, (), unknown=f"la lecture ne se comprend pas : {error.why}")
