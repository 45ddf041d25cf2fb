"""Consequences on reach: filters, VLANs, gateways, routes, each with its operations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.converge.allowed import is_waiting
from piste.engine.words import some
from piste.sites.consequences.addresses import Lending
from piste.sites.consequences.evidence import Part
from piste.sites.consequences.form import Consequence, Gravity
from piste.sites.consequences.links import Links, Moved, Partly
from piste.sites.consequences.parts import NO_CABLES, shares
from piste.sites.consequences.reach import SAID, Change, Difference, Reach, compare, differences, rows, without
from piste.sites.consequences.touches import ROUTES, Touch, about, routed, sources, strays, touches
from piste.sites.flows import OF_SITES, Picture
from piste.systems.meraki.filtering import client_vlan
from piste.town.model.flows.accesses import segment_access
from piste.town.model.flows.number_ranges import NOTHING, Ranges
from piste.town.model.flows.policy import FIREWALL
from piste.town.model.flows.reach import ISOLATED, NOWHERE, Access, Reached, reached
from piste.town.model.flows.traffic import (
    ANYWHERE,
    remaining,
    say_addresses,
    say_services,
)

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Side, Sides
    from piste.town.model.derived import Derived

DOUBTED: Mapping[Change, str] = {
    "stops": "passait peut-être, en tout ou partie, et ne passera plus",
    "starts": "ne passait pas, passera peut-être, en tout ou partie",
    "otherwise": "passera peut-être par ailleurs, en tout ou partie",
}
"""What is said of a most: a rule could not be computed, and some of it, or all, may not pass on its side."""
KINDS = ("switch_port", "access_policy", "ssid", "network_settings", "element", "policy", *ROUTES)
"""The kinds whose operations change who reaches what."""
DOMAINS = ("network", "firewall", "routing", "addressing", "names")
"""The domains whose objects the computation knows."""
_OF_FIREWALL = frozenset({"element", "policy", "engine_interface", "engine_routes"})
_INSTALLED = "dès l’installation de la politique"
_SHOWN = 4
_SIDES: tuple[Side, Side] = ("before", "after")
_SITES = 2
"""Most sites of a population that are named."""


def consequences(
    town: Derived, sides: Sides, places: Collection[int], staying: Ranges = NOTHING
) -> Iterator[Consequence]:
    """Yield what changes of reach: a line for populations, a change and its operations.

    The operations at some `places` are followed: of the others, what has nothing to do with these is left out. Of the
    `staying` addresses, whose gateways are not where the declaration has them, nothing is computed.
    """
    if town.commune is None or not any(sides.operations[at]["kind"] in KINDS for at in places):
        return
    links = Links(town, sides)
    cuts = {side: links.cut(side) for side in _SIDES}
    before, after = (_reach(town, sides, side, links.subnets(cuts[side])) for side in _SIDES)
    turned = {vlan: side for side, other in zip(_SIDES, reversed(_SIDES), strict=True)
              for vlan in cuts[side] if vlan not in cuts[other]}  # fmt: skip
    known = [*touches(town, sides)]
    for vlan, side in turned.items():
        for at in links.causes(vlan, cuts[side]):
            subnet = links.segments[vlan][2] if vlan in links.segments else NOTHING
            known.append(Touch(at, about(subnet)))
    doubted = Ranges.union(routed(sides))
    known = [touch for touch in known if not is_waiting(sides.operations[touch.operation])]
    followed = [touch for touch in known if touch.operation in places]
    differing = differences(before, after, Ranges.union(sources(followed, before)), doubted)
    stray = _stray(sides)
    changed = [
        each._replace(traffic=left)
        for each in differing
        if (each.access.site, each.access.medium) not in stray and not each.access.subnet & staying
        for left in ([each.traffic] if not staying else without(each.traffic, staying))
    ]
    flagged = _Declared(town, sides)
    ported = [*_ports(town, links, before, after, flagged), *_led_elsewhere(town, sides, links)]
    for line in (*_lines(changed, known, before, after, doubted, flagged), *ported):
        kinds = {sides.operations[at]["kind"] for at in line.operations}
        yield replace(line, lasts=_INSTALLED) if kinds and kinds <= _OF_FIREWALL else line


def _reach(town: Derived, sides: Sides, side: Side, cut: Ranges) -> Reach:
    if side not in sides.pictures:
        sides.pictures[side] = Reach(town, sides, side, cut)
    reach: Reach = sides.pictures[side]
    return reach


def _stray(sides: Sides) -> set[tuple[str, str]]:
    """Give the sites and names of the SSIDs whose clients are in no known segment on a side."""
    return {
        (site, str(ssid["name"]))
        for side in (sides.rules("before"), sides.rules("after"))
        for site, ssids in side.ssids.items()
        for ssid in ssids
        if strays(ssid)
    }


class _Declared:
    """The traffic that the declaration lets pass; it is pictured where something stops."""

    def __init__(self, town: Derived, sides: Sides) -> None:
        self._town, self._sides = town, sides

    @property
    def picture(self) -> Picture:
        known = self._sides.pictures
        if "declared" not in known:
            known["declared"] = Picture(self._town, self._sides.rules("declared"))
        picture: Picture = known["declared"]
        return picture

    def has(self, changed: Iterable[_Changed]) -> bool:
        """Tell whether a part of some traffic is declared."""
        return any(
            entry.box.meet(known.box)
            for part in changed
            for known in reached(part.access, self.picture.filters)
            for entry in part.traffic
        )

    def lacks(self, access: Access, traffic: Iterable[Reached]) -> bool:
        """Tell whether a part of some traffic is not declared."""
        known = [declared.box._replace(sources=ANYWHERE) for declared in reached(access, self.picture.filters)]
        return bool(remaining((entry.box for entry in traffic), known))


def around(town: Derived, owners: Iterable[str]) -> Iterator[Part]:
    """Yield the parts that decide together of what passes from some owners and to them."""
    assert town.commune is not None
    core = town.commune["core"]
    for owner in {*owners, *([core["site"]] if core else [])}:
        if owner in town.sites:
            yield owner, "network"
    yield town.commune["id"], "firewall"
    yield town.commune["id"], "routing"


def _lines(
    differing: Sequence[Difference], known: Sequence[Touch], before: Reach, after: Reach, doubted: Ranges,
    flagged: _Declared,
) -> Iterator[Consequence]:
    """Yield a line for all the populations to whom the same operations do the same."""
    grouped: dict[tuple[Access, Access | None, Change, tuple[int, ...]], list[Reached]] = {}
    for difference in differing:
        causes = tuple(dict.fromkeys(touch.operation for touch in known if touch.meets(difference)))
        people = (difference.access, difference.former, difference.change, causes)
        grouped.setdefault(people, []).append(difference.traffic)
    together: dict[tuple[Any, ...], list[_Changed]] = {}
    by: dict[tuple[Any, ...], dict[int, None]] = {}
    for (access, former, change, causes), traffic in grouped.items():
        reach = before if change == "stops" else after
        made = tuple(End(row.destinations, row.services, row.sources) for row in rows(reach.picture, traffic))
        gravity = _gravity(former or access, change, traffic, reach, flagged)
        whole = change == "stops" and not after.of(access, doubted)
        same = (gravity, change, made, whole)
        together.setdefault(same, []).append(_Changed(access, traffic, former=former))
        by.setdefault(same, {}).update(dict.fromkeys(causes))
    for key, changed in together.items():
        gravity, change, made, whole = key
        reach = before if change == "stops" else after
        declared = change == "stops" and flagged.has(changed)
        yield _line(_populations(changed), gravity, change, made, [*by[key]], changed, reach, whole, declared)


class End(NamedTuple):
    """An end of traffic and its services in the town's words; its sources, if only a part."""

    destinations: tuple[str, ...]
    services: tuple[str, ...]
    sources: tuple[str, ...]


class _Changed(NamedTuple):
    """The traffic of an access that changes; of what is plugged in some `ports` alone.

    Whom an SSID leads there is still of the zone of the `former` segment.
    """

    access: Access
    traffic: Sequence[Reached]
    ports: tuple[str, ...] = ()
    former: Access | None = None


def _populations(changed: Iterable[_Changed]) -> str:
    """Name populations: the segment, its site, its accesses; of many sites, their number."""
    places: dict[str, dict[str, list[str]]] = {}
    for access, *_ in changed:
        places.setdefault(access.segment, {}).setdefault(access.site, []).append(access.medium)
    names = []
    for segment, sites in places.items():
        media = dict.fromkeys(medium for here in sites.values() for medium in here)
        if len(sites) > _SITES:
            names.append(f"{segment} de {len(sites)} sites{_by(media)}")
        else:
            names += [f"{segment}@{site}{_by(dict.fromkeys(here))}" for site, here in sites.items()]
    return ", ".join(names)


def _by(media: Iterable[str]) -> str:
    """Write how people connect; machines of the hosting do by neither port nor SSID."""
    known = [medium for medium in media if medium != NOWHERE]
    return f" ({', '.join(known)})" if known else ""


def _line(
    who: str, gravity: Gravity, change: Change, made: Sequence[End], causes: Sequence[int],
    changed: Sequence[_Changed], reach: Reach, whole: bool, declared: bool,
) -> Consequence:  # fmt: skip
    ends = [*dict.fromkeys(map(_end, made))]
    sure = all(entry.exact for part in changed for entry in part.traffic)
    said = f"n’atteindra plus rien : {some(ends, _SHOWN, ' ; ')}" if whole else (
        f"→ {some(ends, _SHOWN, ' ; ')} : {(SAID if sure else DOUBTED)[change]}"
    )  # fmt: skip
    flow = {
        "change": change,
        "exact": sure,
        "declared": declared,
        "from": [*map(_source, changed)],
        "to": [{name: [*texts] for name, texts in end._asdict().items()} for end in made],
    }
    said += _purpose(changed, reach)
    return Consequence(
        "reach", gravity, who, said, tuple(causes), assumed=tuple(sorted(set(_rests(changed, reach)))), flow=flow
    )


def _purpose(changed: Sequence[_Changed], reach: Reach) -> str:
    """Name the flow of this at the core: lists of switches name whole protocols, `udp`."""
    whys = {permit["id"]: permit["why"] for permit in reach.picture.town["segmentation"]}
    names = dict.fromkeys(rule.id for part in changed for entry in part.traffic for rule in entry.rules)
    known = [f"{name} : « {whys[name]} »" for name in names if name in whys]
    return f" (flux {some(known, _SHOWN)})" if known else ""


def _end(end: End) -> str:
    of = f", depuis {some(end.sources, _SHOWN)}" if end.sources else ""
    return f"{some([*map(_place, end.destinations)], _SHOWN)} ({some(end.services, _SHOWN)}){of}"


def _place(name: str) -> str:
    """Write `telephonie des autres sites` from `telephonie@elsewhere`; a site keeps its name."""
    segment, _, where = name.partition("@")
    return f"{segment} {OF_SITES[where]}" if where in OF_SITES else name


def _source(changed: _Changed) -> dict[str, Any]:
    """Give a population and its traffic, by addresses and ports."""
    access = changed.access
    return {
        "site": access.site,
        "segment": access.segment,
        "zone": (changed.former or access).zone,
        "access": access.medium,
        "ports": [*changed.ports],
        "traffic": [
            {
                "sources": [] if access.subnet <= entry.box.sources else say_addresses(entry.box.sources),
                "addresses": say_addresses(entry.box.destinations),
                "ports": say_services(entry.box.services),
            }
            for entry in changed.traffic
        ],
    }


def _gravity(
    access: Access, change: Change, traffic: Sequence[Reached], reach: Reach, flagged: _Declared
) -> Gravity:
    """Weigh a change: the worst lets an isolated population into the town as nobody declares it."""
    if change == "stops":
        return "cuts"
    if change == "otherwise":
        return "changes"
    inside = [entry for entry in traffic if entry.arrives & reach.picture.inside - access.subnet]
    return "opens" if access.zone in ISOLATED and inside and flagged.lacks(access, inside) else "gains"


def _rests(changed: Sequence[_Changed], reach: Reach) -> Iterator[Part]:
    """Yield the parts of the town that a line rests on."""
    arrives = Ranges.union(entry.arrives for part in changed for entry in part.traffic)
    sites = {part.access.site for part in changed} | {reach.picture.core}
    sites |= {other.site for other in reach.picture.accesses if other.subnet & arrives}
    yield from ((site, "network") for site in sites if site in reach.sites)
    yield reach.commune, "routing"
    if any(rule.system == FIREWALL for part in changed for entry in part.traffic for rule in entry.rules):
        yield reach.commune, "firewall"


def _ports(town: Derived, links: Links, before: Reach, after: Reach, flagged: _Declared) -> Iterator[Consequence]:
    """Yield what changes for what is plugged in ports that leave a VLAN for another."""
    moved: dict[tuple[Any, ...], list[Moved]] = {}
    parts: list[Partly] = []
    for change in links.changed():
        if isinstance(change, Moved):
            moved.setdefault((change.site, *change[4:]), []).append(change)
        else:
            parts.append(change)
    for ports in moved.values():
        yield from _moved(town, links, before, after, flagged, ports)
    yield from shares(links, parts)


def _moved(
    town: Derived, links: Links, before: Reach, after: Reach, flagged: _Declared, ports: Sequence[Moved]
) -> Iterator[Consequence]:
    site, was, will = ports[0].site, ports[0].before, ports[0].after
    names = [f"{port.port} ({port.name})" if port.name else port.port for port in ports]
    who = ports[0].who.replace("{ports}", some(names, _SHOWN))
    causes = (*dict.fromkeys(port.operation for port in ports),)
    said, plain = links.from_to("passera", was, will), ports[0].plain
    said += f" de téléphonie ; sans étiquette, il sera dans {links.named(plain)}" if plain else ""
    if ports[0].trunk:
        yield Consequence("link", "unknown", who, said, causes, assumed=((site, "network"),), unknown=NO_CABLES)
        return
    ends = [_segment(town, links, vlan) for vlan in (was, will)]
    former = before.of(ends[0], NOTHING) if ends[0] else []
    coming = after.of(ends[1], NOTHING) if ends[1] else []
    yield Consequence("link", ports[0].gravity, who, said, causes, assumed=((site, "network"),))
    by_change: dict[Change, list[Reached]] = {}
    for change, traffic in compare(former, coming, moved=True):
        by_change.setdefault(change, []).append(traffic)
    for change, every in by_change.items():
        reach, access = (before, ends[0]) if change == "stops" else (after, ends[1])
        assert access is not None
        made = [End(row.destinations, row.services, ()) for row in rows(reach.picture, every)]
        left = ends[0] if ports[0].gravity == "opens" else None
        changed = [_Changed(access, every, tuple(port.port for port in ports), left)]
        gravity = _gravity(left or access, change, every, reach, flagged)
        declared = change == "stops" and links.declared(ports) and flagged.has(changed)
        yield _line(who, gravity, change, made, causes, changed, reach, not coming and not plain, declared)


def _led_elsewhere(town: Derived, sides: Sides, links: Links) -> Iterator[Consequence]:
    """Yield the SSIDs that lead their clients to another segment: inside it, nothing filters."""
    before, after = (sides.objects("meraki_ssids", side) for side in _SIDES)
    for place in before.keys() & after.keys():
        was, will = (client_vlan(side[place]) if side[place].get("enabled") else None for side in (before, after))
        if was is None or will is None or was == will or not {was, will} <= links.segments.keys():
            continue
        site, name = place
        causes = tuple(at for at, operation in enumerate(sides.operations)
                       if (operation["kind"], operation["owner"], operation["key"]) == ("ssid", *place))  # fmt: skip
        said = links.from_to("passeront", was, will)
        ends = [_segment(town, links, vlan) for vlan in (was, will)]
        leaves = bool(ends[0] and ends[1] and ends[0].zone in ISOLATED and ends[1].zone not in ISOLATED)
        said += ", hors de leur isolement" if leaves else ""
        lent = [Lending(sides, side).of(vlan, _subnet(town, links, vlan))
                for side, vlan in zip(_SIDES, (was, will), strict=True)]  # fmt: skip
        lost = lent[0] is not None and lent[1] is None
        said += ", où rien ne donne d’adresse" if lost else ""
        gravity: Gravity = "opens" if leaves else "cuts" if lost else "changes"
        rests = tuple((site, domain) for domain in ("network", "addressing", "routing"))
        yield Consequence("link", gravity, f"appareils de « {name} » à {site}", said, causes, assumed=rests)


def _subnet(town: Derived, links: Links, vlan: int) -> str:
    owner, key, _ = links.segments[vlan]
    return town.sites[owner]["segments"][key]["subnet"]


def _segment(town: Derived, links: Links, vlan: int | None) -> Access | None:
    if vlan not in links.segments:
        return None
    owner, key, _ = links.segments[vlan]
    return segment_access(town.sites[owner], key)
