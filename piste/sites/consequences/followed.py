"""The ports and the radios of a site that follow an object that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Item, Side, Sides

PORTS = "meraki_switch_ports"
FOLLOWED = {
    "access_policy": (PORTS, "port(s)"),
    "port_schedule": (PORTS, "port(s)"),
    "rf_profile": ("meraki_radios", "borne(s)"),
}
"""What follows each kind, in the field of its name."""


def following(sides: Sides, side: Side, operation: Item) -> dict[str, str]:
    """Give the names that the ports in service, or the radios, of a site follow, by key."""
    site = sides.town.sites.get(operation["owner"])
    serials = {device["serial"] for device in site["devices"]} if site else set()
    kind = str(operation["kind"])
    # What a plan has read of a radio that nobody declares is in its operation.
    serials |= {str(other["key"]) for other in sides.operations
                if other["kind"] == "radio" and other["owner"] == operation["owner"]}  # fmt: skip
    return {
        key: str(item[kind])
        for (_, key), item in sides.objects(FOLLOWED[kind][0], side).items()
        if item.get(kind) and item.get("enabled", True) and item["serial"] in serials
    }
