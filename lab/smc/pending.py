"""Pending changes: the changes since the last upload, for each engine that they concern."""

from __future__ import annotations

from lab.smc import kinds
from lab.smc.call import Answer, Call
from lab.smc.errors import refused
from lab.smc.world import Json, mark

APPROVAL = "50"


def note(call: Call, record: Json, event: str) -> None:
    """Remember a change for every engine that it concerns."""
    for engine in sorted(concerned(call, record)):
        call.world.data["pending"].append(
            {
                "engine": engine,
                "element": record["key"],
                "element_path": call.world.path(record),
                "element_name": record["data"].get("name", ""),
                "event_type": f"stonegate.object.{event}",
                "modifier": call.admin,
                "changed_on": call.now,
                "approved_on": None,
                "approver": None,
            }
        )


def concerned(call: Call, record: Json) -> set[int]:
    """Return the keys of the engines whose installed policy uses a record, directly or not."""
    engines = [engine for engine in call.world.of_type(*kinds.ENGINES) if engine.get("installed")]
    waiting, seen = [record] if engines else [], set()
    while waiting:
        walked = waiting.pop()
        if walked["key"] not in seen:
            seen.add(walked["key"])
            waiting += [] if walked["parent"] is None else [call.world[walked["parent"]]]
            waiting += call.world.users(walked)
    return {engine["key"] for engine in engines if {engine["key"], engine["installed"]["policy"]} & seen}


def pending_changes(call: Call, engine: Json) -> Answer:
    rows = [row for row in call.world.data["pending"] if row["engine"] == engine["key"]]
    return Answer(value={"result": [_shown(call, row) for row in rows]})


def approve(call: Call, engine: Json) -> Answer:
    for row in call.world.data["pending"]:
        if row["engine"] == engine["key"]:
            row |= {"approved_on": call.now, "approver": call.admin}
    return Answer(204)


def disapprove(call: Call, engine: Json) -> Answer:
    for row in call.world.data["pending"]:
        if row["engine"] == engine["key"]:
            row |= {"approved_on": None, "approver": None}
    return Answer(204)


def refuse_unapproved(call: Call, engine: Json) -> None:
    """Refuse an upload of unapproved changes where the server demands approval [inferred]."""
    properties = {str(record["data"]["system_key"]): record["data"] for record in call.world.of_type("system_property")}
    demanded = properties.get(APPROVAL, {}).get("value") == "true"
    rows = (row for row in call.world.data["pending"] if row["engine"] == engine["key"])
    if demanded and not all(row["approved_on"] for row in rows):
        raise refused("Impossible to upload the policy.", "All pending changes must be approved first.")


def clear(call: Call, engine: Json, until: int) -> None:
    """Forget the changes that an upload, begun at a moment, has taken to an engine."""
    kept = [row for row in call.world.data["pending"] if row["engine"] != engine["key"] or row["changed_on"] > until]
    call.world.data["pending"] = kept


def _shown(call: Call, row: Json) -> Json:
    stamp = call.stamp
    known = call.world.get(row["element"]) is not None
    return {
        "approved_on": stamp(row["approved_on"]) if row["approved_on"] else "",
        "approver": row["approver"] or "",
        "changed_on": stamp(row["changed_on"]),
        "element": mark(row["element"]) if known else call.href(row["element_path"]),
        "element_name": row["element_name"],
        "event_type": row["event_type"],
        "modifier": row["modifier"],
    }
