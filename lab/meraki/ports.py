"""Switch ports: configuration and status."""

from __future__ import annotations

from typing import Any

from lab.meraki import health
from lab.meraki.call import Call
from lab.meraki.devices import assigned
from lab.meraki.errors import not_found, refused
from lab.meraki.world import Json

NOT_IN_BY_SWITCH = frozenset(
    {
        "accessPolicyNumber", "adaptivePolicyGroupId", "daiTrusted", "dot3az", "flexibleStackingEnabled",
        "highSpeed", "isolationEnabled", "macAllowList", "macWhitelistLimit", "peerSgtCapable",
        "portScheduleId", "profile", "stormControlEnabled", "stpPortFastTrunk", "udld",
        # read-only fields are absent there too
        "linkNegotiationCapabilities", "schedule", "adaptivePolicyGroup", "module", "mirror",
    }
)  # fmt: skip
# The fields that go with each type of policy, and their values while nobody has written them.
_BY_POLICY: dict[str, Json] = {
    "Custom access policy": {"accessPolicyNumber": None},
    "MAC allow list": {"macAllowList": []},
    "Sticky MAC allow list": {"stickyMacAllowList": [], "stickyMacAllowListLimit": 1},
}
_RJ45 = (
    "Auto negotiate",
    "1 Gigabit full duplex (auto)",
    "100 Megabit (auto)",
    "100 Megabit full duplex (forced)",
    "10 Megabit (auto)",
    "10 Megabit full duplex (forced)",
)
_SFP = ("Auto negotiate", "1 Gigabit full duplex (forced)")
_SFP_PLUS = ("Auto negotiate", "10 Gigabit full duplex (forced)", "1 Gigabit full duplex (forced)")


def initial(device: Json, port_id: str) -> Json:
    """Return a port as the claim creates it."""
    return {
        "portId": port_id,
        "name": None,
        "tags": [],
        "enabled": True,
        "poeEnabled": _has_poe(device["model"]),
        "type": "trunk",
        "vlan": 1,
        "voiceVlan": None,
        "allowedVlans": "all",
        "isolationEnabled": False,
        "rstpEnabled": True,
        "stpGuard": "disabled",
        "stpPortFastTrunk": False,
        "linkNegotiation": "Auto negotiate",
        "linkNegotiationCapabilities": list(_capabilities(device, int(port_id))),
        "portScheduleId": None,
        "schedule": None,
        "udld": "Alert only",
        "accessPolicyType": "Open",
        "stormControlEnabled": False,
        "adaptivePolicyGroupId": None,
        "adaptivePolicyGroup": None,
        "peerSgtCapable": False,
        "daiTrusted": False,
        "profile": {"enabled": False, "id": "", "iname": None},
        "module": {"model": None},
        "mirror": {"mode": "Not mirroring traffic"},
        "dot3az": {"enabled": False},
    }


def shown(device: Json, port_id: str) -> Json:
    """Return a port as GET answers it."""
    port = {**initial(device, port_id), **device["port"].get(port_id, {})}
    for policy, fields in _BY_POLICY.items():
        for key, value in fields.items():
            if port["accessPolicyType"] != policy:
                port.pop(key, None)
            else:
                port.setdefault(key, value)
    return port


def port_ids(device: Json) -> list[str]:
    return [str(number) for number in range(1, device["ports"] + 1)]


def users_of_policy(call: Call, network_id: str, number: str) -> int:
    """Count the ports that use an access policy."""
    return sum(
        port.get("accessPolicyType") == "Custom access policy"
        and str(port.get("accessPolicyNumber")) == number
        for device in call.world.devices_of(network_id)
        for port in device["port"].values()
    )


def ports(call: Call) -> list[Json]:
    device = _switch(call)
    return [shown(device, port_id) for port_id in port_ids(device)]


def port(call: Call) -> Json:
    return shown(_switch(call), _port_id(call))


def update(call: Call) -> Json:
    device, port_id = _switch(call), _port_id(call)
    first = initial(device, port_id)
    stored = device["port"].get(port_id, {})
    merged = call.updated({**first, **stored}, first)
    if merged["type"] != "access":
        # [inferred] A port that is no access port any more loses the fields of access ports.
        dropped: Json = {"voiceVlan": None, "accessPolicyType": "Open"}
        merged.update({key: value for key, value in dropped.items() if key not in call.body})
        merged = {k: v for k, v in merged.items() if k not in _LISTS or k in call.body}
    errors = _faults(call, device, merged)
    if errors:
        raise refused(*errors)
    device["port"][port_id] = {
        key: value for key, value in merged.items() if first.get(key, _NOTHING) != value
    }
    return shown(device, port_id)


_NOTHING = object()
_LISTS = frozenset(key for fields in _BY_POLICY.values() for key in fields)


def _faults(call: Call, device: Json, port: Json) -> list[str]:
    errors = []
    network = call.world.network(device["networkId"])
    if port["type"] != "access":
        if port["voiceVlan"] is not None:
            errors.append("'voiceVlan' is only supported on access ports")
        if port["accessPolicyType"] != "Open":
            errors.append("'accessPolicyType' is only supported on access ports")
    else:
        errors += [
            f"'{key}' is only supported on trunk ports"
            for key in ("peerSgtCapable", "stpPortFastTrunk")
            if call.body.get(key)
        ]
    for policy, fields in _BY_POLICY.items():
        if port["accessPolicyType"] != policy:
            errors += [
                f"'{key}' requires the access policy type '{policy}'" for key in fields if call.body.get(key)
            ]
    custom = port["accessPolicyType"] == "Custom access policy"
    if custom and str(port.get("accessPolicyNumber")) not in network["policies"]:
        errors.append("'accessPolicyNumber' is not the number of an access policy of this network")
    if port["linkNegotiation"] not in port["linkNegotiationCapabilities"]:
        errors.append(f"'linkNegotiation' must be one of: {', '.join(port['linkNegotiationCapabilities'])}")
    if port["portScheduleId"] is not None and port["portScheduleId"] not in network["port_schedules"]:
        errors.append("'portScheduleId' is not the id of a port schedule of this network")
    if call.body.get("flexibleStackingEnabled") is not None and not device["model"].startswith(
        ("MS420", "MS425")
    ):
        errors.append("'flexibleStackingEnabled' is not supported on this device")
    return errors


def by_switch(call: Call) -> list[Json]:
    def brief(device: Json, port_id: str) -> Json:
        return {key: value for key, value in shown(device, port_id).items() if key not in NOT_IN_BY_SWITCH}

    return [
        {**header(call, device), "ports": [brief(device, port_id) for port_id in port_ids(device)]}
        for device in assigned(call, "switch")
    ]


def statuses_by_switch(call: Call) -> list[Json]:
    def brief(device: Json, port_id: str) -> Json:
        status = _status(call, device, port_id)
        return {key: status[key] for key in _BRIEF_STATUS}

    return [
        {**header(call, device), "ports": [brief(device, port_id) for port_id in port_ids(device)]}
        for device in assigned(call, "switch")
    ]


def discovery(call: Call) -> list[Json]:
    """List what ports hear of their neighbours; ports that hear nothing do not show."""
    return [
        {
            **header(call, device),
            "ports": [
                _heard(call, device, port_id)
                for port_id in port_ids(device)
                if port_id in device["neighbours"]
            ],
        }
        for device in assigned(call, "switch")
    ]


def _heard(call: Call, device: Json, port_id: str) -> Json:
    """Return pairs of name and value, with the labels of the Dashboard."""
    known = device["neighbours"][port_id]
    lldp = {
        "System name": known["name"],
        "Chassis ID": known["mac"],
        "Port ID": known["port"],
        "System capabilities": known["capabilities"],
    }
    cdp = {"Device ID": known["mac"].replace(":", ""), "Port ID": f"Port {known['port']}"}
    return {
        "portId": port_id,
        "lastUpdatedAt": call.clock.iso(),
        "cdp": [{"name": name, "value": value} for name, value in cdp.items()],
        "lldp": [{"name": name, "value": value} for name, value in lldp.items()],
    }


def neighbour(device: Json, port_id: str) -> Json:
    """Return what a port hears in the older form: an object by protocol."""
    known = device["neighbours"][port_id]
    lldp = {"systemName": known["name"], "portId": known["port"], "sourcePort": port_id}
    cdp = {"deviceId": known["mac"].replace(":", ""), "portId": f"Port {known['port']}", "sourcePort": port_id}
    return {"lldp": lldp, "cdp": cdp}


_BRIEF_STATUS = (
    "portId", "enabled", "status", "isUplink", "errors", "warnings", "speed", "duplex", "spanningTree", "poe",
)  # fmt: skip


def statuses(call: Call) -> list[Json]:
    device = _switch(call)
    return [_status(call, device, port_id) for port_id in port_ids(device)]


def _status(call: Call, device: Json, port_id: str) -> Json:
    enabled = device["port"].get(port_id, {}).get("enabled", True)
    neighbour = device["neighbours"].get(port_id)
    uplink, linked = port_id == device["uplink_port"], health.linked(call, device, port_id)
    status: dict[str, Any] = {
        "portId": port_id,
        "enabled": enabled,
        "status": "Connected" if linked else "Disconnected" if enabled else "Disabled",
        "isUplink": uplink,
        "errors": [] if enabled else ["Port disabled"],
        "warnings": [],
        "spanningTree": {"statuses": ["Forwarding"] if linked else []},
        "usageInKb": {"total": 0, "sent": 0, "recv": 0},
        "clientCount": 0,
        "powerUsageInWh": 0.0,
        "trafficInKbps": {"total": 0.0, "sent": 0.0, "recv": 0.0},
        "securePort": {"enabled": False, "active": False, "authenticationStatus": "Disabled"},
        **health.link(call, device, port_id, up=linked),
    }
    if linked and neighbour:
        status["lldp"] = {
            "systemName": neighbour["name"],
            "chassisId": neighbour["mac"],
            "portId": neighbour["port"],
            "systemCapabilities": neighbour["capabilities"],
        }
        status["cdp"] = {"deviceId": neighbour["mac"], "portId": f"Port {neighbour['port']}"}
    return status


def _switch(call: Call) -> Json:
    device = call.device
    if device["kind"] != "switch":
        raise refused("This endpoint only supports switches")
    return device


def _port_id(call: Call) -> str:
    if call.ids["portId"] not in port_ids(call.device):
        raise not_found("Port")
    return call.ids["portId"]


def header(call: Call, device: Json) -> Json:
    network = call.world.network(device["networkId"])
    return {
        # A device that nobody named shows its MAC where the schema wants a string.
        "name": device["config"].get("name") or device["mac"],
        "serial": device["serial"],
        "mac": device["mac"],
        "network": {"name": network["name"], "id": network["id"]},
        "model": device["model"],
    }


def _has_poe(model: str) -> bool:
    """Tell whether a model has Power over Ethernet: P, LP and FP models only (MS120-8LP)."""
    return model.partition("-")[2].endswith("P")


def _capabilities(device: Json, number: int) -> tuple[str, ...]:
    if device["model"].startswith("MS425"):
        return _SFP_PLUS
    copper: int = device["copper"]
    return _RJ45 if number <= copper else _SFP
