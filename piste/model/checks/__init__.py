"""The semantic checks: one table, in the order in which faults are reported."""

from __future__ import annotations

from collections.abc import Callable

from . import access, addressing, changes, directory, hosting, identity, ports, wifi
from .view import View

CHECKS: tuple[Callable[[View], None], ...] = (
    addressing.site_numbers,
    addressing.segments_known,
    addressing.prefixes_inside_blocks,
    addressing.prefixes_apart,
    addressing.vlans_unique,
    addressing.gateways_inside,
    addressing.dhcp_inside,
    addressing.fixed_addresses,
    addressing.device_ranks,
    identity.site_codes,
    identity.devices,
    identity.servers,
    identity.interconnections,
    ports.profiles,
    ports.layouts,
    wifi.catalogue,
    wifi.isolation,
    wifi.sites,
    access.servers,
    access.pilots,
    access.policies,
    access.fallbacks,
    directory.groups,
    directory.filters,
    directory.links,
    directory.units,
    directory.sleep,
    directory.warning,
    directory.shutdowns,
    hosting.names,
    hosting.addresses,
    hosting.capacity,
    hosting.schedules,
    hosting.hours,
    hosting.removals,
    changes.windows,
)

__all__ = ["CHECKS", "View"]
