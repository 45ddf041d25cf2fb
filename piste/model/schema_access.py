"""The form of what is declared of 802.1X: who is admitted where, and for how long somebody is admitted without it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from . import values
from .schema import Date, Dot1xState, Form, Marked, Port

Eap = Literal["tls", "peap"]
Medium = Literal["wired", "wireless"]
MEDIA: tuple[Medium, ...] = ("wired", "wireless")



class Dot1x(Marked):
    """How far 802.1X is at a site; `since` is the planned day, and delays nothing."""

    state: Dot1xState
    since: Date | None = None


class Dot1xProof(Marked):
    """How many days before `since` the successful test of a site may be."""

    max_age_days: int = Field(ge=1, le=365)


class Certificate(Form):
    """Template of the certificate by which the servers make themselves known."""

    template: str


class Radius(Marked):
    servers: list[str]
    auth_port: Port
    acct_port: Port
    accounting: bool
    certificate: Certificate


class NetworkPolicy(Marked):
    """Who is admitted into which segment, by which methods, through which media.

    It holds at every site that has the segment, unless it says at which ones (`sites`) or where not (`except`);
    `site_segments` gives another segment at some of them.
    """

    label: Annotated[str, Field(min_length=1, max_length=64)]
    segment: str
    groups: Annotated[list[str], Field(min_length=1)]
    eap: Annotated[list[Eap], Field(min_length=1)]
    media: Annotated[list[Medium], Field(min_length=1)] = Field(default_factory=lambda: [*MEDIA])
    sites: list[str] | None = None
    spared: list[str] = Field(alias="except", default_factory=list)
    site_segments: dict[str, str] = Field(default_factory=dict)


class Dot1xException(Marked):
    """A device that cannot do 802.1X, admitted by its MAC address until the end of a day; `voice`: a phone."""

    mac: Annotated[str, AfterValidator(values.mac)]
    what: Annotated[str, Field(min_length=1, max_length=64)]
    why: Annotated[str, Field(min_length=1)]
    segment: str
    voice: bool = False
    until: Date
