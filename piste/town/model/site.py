"""The derived site: plain JSON data, the same for vendors, modules and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, final

if TYPE_CHECKING:
    from .access import AccessPolicy, Dot1xState, Radius
    from .accounts import Account
    from .acts import Act
    from .addressing.derived import Segment
    from .admission import SiteAccess, TownAccess
    from .applications import Application
    from .assets.derived import Asset
    from .certificates import TownCertificates
    from .committees import Bonus, Committee
    from .computer_measures import TownComputerMeasures
    from .computer_steps import DerivedStep, Lived
    from .computer_updates import TownUpdates
    from .configurations import TownConfigurations
    from .contracts import Contract, Licence
    from .decisions import Decided
    from .devices import Device, Replaced
    from .dhcp.derived import Scope, TownDhcp
    from .directory.derived import SiteDirectory, TownDirectory
    from .flows.access_lists import AccessRule
    from .flows.firewall import SiteFirewall, TownFirewall
    from .flows.segmentation import Permit
    from .freshness import Ages
    from .glpi import GlpiPart
    from .hosting.derived import TownHosting
    from .identity import Lifecycle
    from .incidents import Incidents
    from .layer2.answering import TrustedServer
    from .layer2.derived import Aggregate, FarPort, Stack, StpPriority, TrafficPriority
    from .logs.derived import TownLogs
    from .lots.derived import DerivedLot
    from .names.derived import AdSite, AdSubnet, NameServers, Record, Zone
    from .network_settings import Settings
    from .nexus.derived import TownNexus
    from .outside_hours import PortSchedule
    from .parity import DerivedParity, TownMacProfile
    from .personal_data import PersonalData
    from .premises import SitePremises
    from .print_accounting import TownPrinting
    from .printing import SitePrinting
    from .protection.derived import TownProtection
    from .put_off import PutOff
    from .remote_access import RemoteAccess
    from .restores import RestoreTest
    from .routing.derived import CorePlace, CoreRouting, EnginePlace, EngineRouting, Gateway
    from .routing.load import FirewallLoad
    from .sobriety.levers import LeverHere
    from .spending import Spending
    from .storage import TownStorage
    from .supervision.derived import SupervisionHere, TownSupervision
    from .third_parties import ThirdParty
    from .transfer import Transfer
    from .upgrades import PlannedUpgrade
    from .wifi.crowds import Crowd
    from .wifi.derived import RadioPlan, Ssid, Terms
    from .wifi.radio import RfProfile


@final
class Site(TypedDict):
    """A derived site.

    `as_found` gives, by system, kind and key, the values that are kept as found in place of the derived values;
    `awaited` the devices on order, without a serial number, as they will be; `replaced` those whose place another took;
    `relies_on` the address of each server that the site needs, by name. `core` and `engine` carry its gateways;
    `scopes` are those of the town's DHCP servers, `dhcp`; `access_lists` what its switches filter, `withdrawn_rules`
    what they filter no more, `list_lengths` the declared rules of a model; `far_ports` what of other sites lets its
    VLANs pass. `port_power` and `radio_power` are None where they are not managed.
    """

    id: str
    number: int
    code: str | None
    name: str
    category: str
    category_label: str
    lifecycle: Lifecycle
    cctp: str
    status: str | None
    postal_address: str | None
    remark: str | None
    organization: str
    network_name: str
    timezone: str
    block: str
    dot1x: Dot1xState
    segments: dict[str, Segment]
    devices: list[Device]
    awaited: list[Device]
    replaced: list[Replaced]
    stacks: list[Stack]
    aggregates: list[Aggregate]
    far_ports: list[FarPort]
    upgrades: list[PlannedUpgrade]
    stp_priorities: list[StpPriority]
    access_lists: list[AccessRule]
    withdrawn_rules: list[AccessRule]
    list_lengths: dict[str, int]
    traffic_priorities: list[TrafficPriority]
    trusted_servers: list[TrustedServer]
    core: CorePlace | None
    engine: EnginePlace | None
    gateways: list[Gateway]
    scopes: list[Scope]
    dhcp: TownDhcp
    records: list[Record]
    ad_subnets: list[AdSubnet]
    ssids: list[Ssid]
    retired_ssids: list[str]
    crowds: list[Crowd]
    access_policies: list[AccessPolicy]
    radius: Radius
    access: SiteAccess
    relies_on: dict[str, str]
    printing: SitePrinting | None
    settings: Settings
    as_found: dict[str, Any]
    directory: SiteDirectory
    firewall: SiteFirewall
    premises: SitePremises
    opening_hours: dict[str, Any] | None
    port_schedules: list[PortSchedule]
    rf_profiles: list[RfProfile]
    port_power: Literal["always", "hours"] | None
    radio_power: Literal["full", "reduced"] | None
    levers: dict[str, LeverHere]
    assets: list[Asset]
    supervision: SupervisionHere | None
    glpi: GlpiPart | None


@final
class Commune(TypedDict):
    """The objects of the town and of no site.

    `as_found` is as in a site; `hosting` is None where no cluster is declared, `core` and `firewall_engine` where no
    routing is; `open_links` are the ports of the core whose other end nothing declares, `upgrading` the networks whose
    switches an upgrade concerns. `prices` are those of models to buy, in euros without tax.
    """

    id: str
    lifecycle: Lifecycle
    directory: TownDirectory
    access: TownAccess | None
    firewall: TownFirewall
    hosting: TownHosting | None
    thin_client_lots: list[DerivedLot]
    mac_parity: list[DerivedParity]
    computer_steps: list[DerivedStep]
    computer_lives: dict[str, Lived]
    computer_updates: TownUpdates | None
    mac_profile: TownMacProfile | None
    core: CoreRouting | None
    open_links: list[str]
    upgrading: list[str]
    firewall_engine: EngineRouting | None
    firewall_load: FirewallLoad | None
    segmentation: list[Permit]
    dhcp: TownDhcp
    nexus: TownNexus
    dns: NameServers
    zones: list[Zone]
    records: list[Record]
    ad_sites: list[AdSite]
    ad_subnets: list[AdSubnet]
    certificates: TownCertificates
    configurations: TownConfigurations
    freshness: Ages
    put_off: list[PutOff]
    acts: list[Act]
    decisions: list[Decided]
    spending: Spending
    prices: dict[str, float]
    transfer: Transfer
    personal_data: PersonalData
    incidents: Incidents | None
    committees: list[Committee]
    bonus_malus: list[Bonus]
    print_accounting: TownPrinting | None
    storage: TownStorage | None
    computer_measures: TownComputerMeasures | None
    logs: TownLogs | None
    assets: list[Asset]
    third_parties: list[ThirdParty]
    remote_access: RemoteAccess | None
    contracts: list[Contract]
    licences: list[Licence]
    applications: list[Application]
    protection: TownProtection
    accounts: list[Account]
    bastion: list[str]
    terms: list[Terms]
    radio_plan: RadioPlan
    restore_tests: list[RestoreTest]
    supervision: TownSupervision | None
    glpi: GlpiPart | None
    as_found: dict[str, Any]
