"""Tasks: the answers of mutations, whose jobs are done later, in the order of time."""

from __future__ import annotations

import base64
from typing import Any

from lab.prism.errors import TaskFailure
from lab.prism.handlers import HANDLERS
from lab.prism.power import turn_off
from lab.prism.site import Site

Json = dict[str, Any]
# The kinds of faults that strike tasks, and the status that each gives.
FATES = {
    "task_fail": "FAILED", "task_cancel": "CANCELED", "task_suspend": "SUSPENDED", "task_slow": "", "task_stuck": "",
}  # fmt: skip
SLOW_SECONDS = 61.0
# Operations with a task and a subtask, and the fields that both share.
_PARTED = ("CreateVm", "PowerOnVm")
_SHARED = ("status", "progressPercentage", "startedTime", "completedTime", "lastUpdatedTime", "errorMessages")
_PREFIX = base64.b64encode(b"ergon").decode()


def start(site: Site, job: Json, method: str, path: str) -> Json:
    """Queue a job: {name, ids, body, new: id to create, kind, rev: expected version, affected}."""
    now = site.clock.now()
    fate = site.faults.on_event(*FATES, method=method, path=path)
    kind = fate.kind if fate else ""
    task = {
        "extId": f"{_PREFIX}:{site.world.new_id()}",
        "operation": job["name"],
        "operationDescription": job["name"],
        "status": "QUEUED",
        "progressPercentage": 0,
        "createdTime": site.moment(now),
        "lastUpdatedTime": site.moment(now),
        "entitiesAffected": list(job["affected"]),
        "numberOfEntitiesAffected": len(job["affected"]),
        "numberOfSubtasks": 0,
        "isCancelable": False,
        "isBackgroundTask": False,
        "ownedBy": {"extId": site.owner, "name": site.username},
        "clusterExtIds": [site.cluster["extId"]] if site.world.of("Cluster") else [],
        "_job": job,
        "_at": now + (SLOW_SECONDS if kind == "task_slow" else site.behaviour.task_seconds),
        "_fate": kind,
        "_says": (fate.body or "") if fate else "",
    }
    site.world.tasks[task["extId"]] = task
    site.world.pending.append(task["extId"])
    if job["name"] in _PARTED:
        _part(site, task)
    return task


def _part(site: Site, task: Json) -> None:
    """Give a task a subtask of the cluster, which follows its parent."""
    ext_id = f"{_PREFIX}:{site.world.new_id()}"
    whole = _link(site, task["extId"], "parent")
    kept = {key: value for key, value in task.items() if not key.startswith("_")}
    operation = {"operation": f"{task['operation']}OnCluster", "operationDescription": f"{task['operation']} (cluster)"}
    site.world.tasks[ext_id] = {**kept, **operation, "extId": ext_id, "parentTask": whole, "rootTask": whole}
    task |= {"subTasks": [_link(site, ext_id, "subtask")], "numberOfSubtasks": 1}


def _link(site: Site, ext_id: str, rel: str) -> Json:
    version = site.behaviour.versions["prism"]
    return {"extId": ext_id, "href": f"/api/prism/{version}/config/tasks/{ext_id}", "rel": rel}


def _update_parts(site: Site, task: Json) -> None:
    for part in task.get("subTasks", ()):
        site.world.tasks[part["extId"]] |= {key: task[key] for key in _SHARED if key in task}


def settle(site: Site) -> None:
    """Run the due tasks and guest shutdowns up to the present, the earliest first."""
    now, world = site.clock.now(), site.world
    while True:
        due: list[tuple[float, str]] = [
            (task["_at"], task_id)
            for task_id in world.pending
            if (task := world.tasks[task_id])["_at"] <= now and task["_fate"] != "task_stuck"
        ]
        due += [(at, vm_id) for vm_id, at in world.going_down.items() if at <= now]
        if not due:
            break
        # At the same moment, the first request goes first.
        at, ext_id = min(due, key=lambda event: event[0])
        site.at = at
        if ext_id in world.tasks:
            world.pending.remove(ext_id)
            _finish(site, world.tasks[ext_id], at)
        else:
            turn_off(site, world.of("Vm")[ext_id])
        site.at = None
    for task_id in world.pending:
        task = world.tasks[task_id]
        task |= {"status": "RUNNING", "startedTime": task["createdTime"], "progressPercentage": 50}
        _update_parts(site, task)


def _finish(site: Site, task: Json, at: float) -> None:
    fate = FATES.get(task["_fate"], "")
    if fate == "FAILED":
        _fail(task, "VMM-34000", "INTERNAL_ERROR", task["_says"])
    elif fate:
        task["status"] = fate
    else:
        job = task["_job"]
        try:
            _unchanged(site, job)
            HANDLERS[job["name"]](site, job)
        except TaskFailure as failure:
            _fail(task, failure.code, failure.group, failure.message)
        else:
            task |= {"status": "SUCCEEDED", "progressPercentage": 100, "entitiesAffected": job["affected"]}
            task["numberOfEntitiesAffected"] = len(job["affected"])
            if details := job.get("details"):
                task["completionDetails"] = [{"name": name, "value": value} for name, value in details.items()]
    task |= {"completedTime": site.moment(at), "lastUpdatedTime": site.moment(at)}
    _update_parts(site, task)


def _fail(task: Json, code: str, group: str, text: str) -> None:
    """End a task in failure; without a text it has no message."""
    task["status"] = "FAILED"
    if text:
        task["errorMessages"] = [
            {"message": text, "severity": "ERROR", "code": code, "locale": "en-US", "errorGroup": group}
        ]


def _unchanged(site: Site, job: Json) -> None:
    """Refuse a job whose entity has changed or gone since it was queued."""
    if job["rev"] is None:
        return
    ext_id = job["ids"].get("vmExtId") or job["ids"]["extId"]
    entity = site.world.of(job["kind"]).get(ext_id)
    if entity is None or entity["_rev"] != job["rev"]:
        text = f"Failed to perform the operation on the entity with UUID '{ext_id}', because of an ETag mismatch."
        raise TaskFailure("VMM-30303", "VM_ETAG_MISMATCH", text)
