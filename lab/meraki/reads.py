"""Reads of the town's other tools that Piste does not do; empty where the lab has nothing."""

from __future__ import annotations

import copy
from collections import Counter

from lab.meraki import devices, ports, settings, ssids
from lab.meraki.call import Call, Handler
from lab.meraki.errors import refused
from lab.meraki.world import Json

# Lists of objects that the lab does not have.
EMPTY = (
    "getDeviceClients", "getNetworkFloorPlans", "getNetworkGroupPolicies",
    "getNetworkMerakiAuthUsers", "getNetworkWebhooksHttpServers", "getNetworkWirelessAirMarshal",
    "getNetworkWirelessSsidIdentityPsks", "getOrganizationAlertsProfiles", "getOrganizationConfigTemplates",
    "getOrganizationPolicyObjects", "getOrganizationPolicyObjectsGroups", "getOrganizationWirelessAirMarshalRules",
)  # fmt: skip
_OFF: Json = {"enabled": False}
# Objects as the system makes them; no operation of the lab changes them.
INITIAL: dict[str, Json] = {
    "getNetworkAlertsSettings": {
        "defaultDestinations": {"emails": [], "allAdmins": False, "snmp": False, "httpServerIds": []},
        "alerts": [],
        "muting": {"byPortSchedules": _OFF},
    },
    "getNetworkSwitchRoutingOspf": {**_OFF, "areas": [], "v3": {**_OFF, "areas": []}},
    "getNetworkWirelessSsidBonjourForwarding": {**_OFF, "exception": _OFF, "rules": []},
    "getNetworkWirelessSsidDeviceTypeGroupPolicies": {**_OFF, "deviceTypePolicies": []},
}


def _none(call: Call) -> list[Json]:
    _exists(call)
    return []


def _constant(value: Json) -> Handler:
    def answer(call: Call) -> Json:
        _exists(call)
        return copy.deepcopy(value)

    return answer


def _exists(call: Call) -> None:
    """Raise ApiError 404 for a device, a network or a slot that does not exist."""
    if "serial" in call.ids:
        _ = call.device
    if "networkId" in call.ids:
        _ = call.network
    if "number" in call.ids:
        ssids.stored(call)


def constants() -> dict[str, Handler]:
    """Return the handlers of the operations whose answer never changes."""
    return dict.fromkeys(EMPTY, _none) | {name: _constant(value) for name, value in INITIAL.items()}


def of_network(call: Call) -> list[Json]:
    return [devices.view(call, device) for device in call.world.devices_of(call.network["id"])]


def statuses(call: Call) -> list[Json]:
    wanted = call.many("statuses")
    known = [_status(call, device) for device in devices.assigned(call)]
    return [status for status in known if not wanted or status["status"] in wanted]


def _status(call: Call, device: Json) -> Json:
    wan = device["wan"]
    fixed = bool(wan.get("usingStaticIp"))
    first, second, *_ = [*(wan.get("staticDns") or []), None, None]
    return {
        "name": device["config"].get("name"),
        "serial": device["serial"],
        "mac": device["mac"],
        "publicIp": None,
        "networkId": device["networkId"],
        "status": devices.status_of(call, device),
        "lastReportedAt": devices.reported(call, device),
        "lanIp": wan.get("staticIp") if fixed else None,
        "gateway": wan.get("staticGatewayIp") if fixed else None,
        "ipType": "static" if fixed else "dhcp",
        "primaryDns": first,
        "secondaryDns": second,
        "productType": devices.PRODUCT_TYPES[device["kind"]],
        "components": {"powerSupplies": []},
        "model": device["model"],
        "tags": device["config"].get("tags", []),
    }


def neighbours(call: Call) -> Json:
    """Return what each port of a switch hears; an access point of the lab hears nothing."""
    device = call.device
    heard = {port: ports.neighbour(device, port) for port in device.get("neighbours", {})}
    return {"sourceMac": device["mac"], "ports": heard}


def syslog(call: Call) -> Json:
    servers = settings.syslog_of(call.network)["servers"]
    return {"servers": [{key: server[key] for key in ("host", "port", "roles") if key in server} for server in servers]}


def events(call: Call) -> Json:
    """Return no event. Raises ApiError where a network of several products needs `productType`."""
    if len(call.network["productTypes"]) > 1 and not call.value("productType"):
        raise refused("'productType' is required for a network of several products")
    now = call.clock.iso()
    return {"message": None, "pageStartAt": now, "pageEndAt": now, "events": []}


def licences(call: Call) -> Json:
    """Count the devices by model, as licences do; a licence of the lab never ends."""
    counts = Counter(str(device["model"]) for device in call.world.devices.values())
    return {"status": "OK", "expirationDate": "N/A", "licensedDeviceCounts": dict(sorted(counts.items()))}


def warm_spare(call: Call) -> Json:
    return {"enabled": False, "primarySerial": call.device["serial"], "spareSerial": None}


def air_marshal(call: Call) -> list[Json]:
    wanted = call.many("networkIds")
    networks = [network for network in call.world.networks.values() if "wireless" in network["productTypes"]]
    return [
        {"networkId": network["id"], "defaultPolicy": "allow"}
        for network in networks
        if not wanted or network["id"] in wanted
    ]
