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
"""Seconds after an upgrade during which the way back is open."""
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
        "upgradeWindow": {"dayOfWeek": "sun", "hourOfDay": "4:00"},
        "timezone": network["timeZone"],
        "products": {
            product: _view(product, _state(call, network, product))
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
        version = _named(product, upgrade["toVersion"]["id"]) if "toVersion" in upgrade else state["next"]["to"]
        state["next"] = {"time": upgrade.get("time") or call.clock.iso(), "to": version}
        network.setdefault("firmware", {})[product] = state
    return upgrades(call)


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
    target = call.body.get("toVersion", {}).get("id", _IDS[last["from"]])
    if target != _IDS[last["from"]]:
        raise refused("'toVersion' is not the version before the last upgrade")
    state["next"] = {"time": call.body.get("time") or call.clock.iso(), "to": last["from"]}
    network.setdefault("firmware", {})[product] = state
    return {
        "product": product,
        "status": "pending",
        "upgradeBatchId": call.world.new_id(),
        "time": state["next"]["time"],
        "toVersion": _version(last["from"]),
        "reasons": call.body["reasons"],
    }


def _state(call: Call, network: Json, product: str) -> Json:
    """State of a product of a network; an upgrade that is due has happened, or failed."""
    state: Json = network.get("firmware", {}).get(product, {"version": RUNNING[product], "next": None, "last": None})
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
    name = _named(product, upgrade["toVersion"].get("id"))
    if name is None:
        return [f"'products.{product}.nextUpgrade.toVersion.id' is not an available version"]
    if name == state["version"]:
        return [f"{product} already runs {name}"]
    order = VERSIONS[product]
    if state["version"] in order and order.index(name) < order.index(state["version"]):
        return [f"{product} runs a newer version: use a rollback"]
    return []


def _named(product: str, identifier: Any) -> str | None:
    return next((name for name in VERSIONS[product] if _IDS[name] == identifier), None)


def _version(name: str) -> Json:
    return {"id": _IDS.get(name), "firmware": name, "shortName": name, "releaseType": "stable"}


def _view(product: str, state: Json) -> Json:
    coming, last = state["next"], state["last"]
    order = VERSIONS[product]
    newer = order[order.index(state["version"]) + 1 :] if state["version"] in order else order
    return {
        "currentVersion": _version(state["version"]),
        "lastUpgrade": {
            "time": last and last["time"],
            "fromVersion": last and _version(last["from"]),
            "toVersion": last and _version(last["to"]),
        },
        "nextUpgrade": {"time": coming and coming["time"], "toVersion": coming and _version(coming["to"])},
        "isUpgradeAvailable": bool(newer),
        "availableVersions": [_version(name) for name in order],
        "participateInNextBetaRelease": False,
    }
