"""The questions of a rehearsal at each computer: trials of its place, services of rules.

Pure. A target has one name through the whole rehearsal, whatever the addresses of computers become.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.systems.forcepoint.filtering import filter_rules
from piste.systems.meraki.filtering import access_list, ssid_rules
from piste.trials.probe.trials import OUTSIDE, Circumstances, trials
from piste.trials.probe.trials import Place as Where
from piste.trials.probe.ways import PING, QUIET, Port, Ways, services
from piste.trials.rehearsal.course import Course, Described
from piste.trials.twin.readings import Readings
from piste.trials.twin.routers import policy_in_force

if TYPE_CHECKING:
    from piste.town.model.flows.filtering import FilterRule
    from piste.trials.twin.layout import Layout
    from piste.trials.twin.place import Place

ASKED = ("name", "time", "printing", "flow", "isolation")
"""Kinds of trials whose questions are asked; the lease and the gateway are seen on the way."""
BETWEEN = (Port(PING, 0), Port("tcp", 443))
"""Services that computers try of each other, besides those of the rules that change."""
MOST = 8
"""Most services of rules that change."""
_DIGITS = 12
"""Digits of a hardware address."""
_LEASES = (Port("udp", 67), Port("udp", 68), *QUIET)
Computer = tuple[str, str]
"""Site and name of a computer."""


class Target(NamedTuple):
    """A service at an address or at another computer; a name at a server of names."""

    kind: str
    address: str
    port: int = 0
    name: str = ""
    computer: Computer | None = None

    @property
    def service(self) -> str:
        return "ping" if self.kind == PING or self.kind == "ping" else f"{self.kind}/{self.port}"


class Asked(NamedTuple):
    """The targets of a computer, the question of its captive portal, the gateway of its segment.

    `macs` are hardware addresses whose reservation the plan changes in its network, with the reserved addresses.
    `declared` are the targets that are to answer, computers of its own segment among them.
    """

    targets: tuple[Target, ...]
    portal: Mapping[str, Any] | None
    macs: Mapping[str, Sequence[str]]
    gateway: str
    declared: frozenset[Target] = frozenset()


def asked(course: Course, ways: Ways, operations: Sequence[Described]) -> dict[Computer, Asked]:
    """Say what to ask at each computer, in all states of a rehearsal alike."""
    layouts = [stage.layout for stage in course.stages]
    standing = {address for layout in layouts for address in _standing(layout)}
    answering = {address for layout in layouts for address in _servers(layout)}
    inside = [IPv4Network(segment["subnet"]) for site in ways.sites.values() for segment in site["segments"].values()]

    @cache
    def is_outside(address: str) -> bool:
        there = IPv4Address(address)
        return not any(there in network for network in inside)

    added = _added(course)
    names = _names(operations)
    known: dict[Computer, list[Place]] = {}
    for layout in layouts:
        for place in layout.places:
            known.setdefault((place.site, place.name), []).append(place)
    result = {}
    for computer, places in known.items():
        targets: dict[Target, None] = {}
        declared: set[Target] = set()
        portal = None
        for where in dict.fromkeys(Where(place.site, place.segment, place.ssid) for place in places):
            listed, entry = _trials(ways, where)
            portal = portal or entry
            for question, passes in listed:
                target = _target(question)
                declared |= {target} if passes else set()
                stands = target.kind == "ping" and target.address in standing
                if target.address in answering or stands or is_outside(target.address):
                    targets[target] = None
            resolvers = dict.fromkeys(target.address for target in targets if target.kind == "name")
            targets |= {Target("name", server, 0, name): None for server in resolvers for name in names}
        targets |= {_to(port, address): None for port in added for address in (*sorted(answering), OUTSIDE)}
        others = [other for other in known if other != computer]
        targets |= {_to(port, "", other): None for other in others for port in dict.fromkeys((*BETWEEN, *added))}
        segments = [ways.sites[place.site]["segments"][place.segment] for place in places]
        subnets = {str(segment["subnet"]) for segment in segments}
        macs: dict[str, list[str]] = {}
        for subnet, mac, address in _reserved(operations):
            if subnet in subnets:
                macs.setdefault(mac, []).append(address)
        own = {(place.site, place.segment) for place in places}
        near = {other for other in others if any((place.site, place.segment) in own for place in known[other])}
        answers = frozenset(target for target in targets if target in declared or target.computer in near)
        result[computer] = Asked(tuple(targets), portal, macs, segments[0]["gateway"], answers)
    return result


def _trials(ways: Ways, where: Where) -> tuple[list[tuple[Mapping[str, Any], bool]], Mapping[str, Any] | None]:
    """Give the questions of a place and that of its portal; nothing where it is not declared.

    Each question comes with whether it is to be answered.
    """
    try:
        listed = trials(ways, where, Circumstances(everything_answers=True))
    except KeyError:
        return [], None
    portal = next((question for trial in listed if trial.kind == "portal" for question in trial.questions), None)
    return [(question, trial.kind != "isolation") for trial in listed if trial.kind in ASKED
            for question in trial.questions if question["kind"] != "inform"], portal  # fmt: skip


def _target(question: Mapping[str, Any]) -> Target:
    return Target(question["kind"], question["address"], question.get("port", 0), question.get("name", ""))


def _to(port: Port, address: str, computer: Computer | None = None) -> Target:
    return Target("ping" if port.protocol == PING else port.protocol, address, port.port, "", computer)


def _standing(layout: Layout) -> Iterator[str]:
    for host in layout.hosts.values():
        for standing in host.interfaces.values():
            yield from (address.partition("/")[0] for address in standing)


def _servers(layout: Layout) -> Iterator[str]:
    """Yield the addresses of what answers and is no computer of a population."""
    computers = {place.namespace for place in layout.places}
    for host in layout.hosts.values():
        if host.answers and host.name not in computers:
            yield from (address.partition("/")[0] for own in host.interfaces.values() for address in own)


def _added(course: Course) -> list[Port]:
    """List the services of the rules that change between the first state and the last."""
    before, after = (_rules(course.stages[at].readings) for at in (0, -1))
    boxes = [box for rule in _changed(before, after) for box in rule.boxes]
    ports = (port for box in boxes for port, _ in services(box.services) if port not in _LEASES)
    return list(dict.fromkeys(ports))[:MOST]


def _rules(readings: Readings) -> list[FilterRule]:
    policy = policy_in_force(readings)
    rules = filter_rules(readings.elements, readings.policies, policy) if policy else []
    for site, network in readings.networks.items():
        rules += [rule for ssid in network.get("ssids", ()) for rule in ssid_rules(ssid)]
        for settings in network.get("network_settings", ()):
            known = access_list((settings.get("access_lists") or {}).get("rules") or (), site)
            rules += [*known.requests, *known.answers]
    return rules


def _changed(before: Sequence[FilterRule], after: Sequence[FilterRule]) -> list[FilterRule]:
    """List the rules that come, go, change or move."""
    if before == after:
        return []
    matching = SequenceMatcher(None, before, after, autojunk=False)
    return [
        rule
        for tag, first, last, start, end in matching.get_opcodes()
        if tag != "equal"
        for rule in (*before[first:last], *after[start:end])
    ]


def _names(operations: Iterable[Described]) -> list[str]:
    """List the names that operations change."""
    ends = ((described["content"]["before"], described["content"]["after"])
            for described in operations if described["kind"] == "dns_record")  # fmt: skip
    records = [end for pair in ends for end in pair if end and end.get("type") in ("A", "CNAME")]
    named = (f"{item['name']}.{item['zone']}" if item["name"] != "@" else item["zone"] for item in records)
    return list(dict.fromkeys(named))


def _reserved(operations: Iterable[Described]) -> Iterator[tuple[str, str, str]]:
    """Yield network, hardware address and address of each reservation that operations change."""
    for described in operations:
        if described["kind"] == "dhcp_scope":
            ends = [(end or {}).get("reservations") or {} for end in described["content"].values()]
            for address in dict.fromkeys(key for end in ends for key in end):
                macs = ["".join(filter(str.isalnum, str((end.get(address) or {}).get("mac") or ""))) for end in ends]
                if macs[0] != macs[1]:
                    yield from ((str(described["key"]), mac, address) for mac in macs if len(mac) == _DIGITS)
