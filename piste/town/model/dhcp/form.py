"""Forms of the leases: servers, options by population, failover."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .. import values
from ..forms import Form, Percent, Reference, SegmentName
from ..servers import ServerNames

Seconds = Annotated[int, Field(ge=60, le=31_536_000)]


OptionNumber = Annotated[str, Field(pattern=r"^([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-4])$")]


class DhcpOptions(Form):
    """Options of a population.

    `dns`, `ntp` and `boot_server` are servers by the name of their reservation, places of the flows, or addresses. A
    missing option is the town's. `why` says why guests get a server of the town.
    """

    dns: list[str] | None = None
    ntp: list[str] | None = None
    domain: Annotated[str, AfterValidator(values.domain)] | None = None
    boot_server: str | None = None
    boot_file: str | None = None
    why: str | None = None


class Failover(Form):
    """The relation of the first two servers.

    `share`: what the first serves of a load balance, what the second keeps of a hot standby, in percent.
    """

    mode: Literal["load_balance", "hot_standby"]
    share: Percent
    client_lead_s: Seconds
    switch_after_s: Seconds | None = None
    shared_secret: Reference | None = None


class ServerOptions(Form):
    """Options that a server gives where a scope says nothing.

    Servers as in `DhcpOptions`. `other` are values by number, `classes` values by number of each vendor class.
    """

    dns: list[str] | None = None
    ntp: list[str] | None = None
    domain: Annotated[str, AfterValidator(values.domain)] | None = None
    boot_server: str | None = None
    boot_file: str | None = None
    other: dict[OptionNumber, list[str]] = Field(default_factory=dict)
    classes: dict[str, dict[OptionNumber, list[str]]] = Field(default_factory=dict)


class AuditLog(Form):
    """The daily log of a server; a missing setting stays as it is."""

    enabled: bool | None = None
    path: Annotated[str, Field(pattern=r'^[A-Za-z]:\\[^<>"|?*]{0,244}$')] | None = None
    max_mb: Annotated[int, Field(ge=1, le=4096)] | None = None
    min_free_mb: Annotated[int, Field(ge=1, le=4096)] | None = None
    check_every: Annotated[int, Field(ge=1, le=100_000)] | None = None


class ServerSettings(Form):
    """The settings of each DHCP server; a missing setting stays as it is.

    `update_account` is judged, never written.
    """

    options: ServerOptions | None = None
    audit_log: AuditLog | None = None
    conflict_attempts: Annotated[int, Field(ge=0, le=5)] | None = None
    update_account: str | None = None


class DhcpServers(ServerNames):
    """The DHCP servers; `lease_s` and `options` are the defaults of the town.

    `retired`: servers that lend no more, whose authorisation may be removed from the directory.
    """

    lease_s: Seconds = 691_200
    options: DhcpOptions = Field(default_factory=DhcpOptions)
    populations: dict[SegmentName, DhcpOptions] = Field(default_factory=dict)
    failover: Failover | None = None
    settings: ServerSettings | None = None
    retired: list[str] = Field(default_factory=list)
