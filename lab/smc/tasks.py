"""Tasks, which take time on the lab's clock: start, follower, end, abort; uploads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.smc import kinds, pending, versions
from lab.smc.call import Answer, Call
from lab.smc.elements import entry, name_of, refuse_locked
from lab.smc.errors import not_found, refused
from lab.smc.exports import archive
from lab.smc.world import Json, mark

NEVER = 10**15
_STEPS = ("Task is waiting for execution.", "Policy is being compiled.", "Policy is being transferred to the engine.")


def begin(call: Call, kind: str, resources: list[Json], seconds: float, after: Json | None = None, **more: Any) -> Json:
    """Start a task and return it; `after` is the effect of its end (see `settle`)."""
    task: Json = {
        "key": call.world.new_key(),
        "type": kind,
        "resource": [record["key"] for record in resources],
        "start": call.now,
        "end": call.now + int(seconds * 1000),
        "success": True,
        "message": "The task has completed successfully.",
        "after": after,
        "settled": False,
        "by": call.admin,
        "children": [],
        "parent": None,
        **more,
    }
    call.world.data["tasks"][str(task["key"])] = task
    return task


def follow(call: Call, task: Json, status: int = 202) -> Answer:
    return Answer(status, shown(call, task))


def shown(call: Call, task: Json) -> Json:
    """Return a task as its follower shows it now."""
    running = call.now < task["end"]
    path = f"/elements/task_progress/{task['key']}"
    share = (call.now - task["start"]) / max(1, task["end"] - task["start"])
    links = [{"rel": "self", "href": call.href(path), "type": "task_progress"}]
    links.append({"rel": "abort" if running else "result", "href": call.href(path if running else f"{path}/result")})
    value: Json = {
        "follower": call.href(path),
        "type": task["type"],
        "in_progress": running,
        "progress": min(99, int(share * 100)) if running else 100,
        "last_message": _STEPS[min(2, int(share * 3))] if running else task["message"],
        "resource": [mark(key) for key in task["resource"] if call.world.get(key)],
        "start_time": task["start"],
        "waiting_inputs": False,
        "link": links,
    }
    if not running:
        value |= {"success": task["success"], "end_time": task["end"]}
    if versions.offers(call.smc, versions.TASK_CHILDREN):
        if task["children"]:
            value["children"] = [call.href(f"/elements/task_progress/{key}") for key in task["children"]]
        if task["parent"]:
            value["parent"] = call.href(f"/elements/task_progress/{task['parent']}")
    return value


def task_of(call: Call, key: str) -> Json:
    task = call.world.data["tasks"].get(key)
    if task is None:
        raise not_found(f"the task {key}")
    return task  # type: ignore[no-any-return]


def serve(call: Call, parts: list[str]) -> Answer:
    """Answer `task_progress/<key>`: GET follows, DELETE aborts, `/result` gives the report."""
    task = task_of(call, parts[0])
    if parts[1:] == ["result"] and call.method == "GET":
        if task.get("export"):
            return Answer(value=archive(call, task["export"]), content_type="application/zip")
        report = str(task.get("report") or task["message"])
        return Answer(value=report.encode(), content_type="text/plain")
    if parts[1:]:
        raise not_found("the requested resource")
    if call.method == "DELETE":
        for running in (task, *(task_of(call, str(key)) for key in task["children"])):
            if call.now < running["end"]:
                running |= {"end": call.now, "success": False, "message": "The task was aborted.", "after": None}
        return Answer(204)
    return Answer(value=shown(call, task))


def settle(call: Call) -> None:
    """Apply the effects of the tasks that have ended, in order."""
    due = [task for task in call.world.data["tasks"].values() if not task["settled"] and task["end"] <= call.now]
    for task in sorted(due, key=lambda task: (task["end"], task["key"])):
        task["settled"] = True
        after = task["after"]
        if after and task["success"]:
            _EFFECTS[after["effect"]](call, task, after)


def upload(call: Call, engines: list[Json], policy: Json, *, snapshot: bool, slot: int | None = None) -> Answer:
    """Upload the present rows in a task with a child for each node; faults may strike it."""
    refuse_locked(call, policy)
    for engine in engines:
        pending.refuse_unapproved(call, engine)
        running = [
            task
            for task in call.world.data["tasks"].values()
            if task["type"] == "upload" and engine["key"] in task["resource"] and call.now < task["end"]
        ]
        if running:
            raise refused(f"An upload is already in progress on {name_of(engine)}.")
    fault = call.faults.on_event("upload_fail", "upload_hang", method=call.method)
    end: Json = {}
    if fault is not None and fault.kind == "upload_hang":
        end = {"end": NEVER}
    elif fault is not None:
        end = {"success": False, "message": fault.body or "Policy upload failed: the engine could not be contacted."}
    after = {
        "effect": "install",
        "engines": [engine["key"] for engine in engines],
        "policy": policy["key"],
        "snapshot": snapshot,
        "slot": slot,
        "rows": {kind: [call.world[key]["data"] for key in keys] for kind, keys in policy.get("lists", {}).items()},
    }
    task = begin(call, "upload", [policy, *engines], call.behaviour.upload_seconds, after, **end)
    for engine in engines:
        for node in kinds.nodes(call.world, engine):
            child = begin(call, "upload", [engine], call.behaviour.upload_seconds, None, **end, parent=task["key"])
            child["node"] = node["key"]
            task["children"].append(child["key"])
    return follow(call, task)


def _install(call: Call, task: Json, after: Json) -> None:
    for key in after["engines"]:
        engine = call.world.get(key)
        policy = call.world.get(after["policy"])
        if engine is None or policy is None:
            continue
        if after["slot"]:
            engine.setdefault("slots", {})[str(after["slot"])] = policy["key"]
            continue
        engine["installed"] = {
            "policy": policy["key"],
            "name": name_of(policy),
            "at": task["end"],
            "by": task["by"],
            "rows": after["rows"],
        }
        pending.clear(call, engine, until=task["start"])
        if after["snapshot"]:
            _snapshot(call, engine, policy, task)


def _snapshot(call: Call, engine: Json, policy: Json, task: Json) -> None:
    stamp = call.stamp(task["end"])
    data = {
        "name": f"{name_of(policy)} {stamp}",
        "policy_name": name_of(policy),
        "policy_ref": mark(policy["key"]),
        "target": str(engine["key"]),
        "target_name": name_of(engine),
        "upload_time": task["end"],
        "uploader": task["by"],
    }
    call.world.add("snapshot", data, engine["key"], task["by"], task["end"])


_EFFECTS: dict[str, Callable[[Call, Json, Json], None]] = {"install": _install}


def upload_engine(call: Call, engine: Json) -> Answer:
    """Upload to an engine the policy that `?filter=` names, else its current policy."""
    wanted = call.value("filter")
    if wanted:
        every = call.world.of_type(*kinds.INSTALLABLE)
        policies = [candidate for candidate in every if _fits(wanted, name_of(candidate))]
        if len(policies) != 1:
            raise refused(
                f"Impossible to find the policy {wanted}." if not policies else f"Several policies fit {wanted}."
            )
        policy = policies[0]
    else:
        policy = _current(call, engine)
    slot = call.value("alternative_slot")
    return upload(call, [engine], policy, snapshot=_asked(call, "generate_snapshot"), slot=int(slot) if slot else None)


def refresh(call: Call, engine: Json) -> Answer:
    """Upload the installed policy again."""
    return upload(call, [engine], _current(call, engine), snapshot=_asked(call, "generate_snapshot"))


def upload_policy(call: Call, policy: Json) -> Answer:
    """Upload a policy to the engines that `?filter=` names."""
    wanted = call.value("filter") or ""
    engines = [candidate for candidate in call.world.of_type(*kinds.ENGINES) if _fits(wanted, name_of(candidate))]
    if not wanted or not engines:
        raise refused(f"Impossible to find the engine {wanted}.")
    body = call.body()
    return upload(call, engines, policy, snapshot=bool(body.get("snapshot_creation", True)))


def snapshots(call: Call, engine: Json) -> Answer:
    return Answer(value={"result": [entry(call, snapshot) for snapshot in call.world.children(engine, "snapshot")]})


def validate(call: Call, policy: Json) -> Answer:
    return follow(call, begin(call, "validate", [policy], 0.0))


def export(call: Call, record: Json) -> Answer:
    return follow(call, begin(call, "export", [record], 0.0, export={"keys": [record["key"]]}))


def export_all(call: Call) -> Answer:
    """Answer `POST /system/export_elements?exclude_trashed=`."""
    wanted = {"keys": None, "trash": not call.flag("exclude_trashed")}
    return follow(call, begin(call, "export", [], 0.0, export=wanted))


def _current(call: Call, engine: Json) -> Json:
    installed = engine.get("installed")
    if not installed or call.world.get(installed["policy"]) is None:
        raise refused(f"No policy is installed on {name_of(engine)}.")
    return call.world[installed["policy"]]


def _asked(call: Call, name: str) -> bool:
    return call.flag(name, True)


def _fits(pattern: str, name: str) -> bool:
    start, star, end = pattern.partition("*")
    return name == pattern if not star else name.startswith(start) and name.endswith(end)
