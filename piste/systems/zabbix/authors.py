"""The authors of changes, by the audit log.

Source: Zabbix 7.0 manual, API, auditlog.get; `CAudit` of the frontend (resources, names, `details`). An entry names its
resource by its type and its name, and its details the fields: `{"host.status": ["update", new, old]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.authors import OPTIONS, Author, said
from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.normalise import to_wire
from piste.engine.converge.reading import FAULTS, mapped, text
from piste.engine.converge.resource import Resource
from piste.engine.transport.subjects import subject
from piste.systems.kinds import KINDS
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.connection import SUPERVISION

RESOURCES: Mapping[str, int] = {
    "user": 0, "mediatype": 3, "host": 4, "action": 5, "usergroup": 11, "hostgroup": 14, "service": 18, "map": 19,
    "maintenance": 27, "template": 30, "dashboard": 33, "sla": 48,
}  # fmt: skip
"""The number of each kind of the API in the log (`CAudit::RESOURCE_…`)."""
_ADDED, _UPDATED, _DELETED = 0, 1, 2
_UNDONE = {"create": (_DELETED,), "delete": (_ADDED,)}
"""The action that an operation would take back; of any other operation, an update or the birth of the object."""
_FIELDS = ("clock", "username", "action", "resourcetype", "resourcename", "details")


def read(zabbix: Zabbix, params: Mapping[str, Any]) -> dict[str, Any]:
    """Read the log once; give the authors of each object, in the order of the objects."""
    tables = {kind.table.name: kind.table for kind in KINDS if kind.module.startswith("zabbix_")}
    objects = [(changed, tables[changed["kind"]]) for changed in params["objects"]]
    names = sorted({changed["key"] for changed, table in objects if table.endpoint.name in RESOURCES})
    begin = int(zabbix.transport.now()) - int(params["days"]) * 86_400
    filter_ = {"resourcename": names}
    log = zabbix.get("auditlog", output=[*_FIELDS], time_from=begin, filter=filter_) if names else []
    entries = sorted(log, key=lambda entry: _number(entry["clock"]), reverse=True)
    return {"authors": [said(_authors(changed, table, entries)) for changed, table in objects]}


def _authors(changed: Mapping[str, Any], table: Resource, entries: Sequence[Mapping[str, Any]]) -> Iterator[Author]:
    """Yield who wrote each field last, where that is what is live; else the last change."""
    kind = table.endpoint.name
    actions = _UNDONE.get(changed["action"], (_UPDATED, _ADDED))
    mine = [
        entry
        for entry in entries
        if (entry["resourcename"], _number(entry["resourcetype"])) == (changed["key"], RESOURCES.get(kind))
        and _number(entry["action"]) in actions
    ]
    if changed["action"] in _UNDONE:
        yield from map(_author, mine[:1])
        return
    left = {field.wire_name: _live(table, field.name, changed["before"]) for field in table.fields
            if field.name in changed["fields"]}  # fmt: skip
    for entry in mine:
        wrote = _wrote(entry["details"], kind, left)
        if any(new is None or left[name] is None or str(new) == str(left[name]) for name, new in wrote.items()):
            yield _author(entry)
        left = {name: value for name, value in left.items() if name not in wrote}


def _live(table: Resource, name: str, before: Mapping[str, Any]) -> Any:
    """Give the live value of a field as the log writes it, if it is a single value."""
    try:
        (value,) = to_wire([table.field(name)], before, {}).values()
    except (*FAULTS, ValueError):
        return None
    return None if isinstance(value, (list, dict)) else value


def _wrote(details: Any, kind: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields, among some, that an entry has written, with a value that is single."""
    try:
        written_ = mapped(json.loads(text(details) or "{}"))
    except (*FAULTS, ValueError, RecursionError):
        return {}
    wrote: dict[str, Any] = {}
    for path, change in written_.items():
        name, _, rest = path.removeprefix(f"{kind}.").partition(".")
        name = name.partition("[")[0]
        if path.startswith(f"{kind}.") and name in names:
            value = change[1] if not rest and isinstance(change, list) and len(change) > 1 else None
            wrote.setdefault(name, None if isinstance(value, (list, dict)) else value)
    return wrote


def _number(value: Any) -> int:
    """Read a number of the API, which writes it as text."""
    return int(text(value))


def _author(entry: Mapping[str, Any]) -> Author:
    return Author(text(entry["username"]), written(_number(entry["clock"])))


MODULES: Mapping[str, Module] = subject("zabbix_authors", SUPERVISION, read, *OPTIONS)
