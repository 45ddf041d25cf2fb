"""Forms of the SSIDs."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ..forms import Form, Marked, NameIn, Network, Reference, SegmentName

Audience = Literal["interne", "pedagogique", "invite"]
Authentication = Literal["psk", "dot1x", "open"]
SsidName = Annotated[str, Field(min_length=1, max_length=32)]
CatalogueSsid = Annotated[SsidName, NameIn("ssid_catalogue")]
Rate = Annotated[int, Field(ge=1, le=400_000_000)]


class Names(Marked):
    names: list[SsidName]


class SsidAuthentication(Form):
    start: Authentication
    target: Authentication


class Portal(Form):
    prose: ClassVar[frozenset[str]] = frozenset({"welcome_message", "terms"})

    kind: Literal["click_through"]
    welcome_message: str
    terms: Annotated[str, Field(max_length=20_000)]
    timeout_minutes: Literal[30, 60, 120, 240, 480, 720, 1080, 1440, 2880, 5760, 7200, 10080]


class Bandwidth(Form):
    """Limits in kbit/s; a missing limit is no limit."""

    client_up_kbps: Rate | None = None
    client_down_kbps: Rate | None = None
    ssid_up_kbps: Rate | None = None
    ssid_down_kbps: Rate | None = None


class Ssid(Marked):
    slot: int = Field(ge=0, le=14)
    purpose: str
    audience: Audience
    segment: SegmentName
    authentication: SsidAuthentication
    portal: Portal | None = None
    bandwidth: Bandwidth | None = None
    hidden: bool = False


class SiteSsid(Marked):
    """Changes of a site to an SSID; `tags` limits it to the access points with such a tag."""

    enabled: bool = True
    tags: list[str] = Field(default_factory=list)
    psk: Reference | None = None


class GuestIsolation(Marked):
    deny: list[Network]
