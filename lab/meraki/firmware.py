"""Firmware of a network, by product: what runs and is offered, what comes, the way back.

Refusals: a product that the network lacks, and the version that runs already, are refused as people report of the real
system; an older version takes the way back (`rollbacks`). Texts are the lab's own.
"""

from __future__ import annotations

from typing import Any

from lab.clock import seconds
from lab.meraki.call import Call
from lab.meraki.errors import refused
from lab.meraki.world import Json

# Spelled as a real organization spells them, oldest first.
VERSIONS = {
    "switch": ("switch-16-8", "switch-17-1", "switch-17-2"),
    "wireless": ("wireless-30-7", "wireless-31-1", "wireless-31-2"),
}
RUNNING = {"switch": "switch-17-1", "wireless": "wireless-31-1"}
WAY_BACK = 14 * 86400.0
"""Seconds after an upgrade during which the way back is open: the choice of the lab, no document gives it."""
_IDS = {
    name: str(1000 + 100 * rank + place)
    for rank, names in enumerate(VERSIONS.values())
    for place, name in enumerate(names)
}


def running(call: Call, network_id: str | None, product: str) -> str:
    """Version that the devices of a product run, once the upgrades that are due have happened."""
    network = call.world.networks.get(network_id)
    return str(_state(call, network, product)["version"]) if network else RUNNING[product]


def upgrades(call: Call) -> Json:
    network = call.network
    return {
        "upgradeWindow": network.get("upgrade_window", {"dayOfWeek": "sun", "hourOfDay": "4:00"}),
        "timezone": network["timeZone"],
        "products": {
            product: _view(_state(call, network, product))
            for product in network["productTypes"]
            if product in VERSIONS
        },
    }


def update(call: Call) -> Json:
    network, errors = call.network, list[str]()
    wanted = {
        name: given["nextUpgrade"] for name, given in call.body.get("products", {}).items() if "nextUpgrade" in given
    }
    for product, upgrade in wanted.items():
        if product not in network["productTypes"]:
            errors.append(f"{product} does not exist in selected network")
        else:
            errors += _faults(call, product, upgrade)
    if errors:
        raise refused(*errors)
    for product, upgrade in wanted.items():
        state = _state(call, network, product)
        version = _named(state, upgrade["toVersion"]["id"]) if "toVersion" in upgrade else state["next"]["to"]
        state["next"] = {"time": upgrade.get("time") or call.clock.iso(), "to": version}
        network.setdefault("firmware", {})[product] = state
    return upgrades(call)


def groups(call: Call) -> list[Json]:
    """Give the groups that stage the switches of a network; nobody has made any but the default."""
    if "switch" not in call.network["productTypes"]:
        raise refused("switch does not exist in selected network")
    default = {"groupId": "1", "name": "Default", "description": "", "isDefault": True, "assignedDevices": {}}
    return [default, *call.network.get("staged_groups", [])]


def roll_back(call: Call) -> Json:
    """Bring the version before the last upgrade back, at a moment or at once."""
    network = call.network
    product = call.body.get("product") or next(iter(network["productTypes"]))
    if product not in network["productTypes"]:
        raise refused(f"{product} does not exist in selected network")
    state = _state(call, network, product)
    last = state["last"]
    if last is None or call.clock.now() > seconds(last["time"]) + WAY_BACK:
        raise refused("There is no firmware upgrade to roll back")
    former = _version(state, last["from"])
    if call.body.get("toVersion", {}).get("id", former["id"]) != former["id"]:
        raise refused("'toVersion' is not the version before the last upgrade")
    state["next"] = {"time": call.body.get("time") or call.clock.iso(), "to": last["from"]}
    network.setdefault("firmware", {})[product] = state
    return {
        "product": product,
        "status": "pending",
        "upgradeBatchId": call.world.new_id(),
        "time": state["next"]["time"],
        "toVersion": former,
        "reasons": call.body["reasons"],
    }


def _state(call: Call, network: Json, product: str) -> Json:
    """State of a product of a network; an upgrade that is due has happened, or failed."""
    state: Json = network.get("firmware", {}).get(product) or {
        "version": RUNNING[product],
        "next": None,
        "last": None,
        "offered": [_new(name) for name in VERSIONS[product]],
    }
    coming = state["next"]
    if coming and seconds(coming["time"]) <= call.clock.now():
        state["next"] = None
        if network["name"] not in call.behaviour.upgrades_failed:
            state["last"] = {"time": coming["time"], "from": state["version"], "to": coming["to"]}
            state["version"] = coming["to"]
    return state


def _faults(call: Call, product: str, upgrade: Json) -> list[str]:
    state = _state(call, call.network, product)
    time = upgrade.get("time")
    try:
        past = bool(time) and seconds(time) <= call.clock.now()
    except ValueError:
        return [f"'products.{product}.nextUpgrade.time' must be an ISO 8601 date"]
    if past:
        return [f"'products.{product}.nextUpgrade.time' must be in the future"]
    if "toVersion" not in upgrade:
        return [] if state["next"] else [f"{product} has no upgrade to move"]
    name = _named(state, upgrade["toVersion"].get("id"))
    if name is None:
        return [f"'products.{product}.nextUpgrade.toVersion.id' is not an available version"]
    if name == state["version"]:
        return [f"{product} already runs {name}"]
    order = _names(state)
    if state["version"] in order and order.index(name) < order.index(state["version"]):
        return [f"{product} runs a newer version: use a rollback"]
    return []


def captured(network: Json, shown: Json) -> None:
    """Take the versions of a network as a real system showed them."""
    network["upgrade_window"] = shown["upgradeWindow"]
    for product, entry in shown["products"].items():
        last, coming = entry["lastUpgrade"], entry["nextUpgrade"]
        network.setdefault("firmware", {})[product] = {
            "version": entry["currentVersion"]["firmware"],
            "next": {"time": coming["time"], "to": coming["toVersion"]["firmware"]} if coming.get("time") else None,
            "last": {
                "time": last["time"], "from": last["fromVersion"]["firmware"], "to": last["toVersion"]["firmware"],
            } if last.get("time") else None,
            "offered": entry["availableVersions"],
        }  # fmt: skip


def _names(state: Json) -> list[str]:
    return [str(entry["firmware"]) for entry in state["offered"]]


def _named(state: Json, identifier: Any) -> str | None:
    return next((str(entry["firmware"]) for entry in state["offered"] if entry["id"] == identifier), None)


def _version(state: Json, name: str) -> Json:
    return next((entry for entry in state["offered"] if entry["firmware"] == name), _new(name))


def _new(name: str) -> Json:
    return {"id": _IDS.get(name), "firmware": name, "shortName": name, "releaseType": "stable"}


def _view(state: Json) -> Json:
    coming, last = state["next"], state["last"]
    order = _names(state)
    newer = order[order.index(state["version"]) + 1 :] if state["version"] in order else order
    return {
        "currentVersion": _version(state, state["version"]),
        "lastUpgrade": {
            "time": last and last["time"],
            "fromVersion": last and _version(state, last["from"]),
            "toVersion": last and _version(state, last["to"]),
        },
        "nextUpgrade": {"time": coming and coming["time"], "toVersion": coming and _version(state, coming["to"])},
        "isUpgradeAvailable": bool(newer),
        "availableVersions": state["offered"],
        "participateInNextBetaRelease": False,
    }
