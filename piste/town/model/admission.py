"""Admission by 802.1X: network policies, exceptions, configuration of RADIUS servers.

VLANs are unique in the town, so a network policy becomes one policy at each site, limited to the addresses of its
devices. A server has a hundred policies instead of eight, but a person understands each at once. The first match
decides; the policies of a site follow each other, in the order of the declaration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict, final

from pydantic import AfterValidator, Field

from . import secrets, values
from .addressing.plan import AddressingRule
from .forms import Date, Marked, SegmentName, SiteName
from .wording import closest

if TYPE_CHECKING:
    from .addressing.derived import Segment
    from .declaration import Declaration, DeclaredSite
    from .devices import Device
    from .faults import Mark
    from .paths import KeyPath
    from .secrets import SecretRef
    from .site import Site
    from .view import View

Eap = Literal["tls", "peap"]
Medium = Literal["wired", "wireless"]
MEDIA: tuple[Medium, ...] = ("wired", "wireless")


class Dot1xProof(Marked):
    """Greatest age of a site's successful test on the day of `since`."""

    max_age_days: int = Field(ge=1, le=365)


class NetworkPolicy(Marked):
    """A network policy: the groups that it admits, their segment, the methods and media.

    It holds at each site that has the segment; `sites` limits it to some sites, `except` excludes some. `site_segments`
    gives another segment at some of them.
    """

    label: Annotated[str, Field(min_length=1, max_length=64)]
    segment: SegmentName
    groups: Annotated[list[str], Field(min_length=1)]
    eap: Annotated[list[Eap], Field(min_length=1)]
    media: Annotated[list[Medium], Field(min_length=1)] = Field(default_factory=lambda: [*MEDIA])
    sites: list[SiteName] | None = None
    spared: list[SiteName] = Field(alias="except", default_factory=list)
    site_segments: dict[SiteName, SegmentName] = Field(default_factory=dict)


class Dot1xException(Marked):
    """A device without 802.1X, admitted by MAC address until the end of a day; `voice`: a phone."""

    mac: Annotated[str, AfterValidator(values.mac)]
    what: Annotated[str, Field(min_length=1, max_length=64)]
    why: Annotated[str, Field(min_length=1)]
    segment: SegmentName
    voice: bool = False
    until: Date


class RadiusClient(TypedDict):
    """A switch or access point, as the RADIUS servers know it."""

    name: str
    address: str


class AdmittedHere(TypedDict):
    """A network policy at one site; `order` is unique in the town, the lowest is tried first."""

    key: str
    label: str
    name: str
    order: int
    vlan: int
    groups: list[str]
    eap: list[Eap]
    media: list[Medium]


class ExceptionHere(TypedDict):
    """A device admitted by its MAC address until a day, as 2027-06-30; `expired`: no longer.

    `unconfirmed`: not yet, for its address is an example, which may be that of anything.
    """

    name: str
    order: int
    mac: str
    what: str
    vlan: int
    voice: bool
    until: str
    expired: bool
    unconfirmed: bool


@final
class SiteAccess(TypedDict):
    """Configuration of the RADIUS servers for one site.

    `block` is the range of the site, the source of its devices' requests; `prefixes` begin the names of its clients.
    """

    block: str
    prefixes: list[str]
    clients: list[RadiusClient]
    secret: SecretRef
    policies: list[AdmittedHere]
    exceptions: list[ExceptionHere]


@final
class TownAccess(TypedDict):
    """Configuration of the RADIUS servers for all sites.

    `prefix` begins the name of each policy.
    """

    servers: list[str]
    domain: str
    port: int
    prefix: str
    certificate: dict[str, str]
    probe_secret: SecretRef
    sites: dict[str, SiteAccess]


ROOM = 1000
"""Policies that fit between the order of a site and that of the next site."""
_FIRST = 10
PROBE = "sonde"
"""Name of the secret that the hosts that test the servers share with them, in place of a site."""


def derive_site_access(
    declared: DeclaredSite, segments: Mapping[str, Segment], devices: Iterable[Device], today: date
) -> SiteAccess:
    """Derive the configuration of the RADIUS servers for a site."""
    variables = declared.variables
    naming, code = variables.naming, variables.site.plan.code or declared.id
    return SiteAccess(
        block=str(AddressingRule(variables.addressing).block(variables.site.plan.number)),
        prefixes=[f"{kind}-{code}-" for kind in (naming.switch, naming.access_point)],
        clients=[RadiusClient(name=device["name"], address=device["address"]) for device in devices],
        secret=secrets.radius(declared.id),
        policies=list(_policies(declared, segments)),
        exceptions=list(_exceptions(declared, segments, today)),
    )


def derive_town_access(declaration: Declaration, sites: Mapping[str, Site]) -> TownAccess | None:
    """Derive the configuration of the RADIUS servers; None where the town has none."""
    town = declaration.town.variables
    if town.radius is None:
        return None
    return TownAccess(
        servers=list(town.radius.servers),
        domain=town.directory.domain,
        port=town.radius.auth_port,
        prefix=f"{town.network.name_prefix} ",
        certificate=town.radius.certificate.model_dump(),
        probe_secret=secrets.radius(PROBE),
        sites={
            declared.id: sites[declared.id]["access"]
            for declared in declaration.sites
            if declared.variables.site.lifecycle in ("open", "closing") and declared.variables.radius
        },
    )


def segment_at(policy: NetworkPolicy, site: str) -> str | None:
    """Give the segment of a policy at a site; None where the policy does not hold there."""
    if site in policy.spared or (policy.sites is not None and site not in policy.sites):
        return None
    return policy.site_segments.get(site, policy.segment)


def _policies(declared: DeclaredSite, segments: Mapping[str, Segment]) -> Iterator[AdmittedHere]:
    variables = declared.variables
    for position, (key, policy) in enumerate(variables.network_policies.items()):
        segment = segment_at(policy, declared.id)
        if segment is None or segment not in segments:
            continue
        yield AdmittedHere(
            key=key,
            label=policy.label,
            name=_name(declared, key),
            order=_order(declared, position),
            vlan=segments[segment]["vlan"],
            groups=list(policy.groups),
            eap=list(policy.eap),
            media=list(policy.media),
        )


def _exceptions(declared: DeclaredSite, segments: Mapping[str, Segment], today: date) -> Iterator[ExceptionHere]:
    for position, item in enumerate(declared.variables.dot1x_exceptions):
        if item.segment in segments:
            yield ExceptionHere(
                name=_name(declared, f"MAC {item.mac.replace(':', '-')}"),
                order=_order(declared, position),
                mac=item.mac,
                what=item.what,
                vlan=segments[item.segment]["vlan"],
                voice=item.voice,
                until=item.until,
                expired=date.fromisoformat(item.until) < today,
                unconfirmed=item.status is not None,
            )


def _name(declared: DeclaredSite, what: str) -> str:
    return f"{declared.variables.network.name_prefix} {declared.id} - {what}"


def _order(declared: DeclaredSite, position: int) -> int:
    return (_FIRST + declared.variables.site.plan.number) * ROOM + position


def check_segments(view: View) -> None:
    """M030, M064: the segment of a network policy is known, and present at its sites."""
    town = view.declared.town
    catalogue = town.variables.segment_catalogue
    for name, policy in town.variables.network_policies.items():
        path = f"network_policies[{name}]"
        places: list[tuple[KeyPath, str, list[str]]] = [(("segment",), policy.segment, policy.sites or [])]
        places += [(("site_segments", site), key, [site]) for site, key in policy.site_segments.items()]
        for field, key, named in places:
            mark = town.where(("network_policies", name, *field))
            here = ".".join((path, *map(str, field)))
            if key not in catalogue:
                view.unknown("PISTE-M030", here, mark, "Le segment", key, catalogue)
                continue
            without = [
                site
                for site in named
                if site in view.sites and segment_at(policy, site) == key and key not in view.sites[site]["segments"]
            ]
            if without:
                message = f"Politique réseau {name} : le segment {key} manque à {', '.join(without)}"
                view.faults.add("PISTE-M064", here, mark, message)


def check_sites(view: View) -> None:
    """M065: a network policy names declared sites."""
    town = view.declared.town
    for name, policy in town.variables.network_policies.items():
        named: list[tuple[KeyPath, str]] = [(("sites", index), site) for index, site in enumerate(policy.sites or [])]
        named += [(("except", index), site) for index, site in enumerate(policy.spared)]
        named += [(("site_segments", site), site) for site in policy.site_segments]
        for field, site in named:
            if site not in view.sites and view.declared.complete:
                mark = town.where(("network_policies", name, *field))
                message = f"Politique réseau {name} : le site « {site} » n’est pas déclaré"
                path = f"network_policies[{name}].{field[0]}"
                view.faults.add("PISTE-M065", path, mark, message, closest(site, view.sites))


def check_exceptions(view: View) -> None:
    """M030, M064, M066, M068: an exception has a VLAN of its site, its own MAC, and time."""
    first: dict[str, str] = {}
    for declared, site in view.pairs():
        over = {item["mac"] for item in site["access"]["exceptions"] if item["expired"]}
        for index, item in enumerate(declared.variables.dot1x_exceptions):
            path = f"sites[{declared.id}].dot1x_exceptions[{item.mac}]"
            mark = declared.where(("dot1x_exceptions", index))
            if item.segment not in declared.variables.segment_catalogue:
                known = declared.variables.segment_catalogue
                view.unknown("PISTE-M030", f"{path}.segment", mark, "Le segment", item.segment, known)
            elif item.segment not in site["segments"]:
                message = f"{declared.id}, {item.what} : le segment {item.segment} manque au site"
                view.faults.add("PISTE-M064", f"{path}.segment", mark, message)
            if item.mac in first:
                message = f"{declared.id}, {item.what} : {item.mac} est déjà admise, à {first[item.mac]}"
                view.faults.add("PISTE-M066", path, mark, message)
            first.setdefault(item.mac, declared.id)
            if item.mac in over:
                device = f"{declared.id}, {item.what} ({item.mac})"
                message = f"{device} : équipement qui n’est plus admis depuis la fin du {item.until}"
                view.faults.add("PISTE-M068", path, mark, message)


def check_enforced(view: View) -> None:
    """M067: enforced 802.1X comes with devices, a policy, a profile on the computers, a day."""
    for declared, site, path, mark in _enforced(view):
        missing = list(_missing(declared, site))
        if missing:
            message = f"{declared.id} : le 802.1X est imposé sans {', ni '.join(missing)}"
            view.faults.add("PISTE-M067", path, mark, message)


def check_proven(view: View) -> None:
    """M069: a site in enforced 802.1X has a recent successful test on each server."""
    if view.proofs is None:
        return
    oldest = view.declared.town.variables.dot1x_proof.max_age_days
    for declared, _, path, mark in _enforced(view):
        proof, radius = view.proofs.get(declared.id), declared.variables.radius
        servers = radius.servers if radius else []
        why = ""
        if proof is None:
            why = "aucun essai réussi n’y est inscrit"
        elif not proof.succeeded or (lacking := [name for name in servers if name not in proof.servers]):
            why = "l’essai inscrit n’a pas réussi" if not proof.succeeded else f"rien n’y est dit de {lacking[0]}"
        elif (since := declared.variables.dot1x.since) and _age(proof.day, since) > timedelta(oldest):
            why = f"l’essai du {proof.day} a plus de {oldest} jours au {since}"
        if why:
            view.faults.add("PISTE-M069", path, mark, f"{declared.id} : le 802.1X est imposé, mais {why}")


def _enforced(view: View) -> Iterator[tuple[DeclaredSite, Site, str, Mark]]:
    for declared, site in view.pairs():
        if declared.variables.dot1x.state == "enforced" and site["lifecycle"] in ("open", "closing"):
            mark = declared.where(("dot1x", "state"), ("dot1x",))
            yield declared, site, f"sites[{declared.id}].dot1x.state", mark


def _missing(declared: DeclaredSite, site: Site) -> Iterator[str]:
    if not site["access"]["clients"]:
        yield "commutateur ni borne"
    if not site["access"]["policies"]:
        yield "politique réseau"
    if not any(policy.follows == "dot1x" for policy in declared.variables.directory_policies.values()):
        yield "stratégie de groupe (follows: dot1x)"
    if declared.variables.dot1x.since is None:
        yield "la date (since)"


def _age(day: str, since: str) -> timedelta:
    return date.fromisoformat(since) - date.fromisoformat(day)
