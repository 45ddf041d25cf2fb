"""Locks of administrators, edits and copies of policies."""

from __future__ import annotations

from lab.smc import versions
from lab.smc.call import Answer, Call
from lab.smc.elements import create, name_of, refuse_system
from lab.smc.errors import conflict, not_found, refused
from lab.smc.world import Json


def lock(call: Call, record: Json) -> Answer:
    """Lock an element for the caller, with `?reason_for=`. Raises ApiError."""
    _offered(call)
    refuse_system(record)
    if record["lock"] and record["lock"]["by"] != call.admin:
        raise conflict(f"The element {name_of(record)} is locked by {record['lock']['by']}.")
    record["lock"] = {"by": call.admin, "reason": call.value("reason_for") or ""}
    return Answer()


def unlock(call: Call, record: Json) -> Answer:
    _offered(call)
    if not record["lock"]:
        raise refused(f"The element {name_of(record)} is not locked.")
    if record["lock"]["by"] != call.admin:
        raise conflict(f"The element {name_of(record)} is locked by {record['lock']['by']}.")
    record["lock"] = None
    return Answer()


def force_unlock(call: Call, record: Json) -> Answer:
    record["lock"] = None
    return Answer()


def open_policy(call: Call, record: Json) -> Answer:
    """Accept the call that versions before 6.1 needed before an edit."""
    return Answer()


def save_policy(call: Call, record: Json) -> Answer:
    return Answer()


def save_as(call: Call, policy: Json) -> Answer:
    """Copy a policy with its rows under `?name=`."""
    name = call.value("name")
    if not name:
        raise refused("The name of the copy is missing.")
    return Answer(201, location=call.world.path(_copy(call, policy, name)))


def duplicate(call: Call, record: Json) -> Answer:
    """Copy an element under `?name=`."""
    name = call.value("name")
    if not name:
        raise refused("The name of the copy is missing.")
    return Answer(201, location=call.world.path(_copy(call, record, name)))


def _copy(call: Call, record: Json, name: str) -> Json:
    copy = create(call, record["type"], {**record["data"], "name": name})
    for kind, keys in record.get("lists", {}).items():
        rows = [call.world[key] for key in keys]
        made = [call.world.add(kind, dict(row["data"]), copy["key"], call.admin, call.now) for row in rows]
        for row, new in zip(rows, made, strict=True):
            new["insert_point"] = row.get("insert_point")
        copy.setdefault("lists", {})[kind] = [new["key"] for new in made]
    return copy


def _offered(call: Call) -> None:
    if not versions.offers(call.smc, versions.LOCKS):
        raise not_found("the requested resource")
