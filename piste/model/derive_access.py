"""From the declaration to who is admitted where: what each RADIUS server holds for each site.

VLANs are unique in the town, so a network policy becomes one at each site, held to the addresses of the site's devices.
That is a hundred policies on a server instead of eight, and each is one line that a person understands; the first that
matches decides, and those of a site stand together, in the order of the declaration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from . import secrets
from .addressing import AddressingRule
from .declaration import Declaration, DeclaredSite
from .schema_access import NetworkPolicy
from .site import AdmittedHere, Device, ExceptionHere, RadiusClient, Segment, Site, SiteAccess, TownAccess

ROOM = 1000
"""How many policies a site has room for, between its order and that of the next site."""
_FIRST = 10


def derive_site_access(
    declared: DeclaredSite, segments: Mapping[str, Segment], devices: Iterable[Device], today: date
) -> SiteAccess:
    """Derive what the RADIUS servers hold for a site."""
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
    """Derive what the RADIUS servers hold for the town; None where it has none."""
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


PROBE = "sonde"
"""What the hosts that test the servers share with them, in place of a site."""


def segment_at(policy: NetworkPolicy, site: str) -> str | None:
    """Give the segment into which a policy lets people at a site; None where it does not hold there."""
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
            )


def _name(declared: DeclaredSite, what: str) -> str:
    return f"{declared.variables.network.name_prefix} {declared.id} - {what}"


def _order(declared: DeclaredSite, position: int) -> int:
    return (_FIRST + declared.variables.site.plan.number) * ROOM + position
