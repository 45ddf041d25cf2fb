"""The SSIDs of a site: their shape, and their derivation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Literal, TypedDict

from piste.engine.clock import DAY

from .. import secrets
from ..addressing.derived import weakest
from ..forms import data
from ..sobriety.levers import at_site
from . import crowds, form

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..addressing.form import Zone
    from ..declaration import DeclaredSite
    from ..outside_hours import OutsideHours, Window
    from ..secrets import SecretRef
    from ..variables import SiteVariables, TownLevel
    from .form import Audience, Authentication


class Article(TypedDict):
    title: str
    text: str


class WebSites(TypedDict):
    groups: list[str]
    categories: list[str]
    sites: list[str]


class WebFilter(TypedDict):
    denied: WebSites
    allowed: WebSites | None


class Terms(TypedDict):
    """Terms of use, in their version."""

    name: str
    title: str
    version: str
    date: str
    owner: str
    articles: list[Article]
    web: WebFilter | None
    status: str | None


class Portal(TypedDict):
    """The page that guests accept; `terms` is their whole text."""

    kind: Literal["click_through"]
    welcome_message: str
    terms: str
    timeout_minutes: int


class Bandwidth(TypedDict):
    """Limits in kbit/s; None: no limit."""

    client_up_kbps: int | None
    client_down_kbps: int | None
    ssid_up_kbps: int | None
    ssid_down_kbps: int | None


class Shaping(TypedDict):
    """Limits in kbit/s of each client, and DSCP mark; None: none."""

    hosts: list[str]
    ports: list[int]
    networks: list[str]
    client_up_kbps: int | None
    client_down_kbps: int | None
    dscp: int | None


class Schedule(TypedDict):
    """Hours on the air; empty: all hours, whatever was set before."""

    open: list[Window]


class Widths(TypedDict):
    usual: int
    dense: int


class RadioPlan(TypedDict):
    """The plan of the air of every access point; see the form."""

    channels_2_4: list[int]
    widths_5: Widths
    min_bitrate: float
    use: int
    other: int
    snr: int
    neighbours: int
    status: str | None


class Ssid(TypedDict):
    name: str
    slot: int
    purpose: str
    audience: Audience
    enabled: bool
    segment: str
    vlan: int
    zone: Zone
    authentication: Authentication
    psk: SecretRef | None
    terms: str | None
    portal: Portal | None
    guest: bool
    hidden: bool
    bandwidth: Bandwidth | None
    shaping: list[Shaping] | None
    availability_tags: list[str]
    deny: list[str]
    schedule: Schedule | None
    status: str | None


def ssid_names(variables: SiteVariables) -> list[str]:
    """Name the SSIDs of a site, without repeats: its category's, its own."""
    return list(dict.fromkeys([*variables.category_ssids.names, *variables.ssids]))


def derive_ssids(
    declared: DeclaredSite, segments: Mapping[str, Segment], hours: OutsideHours, today: date
) -> Iterator[Ssid]:
    """Derive the SSIDs of a site, by slot, as they are on a day."""
    variables = declared.variables
    entries = [(name, variables.ssid_catalogue.get(name)) for name in ssid_names(variables)]
    known = [(name, entry) for name, entry in entries if entry and entry.segment in segments]
    for name, entry in sorted(known, key=lambda item: item[1].slot):
        own = variables.ssids.get(name, form.SiteSsid())
        segment = segments[entry.segment]
        start = variables.dot1x.state == "off"
        authentication = entry.authentication.start if start else entry.authentication.target
        guest = entry.audience == "invite"
        crowd = crowds.changed(variables, name, today)
        limits, shaping = crowd.bandwidth or entry.bandwidth, entry.shaping if crowd.shaping is None else crowd.shaping
        psk = own.psk.secret if own.psk else secrets.ssid_psk(name)["secret"]
        yield Ssid(
            name=name,
            slot=entry.slot,
            purpose=entry.purpose,
            audience=entry.audience,
            enabled=own.enabled,
            segment=entry.segment,
            vlan=segment["vlan"],
            zone=segment["zone"],
            authentication=authentication,
            psk={"secret": psk} if authentication == "psk" else None,
            terms=entry.terms,
            portal=_portal(entry.portal, variables.terms_of_use.get(entry.terms or "")) if entry.portal else None,
            guest=guest,
            hidden=entry.hidden,
            bandwidth=data(limits) if limits else None,
            shaping=None if shaping is None else [data(rule) for rule in shaping],
            availability_tags=list(own.tags),
            deny=list(variables.guest_isolation.deny) if guest else [],
            schedule=_schedule(declared, hours),
            status=weakest(entry.status, own.status, variables.category_ssids.status),
        )


def _schedule(declared: DeclaredSite, here: OutsideHours) -> Schedule | None:
    """Give the hours on the air; empty (always on the air) where they are given back."""
    hours = declared.variables.opening_hours
    if here.ssids is False:
        return {"open": []}
    if not here.ssids or hours is None:
        return None
    return {"open": [{"day": day, "start": hours.start, "end": hours.end} for day in hours.days]}


def retired_ssids(declared: DeclaredSite, today: date) -> list[str]:
    """Name the SSIDs to retire at a site; none while the lever is off."""
    on = at_site(declared.variables, declared.id, "ssid_cleaning", today.isoformat()).state != "off"
    return list(declared.variables.retired_ssids.names) if on else []


def derive_terms(town: TownLevel) -> list[Terms]:
    """Derive the terms of use of the town."""
    terms = [data(declared, name=name) for name, declared in town.terms_of_use.items()]
    for text in terms:
        del text["editions"]
    return terms


def accepted(terms: form.TermsOfUse) -> str:
    """Write what a portal makes people accept: the terms whole, with their version and its day."""
    head = f"{terms.title}, version {terms.version} du {date.fromisoformat(terms.date):{DAY}} ({terms.owner})."
    articles = [f"{rank}. {article.title}. {article.text}" for rank, article in enumerate(terms.articles, 1)]
    return "\n".join([head, *articles])


def edition(terms: form.TermsOfUse) -> str:
    """Digest what people accept: the text, its version and day, the sites denied and allowed."""
    sites = [] if terms.web is None else [terms.web.model_dump_json(exclude_defaults=True)]
    return hashlib.sha256("\n".join([accepted(terms), *sites]).encode()).hexdigest()[:12]


def _portal(portal: form.Portal, terms: form.TermsOfUse | None) -> Portal:
    return Portal(
        kind=portal.kind,
        welcome_message=portal.welcome_message,
        terms=accepted(terms) if terms else "",
        timeout_minutes=portal.timeout_minutes,
    )
