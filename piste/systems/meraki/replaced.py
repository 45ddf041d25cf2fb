"""Devices that take the place of others, and what they inherit as long as both are there.

Until a replaced device leaves the network, its replacement is declared to be as it is, but for what the declaration
says. A run that dies is therefore finished by the next run, and nothing is inherited once the old device has left.

The vendor's own copy (`cloneOrganizationSwitchDevices`) is not used: it is for switches alone, copies *some*
settings of the switch without a list of them, and no plan can show what it would do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from piste.engine.converge.overlay import overlay
from piste.engine.converge.plan import Item
from piste.engine.converge.reading import text
from piste.engine.converge.resource import Field

if TYPE_CHECKING:
    from piste.systems.meraki.dashboard import Dashboard
    from piste.systems.meraki.driver import MerakiDriver

REPLACED = Field(
    "replaced",
    "Devices that others replace. While an old device is in the network, the new device takes over the live settings "
    "of the old that the task does not give.",
    type="list",
    default=[],
    of=(
        Field("serial", "Serial number of the old device.", required=True, normalise=str.upper),
        Field("by", "Serial number of the new device.", required=True, normalise=str.upper),
        Field("model", "Model that the new device must be, or begin with."),
    ),
)


def heirs(driver: MerakiDriver) -> dict[str, str]:
    """Old device of each new device, while the old is in the network of the task."""
    if not driver.replaced or not driver.exists:
        return {}
    there = {
        str(device["serial"])
        for device in driver.dashboard.devices()
        if device.get("networkId") == driver.network_id and driver.product_type in ("", device.get("productType"))
    }
    return {str(pair["by"]): str(pair["serial"]) for pair in driver.replaced if pair["serial"] in there}


def inherit(
    driver: MerakiDriver, desired: Sequence[Item], live: Mapping[str, Item], leave: Collection[str] = ()
) -> list[Item]:
    """Lay declared items over the live settings of the old devices, without those to leave.

    `live` has the items of the old devices, by key; the serial number begins the key.
    """
    pairs, resource = heirs(driver), driver.resource
    completed = []
    for item in desired:
        old = live.get(resource.key_of({**item, "serial": pairs.get(item["serial"], "")}))
        if old is not None:
            kept = {entry.name for entry in resource.fields if not entry.path_only} - {*leave}
            taken = {name: value for name, value in old.items() if name in kept}
            item = {**item, **overlay(resource.fields, taken, item, whole=False)}
        completed.append(item)
    return completed


def same_model(driver: MerakiDriver, pairs: Mapping[str, str]) -> bool:
    """True where all new devices are of the model of the old, as far as the inventory says."""
    models = {device["serial"]: device.get("model") for device in driver.dashboard.inventory()}
    return all(models.get(new) in (None, models.get(old)) for new, old in pairs.items())


def online(dashboard: Dashboard, serials: Sequence[str]) -> set[str]:
    """Find the devices that answer the Dashboard now."""
    path = f"/organizations/{dashboard.organization}/devices/availabilities"
    known = dashboard.pages(path, 1000, {"serials[]": list(serials)}) if serials else []
    return {text(device["serial"]) for device in known if text(device["status"]) in ("online", "alerting")}
