"""Networks of the organization and devices in service, and those that no site declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.reading import text
from piste.engine.transport.subjects import subject
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard


def orphans(dashboard: Dashboard, networks: set[str], serials: set[str]) -> list[dict[str, str]]:
    """List the orphans as `{kind, key, why}`, in two org-wide reads.

    A device is an orphan where its serial number is not declared. A network that the run has planned to rename
    belongs to a site.
    """
    names = {network["id"]: network["name"] for network in dashboard.networks()}
    renamed = {entry.get("id") for entry in dashboard.planned("network").values()}
    entries = [
        {"kind": "network", "key": name, "why": "aucun site ne le déclare"}
        for name in sorted(name for network_id, name in names.items() if network_id not in renamed)
        if name not in networks
    ]
    for device in sorted(dashboard.devices(), key=lambda entry: entry["serial"]):
        if device["serial"] not in serials:
            place = names.get(device["networkId"], "un réseau inconnu")
            label = f" ({device['name']})" if device.get("name") else ""
            why = f"en service dans « {place} », aucun site ne le déclare"
            entries.append({"kind": "device", "key": f"{device['serial']}{label}", "why": why})
    return entries


def places(dashboard: Dashboard) -> list[dict[str, Any]]:
    """List the networks as `{kind, key, devices, models}`, in two org-wide reads.

    `key` is the name, `devices` the serial numbers in service, `models` the model of each.
    """
    by_network: dict[Any, dict[str, str]] = {}
    for entry in sorted(dashboard.devices(), key=lambda entry: str(entry["serial"])):
        by_network.setdefault(entry["networkId"], {})[entry["serial"]] = text(entry.get("model") or "")
    return [
        {"kind": "network", "key": network["name"], "devices": list(models), "models": models}
        for network in sorted(dashboard.networks(), key=lambda network: (network["name"], network["id"]))
        for models in [by_network.get(network["id"], {})]
    ]


def undeclared(dashboard: Dashboard, declared: Mapping[str, Any]) -> list[dict[str, str]]:
    """Orphans of an organization; `declared` gives names of `networks`, serials of `devices`."""
    return orphans(dashboard, set(declared["networks"]), {serial.upper() for serial in declared["devices"]})


MODULES: Mapping[str, Module] = subject(
    "meraki_places", MERAKI, lambda dashboard, params: {"places": places(dashboard)}
)
