"""Forms of the SSIDs."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .. import values
from ..documents import Version
from ..forms import Date, Form, Marked, NameIn, Network, Percent, PortNumber, Reference, SegmentName, Title

Audience = Literal["interne", "pedagogique", "invite"]
Authentication = Literal["psk", "dot1x", "open"]
SsidName = Annotated[str, Field(min_length=1, max_length=32)]
CatalogueSsid = Annotated[SsidName, NameIn("ssid_catalogue")]
Rate = Annotated[int, Field(ge=1, le=400_000_000)]
TermsName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]


class Names(Marked):
    names: list[SsidName]


class SsidAuthentication(Form):
    start: Authentication
    target: Authentication


class Portal(Form):
    prose: ClassVar[frozenset[str]] = frozenset({"welcome_message"})

    kind: Literal["click_through"]
    welcome_message: str
    timeout_minutes: Literal[30, 60, 120, 240, 480, 720, 1080, 1440, 2880, 5760, 7200, 10080]


class Article(Form):
    prose: ClassVar[frozenset[str]] = frozenset({"text"})

    title: Title
    text: str


class WebSites(Form):
    """Sites of the Web: categories of the firewall's vendor, their groups, and `sites` by name."""

    groups: list[Title] = Field(default_factory=list)
    categories: list[Title] = Field(default_factory=list)
    sites: list[Annotated[str, AfterValidator(values.domain)]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.groups or self.categories or self.sites):
            raise values.refuse("rien n’y est nommé : donnez groups, categories ou sites")
        return self


class WebFilter(Form):
    """Sites of the Web that a charter denies, except those that it allows."""

    denied: WebSites
    allowed: WebSites | None = None


class TermsOfUse(Marked):
    """Terms that people accept, or a charter; `date` is that of the version.

    `editions` has the digest of each version that was ever in force, so that a text changes with its version alone.
    """

    title: Title
    version: Version
    date: Date
    owner: Title
    articles: Annotated[list[Article], Field(min_length=1, max_length=10)]
    web: WebFilter | None = None
    editions: dict[Version, Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]] = Field(default_factory=dict)


class Bandwidth(Form):
    """Limits in kbit/s; a missing limit is no limit."""

    client_up_kbps: Rate | None = None
    client_down_kbps: Rate | None = None
    ssid_up_kbps: Rate | None = None
    ssid_down_kbps: Rate | None = None


class Shaping(Form):
    """Limits of each client, and mark, for some hosts, ports or networks."""

    hosts: list[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,252}$")]] = Field(default_factory=list)
    ports: list[PortNumber] = Field(default_factory=list)
    networks: list[Network] = Field(default_factory=list)
    client_up_kbps: Rate | None = None
    client_down_kbps: Rate | None = None
    dscp: Annotated[int, Field(ge=0, le=63)] | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.hosts or self.ports or self.networks):
            raise values.refuse("une règle de débit dit ce qu’elle concerne : hosts, ports ou networks")
        if (self.client_up_kbps is None) != (self.client_down_kbps is None):
            raise values.refuse("client_up_kbps et client_down_kbps vont ensemble")
        if self.client_up_kbps is None and self.dscp is None:
            raise values.refuse("une règle de débit limite (client_up_kbps, client_down_kbps) ou marque (dscp)")
        return self


Shapings = Annotated[list[Shaping], Field(max_length=4)]
"""Rules in order; beside its four default rules, the Dashboard has room for four."""


class Ssid(Marked):
    slot: int = Field(ge=0, le=14)
    purpose: str
    audience: Audience
    segment: SegmentName
    authentication: SsidAuthentication
    terms: Annotated[TermsName, NameIn("terms_of_use")] | None = None
    portal: Portal | None = None
    bandwidth: Bandwidth | None = None
    shaping: Shapings | None = None
    hidden: bool = False


class SiteSsid(Marked):
    """Changes of a site to an SSID; `tags` limits it to the access points with such a tag."""

    enabled: bool = True
    tags: list[str] = Field(default_factory=list)
    psk: Reference | None = None


class Widths(Form):
    """Widest channel at 5 GHz, in MHz, by the density of what an access point covers."""

    usual: Literal[20, 40, 80, 160] = 40
    dense: Literal[20, 40, 80, 160] = 20


class RadioPlan(Marked):
    """The plan of the air of every access point, over a day.

    `use` and `other` are the largest share of a channel that is taken, by all and by other things than Wi-Fi; `snr` the
    least signal of clients over noise, in dB; `neighbours` the most access points of a site on the channel of another.
    """

    channels_2_4: Annotated[list[Annotated[int, Field(ge=1, le=13)]], Field(min_length=1)] = Field(
        default_factory=lambda: [1, 6, 11]
    )
    widths_5: Widths = Field(default_factory=Widths)
    min_bitrate: Annotated[float, Field(ge=1, le=54)] = 11
    use: Percent = 60
    other: Percent = 25
    snr: Annotated[int, Field(ge=1, le=60)] = 20
    neighbours: Annotated[int, Field(ge=0, le=100)] = 2


class GuestIsolation(Marked):
    deny: list[Network]
