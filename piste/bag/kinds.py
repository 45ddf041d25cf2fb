"""The kinds of objects that a bag declares: for each, its domain, its module, and where its file is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from piste.converge.resource import Resource
from piste.kinds import CONVERGING

_NAMES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "network": (
        ("networks", "meraki_networks"),
        ("devices", "meraki_devices"),
        ("network_settings", "meraki_network_settings"),
        ("access_policies", "meraki_access_policies"),
        ("port_schedules", "meraki_port_schedules"),
        ("rf_profiles", "meraki_rf_profiles"),
        ("switch_ports", "meraki_switch_ports"),
        ("radios", "meraki_radios"),
        ("ssids", "meraki_ssids"),
    ),
    "directory": (
        ("organizational_units", "ad_organizational_units"),
        ("groups", "ad_groups"),
        ("wmi_filters", "ad_wmi_filters"),
        ("gpos", "ad_gpos"),
        ("gpo_links", "ad_gpo_links"),
    ),
    "access": (
        ("radius_clients", "nps_radius_clients"),
        ("connection_request_policies", "nps_connection_request_policies"),
        ("network_policies", "nps_network_policies"),
    ),
    "printing": (("print_queues", "win_print_queues"),),
    "firewall": (("elements", "smc_elements"), ("policies", "smc_policies")),
    "hosting": (
        ("categories", "prism_categories"),
        ("subnets", "prism_subnets"),
        ("images", "prism_images"),
        ("vms", "prism_vms"),
        ("affinity_policies", "prism_affinity_policies"),
    ),
}
"""Domains in the order in which they are replayed, each with its kinds in theirs."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: ``per_site`` where a file holds the objects of one site, all its kinds together."""

    domain: str
    name: str
    module: str
    resource: Resource
    per_site: bool

    @property
    def title(self) -> str:
        return self.resource.doc


def _kind(domain: str, name: str, module: str) -> Kind:
    resource = CONVERGING[module].resource
    assert resource is not None
    return Kind(domain, name, module, resource, per_site=domain == "network")


KINDS: tuple[Kind, ...] = tuple(
    _kind(domain, name, module) for domain, kinds in _NAMES.items() for name, module in kinds
)
DOMAINS: tuple[str, ...] = tuple(_NAMES)
PLACES = "places"
"""The file beside those of the sites: which device is in which network, and its model, as the system says."""
