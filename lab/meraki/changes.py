"""The logs of the organization: configuration changes and API requests."""

from __future__ import annotations

import json
from typing import Any

from lab.meraki.call import Call
from lab.meraki.operations import Operation, route
from lab.meraki.world import Json, World, without_secrets

KEPT = 20_000
ADMIN = "Piste"
_NEWEST = 10**12


def record(world: World, ts: str, admin: str, operation: Operation, call: Call, before: Any) -> None:
    """Log a change: old and new values of the keys of the request, its name, no secret.

    [inferred] from the published example alone, where both values have the id and the name of the object.
    """
    ids = call.ids
    network_id = ids.get("networkId") or world.devices.get(ids.get("serial", ""), {}).get("networkId")
    network = world.networks.get(network_id or "", {})
    written = without_secrets(call.body)
    known = before if isinstance(before, dict) else {}
    named = {key: known[key] for key in ("id", "name") if key in known}
    old = {**named, **{key: known[key] for key in written if key in known}}
    changes: list[Json] = world.data["changes"]
    changes.append(
        {
            "ts": ts,
            "adminName": admin,
            "adminEmail": f"{admin.lower().replace(' ', '.')}@lab.invalid",
            "adminId": "940000",
            "networkName": network.get("name"),
            "networkId": network_id,
            "networkUrl": f"https://lab.invalid/{network_id}/manage" if network_id else None,
            "ssidName": None,
            "ssidNumber": int(ids["number"]) if "number" in ids else None,
            "page": "via API",
            "label": f"{operation.method} /api/v1{operation.path.format(**ids)}",
            "oldValue": json.dumps(old, ensure_ascii=False),
            "newValue": json.dumps({**named, **written}, ensure_ascii=False),
        }
    )
    del changes[:-KEPT]


def changes(call: Call) -> list[Json]:
    """List changes, newest first."""
    after, until = _window(call)
    network_id = call.value("networkId")
    listed = []
    for age, change in enumerate(reversed(call.world.data["changes"])):
        if after <= change["ts"] < until and network_id in (None, change["networkId"]):
            listed.append({"_key": f"{_NEWEST + age}", **change, "client": {"id": "940000", "type": "oauth"}})
    return listed


def api_requests(call: Call) -> list[Json]:
    after, until = _window(call)
    method, path, agent = call.value("method"), call.value("path"), call.value("userAgent")
    listed = []
    for age, entry in enumerate(reversed(call.calls.log)):
        ts = call.clock.iso(entry.at)
        if entry.system != "meraki" or not after <= ts < until:
            continue
        if (
            method not in (None, entry.method)
            or path not in (None, entry.path)
            or (agent or "") not in entry.user_agent
        ):
            continue
        matched = route(entry.method, entry.path.removeprefix("/api/v1"))
        listed.append(
            {
                "_key": f"{_NEWEST + age}",
                "adminId": "940000",
                "method": entry.method,
                "host": "lab.invalid",
                "path": entry.path,
                "queryString": "",
                "userAgent": entry.user_agent,
                "ts": ts,
                "responseCode": entry.status,
                "sourceIp": "127.0.0.1",
                "version": 1,
                "operationId": matched[0].name if matched else "",
                "client": {"id": None, "type": "api_key"},
            }
        )
    return listed


def _window(call: Call) -> tuple[str, str]:
    """Return the bounds of `t0`, `t1` or `timespan` as ISO texts, which sort by time."""
    t0, t1, span = call.moment("t0"), call.moment("t1"), call.value("timespan")
    if span is not None:
        t0 = call.clock.now() - float(span)
    return ("" if t0 is None else call.clock.iso(t0), "~" if t1 is None else call.clock.iso(t1))
