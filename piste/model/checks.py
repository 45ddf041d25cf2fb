"""The semantic checks: one table, in the order in which faults are reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import (
    access,
    accounts,
    admission,
    applications,
    certificates,
    changes,
    configurations,
    contracts,
    devices,
    equipment,
    firmware,
    identity,
    outside_hours,
    ports,
    premises,
    printing,
    restores,
    review,
    servers,
    third_parties,
)
from .addressing import rules as addressing_rules
from .assets import rules as asset_rules
from .dhcp import rules as dhcp_rules
from .directory import rules as directory_rules
from .flows import isolation, needs
from .flows import rules as flow_rules
from .hosting import rules as hosting_rules
from .layer2 import answering
from .layer2 import rules as layer2_rules
from .life import rules as life_rules
from .lots import rules as lots_rules
from .names import rules as name_rules
from .nexus import rules as nexus_rules
from .protection import rules as protection_rules
from .routing import rules as routing_rules
from .sobriety import rules as sobriety_rules
from .wifi import rules as wifi_rules

if TYPE_CHECKING:
    from .view import View

CHECKS: tuple[Callable[[View], None], ...] = (
    addressing_rules.check_plan,
    addressing_rules.check_site_numbers,
    addressing_rules.check_segments_known,
    addressing_rules.check_prefixes_inside_blocks,
    addressing_rules.check_prefixes_disjoint,
    addressing_rules.check_vlans_unique,
    addressing_rules.check_gateways_inside,
    addressing_rules.check_dhcp_inside,
    addressing_rules.check_fixed_addresses,
    addressing_rules.check_device_ranks,
    identity.check_site_codes,
    devices.check_devices,
    devices.check_replaced,
    firmware.check_firmware,
    servers.check_servers,
    identity.check_interconnections,
    ports.check_profiles,
    ports.check_layouts,
    outside_hours.check_profiles,
    outside_hours.check_sites,
    wifi_rules.check_catalogue,
    wifi_rules.check_isolation,
    wifi_rules.check_sites,
    access.check_servers,
    access.check_pilots,
    access.check_policies,
    access.check_fallbacks,
    admission.check_segments,
    admission.check_sites,
    admission.check_exceptions,
    admission.check_enforced,
    admission.check_proven,
    directory_rules.check_groups,
    directory_rules.check_filters,
    directory_rules.check_links,
    directory_rules.check_units,
    directory_rules.check_sleep,
    directory_rules.check_profiles,
    directory_rules.check_warning,
    hosting_rules.check_names,
    hosting_rules.check_addresses,
    hosting_rules.check_capacity,
    hosting_rules.check_schedules,
    hosting_rules.check_hours,
    hosting_rules.check_removals,
    protection_rules.check_names,
    protection_rules.check_sets,
    protection_rules.check_stores,
    protection_rules.check_families,
    protection_rules.check_satisfied,
    lots_rules.check_lots,
    life_rules.check_life,
    nexus_rules.check_nexus,
    premises.check_links,
    premises.check_racks,
    premises.check_supplies,
    equipment.check_ends,
    asset_rules.check_assets,
    printing.check_queues,
    printing.check_departures,
    certificates.check_certificates,
    configurations.check_configurations,
    third_parties.check_third_parties,
    contracts.check_contracts,
    contracts.check_terms,
    applications.check_applications,
    applications.check_hosts,
    accounts.check_accounts,
    accounts.check_mastery,
    sobriety_rules.check_names,
    sobriety_rules.check_drives,
    sobriety_rules.check_steps,
    sobriety_rules.check_eligible,
    sobriety_rules.check_exceptions,
    restores.check_restore_tests,
    changes.check_windows,
    review.check_groups,
    routing_rules.check_carriers,
    routing_rules.check_models,
    routing_rules.check_single_gateways,
    routing_rules.check_nodes,
    routing_rules.check_routes,
    routing_rules.check_aggregate,
    dhcp_rules.check_servers,
    dhcp_rules.check_options,
    dhcp_rules.check_settings,
    dhcp_rules.check_guests,
    dhcp_rules.check_exclusions,
    dhcp_rules.check_reservations,
    name_rules.check_names,
    layer2_rules.check_stacks,
    layer2_rules.check_aggregates,
    layer2_rules.check_far_ends,
    layer2_rules.check_root,
    layer2_rules.check_separations,
    answering.check_answering,
    answering.check_alternate,
    flow_rules.check_identifiers,
    flow_rules.check_names,
    flow_rules.check_ends,
    flow_rules.check_services,
    flow_rules.check_cycles,
    flow_rules.check_dates,
    flow_rules.check_open_to_all,
    flow_rules.check_shadows,
    flow_rules.check_snmp,
    flow_rules.check_translations,
    flow_rules.check_effects,
    isolation.check_segments,
    needs.check_administration,
    needs.check_populations,
)
