"""Settings of a whole network: syslog, SNMP, MTU, spanning tree, storm control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .forms import Form, Marked, Percent, PortNumber, SegmentName
from .layer2.answering import AlternateManagement, DhcpPolicy

SyslogRole = Literal["wireless", "switch", "flows", "urls", "air_marshal"]


class DeclaredSyslogServer(Form):
    host: str
    port: PortNumber
    roles: list[SyslogRole]


class DeclaredSnmpAccess(Form):
    access: Literal["none"]


class DeclaredStormControl(Form):
    broadcast: Percent
    multicast: Percent
    unknown_unicast: Percent


class DeclaredDhcpServers(Form):
    """The DHCP servers that may answer, beside the gateways of the site."""

    default: Literal["allow", "block"] = "allow"
    allowed: list[Annotated[str, AfterValidator(values.mac)]] = Field(default_factory=list)
    blocked: list[Annotated[str, AfterValidator(values.mac)]] = Field(default_factory=list)
    inspection: bool | None = None


class DeclaredAlternateManagement(Form):
    """The segment by which the switches speak to some servers."""

    segment: SegmentName
    protocols: Annotated[list[Literal["radius", "snmp", "syslog"]], Field(min_length=1)]


class NetworkSettings(Marked):
    """Settings of the networks of a site. A missing setting is not managed."""

    syslog: list[DeclaredSyslogServer] | None = None
    snmp: DeclaredSnmpAccess | None = None
    mtu: Annotated[int, Field(ge=1500, le=9578)] | None = None
    rapid_spanning_tree: bool | None = None
    storm_control: DeclaredStormControl | None = None
    dhcp_servers: DeclaredDhcpServers | None = None
    alternate_management: DeclaredAlternateManagement | None = None


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
    dhcp_servers: DhcpPolicy | None
    alternate_management: AlternateManagement | None


def derive_settings(
    settings: NetworkSettings,
    servers: Mapping[str, str],
    dhcp_servers: DhcpPolicy | None,
    alternate_management: AlternateManagement | None,
    collected: list[SyslogServer] | None,
) -> Settings:
    """Derive the settings of the networks of a site; `collected` stands where none is declared."""
    storm, syslog = settings.storm_control, settings.syslog
    return Settings(
        syslog=collected if syslog is None else [
            SyslogServer(name=item.host, host=servers[item.host], port=item.port, roles=list(item.roles))
            for item in syslog
            if item.host in servers
        ],
        snmp=SnmpAccess(access=settings.snmp.access) if settings.snmp else None,
        mtu=settings.mtu,
        rapid_spanning_tree=settings.rapid_spanning_tree,
        storm_control=StormControl(
            broadcast=storm.broadcast, multicast=storm.multicast, unknown_unicast=storm.unknown_unicast
        ) if storm else None,
        dhcp_servers=dhcp_servers,
        alternate_management=alternate_management,
    )  # fmt: skip
