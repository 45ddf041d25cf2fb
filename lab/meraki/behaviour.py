"""Switches of the simulated Dashboard: unknowns of the real system, limits, delays.

A point without a source is settled here and nowhere else: a single change corrects it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from lab.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of one simulator; change them at any time.

    unknown_keys                the fate of a body key that the description does not know
    full_put                    a PUT resets absent keys instead of leaving them alone
    ssid_write_only_returned    SSID answers also hold the fields that their schema omits
    not_found                   form of the bodies of 404
    links                       URLs of Link headers: `auto` is absolute, except for the vendor's Python SDK,
                                which follows absolute links to the vendor's own hosts only
    rate_limit, burst           requests a second of the organization (None: no limit), and the reserve
    claim_limit                 claims accepted in 300 s (None: no limit)
    claim_delay                 seconds during which a device refuses calls once claimed into a network
    fresh_status, fresh_error   the refusal of these calls
    template_refuses            whether a network bound to a template refuses its own SSIDs, policies and settings
    psk_needs_encryption_mode   whether the body that gives an SSID a shared key must give its encryption mode
    open_roaming_zero           servers show 0 where they have no Open Roaming certificate; no body may send 0
    guest_port_bouncing         whether the organization has it; where not, no answer shows it and no body may send it
    batch_delay                 seconds before an asynchronous batch is done
    unique_network_names        whether a second network of one name is refused
    policy_in_use_refused       whether an access policy that a port uses can be deleted
    schedule_in_use_refused     whether a port schedule that a port follows can be deleted
    offline                     serial numbers of the devices that no longer answer; their configuration does
    default_route_listed        whether the static routes of a switch start with that of its default gateway
    uplink                      interface that holds the default gateway of a switch once it lies in another subnet:
                                that of the `subnet`, or the `first` that had it
    stack_members               whether a PUT of a stack changes its members, or leaves them in silence
    unplugged                   ports without a cable, as `serial/port`
    silence                     seconds since a device last reported, by serial
    port_reports                what a port with a link reports instead (`speed`, `duplex`, `errors`, `warnings`…), by
                                `serial/port`
    air                         what the radios of an access point report instead, by serial: by band `channel`,
                                `channelWidth` and `use` in percent; `snr`, `rssi`
    port_traffic                kilobits a second that a port carries, both directions together, by `serial/port`; null:
                                the Dashboard measured nothing there
    activity                    hours in which a network (by name) or a device (by serial) is used: a name of
                                `lab.meraki.activity.USES`
    measure_gaps                periods, in seconds since 1970, in which nothing was measured
    measured_since              moment before which a device was not there, by serial
    measured_as                 number of clients that an access point answers in each hour instead, by serial
    interval_kept               whether the history of ports keeps the interval of the query where a period is given
                                too; where not, it answers by 4 hours [the description allows both]
    firmware                    version that a device runs instead of its kind's, by serial
    upgrades_failed             networks, by name, whose upgrades end with the version that they had
    clients                     clients that are seen besides those that the town plugs in, or in their place: `{mac,
                                serial, port or ssid, vlan, ip, seen, online}`, and `said`, what the answer says instead
    unknown_client              answer of the search for a MAC address that no network knows [inferred]
    """

    choices: ClassVar[Mapping[str, Collection[str]]] = {
        "unknown_keys": ("reject", "ignore", "store"),
        "not_found": ("json", "html", "empty"),
        "links": ("auto", "absolute", "relative"),
        "uplink": ("first", "subnet"),
        "unknown_client": ("empty", "not_found"),
    }

    unknown_keys: Literal["reject", "ignore", "store"] = "reject"
    full_put: bool = False
    ssid_write_only_returned: bool = False
    not_found: Literal["json", "html", "empty"] = "json"
    links: Literal["auto", "absolute", "relative"] = "auto"
    rate_limit: float | None = 10.0
    burst: float = 10.0
    claim_limit: int | None = 10
    claim_delay: float = 0.0
    fresh_status: int = 400
    fresh_error: str = "Device is not ready: it was claimed moments ago"
    template_refuses: bool = True
    psk_needs_encryption_mode: bool = False
    open_roaming_zero: bool = False
    guest_port_bouncing: bool = True
    batch_delay: float = 0.2
    unique_network_names: bool = False
    policy_in_use_refused: bool = True
    schedule_in_use_refused: bool = True
    default_route_listed: bool = True
    uplink: Literal["first", "subnet"] = "subnet"
    stack_members: bool = True
    offline: list[str] = field(default_factory=list)
    unplugged: list[str] = field(default_factory=list)
    silence: dict[str, float] = field(default_factory=dict)
    port_reports: dict[str, Any] = field(default_factory=dict)
    air: dict[str, Any] = field(default_factory=dict)
    port_traffic: dict[str, float | None] = field(default_factory=dict)
    activity: dict[str, str] = field(default_factory=dict)
    measure_gaps: list[list[float]] = field(default_factory=list)
    measured_since: dict[str, float] = field(default_factory=dict)
    measured_as: dict[str, Any] = field(default_factory=dict)
    interval_kept: bool = True
    firmware: dict[str, str] = field(default_factory=dict)
    upgrades_failed: list[str] = field(default_factory=list)
    clients: list[dict[str, Any]] = field(default_factory=list)
    unknown_client: Literal["empty", "not_found"] = "empty"
