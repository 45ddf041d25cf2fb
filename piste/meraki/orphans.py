"""What the organization holds and no site declares: networks, devices at work in them or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.converge.module import Module
from piste.converge.resource import Field
from piste.meraki.dashboard import Dashboard
from piste.meraki.modules import DASHBOARD


def orphans(dashboard: Dashboard, networks: set[str], serials: set[str]) -> list[dict[str, str]]:
    """``{kind, key, why}`` an orphan, in two org-wide reads; a device is one where a declaration does not name it."""
    names = {network["id"]: network["name"] for network in dashboard.networks()}
    found = [
        {"kind": "network", "key": name, "why": "aucun site ne le déclare"}
        for name in sorted(names.values())
        if name not in networks
    ]
    for device in sorted(dashboard.devices(), key=lambda entry: entry["serial"]):
        if device["serial"] not in serials:
            place = names.get(device.get("networkId") or "", "un réseau inconnu")
            label = f" ({device['name']})" if device.get("name") else ""
            why = f"en service dans « {place} », aucun site ne le déclare"
            found.append({"kind": "device", "key": f"{device['serial']}{label}", "why": why})
    return found


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    dashboard = Dashboard(params["dashboard"])
    try:
        found = orphans(dashboard, set(params["networks"]), {serial.upper() for serial in params["devices"]})
    finally:
        dashboard.close()
    warnings = [f"{entry['kind']} {entry['key']} : {entry['why']}" for entry in found]
    return {"changed": False, "orphans": found, "warnings": warnings, "calls": dashboard.transport.calls}


MODULES: Mapping[str, Module] = {
    "meraki_orphans": Module(
        name="meraki_orphans",
        options=(
            DASHBOARD,
            Field("networks", "Names of all the networks that are declared.", type="list", required=True),
            Field("devices", "Serial numbers of all the devices that are declared.", type="list", required=True),
        ),
        run=_run,
    )
}
