"""The modules that converge a kind of object, of every system: the one list that whoever plans, undoes, keeps, compares
or exports goes through."""

from __future__ import annotations

from collections.abc import Mapping

from piste.converge.module import Module
from piste.forcepoint.modules import MODULES as FORCEPOINT
from piste.meraki.modules import MODULES as MERAKI
from piste.nutanix.modules import MODULES as PRISM
from piste.windows.modules import MODULES as WINDOWS

CONVERGING: Mapping[str, Module] = {**MERAKI, **WINDOWS, **FORCEPOINT, **PRISM}

NAMED_BY: Mapping[str, str] = {
    "meraki_networks": "meraki_orphans",
    "meraki_devices": "meraki_orphans",
    # The network of a site has one owner, whose own tasks see all that is in it.
    "meraki_network_settings": "meraki_network_settings",
    "meraki_access_policies": "meraki_access_policies",
    "meraki_port_schedules": "meraki_port_schedules",
    "meraki_rf_profiles": "meraki_rf_profiles",
    "meraki_switch_ports": "meraki_switch_ports",
    "meraki_radios": "meraki_radios",
    "meraki_ssids": "meraki_ssids",
    "ad_organizational_units": "ad_orphans",
    "ad_groups": "ad_orphans",
    "ad_wmi_filters": "ad_orphans",
    "ad_gpos": "ad_orphans",
    "ad_gpo_links": "ad_orphans",
    "nps_radius_clients": "nps_orphans",
    "nps_connection_request_policies": "nps_orphans",
    "nps_network_policies": "nps_orphans",
    "win_print_queues": "win_print_orphans",
    "smc_elements": "smc_orphans",
    "smc_policies": "smc_orphans",
    "smc_installations": "smc_orphans",
    "prism_categories": "prism_orphans",
    "prism_subnets": "prism_orphans",
    "prism_images": "prism_orphans",
    "prism_vms": "prism_orphans",
    "prism_affinity_policies": "prism_orphans",
}
"""Which module, in a drift, names the objects of a kind that nobody declares: each kind has one."""

ADMINISTRATORS = ("meraki_administrators", "smc_administrators", "prism_administrators", "ad_administrators")
"""The modules that, in a drift, name the administrators that nobody declares."""
