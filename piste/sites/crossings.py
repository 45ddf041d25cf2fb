"""The matrix of flows by zones: each zone, the zones that it reaches, the rules behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from piste.engine.words import agreed
from piste.papers.dossier.drawn.reach import OUTSIDE, Crossing
from piste.papers.dossier.notation import ZONE as NAMES
from piste.sites.flows import Picture
from piste.town.model.derived import Derived
from piste.town.model.flows.accesses import OUTSIDE as OUTSIDE_SEGMENT
from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.reach import Access, Reached
from piste.town.model.flows.traffic import ANY_SERVICE, ANYWHERE, addresses


def crossings(town: Derived, picture: Picture) -> list[Crossing]:
    """Give what passes from zone to zone, in the order of the zones of the town."""
    places = dict(zones(town))
    sources: dict[str, list[Access]] = {}
    for access in picture.accesses:
        zone = OUTSIDE if access.segment == OUTSIDE_SEGMENT else access.zone
        sources.setdefault(zone, []).append(access)
    made = []
    for zone, accesses in sources.items():
        traffic = [(access, picture.reached(access)) for access in accesses]
        for target, there in places.items():
            passing = [(access, entry) for access, entries in traffic for entry in entries if entry.arrives & there]
            made.append(_crossing(picture, [*town.sites], zone, target, len(accesses), passing))
    order = {zone: rank for rank, zone in enumerate([*NAMES, OUTSIDE])}
    return sorted(made, key=lambda entry: (order[entry["source"]], order[entry["target"]]))


def _crossing(
    picture: Picture,
    sites: Sequence[str],
    source: str,
    target: str,
    of: int,
    passing: Sequence[tuple[Access, Reached]],
) -> Crossing:
    services = Ranges.union(entry.box.services for _, entry in passing)
    rules = {(rule.system, rule.id) for _, entry in passing for rule in entry.rules}
    return Crossing(
        source=source,
        target=target,
        accesses=len({(access.site, access.segment, access.medium) for access, _ in passing}),
        of=of,
        services=[] if services == ANY_SERVICE else picture.names.services(services),
        rules=_folded(rules, sites),
        exact=all(entry.exact for _, entry in passing),
    )


def _folded(rules: Iterable[tuple[str, str]], sites: Iterable[str]) -> dict[str, list[str]]:
    """Name the rules of each system; those of each site are a name with their number."""
    known = set(sites)
    names: dict[tuple[str, str], list[str]] = {}
    for system, rule in sorted(rules):
        head, _, site = rule.rpartition(".")
        here = head and site in known
        names.setdefault((system, head if here else rule), []).append(site if here else "")
    folded: dict[str, list[str]] = {}
    for (system, rule), places in names.items():
        of_sites = [site for site in places if site]
        where = of_sites[0] if len(of_sites) == 1 else agreed(len(of_sites), "site(s)")
        folded.setdefault(system, []).append(f"{rule} ({where})" if of_sites else rule)
    return folded


def zones(town: Derived) -> Iterator[tuple[str, Ranges]]:
    """Yield the addresses of each zone, and of all that is outside the town."""
    assert town.commune is not None
    firewall = town.commune["firewall"]
    zones: dict[str, list[Ranges]] = {}
    for site in town.sites.values():
        for segment in site["segments"].values() if site["lifecycle"] in IN_SERVICE else ():
            zones.setdefault(segment["zone"], []).append(addresses(segment["subnet"]))
    zones.setdefault("interne", []).extend(map(addresses, firewall["shared"].values()))
    yield from ((zone, Ranges.union(parts)) for zone, parts in zones.items())
    yield OUTSIDE, ANYWHERE - Ranges.union(map(addresses, firewall["prefixes"]))
