"""What the model derives of a site's network beside its ports: its settings, what an SSID shows and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from .schema import SyslogRole


class SyslogServer(TypedDict):
    name: str
    host: str
    port: int
    roles: list[SyslogRole]


class StormControl(TypedDict):
    """Shares of a port's rate, in percent."""

    broadcast: int
    multicast: int
    unknown_unicast: int


class SnmpAccess(TypedDict):
    access: Literal["none"]


class Settings(TypedDict):
    """Settings of the whole network. None: not managed."""

    syslog: list[SyslogServer] | None
    snmp: SnmpAccess | None
    mtu: int | None
    rapid_spanning_tree: bool | None
    storm_control: StormControl | None


class Portal(TypedDict):
    """The page that guests accept."""

    kind: Literal["click_through"]
    welcome_message: str
    terms: str
    timeout_minutes: int


class Bandwidth(TypedDict):
    """Limits in kbit/s; None: without any."""

    client_up_kbps: int | None
    client_down_kbps: int | None
    ssid_up_kbps: int | None
    ssid_down_kbps: int | None
