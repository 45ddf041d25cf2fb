"""The variables of the declaration, and the level of each.

A variable lives at the level whose class names it: the town (`group_vars/all`), a category (`group_vars/<category>`), a
site, the town-wide host or a neighbour (`host_vars/`). A variable of `AnyLevel` has a town value; a category or a site
may replace it, as Ansible does: whole.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BeforeValidator, TypeAdapter

from . import (
    access,
    admission,
    changes,
    devices,
    energy_factors,
    forms,
    freshness_form,
    identity,
    parity,
    ports,
    review,
    schema,
)
from . import accessibility as accessibility_form
from . import accounts as accounts_form
from . import acts as acts_form
from . import applications as applications_form
from . import calendar as calendar_form
from . import certificates as certificate_form
from . import committees as committees_form
from . import computer_measures as computer_measures_form
from . import computer_steps as computer_steps_form
from . import computer_updates as computer_updates_form
from . import configurations as configurations_form
from . import contracts as contracts_form
from . import decisions as decisions_form
from . import documents as documents_form
from . import firmware as firmware_form
from . import glpi as glpi_form
from . import incidents as incidents_form
from . import legal as legal_form
from . import network_settings as network_settings_form
from . import personal_data as personal_data_form
from . import premises as premises_form
from . import printing as printing_form
from . import put_off as put_off_form
from . import rack_checks as rack_checks_form
from . import remote_access as remote_access_form
from . import restores as restores_form
from . import spending as spending_form
from . import storage as storage_form
from . import third_parties as third_parties_form
from . import transfer as transfer_form
from . import upgrades as upgrades_form
from .addressing import form as addressing_form
from .dhcp import form as dhcp_form
from .directory import form as directory_form
from .flows import form as flow_form
from .hosting import form as hosting_form
from .layer2 import form as layer2_form
from .logs import form as logs_form
from .lots import form as lots_form
from .lots import scenario
from .names import form as names_form
from .nexus import form as nexus_form
from .protection import form as protection_form
from .routing import form as routing_form
from .sobriety import autostart
from .sobriety import form as sobriety_form
from .sobriety import reporting as sobriety_reporting
from .supervision import form as supervision_form
from .wifi import crowds, radio
from .wifi import form as wifi_form


def _number(value: object) -> object:
    """Refuse true, which Python takes for 1."""
    return str(value) if isinstance(value, bool) else value


@dataclass(frozen=True, kw_only=True)
class TownLevel:
    """Declared once for the town."""

    piste_model: Annotated[Literal[1], BeforeValidator(_number)]
    town: schema.Town
    addressing: addressing_form.Addressing
    dns: names_form.DnsServers
    dhcp: dhcp_form.DhcpServers
    routing: routing_form.Routing | None = None
    segmentation: layer2_form.Segmentation = field(default_factory=layer2_form.Segmentation)
    naming: identity.Naming
    segment_catalogue: dict[str, addressing_form.Segment]
    common_segments: list[forms.SegmentName]
    ssid_catalogue: dict[wifi_form.SsidName, wifi_form.Ssid]
    terms_of_use: dict[wifi_form.TermsName, wifi_form.TermsOfUse] = field(default_factory=dict)
    radio_plan: wifi_form.RadioPlan = field(default_factory=wifi_form.RadioPlan)
    crowd_profiles: dict[crowds.ProfileName, crowds.CrowdProfile] = field(default_factory=dict)
    guest_isolation: wifi_form.GuestIsolation
    port_profiles: dict[str, ports.PortProfile]
    radio_profiles: dict[radio.ProfileTitle, radio.DeclaredRadioProfile] = field(default_factory=dict)
    reduced_power: radio.ReducedPower | None = None
    access_policies: dict[str, access.DeclaredAccessPolicy]
    network_policies: dict[str, admission.NetworkPolicy] = field(default_factory=dict)
    dot1x_proof: admission.Dot1xProof
    hardware: dict[str, devices.Hardware]
    firmware: dict[firmware_form.FirmwareClass, firmware_form.ApprovedFirmware] = field(default_factory=dict)
    upgrades: dict[forms.Title, upgrades_form.Upgrade] = field(default_factory=dict)
    network: identity.NetworkIdentity
    directory: directory_form.Directory
    directory_groups: dict[str, directory_form.DirectoryGroup]
    directory_wmi_filters: dict[str, directory_form.WmiFilter] = field(default_factory=dict)
    directory_policies: dict[str, directory_form.DirectoryPolicy]
    directory_links: dict[str, list[forms.PolicyName]]
    sobriety_shutdown: directory_form.SobrietyShutdown
    pilot_groups: directory_form.PilotGroups
    sobriety_levers: dict[sobriety_form.LeverId, sobriety_form.Lever] = field(default_factory=dict)
    sobriety_autostart: autostart.Autostart | None = None
    sobriety_contact: sobriety_form.SobrietyContact | None = None
    sobriety_rollout: list[sobriety_form.RolloutStep] = field(default_factory=list)
    sobriety_targets: dict[sobriety_form.FigureId, sobriety_form.SobrietyTarget] = field(default_factory=dict)
    sobriety_energy_price: list[sobriety_reporting.EnergyPrice] = field(default_factory=list)
    sobriety_alerts: sobriety_reporting.SobrietyAlerts = field(default_factory=sobriety_reporting.SobrietyAlerts)
    calendar: calendar_form.Calendar | None = None
    energy: energy_factors.Energy | None = None
    hosting: hosting_form.Hosting | None = None
    hosting_images: dict[str, hosting_form.Image] = field(default_factory=dict)
    hosting_schedules: dict[hosting_form.Term, hosting_form.PowerSchedule] = field(default_factory=dict)
    hosting_separated: dict[hosting_form.Term, hosting_form.Separated] = field(default_factory=dict)
    hosting_machines: dict[str, hosting_form.Machine] = field(default_factory=dict)
    hosting_retired: dict[str, hosting_form.Retired] = field(default_factory=dict)
    hosting_recovery: dict[hosting_form.Term, hosting_form.RecoveryPlan] = field(default_factory=dict)
    protection: protection_form.Protection = field(default_factory=protection_form.Protection)
    printing: printing_form.Printing | None = None
    storage: storage_form.Storage | None = None
    computer_measures: computer_measures_form.ComputerMeasures | None = None
    certificate_rules: certificate_form.CertificateRules = field(default_factory=certificate_form.CertificateRules)
    certificate_authorities: dict[certificate_form.AuthorityName, certificate_form.DeclaredAuthority] = field(
        default_factory=dict
    )
    certificates: dict[certificate_form.CertificateName, certificate_form.DeclaredCertificate] = field(
        default_factory=dict
    )
    third_parties: dict[third_parties_form.ThirdPartyId, third_parties_form.DeclaredThirdParty] = field(
        default_factory=dict
    )
    contracts: dict[contracts_form.ContractId, contracts_form.DeclaredContract] = field(default_factory=dict)
    licences: dict[contracts_form.LicenceId, contracts_form.DeclaredLicence] = field(default_factory=dict)
    applications: dict[applications_form.ApplicationId, applications_form.DeclaredApplication] = field(
        default_factory=dict
    )
    accounts: dict[accounts_form.Login, accounts_form.DeclaredAccount] = field(default_factory=dict)
    mac_profile: parity.MacProfile | None = None
    mac_parity: dict[parity.NeedId, parity.MacParity] = field(default_factory=dict)
    computer_updates: computer_updates_form.ComputerUpdates | None = None
    computer_steps: dict[computer_steps_form.StepId, computer_steps_form.ComputerStep] = field(default_factory=dict)
    rack_checks: dict[rack_checks_form.CheckId, rack_checks_form.RackCheck] = field(default_factory=dict)
    thin_client_scenario: scenario.ThinClientScenario | None = None
    thin_client_lots: dict[lots_form.LotId, lots_form.ThinClientLot] = field(default_factory=dict)
    supervision: supervision_form.Supervision | None = None
    restore_tests: dict[restores_form.RestoreTestName, restores_form.DeclaredRestoreTest] = field(default_factory=dict)
    glpi: glpi_form.Glpi | None = None
    logs: logs_form.Logs | None = None
    accessibility: accessibility_form.Accessibility | None = None
    legal_notice: legal_form.LegalNotice = field(default_factory=legal_form.LegalNotice)
    documents: documents_form.Documents | None = None
    freezes: list[changes.Freeze] = field(default_factory=list)
    journal: schema.Journal
    configurations: configurations_form.Configurations = field(default_factory=configurations_form.Configurations)
    freshness: freshness_form.Freshness = field(default_factory=freshness_form.Freshness)
    put_off: list[put_off_form.DeclaredPutOff] = field(default_factory=list)
    acts: list[acts_form.DeclaredAct] = field(default_factory=list)
    decisions: list[decisions_form.DeclaredDecision] = field(default_factory=list)
    spending: spending_form.DeclaredSpending = field(default_factory=spending_form.DeclaredSpending)
    transfer: transfer_form.DeclaredTransfer = field(default_factory=transfer_form.DeclaredTransfer)
    personal_data: personal_data_form.DeclaredPersonalData = field(
        default_factory=personal_data_form.DeclaredPersonalData
    )
    incidents: incidents_form.IncidentRegister | None = None
    committees: list[committees_form.DeclaredCommittee] = field(default_factory=list)
    bonus_malus: list[committees_form.DeclaredBonus] = field(default_factory=list)
    review: review.Review | None = None
    administration: flow_form.Administration
    administrators: flow_form.Administrators | None = None
    firewall: flow_form.Firewall
    remote_access: remote_access_form.DeclaredRemoteAccess | None = None
    service_catalogue: dict[flow_form.FlowId, flow_form.Service] = field(default_factory=dict)
    flow_places: dict[flow_form.FlowId, flow_form.Place] = field(default_factory=dict)
    flow_groups: dict[flow_form.FlowId, flow_form.Ends] = field(default_factory=dict)
    flows: flow_form.Flows = field(default_factory=dict)
    translations: dict[flow_form.FlowId, flow_form.Translation] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AnyLevel:
    """Declared for the town, replaced where a category or a site differs."""

    dot1x: access.Dot1x
    network_settings: network_settings_form.NetworkSettings
    retired_ssids: wifi_form.Names
    change_windows: changes.ChangeWindows
    radius: access.DeclaredRadius | None = None
    opening_hours: changes.OpeningHours | None = None
    radio_profile: Annotated[radio.ProfileTitle, forms.NameIn("radio_profiles")] | None = None
    traffic_priorities: layer2_form.TrafficPriorities = field(default_factory=layer2_form.TrafficPriorities)


@dataclass(frozen=True, kw_only=True)
class CategoryLevel:
    """Declared once for the sites of a category."""

    category: identity.Category
    category_segments: list[forms.SegmentName] = field(default_factory=list)
    category_ssids: wifi_form.Names
    category_port_layouts: dict[forms.HardwareModel, ports.Ports] = field(default_factory=dict)
    category_flows: flow_form.Flows = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SiteLevel:
    """Declared for one site."""

    site: identity.SiteIdentity
    segments: dict[forms.SegmentName, addressing_form.SiteSegment] = field(default_factory=dict)
    ssids: dict[wifi_form.CatalogueSsid, wifi_form.SiteSsid] = field(default_factory=dict)
    crowds: list[crowds.DeclaredCrowd] = field(default_factory=list)
    port_layouts: dict[forms.HardwareModel, ports.Ports] = field(default_factory=dict)
    switches: list[devices.DeclaredDevice] = field(default_factory=list)
    access_points: list[devices.DeclaredDevice] = field(default_factory=list)
    stacks: dict[layer2_form.StackName, layer2_form.Stack] = field(default_factory=dict)
    aggregates: dict[layer2_form.AggregateName, layer2_form.Aggregate] = field(default_factory=dict)
    nexus: dict[nexus_form.NexusName, nexus_form.Nexus] = field(default_factory=dict)
    spanning_tree: layer2_form.SpanningTree = field(default_factory=layer2_form.SpanningTree)
    awaited_devices: dict[forms.HardwareModel, forms.Count] = field(default_factory=dict)
    print_queues: dict[str, printing_form.PrintQueue] = field(default_factory=dict)
    dot1x_exceptions: list[admission.Dot1xException] = field(default_factory=list)
    site_flows: flow_form.Flows = field(default_factory=dict)
    sobriety_exceptions: list[sobriety_form.SobrietyException] = field(default_factory=list)
    premises: premises_form.Premises = field(default_factory=premises_form.Premises)


@dataclass(frozen=True, kw_only=True)
class CommuneLevel:
    """Declared for the town and no site."""

    shared_segments: dict[str, addressing_form.SharedSegment]


@dataclass(frozen=True, kw_only=True)
class NeighbourLevel:
    """Declared for a neighbour out of scope, seen through one segment."""

    neighbour: identity.Neighbour


@dataclass(frozen=True, kw_only=True)
class SiteVariables(SiteLevel, CategoryLevel, AnyLevel, TownLevel):
    """All variables of one site, once resolved."""


type Level = type[TownLevel | AnyLevel | CategoryLevel | SiteLevel | CommuneLevel | NeighbourLevel]

PLACES: dict[Level, str] = {
    TownLevel: "pour toute la ville, dans group_vars/all",
    AnyLevel: "pour la ville, une catégorie ou un site",
    CategoryLevel: "par catégorie, dans group_vars/<catégorie>",
    SiteLevel: "par site, dans host_vars/<site>",
    CommuneLevel: "dans host_vars de l’hôte de la ville",
    NeighbourLevel: "dans host_vars d’un voisin hors périmètre",
}


HINTS: dict[str, Any] = {
    name: hint for level in PLACES for name, hint in get_type_hints(level, include_extras=True).items()
}
"""The type of each variable."""

LEVEL_OF: dict[str, Level] = {name: level for level in PLACES for name in level.__annotations__}
"""The level at which each variable lives."""


def names(form_of: type[Any]) -> set[str]:
    """Name the variables of a level or of a combination of levels."""
    return {item.name for item in fields(form_of)}


def required(form_of: type[Any]) -> set[str]:
    """Name the variables that have no default."""
    return {
        item.name for item in fields(form_of) if item.default is MISSING and item.default_factory is MISSING
    }


@cache
def adapter(variable: str) -> TypeAdapter[Any]:
    """Give the validator of a known variable."""
    return TypeAdapter(HINTS[variable])
