"""Switch access policies (802.1X)."""

from __future__ import annotations

from typing import Any

from lab.meraki.call import Call
from lab.meraki.errors import not_found, refused
from lab.meraki.ports import users_of_policy
from lab.meraki.world import Json, merge, public

DEFAULTS: Json = {
    "radiusServers": [],
    "radius": {
        "criticalAuth": {"dataVlanId": None, "voiceVlanId": None, "suspendPortBounce": False},
        "failedAuthVlanId": None,
        "reAuthenticationInterval": None,
        "cache": {"enabled": False, "timeout": 24},
    },
    "enforceRadiusMonitoring": False,
    "guestPortBouncing": False,
    "radiusTestingEnabled": False,
    "radiusCoaSupportEnabled": False,
    "radiusAccountingEnabled": False,
    "radiusAccountingServers": [],
    "radiusGroupAttribute": "",
    "hostMode": "Single-Host",
    "accessPolicyType": "802.1x",
    "increaseAccessSpeed": False,
    "guestVlanId": None,
    "dot1x": {"controlDirection": "both"},
    "voiceVlanClients": False,
    "urlRedirectWalledGardenEnabled": False,
    "urlRedirectWalledGardenRanges": [],
}
SERVER_LISTS = ("radiusServers", "radiusAccountingServers")


def policies(call: Call) -> list[Json]:
    """List the policies; those with the vendor's authentication, without servers, do not show."""
    return [
        _view(call, number) for number, policy in call.network["policies"].items() if policy["radiusServers"]
    ]


def policy(call: Call) -> Json:
    return _view(call, _number(call))


def create(call: Call) -> Json:
    network = call.network
    created = _completed(call, DEFAULTS)
    number = str(network["next_policy"])
    network["next_policy"] += 1
    network["policies"][number] = created
    return _view(call, number)


def update(call: Call) -> Json:
    number = _number(call)
    call.network["policies"][number] = _completed(call, call.network["policies"][number])
    return _view(call, number)


def delete(call: Call) -> None:
    number = _number(call)
    users = users_of_policy(call, call.network["id"], number)
    if users and call.behaviour.policy_in_use_refused:
        raise refused(f"Access policy is in use by {users} port(s)")
    del call.network["policies"][number]


def _completed(call: Call, current: Json) -> Json:
    """Return a policy after a write. Raises ApiError 400 with all faults."""
    errors: list[str] = []
    if "guestPortBouncing" in call.body and not call.behaviour.guest_port_bouncing:
        errors.append("'guestPortBouncing' is not available for this organization")
    changed = call.updated(current, {**DEFAULTS, "name": current.get("name")})
    for name in SERVER_LISTS:
        if name in call.body:
            changed[name] = [
                _server(call, server, current.get(name, []), f"{name}[{n}]", errors)
                for n, server in enumerate(changed[name])
            ]
    if changed["radiusGroupAttribute"] not in ("", "11"):
        errors.append("'radiusGroupAttribute' must be '' or '11'")
    if changed["radiusAccountingEnabled"] and not changed["radiusAccountingServers"]:
        errors.append("'radiusAccountingServers' must not be empty with accounting enabled")
    if changed["hostMode"] == "Multi-Domain":
        changed |= {"accessPolicyType": "Hybrid authentication", "voiceVlanClients": True}
    if changed["hostMode"] == "Multi-Auth":
        cleared: Json = {
            "criticalAuth": {"dataVlanId": None, "voiceVlanId": None},
            "failedAuthVlanId": None,
            "reAuthenticationInterval": None,
        }
        changed["radius"] = merge(changed["radius"], cleared)
    if changed["increaseAccessSpeed"] and changed["accessPolicyType"] != "Hybrid authentication":
        errors.append("'increaseAccessSpeed' requires 'Hybrid authentication'")
    if errors:
        raise refused(*errors)
    return changed


def _server(call: Call, given: Json, current: list[Json], where: str, errors: list[str]) -> Json:
    """Return a server of a list.

    A known `serverId` keeps host, port and secret; a new server needs its own.
    """
    known = next((server for server in current if server["serverId"] == given.get("serverId")), None)
    if "serverId" in given and known is None:
        errors.append(f"'{where}.serverId' is not the id of a server of this policy")
    server: dict[str, Any] = {"organizationRadiusServerId": None, "port": 1812, **(known or {}), **given}
    server.setdefault("serverId", call.world.new_id())
    if server["organizationRadiusServerId"] is None:
        errors += [
            f"'{where}.{key.strip('_')}' is required" for key in ("host", "_secret") if not server.get(key)
        ]
    return server


def _number(call: Call) -> str:
    if call.ids["accessPolicyNumber"] not in call.network["policies"]:
        raise not_found("Access policy")
    return call.ids["accessPolicyNumber"]


def _view(call: Call, number: str) -> Json:
    network = call.network
    used = users_of_policy(call, network["id"], number)
    shown: Json = public(network["policies"][number])
    if not call.behaviour.guest_port_bouncing:
        shown.pop("guestPortBouncing")
    return {"accessPolicyNumber": number, **shown, "counts": {"ports": {"withThisPolicy": used}}}
