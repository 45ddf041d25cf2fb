"""Action batches: atomic, ordered, followed to the end on the lab clock.

A batch of the world has what answers show, without write-only secrets, plus `_due` (None while unconfirmed) and
`_outcome` (an error that a fault imposes, or "stuck"). The bodies with their secrets stay in memory: a batch that is
still unconfirmed when the lab stops loses its secrets.
"""

from __future__ import annotations

import json
import math
from typing import Any

from lab.meraki.call import Call
from lab.meraki.errors import ApiError, not_found, refused
from lab.meraki.operations import route_action
from lab.meraki.world import ORGANIZATION_ID, Json, public, without_secrets

_IDS = ("id", "accessPolicyNumber", "interfaceId", "staticRouteId", "trustedServerId")
MOST_ACTIONS, MOST_SYNCHRONOUS, MOST_EXECUTING = 100, 20, 5


def batches(call: Call) -> list[Json]:
    wanted = call.value("status")
    return [public(batch) for batch in call.world.data["batches"].values() if wanted in (None, _state(batch))]


def batch(call: Call) -> Json:
    return public(_batch(call))  # type: ignore[no-any-return]


def create(call: Call) -> Json:
    body = call.body
    actions, synchronous, confirmed = (
        body["actions"],
        body.get("synchronous", False),
        body.get("confirmed", False),
    )
    most = MOST_SYNCHRONOUS if synchronous else MOST_ACTIONS
    if len(actions) > most:
        kind = "a synchronous" if synchronous else "an asynchronous"
        raise refused(f"'actions' must not hold more than {most} items in {kind} batch")
    errors = [error for action in actions if (error := _unsupported(action))]
    if errors:
        raise refused(*errors)
    if confirmed:
        _check_executing(call)
    created: Json = {
        "id": call.world.new_id(),
        "organizationId": ORGANIZATION_ID,
        "confirmed": confirmed,
        "synchronous": synchronous,
        "status": {"completed": False, "failed": False, "errors": [], "createdResources": []},
        "actions": [{"body": {}, **without_secrets(action)} for action in actions],
        "_due": None,
        "_outcome": _imposed(call),
    }
    call.world.data["batches"][created["id"]] = created
    call.world.batch_actions[created["id"]] = actions
    if confirmed:
        _confirm(call, created)
    return public(created)  # type: ignore[no-any-return]


def update(call: Call) -> Json:
    known = _batch(call)
    if known["confirmed"] and call.body.get("confirmed") is False:
        raise refused("A confirmed batch can not be unconfirmed")
    if call.body.get("synchronous") and len(known["actions"]) > MOST_SYNCHRONOUS:
        raise refused(f"'actions' must not hold more than {MOST_SYNCHRONOUS} items in a synchronous batch")
    if not known["confirmed"]:
        known["synchronous"] = call.body.get("synchronous", known["synchronous"])
        if call.body.get("confirmed"):
            _check_executing(call)
            known["confirmed"] = True
            _confirm(call, known)
    return public(known)  # type: ignore[no-any-return]


def delete(call: Call) -> None:
    if _batch(call)["confirmed"]:
        raise refused("A confirmed batch can not be deleted")
    del call.world.data["batches"][call.ids["actionBatchId"]]


def settle(call: Call, now: float | None = None) -> None:
    """Run the batches that are due, oldest first."""
    moment = call.clock.now() if now is None else now
    every = call.world.data["batches"].values()
    waiting = [b for b in every if _executing(b) and b["_outcome"] != "stuck" and b["_due"] <= moment]
    for due in waiting:
        _run(call, due["id"])


def settle_all(call: Call) -> None:
    """Run every confirmed batch except the stuck, whatever the clock says."""
    settle(call, math.inf)


def _confirm(call: Call, known: Json) -> None:
    delay = 0.0 if known["synchronous"] else call.behaviour.batch_delay
    known["_due"] = call.clock.now() + delay
    if known["synchronous"] and known["_outcome"] != "stuck":
        _run(call, known["id"])
        # A batch that fails restores the data of the world: show the batch of the restored data.
        known.update(call.world.data["batches"][known["id"]])


def _run(call: Call, batch_id: str) -> None:
    """Apply all actions of a batch, or none."""
    world = call.world
    known = world.data["batches"][batch_id]
    actions = world.batch_actions.pop(batch_id, known["actions"])
    before = world.snapshot()
    created: list[Json] = []
    errors: list[str] = []
    for action in actions:
        operation, ids, _ = route_action(action["resource"], action["operation"])
        assert operation is not None
        try:
            result = call.perform(operation, ids, action.get("body", {}))
        except ApiError as fault:
            errors = [_failure(action, fault.errors)]
            break
        if action["operation"] == "create":
            created.append(_resource(action["resource"], result))
    if known["_outcome"]:
        errors = [known["_outcome"]]
    if errors:
        world.restore(before)
        known = world.data["batches"][batch_id]
    known["status"] = {
        "completed": not errors,
        "failed": bool(errors),
        "errors": errors,
        "createdResources": [] if errors else created,
    }


def _failure(action: Json, errors: list[str]) -> str:
    body = json.dumps(without_secrets(action.get("body", {})), ensure_ascii=False)
    what = f"{action['operation']} {action['resource']} with {body}"
    return f"Error occurred while executing {what}: Validation failed: {', '.join(errors)}"


def _resource(resource: str, result: Any) -> Json:
    made = str(next(result[name] for name in _IDS if name in result))
    base = (
        "/networks" if resource.startswith("/organizations/") and resource.endswith("/networks") else resource
    )
    return {"id": made, "uri": f"{base}/{made}"}


def _unsupported(action: Json) -> str:
    operation, _, known = route_action(action["resource"], action["operation"])
    if operation is not None:
        return ""
    if known:
        return f"{action['operation']} operation is unsupported for {action['resource']}"
    return f"Resource {action['resource']} is not supported in an action batch"


def _check_executing(call: Call) -> None:
    executing = sum(map(_executing, call.world.data["batches"].values()))
    if executing >= MOST_EXECUTING:
        raise refused(
            f"Too many executing batches: {executing} of {MOST_EXECUTING} are running in this organization"
        )


def _imposed(call: Call) -> str:
    """Return the outcome that a fault imposes: an error text, "stuck", or an empty text."""
    fault = call.faults.on_event("batch_fail", "batch_stuck")
    if fault is None:
        return ""
    return (
        "stuck" if fault.kind == "batch_stuck" else fault.body or "Error occurred while executing the batch"
    )


def _executing(known: Json) -> bool:
    return bool(known["confirmed"]) and not known["status"]["completed"] and not known["status"]["failed"]


def _state(known: Json) -> str:
    if known["status"]["completed"]:
        return "completed"
    if known["status"]["failed"]:
        return "failed"
    return "pending"


def _batch(call: Call) -> Json:
    every = call.world.data["batches"]
    if call.ids["actionBatchId"] not in every:
        raise not_found("Action batch")
    return every[call.ids["actionBatchId"]]  # type: ignore[no-any-return]
