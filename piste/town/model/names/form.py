"""Forms of the names: zones, life of an answer, names that no reservation gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .. import values
from ..forms import Marked
from ..servers import ServerNames

Seconds = Annotated[int, Field(ge=60, le=604_800)]


class DeclaredRecord(Marked):
    """A name that no reservation, device or gateway gives."""

    name: Annotated[str, AfterValidator(values.record_name)]
    type: Literal["A", "AAAA", "CNAME", "TXT"]
    values: Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]


class DnsServers(ServerNames):
    """The DNS servers that equipment gets, and the zones that they serve.

    `zone` is the directory's domain where it is missing; `reverse_prefix` the length of reverse zones. `forwarders` are
    judged, never written.
    """

    zone: Annotated[str, AfterValidator(values.domain)] | None = None
    ttl_s: Seconds = 3600
    reverse_prefix: Literal[8, 16, 24] = 16
    records: list[DeclaredRecord] = Field(default_factory=list)
    forwarders: list[Annotated[str, AfterValidator(values.address)]] | None = None
