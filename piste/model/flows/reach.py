"""Who reaches what: the way that traffic takes through the town, and every rule that it meets there.

From a Wi-Fi client it first meets the rules of its SSID. Two segments whose gateway is the core talk to each other
there, without the firewall; all the rest passes the firewall. Inside one segment nothing is routed, nor filtered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from .filtering import RuleList, passed
from .number_ranges import Ranges
from .traffic import ANY_SERVICE, ANYWHERE, Box

if TYPE_CHECKING:
    from ..addressing.form import Zone
    from .filtering import FilterRule

ISOLATED: frozenset[Zone] = frozenset({"invite", "public", "pedagogique", "externe"})
"""The zones that reach nothing of the town but what is declared; `invite`, nothing at all (CCTP 3.3.3, 3.6)."""
WIRE = "filaire"
NOWHERE = "sans port"


class Translation(NamedTuple):
    """A rule of translation: the traffic that it takes, and where that really goes; None leaves it where it was sent.

    Of one that is not exact, the traffic that it takes may as well be left to the next. Source: Forcepoint,
    "Considerations for designing NAT rules": the first that matches is applied and the rest are ignored.
    """

    id: str
    taken: Box
    server: Ranges | None
    exact: bool = True


def leading_elsewhere(rules: Sequence[Translation]) -> list[Translation]:
    """Leave out the last rules of a list that lead nowhere else: after them nothing is left to be taken away from."""
    last = max((at for at, one in enumerate(rules) if one.server is not None), default=-1)
    return list(rules[: last + 1])


@dataclass(frozen=True, slots=True)
class Access:
    """A way onto a segment of a site: an SSID, by whose rules it passes, or the wire, which has none."""

    site: str
    segment: str
    zone: Zone
    medium: str
    subnet: Ranges
    gateway: Literal["ngfw", "core"]
    rules: tuple[FilterRule, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """What stands in the way: the firewall and what it translates, the core and the segments that it routes."""

    firewall: Sequence[FilterRule] | RuleList
    core: Sequence[FilterRule]
    routed_by_core: Ranges
    translations: Sequence[Translation] = ()


class Reached(NamedTuple):
    """Traffic that passes, as it is sent, with the rules that let it, in the order in which it meets them.

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
        """Whether all of it could be computed; otherwise it is the most that may pass."""
        return self.sure and all(rule.exact for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an isolated access reaches of the town: what the declaration excepts, and what it must not."""

    access: Access
    excepted: list[Reached]
    wrong: list[Reached]


def reached(access: Access, filters: Filters, sent: Box | None = None) -> list[Reached]:
    """Tell all that an access reaches, by which rules; of what it sends, where that is given."""
    found: list[Reached] = []
    sent = sent or Box(access.subnet, ANYWHERE - access.subnet, ANY_SERVICE)
    for rules, box in _through(access.rules, sent) if access.rules else [((), sent)]:
        inside = box.destinations & filters.routed_by_core if access.gateway == "core" else Ranges()
        at_core = box._replace(destinations=inside)
        beyond = box._replace(destinations=box.destinations - inside)
        for more, hit in _through(filters.core, at_core):
            found.append(Reached(access, hit, (*rules, *more), hit.destinations))
        for more, hit in _through(filters.firewall, beyond):
            found += _translated(Reached(access, hit, (*rules, *more), hit.destinations), filters.translations)
    return found


def stopped(access: Access, filters: Filters, wanted: Box) -> list[Box]:
    """Tell which part of the wanted traffic, as far as it leaves from an access, does not arrive where it was sent.

    Inside the access's own segment nothing is filtered.
    """
    sent = wanted._replace(sources=wanted.sources & access.subnet, destinations=wanted.destinations - access.subnet)
    left = [sent] if sent else []
    for one in reached(access, filters, sent) if sent else ():
        if one.changed is None:
            left = [rest for piece in left for rest in piece.without(one.box)]
    return left


def _through(rules: Sequence[FilterRule] | RuleList, box: Box) -> Iterator[tuple[tuple[FilterRule, ...], Box]]:
    """Yield what passes a list of rules, and by which."""
    for rule, hit in passed(rules, box) if box else ():
        yield (rule,), hit


def _translated(found: Reached, translations: Iterable[Translation]) -> Iterator[Reached]:
    left, kept = [found.box], list[Box]()
    for one in translations:
        hits = [hit for piece in left if (hit := piece.meet(one.taken))]
        if one.server is not None:
            yield from (found._replace(box=hit, arrives=one.server, changed=one.id, sure=one.exact) for hit in hits)
        elif one.exact:
            kept += hits
        if one.exact:
            left = [rest for piece in left for rest in piece.without(one.taken)]
    yield from (found._replace(box=piece, arrives=piece.destinations) for piece in (*kept, *left))


def isolation(
    accesses: Iterable[Access], filters: Filters, inside: Ranges, exceptions: Sequence[FilterRule]
) -> list[Verdict]:
    """Judge every access of an isolated zone: what it reaches inside the town, but for the exceptions.

    Guests have no exception. `inside` is all that belongs to the town, `exceptions` what the declaration lets cross.
    """
    verdicts: list[Verdict] = []
    excepted = RuleList(exceptions)
    for access in accesses:
        if access.zone not in ISOLATED:
            continue
        verdict = Verdict(access, [], [])
        for one in reached(access, filters):
            if crossing := _crossing(one, inside - access.subnet):
                left = [crossing.box]
                allowed = [] if access.zone == "invite" else excepted.about(crossing.box.sources)
                for box in (box for rule in allowed for box in rule.boxes):
                    verdict.excepted.extend(_part(crossing, hit) for piece in left if (hit := piece.meet(box)))
                    left = [rest for piece in left for rest in piece.without(box)]
                verdict.wrong.extend(_part(crossing, piece) for piece in left)
        verdicts.append(verdict)
    return verdicts


def _crossing(one: Reached, inside: Ranges) -> Reached | None:
    """Keep of what is reached that which arrives inside."""
    arrives = one.arrives & inside
    if not arrives:
        return None
    box = one.box if one.changed else one.box._replace(destinations=arrives)
    return one._replace(box=box, arrives=arrives)


def _part(one: Reached, box: Box) -> Reached:
    return one._replace(box=box, arrives=one.arrives if one.changed else box.destinations)
