"""What the organization holds: its networks and the devices at work in them; and what of it no site declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.converge.module import Module
from piste.converge.orphans import module
from piste.converge.reading import reading, text
from piste.converge.resource import Field
from piste.meraki.connection import DASHBOARD, MERAKI
from piste.meraki.dashboard import Dashboard


def orphans(dashboard: Dashboard, networks: set[str], serials: set[str]) -> list[dict[str, str]]:
    """``{kind, key, why}`` an orphan, in two org-wide reads; a device is one where a declaration does not name it. A
    network that the run has planned to rename is a site's."""
    names = {network["id"]: network["name"] for network in dashboard.networks()}
    renamed = {entry.get("id") for entry in dashboard.planned("network").values()}
    found = [
        {"kind": "network", "key": name, "why": "aucun site ne le déclare"}
        for name in sorted(name for one, name in names.items() if one not in renamed)
        if name not in networks
    ]
    for device in sorted(dashboard.devices(), key=lambda entry: entry["serial"]):
        if device["serial"] not in serials:
            place = names.get(device["networkId"], "un réseau inconnu")
            label = f" ({device['name']})" if device.get("name") else ""
            why = f"en service dans « {place} », aucun site ne le déclare"
            found.append({"kind": "device", "key": f"{device['serial']}{label}", "why": why})
    return found


def places(dashboard: Dashboard) -> list[dict[str, Any]]:
    """``{kind, key, devices, models}`` a network, in two org-wide reads: its name, the serial numbers at work in it,
    the model of each."""
    held: dict[Any, dict[str, str]] = {}
    for entry in sorted(dashboard.devices(), key=lambda entry: str(entry["serial"])):
        held.setdefault(entry["networkId"], {})[entry["serial"]] = text(entry.get("model") or "")
    return [
        {"kind": "network", "key": network["name"], "devices": list(models), "models": models}
        for network in sorted(dashboard.networks(), key=lambda network: (network["name"], network["id"]))
        for models in [held.get(network["id"], {})]
    ]


@reading("meraki")
def _run_places(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    dashboard = Dashboard(params["dashboard"])
    try:
        found = places(dashboard)
    finally:
        dashboard.close()
    return {"changed": False, "places": found, "calls": dashboard.transport.calls}


def undeclared(dashboard: Dashboard, declared: Mapping[str, Any]) -> list[dict[str, str]]:
    """The orphans of an organization; ``declared`` holds ``networks`` by name, ``devices`` by serial number."""
    return orphans(dashboard, set(declared["networks"]), {serial.upper() for serial in declared["devices"]})


MODULES: Mapping[str, Module] = {
    "meraki_orphans": module(
        "meraki_orphans",
        MERAKI,
        (
            Field("networks", "Names of all the networks that are declared.", type="list", required=True),
            Field("devices", "Serial numbers of all the devices that are declared.", type="list", required=True),
        ),
        undeclared,
    ),
    "meraki_places": Module(name="meraki_places", options=(DASHBOARD,), run=_run_places),
}
