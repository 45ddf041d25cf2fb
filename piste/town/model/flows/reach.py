"""Reach of an access: the way of traffic through the town, and every rule that it meets.

Traffic of a Wi-Fi client first meets the rules of its SSID. Two segments whose gateway is the core talk to each other
there, without the firewall; all the rest passes the firewall. On the way, switches drop what their access lists refuse.
Inside one segment nothing is routed, nor filtered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from .access_lists import NO_STOPS
from .filtering import RuleList, passed
from .number_ranges import NOTHING, Ranges
from .traffic import ANY_SERVICE, ANYWHERE, EVERYTHING, Box, parted, remaining

if TYPE_CHECKING:
    from ..addressing.form import Zone
    from .access_lists import Stops
    from .filtering import FilterRule

ISOLATED: frozenset[Zone] = frozenset({"invite", "public", "pedagogique", "externe"})
"""Zones that reach nothing of the town but declared exceptions; `invite` has none (CCTP 3.3.3, 3.6)."""
WIRE = "filaire"
NOWHERE = "ni port ni SSID"


class Translation(NamedTuple):
    """A rule of translation: the traffic that it takes, and its real destination; None: as sent.

    The traffic of a rule that is not exact may as well be left to the next. Source: Forcepoint, "Considerations for
    designing NAT rules": the first match is applied and the rest are ignored.
    """

    id: str
    taken: Box
    server: Ranges | None
    exact: bool = True


def leading_elsewhere(rules: Sequence[Translation]) -> list[Translation]:
    """Drop the last rules of a list that lead nowhere else: they protect nothing after them."""
    last = max((at for at, rule in enumerate(rules) if rule.server is not None), default=-1)
    return list(rules[: last + 1])


@dataclass(frozen=True, slots=True)
class Access:
    """An access to a segment of a site: an SSID with its rules, or the wire, without rules."""

    site: str
    segment: str
    zone: Zone
    medium: str
    subnet: Ranges
    gateway: Literal["ngfw", "core"]
    rules: tuple[FilterRule, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters on the way: firewall, translations, the core and its segments, switches."""

    firewall: Sequence[FilterRule] | RuleList
    core: Sequence[FilterRule]
    routed_by_core: Ranges
    translations: Sequence[Translation] = ()
    stops: Stops = NO_STOPS


class Reached(NamedTuple):
    """Traffic that passes, as sent, with the rules that let it, in the order of the way.

    It `arrives` where it was sent, or where the translation `changed` leads it.
    """

    access: Access
    box: Box
    rules: tuple[FilterRule, ...]
    arrives: Ranges
    changed: str | None = None
    sure: bool = True

    @property
    def exact(self) -> bool:
        """True if all of it could be computed; otherwise it is the most that may pass."""
        return self.sure and all(rule.exact for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Traffic of an access that must stay isolated: declared exceptions, and wrong traffic."""

    access: Access
    excepted: list[Reached]
    wrong: list[Reached]


def reached(access: Access, filters: Filters, sent: Box | None = None) -> list[Reached]:
    """Give all that an access reaches, and by which rules; with `sent`, only that traffic."""
    passing: list[Reached] = []
    sent = sent or Box(access.subnet, ANYWHERE - access.subnet, ANY_SERVICE)
    for rules, box in _through(access.rules, sent) if access.rules else [((), sent)]:
        inside = box.destinations & filters.routed_by_core if access.gateway == "core" else Ranges()
        at_core = box._replace(destinations=inside)
        beyond = box._replace(destinations=box.destinations - inside)
        for more, hit in _through(filters.core, at_core):
            passing.append(Reached(access, hit, (*rules, *more), hit.destinations))
        for more, hit in _through(filters.firewall, beyond):
            passing += _translated(Reached(access, hit, (*rules, *more), hit.destinations), filters.translations)
    kept = [left for traffic in passing for left in _left(traffic, filters.stops)]
    beyond_core = [traffic for traffic in kept if traffic.rules[-1] not in filters.core]
    return [*_permitted(kept, filters), *beyond_core]


def _permitted(kept: Iterable[Reached], filters: Filters) -> Iterator[Reached]:
    """Yield what the core routes, by the permissions of the lists; else nothing filters it."""
    together: dict[tuple[Reached, Ranges, Ranges, tuple[FilterRule, ...]], list[Ranges]] = {}
    for traffic in kept:
        if traffic.rules[-1] not in filters.core:
            continue
        pieces: list[tuple[Box, dict[str, FilterRule]]] = [(traffic.box, {})]
        for listed in filters.stops.permits:
            if rules := [(rule, box) for rule in listed.meeting(traffic.box) for box in rule.boxes
                         if box.meet(traffic.box)]:  # fmt: skip
                pieces = [part for box, names in pieces for part in _cut(box, names, rules)]
        plain = traffic._replace(box=EVERYTHING, arrives=NOTHING)
        for box, names in pieces:
            together.setdefault((plain, box.sources, box.services, tuple(names.values())), []).append(box.destinations)
    for (plain, sources, services, permits), ends in together.items():
        crossed = (*plain.rules[:-1], *permits) if permits else plain.rules
        yield _part(plain._replace(rules=crossed), Box(sources, Ranges.union(ends), services))


def _cut(
    whole: Box, names: Mapping[str, FilterRule], rules: Iterable[tuple[FilterRule, Box]]
) -> Iterator[tuple[Box, dict[str, FilterRule]]]:
    """Yield the parts of some traffic with the first permission of a list about each."""
    left = [whole]
    for rule, box in rules:
        hits, left = parted(left, box)
        if hits:
            exact = rule.exact and names.get(rule.id, rule).exact
            named = {**names, rule.id: replace(rule, boxes=(), exact=exact)}
            yield from ((hit, named) for hit in hits)
    yield from ((piece, dict(names)) for piece in left)


def _left(traffic: Reached, stops: Stops) -> Iterator[Reached]:
    """Yield what switches leave of traffic; an answer that they drop lets it arrive."""
    elsewhere = (box for rule in stops.elsewhere.meeting(traffic.box) for box in rule.boxes)
    for piece in remaining([traffic.box], elsewhere):
        yield from (traffic if rest == traffic.box else _part(traffic, rest) for rest in _entering(piece, stops))


def _entering(box: Box, stops: Stops) -> Iterator[Box]:
    """Yield what the list of each site leaves of some traffic; sites have no address in common."""
    refused: dict[str, list[Box]] = {}
    for rule in stops.entering.meeting(box):
        refused.setdefault(rule.system, []).extend(hit for stop in rule.boxes if (hit := stop.meet(box)))
    ends = Ranges.union(hit.destinations for hits in refused.values() for hit in hits)
    if rest := box._replace(destinations=box.destinations - ends):
        yield rest
    for hits in refused.values():
        here = Ranges.union(hit.destinations for hit in hits)
        yield from remaining([box._replace(destinations=here)], hits) if here else ()


def stopped(access: Access, filters: Filters, wanted: Box) -> list[Box]:
    """Give the part of the wanted traffic of an access that does not arrive where it was sent.

    Inside the access's own segment nothing is filtered.
    """
    sent = wanted._replace(sources=wanted.sources & access.subnet, destinations=wanted.destinations - access.subnet)
    if not sent:
        return []
    return remaining([sent], (traffic.box for traffic in reached(access, filters, sent) if traffic.changed is None))


def _through(rules: Sequence[FilterRule] | RuleList, box: Box) -> Iterator[tuple[tuple[FilterRule, ...], Box]]:
    """Yield the traffic that passes a list of rules, and its rule."""
    for rule, hit in passed(rules, box) if box else ():
        yield (rule,), hit


def _translated(traffic: Reached, translations: Iterable[Translation]) -> Iterator[Reached]:
    left, kept = [traffic.box], list[Box]()
    for rule in translations:
        hits, rest = parted(left, rule.taken)
        if rule.server is not None:
            yield from (
                traffic._replace(box=hit, arrives=rule.server, changed=rule.id, sure=rule.exact) for hit in hits
            )
        elif rule.exact:
            kept += hits
        if rule.exact:
            left = rest
    yield from (traffic._replace(box=piece, arrives=piece.destinations) for piece in (*kept, *left))


def isolation(
    accesses: Iterable[Access], filters: Filters, inside: Ranges, exceptions: Sequence[FilterRule]
) -> list[Verdict]:
    """Judge every access of an isolated zone, and every access at the core.

    It counts what they reach, minus exceptions.
    Guests have no exception. `inside` is all that belongs to the town, `exceptions` the rules that the declaration lets
    cross. Of an access at the core, what the firewall rules is not judged here.
    """
    verdicts: list[Verdict] = []
    excepted = RuleList(exceptions)
    for access in accesses:
        if access.zone not in ISOLATED and access.gateway != "core":
            continue
        verdict, sent = Verdict(access, [], []), None
        if access.zone not in ISOLATED:
            sent = Box(access.subnet, filters.routed_by_core - access.subnet, ANY_SERVICE)
        for traffic in reached(access, filters, sent):
            if crossing := _crossing(traffic, inside - access.subnet):
                left = [crossing.box]
                allowed = [] if access.zone == "invite" else excepted.about(crossing.box.sources)
                for box in (box for rule in allowed for box in rule.boxes):
                    taken, left = parted(left, box)
                    verdict.excepted.extend(_part(crossing, hit) for hit in taken)
                verdict.wrong.extend(_part(crossing, piece) for piece in left)
        verdicts.append(verdict)
    return verdicts


def _crossing(traffic: Reached, inside: Ranges) -> Reached | None:
    """Keep the part of reached traffic that arrives inside."""
    arrives = traffic.arrives & inside
    if not arrives:
        return None
    box = traffic.box if traffic.changed else traffic.box._replace(destinations=arrives)
    return traffic._replace(box=box, arrives=arrives)


def _part(traffic: Reached, box: Box) -> Reached:
    return traffic._replace(box=box, arrives=traffic.arrives if traffic.changed else box.destinations)
