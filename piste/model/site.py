"""The derived site: plain JSON data, the same for vendors, modules and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, final

if TYPE_CHECKING:
    from .access import AccessPolicy, Dot1xState, Radius
    from .addressing.derived import Segment
    from .admission import SiteAccess, TownAccess
    from .devices import Device
    from .directory.derived import SiteDirectory, TownDirectory
    from .flows.firewall import SiteFirewall, TownFirewall
    from .hosting.derived import TownHosting
    from .identity import Lifecycle
    from .network_settings import Settings
    from .outside_hours import PortSchedule, RfProfile
    from .premises import SitePremises
    from .printing import SitePrinting
    from .sobriety.levers import LeverHere
    from .wifi.derived import Ssid


@final
class Site(TypedDict):
    """A derived site.

    `as_found` gives, by system, kind and key, the values that are kept as found in place of the derived values;
    `awaited` the devices on order, without a serial number, as they will be; `relies_on` the address of each server
    that the site needs, by name. `port_power` and `radio_power` are None where they are not managed.
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
    ssids: list[Ssid]
    retired_ssids: list[str]
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


@final
class Commune(TypedDict):
    """The objects of the town and of no site.

    `as_found` is as in a site; `hosting` is None where no cluster is declared.
    """

    id: str
    lifecycle: Lifecycle
    directory: TownDirectory
    access: TownAccess | None
    firewall: TownFirewall
    hosting: TownHosting | None
    as_found: dict[str, Any]
