"""The reach of each population on both sides of a plan, and the difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from piste.sites.flows import Picture, Row, joined
from piste.town.model.flows.accesses import OWN
from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.flows.number_ranges import NOTHING, Ranges
from piste.town.model.flows.reach import NOWHERE, WIRE, Access, Reached
from piste.town.model.flows.traffic import ANYWHERE, addresses, remaining
from piste.town.model.routing.trace import OUTSIDE, End, Lookups, Router, round_trip

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Side, Sides
    from piste.town.model.derived import Derived

Change = Literal["stops", "starts", "otherwise"]
SAID: Mapping[Change, str] = {
    "stops": "passait, ne passera plus",
    "starts": "ne passait pas, passera",
    "otherwise": "passera par ailleurs",
}


class Difference(NamedTuple):
    """Traffic that a plan changes: of whom, how; on the side where it passes, or will pass.

    People that an SSID leads to a segment of another zone were in `former`.
    """

    access: Access
    change: Change
    traffic: Reached
    former: Access | None = None


class Reach:
    """The reach on a side: filters, then the links that carry each VLAN, then routes."""

    def __init__(self, town: Derived, sides: Sides, side: Side, cut: Ranges) -> None:
        assert town.commune is not None
        self.sites, self.commune = town.sites, town.commune["id"]
        self.picture = Picture(town, sides.rules(side))
        self.routers: list[Router] = sides.routers(side) if town.commune["core"] else []
        self.cut = cut
        self._ends = [
            (addresses(gateway["subnet"]), gateway["subnet"], gateway["address"])
            for site in town.sites.values()
            if site["lifecycle"] in IN_SERVICE
            for gateway in site["gateways"]
        ]
        self._trips: dict[frozenset[str], bool] = {}
        self._looked_up: Lookups = {}

    def of(self, access: Access, doubted: Ranges) -> list[Reached]:
        """Give what an access reaches; routes are followed where an end is of the doubted addresses."""
        if access.subnet & self.cut:
            return []
        kept = self.picture.reached(access)
        lost = self.cut | (self._unrouted(access, doubted) if doubted else NOTHING)
        return [left for traffic in kept for left in without(traffic, lost)] if lost else kept

    def _unrouted(self, access: Access, doubted: Ranges) -> Ranges:
        """Give the addresses that no route leads an access to, or back from."""
        start = next((end for end in self._ends if end[0] == access.subnet), None)
        if start is None:
            return NOTHING
        everywhere = bool(access.subnet & doubted)
        source = End(access.segment, _first(start[0]), start[1], start[2])
        lost = [
            place
            for place, subnet, gateway in self._ends
            if place != access.subnet and (everywhere or place & doubted)
            and not self._passes(source, End(subnet, _first(place), subnet, gateway))
        ]  # fmt: skip
        if (everywhere or ANYWHERE - self.picture.inside & doubted) and not self._passes(source, OUTSIDE):
            lost.append(ANYWHERE - self.picture.inside)
        return Ranges.union(lost)

    def _passes(self, source: End, destination: End) -> bool:
        pair = frozenset((source.address, destination.address))  # a round trip is the same from either end
        if pair not in self._trips:
            trip = round_trip(self.routers, source, destination, self._looked_up)
            self._trips[pair] = trip.state in ("both", "unknown")
        return self._trips[pair]


def _first(subnet: Ranges) -> str:
    """Write the first host of a subnet."""
    from netaddr import IPAddress

    return str(IPAddress(subnet.parts[0][0] + 1))


def without(traffic: Reached, lost: Ranges) -> Iterator[Reached]:
    """Yield what is left of some traffic where some addresses are lost."""
    if traffic.changed:
        if not traffic.arrives <= lost:
            yield traffic
    elif left := traffic.box.destinations - lost:
        yield traffic._replace(box=traffic.box._replace(destinations=left), arrives=left)


def compare(
    former: Sequence[Reached], coming: Sequence[Reached], *, moved: bool = False
) -> Iterator[tuple[Change, Reached]]:
    """Compare the reach of an access on both sides; if it `moved`, whatever its own addresses."""
    if moved:
        former, coming = ([_anyhow(traffic) for traffic in side] for side in (former, coming))
    if former == coming:
        return
    for change, mine, others in (("stops", former, coming), ("starts", coming, former)):
        for traffic in mine:
            for piece in remaining([traffic.box], [other.box for other in others]):
                yield change, traffic._replace(box=piece, arrives=traffic.arrives if traffic.changed else piece[1])  # type: ignore[misc]
    for traffic in coming:
        for other in former:
            same = traffic.box.meet(other.box)
            if same and (traffic.changed, other.changed) != (None, None) and _ends(traffic) != _ends(other):
                yield "otherwise", traffic._replace(box=same)


def _anyhow(traffic: Reached) -> Reached:
    """Give traffic whatever its sources: no more than possible if only some have it."""
    sure = traffic.sure and traffic.access.subnet <= traffic.box.sources
    return traffic._replace(box=traffic.box._replace(sources=ANYWHERE), sure=sure)


def _ends(traffic: Reached) -> tuple[Ranges, bool]:
    return traffic.arrives, traffic.changed is not None


def differences(before: Reach, after: Reach, touched: Ranges, doubted: Ranges) -> Iterator[Difference]:
    """Yield what changes for each access that has to do with touched addresses."""
    former, coming = _by_medium(before.picture.accesses), _by_medium(after.picture.accesses)
    for key in dict.fromkeys((*former, *coming)):
        mine, theirs = former.get(key, []), coming.get(key, [])
        same = [access for access in mine if access in theirs and not access.subnet & touched]
        for old, new in _paired([a for a in mine if a not in same], [a for a in theirs if a not in same]):
            access = new or old
            # A segment that nothing leads to is judged as if by wire: it has nobody to gain or lose.
            if access is None or ((old is None or new is None) and access.medium == NOWHERE):
                continue
            moved = bool(old and new and old.subnet != new.subnet)
            was = before.of(old, doubted) if old else []
            will = after.of(new, doubted) if new else []
            for change, traffic in compare(was, will, moved=moved):
                here = access if not (moved and change == "stops") else old or access
                yield Difference(here, change, traffic, old if old and new and old.zone != new.zone else None)


def _by_medium(accesses: Iterable[Access]) -> Mapping[tuple[str, str], list[Access]]:
    """Group accesses by what people connect to: an SSID of a site, or the wire of a segment."""
    grouped: dict[tuple[str, str], list[Access]] = {}
    for access in accesses:
        wired = access.medium in (WIRE, NOWHERE, OWN)
        grouped.setdefault((access.site, f"{access.segment}" if wired else f"SSID {access.medium}"), []).append(access)
    return grouped


def _paired(
    old: Sequence[Access], new: Sequence[Access]
) -> Iterator[tuple[Access | None, Access | None]]:
    left = [*new]
    for access in old:
        same = next((other for other in left if other.subnet == access.subnet), left[0] if left else None)
        if same is not None:
            left.remove(same)
        yield access, same
    yield from ((None, access) for access in left)


def rows(picture: Picture, passing: Iterable[Reached]) -> list[Row]:
    """Write traffic in the town's words, whatever the rules that let it pass."""
    return joined([picture.row(traffic)._replace(accesses=(), rules=()) for traffic in passing])
