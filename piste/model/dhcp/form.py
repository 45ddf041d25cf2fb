"""Forms of the leases: servers, options by population, failover."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .. import values
from ..forms import Form, Percent, Reference, SegmentName
from ..servers import ServerNames

Seconds = Annotated[int, Field(ge=60, le=31_536_000)]


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


class DhcpServers(ServerNames):
    """The DHCP servers; `lease_s` and `options` are the defaults of the town."""

    lease_s: Seconds = 691_200
    options: DhcpOptions = Field(default_factory=DhcpOptions)
    populations: dict[SegmentName, DhcpOptions] = Field(default_factory=dict)
    failover: Failover | None = None
