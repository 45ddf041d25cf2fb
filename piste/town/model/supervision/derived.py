"""Derivation of the supervision: hosts of each owner, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from ..assets.classes import watched_as
from ..forms import data
from .points import Point, application_points, certificate_points, first_switch, link_points, service_points

if TYPE_CHECKING:
    from ..assets.derived import Asset
    from ..declaration import DeclaredSite
    from ..site import Commune, Site
    from ..variables import TownLevel
    from .form import Supervision, WatchedClass


class WatchedHost(TypedDict):
    """A host: an asset in service that the server watches.

    `parent` carries its way to the server.
    """

    name: str
    kind: str
    site: str
    place: str | None
    address: str | None
    serial: str | None
    maker: str | None
    model: str | None
    contract: str | None
    warranty_until: str | None
    end_of_life: str | None
    parent: str | None


class ClassHere(TypedDict):
    """A class as the town declares it."""

    label: str
    templates: list[str]
    interface: str
    criticality: str
    macros: dict[str, str]
    secret_macros: dict[str, dict[str, str]]


class AdditionHere(TypedDict):
    """The additions of a host to its class."""

    templates: list[str]
    macros: dict[str, str]
    secret_macros: dict[str, dict[str, str]]
    disabled_items: list[str]
    disabled_triggers: list[str]
    disabled_discoveries: list[str]
    disabled_scenarios: list[str]
    status: str | None


class SupervisionHere(TypedDict):
    """The share of an owner: its hosts, with the classes that they have.

    `group` ends the name of its group of hosts; `windows` are its change windows. `points` have those that cannot be
    watched too.
    """

    root: str
    timezone: str
    group: str | None
    windows: list[dict[str, Any]]
    classes: dict[str, ClassHere]
    also: dict[str, AdditionHere]
    hosts: list[WatchedHost]
    points: list[Point]


class TownSupervision(SupervisionHere):
    """The share of the town: also what all sites have in common; `server` is its address.

    `present` has the classes with a watched host, wherever it is.
    """

    server: str | None
    present: list[str]
    sites: dict[str, str]
    own: list[str]
    others: list[dict[str, Any]]
    objectives: list[dict[str, Any]]
    readers: list[dict[str, Any]]
    recipients: list[dict[str, Any]]
    mail: dict[str, Any] | None
    freezes: list[dict[str, Any]]


def derive_site_supervision(declared: DeclaredSite, site: Site) -> SupervisionHere | None:
    """Derive the share of a site; None where the town declares no supervision."""
    supervision = declared.variables.supervision
    if supervision is None:
        return None
    root = first_switch(site["devices"])
    hosts = list(_hosts(supervision, site["assets"], root["name"] if root else None))
    points = list(link_points(declared, site))
    kinds = {*(host["kind"] for host in hosts), *(point["kind"] for point in points)}
    classes = {name: _class(supervision.classes[name]) for name in sorted(kinds & supervision.classes.keys())}
    return SupervisionHere(
        root=supervision.root,
        timezone=site["timezone"],
        group=group_name(site["name"]),
        windows=[window.model_dump() for window in declared.variables.change_windows.windows],
        classes=classes,
        also=_also(supervision, hosts),
        hosts=hosts,
        points=points,
    )


def derive_town_supervision(town: TownLevel, commune: Commune, sites: Mapping[str, Site]) -> TownSupervision | None:
    """Derive the share of the town; None where it declares no supervision."""
    supervision = town.supervision
    if supervision is None:
        return None
    hosts = list(_hosts(supervision, commune["assets"], None))
    points = [
        *certificate_points(commune["certificates"]["certificates"]),
        *application_points(commune["applications"]),
        *service_points(commune["applications"]),
    ]
    shares = [share for site in sites.values() if (share := site["supervision"])]
    every = (*hosts, *(host for share in shares for host in share["hosts"]))
    every_point = (*points, *(point for share in shares for point in share["points"]))
    return TownSupervision(
        root=supervision.root,
        timezone=town.network.timezone,
        group=None,
        windows=[],
        classes={name: _class(entry) for name, entry in supervision.classes.items()},
        also=_also(supervision, hosts),
        hosts=hosts,
        points=points,
        present=sorted({
            *(host["kind"] for host in every),
            *(point["kind"] for point in every_point if not point["why"]),
        } & supervision.classes.keys()),
        own=sorted({name for entry in supervision.also.values() for name in entry.templates}),
        others=[{"name": name, **entry.model_dump()} for name, entry in supervision.others.items()],
        sites={name: group_name(site["name"]) for name, site in sites.items()},
        objectives=[{"id": name, **entry.model_dump()} for name, entry in supervision.objectives.items()],
        readers=[
            {"id": name, "label": entry.label, "password": entry.password.model_dump()}
            for name, entry in supervision.readers.items()
        ],
        recipients=[{"id": name, **entry.model_dump()} for name, entry in supervision.recipients.items()],
        server=_server(town, sites.values()),
        mail=supervision.mail.model_dump() if supervision.mail else None,
        freezes=[freeze.model_dump() for freeze in town.freezes],
    )


def _server(town: TownLevel, sites: Iterable[Site]) -> str | None:
    """Find the reserved address of the server; None where it has none."""
    named = set(town.administration.zabbix or ())
    segments = (segment for site in sites for segment in site["segments"].values())
    known = [address for segment in segments for name, address in segment["reservations"].items() if name in named]
    return min(known, default=None)


def group_name(name: str) -> str:
    """Name the group of a site: a slash would put it below another."""
    return name.replace("/", "-")


def _also(supervision: Supervision, hosts: Iterable[WatchedHost]) -> dict[str, AdditionHere]:
    return {
        host["name"]: data(addition)
        for host in hosts
        if (addition := supervision.also.get(host["name"]))
    }


def _class(declared: WatchedClass) -> ClassHere:
    return ClassHere(
        label=declared.label,
        templates=list(declared.templates),
        interface=declared.interface,
        criticality=declared.criticality,
        macros=dict(declared.macros),
        secret_macros={name: reference.model_dump() for name, reference in declared.secret_macros.items()},
    )


def _hosts(supervision: Supervision, assets: Iterable[Asset], root: str | None) -> Iterator[WatchedHost]:
    """Yield the hosts of an owner: assets in service that have an address."""
    for asset in assets:
        kind = watched_as(asset)
        if kind in supervision.classes and asset["state"] == "in_service" and asset["address"]:
            yield WatchedHost(
                name=asset["name"],
                kind=kind,
                site=asset["site"],
                place=asset["place"],
                address=asset["address"],
                serial=asset["serial"],
                maker=asset["maker"],
                model=asset["model"],
                contract=asset["contract"],
                warranty_until=asset["warranty_until"],
                end_of_life=asset["end_of_life"],
                parent=root if asset["name"] != root else None,
            )
