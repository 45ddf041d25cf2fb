"""Drawn changes: what is computed of each, against packets that are followed by hand."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from piste.runs.plans.play import Trouble
from piste.sites.consequences import said
from piste.sites.consequences.computed import Consequences, of
from tests.support.fuzz import WIDE
from tests.unit.consequences.changes import CORE, operation, plan, town
from tests.unit.consequences.draws import (
    ENDED,
    IDLE,
    LEAST,
    NOTICED,
    UNREAD,
    Drawn,
    Objects,
    changes,
    drawn,
    objects,
    owner_of,
    policy_leads,
    populations,
    sites,
)
from tests.unit.consequences.naive import Packet, Population, World, computer, has_address, has_port

pytestmark = pytest.mark.drawn

PACKETS, POPULATIONS = (12, 16) if WIDE else (6, 8)
CASES = [(domain, rank) for domain in NOTICED for rank in range(len(changes(domain)))]


def world(known: Objects) -> World:
    commune = town().commune
    assert commune is not None
    return World(sites(), CORE, known, [server["address"] for server in commune["dhcp"]["servers"]])


def described(change: Drawn) -> dict[str, Any]:
    """Describe a change as an operation of who declares its object."""
    module, place, after = change
    return operation(module, place[0] or owner_of(module, place[1]), objects()[module][place], after)


def packets(draw: random.Random, near: list[str], served: list[Any]) -> list[Packet]:
    """Draw packets: to what elements and segments name, and to what a change is about."""
    texts = [item.get("address") or item.get("ipv4_network") for item in objects()["smc_elements"].values()]
    texts += [segment["subnet"] for site in sites().values() for segment in site["segments"].values()]
    ports = [*services(objects()["smc_elements"].values())]
    near = [*near, *draw.choices([*filter(None, texts)], k=PACKETS)]
    return [
        Packet(host(draw, target), protocol, port)
        for target in near
        for protocol, port in dict.fromkeys([*served, *draw.sample(ports, 3)])
        if ":" not in target
    ]  # fmt: skip


def services(items: Iterable[Any]) -> Iterator[tuple[str, int]]:
    for item in items:
        if item.get("ports"):
            yield item["type"].partition("_")[0], int(str(item["ports"]).partition("-")[0])


def host(draw: random.Random, text: str) -> Any:
    network = ip_network(text)
    return network[draw.choice([0, min(60, network.num_addresses - 1)])] if network.num_addresses > 1 else network[0]


def said_of(result: Consequences, population: Population, packet: Packet) -> set[str]:
    """Give what the lines say of a packet of a population."""
    ssids = {name for _, name in objects()["meraki_ssids"]}
    changes = set()
    for line in result.lines:
        for source in (line.flow or {}).get("from", ()):
            if source["ports"]:
                continue
            medium = source["access"] if source["access"] in ssids else ""
            if (source["site"], medium) != (population.site, population.ssid):
                continue
            if not medium and source["segment"] != population.segment:
                continue
            if any(has_address(part["addresses"], packet.target) and has_port(part["ports"], *packet[1:])
                   and (not part["sources"] or has_address(part["sources"], here(source)))
                   for part in source["traffic"]):  # fmt: skip
                changes.add(line.flow["change"])  # type: ignore[index]
    return changes


def here(source: dict[str, Any]) -> Any:
    """Give the address of a computer of a population, as a line names it."""
    return computer(sites()[source["site"]]["segments"][source["segment"]]["subnet"])


@pytest.mark.parametrize(("domain", "rank"), CASES)
def test_what_is_computed_is_what_packets_do(domain: str, rank: int) -> None:
    draw, (module, place, after) = random.Random(f"{domain} {rank}"), changes(domain)[rank]
    made = described((module, place, after))
    before, owner = objects()[module][place], made["owner"]
    changed = {**objects(), module: {**objects()[module], place: after}}
    if after is None:
        del changed[module][place]
    result = of(plan(made), town())
    old, new = world(objects()), world(changed)
    asked = packets(draw, *about(before, after))
    wrong: list[Any] = []
    everybody = [*populations()]
    mine = [population for population in everybody if population.site in (owner, CORE)]
    for population in dict.fromkeys([*mine, *draw.sample(everybody, POPULATIONS)]):
        for packet in asked:
            was, will = old.passes(population, packet), new.passes(population, packet)
            own = [side.beside(population, packet.target, packet) for side in (old, new)]
            if own != [None, None]:
                if None in own:
                    continue  # An SSID that comes, goes or leads elsewhere has a line of its own.
                was, will = map(bool, own)
            if (computed := said_of(result, population, packet)) != turn(was, will):
                wrong.append((population, packet, was, will, computed))
    for name, site in sites().items():
        for key, segment in site["segments"].items():
            was, will = old.lends(segment), new.lends(segment)
            if (computed := lent_of(result, f"{key}@{name}")) != turn(was, will):
                wrong.append((name, key, "an address", was, will, computed))
    for population in mine if module == "meraki_ssids" else ():
        wrong += inside(result, population, asked, old, new)
    assert (module, place, wrong[:5]) == (module, place, [])
    if rank >= noticed(domain):
        assert result.lines == []
        assert result.idle


def inside(
    result: Consequences, population: Population, asked: list[Packet], old: World, new: World
) -> Iterator[Any]:  # fmt: skip
    """Yield where a line on what an SSID reaches in its own segment lacks, or is too much."""
    every = [packet for packet in asked if None not in (old.beside(population, packet.target),
                                                        new.beside(population, packet.target))]  # fmt: skip
    sides = [[side.beside(population, packet.target, how) for packet in every for how in (None, packet)]
             for side in (old, new)]  # fmt: skip
    lines = [line for line in result.lines if "Wireless Client Isolation" in line.source
             and f"« {population.ssid} » à {population.site}" in line.who]  # fmt: skip
    if every and bool(lines) is (sides[0] == sides[1]):
        yield population, every, sides, lines


def turn(was: bool, will: bool) -> set[str]:
    return {"stops"} if was and not will else {"starts"} if will and not was else set()


def noticed(domain: str) -> int:
    """Count the draws of a domain that people may notice: they come first."""
    return len(changes(domain)) - IDLE


def lent_of(result: Consequences, who: str) -> set[str]:
    """Give what the lines say of getting an address in a segment."""
    turns = {"cuts": "stops", "gains": "starts"}
    return {turns[line.gravity] for line in result.lines
            if line.subject == "addresses" and line.who == who and line.gravity in turns}  # fmt: skip


@pytest.mark.parametrize("domain", NOTICED)
def test_a_drawn_change_that_rests_on_a_silent_system_is_not_certain(domain: str) -> None:
    """The owner of the change did not answer: what is said of it is not sure."""
    for change in random.Random(domain).sample(changes(domain), UNREAD):
        made = described(change)
        owner = made["owner"]
        silent = Trouble(owner, "Lire", "unknown", "ne répond pas")
        result = of(plan(made, limit="", troubles=(silent,)), town())
        assert not result.nothing, made
        assert "= rien ne change pour personne" not in [*said.ending(result, lambda owner: "")]
        mine = [line for line in result.lines if any(part[0] == owner for part in (*line.assumed, *line.unread))]
        assert all(line.basis == "unknown" for line in mine), made
        assert any(text.startswith(f"{owner} / Lire : pas lu") for text in result.unread)


@pytest.mark.parametrize("domain", NOTICED)
def test_enough_changes_of_a_domain_are_drawn(domain: str) -> None:
    assert noticed(domain) >= LEAST - IDLE
    assert len(changes(domain)) >= LEAST
    assert {make(random.Random(0))[0] for make in NOTICED[domain]} <= {module for module, _, _ in changes(domain)}


def port_moved(draw: random.Random, seed: int) -> tuple[dict[str, Any], str, Any, Any]:
    """Draw a port that leads to another segment of its site, with its VLANs."""
    place, port = drawn(draw, "meraki_switch_ports", lambda item: item.get("type") == "access" and item.get("enabled"))
    owner, was = owner_of("meraki_switch_ports", place[1]), port["vlan"]
    port["vlan"] = draw.choice([vlan for vlan in vlans(owner) if vlan != was])
    before = objects()["meraki_switch_ports"][place]
    return operation("meraki_switch_ports", owner, before, port), owner, was, port["vlan"]


def policy_moved(draw: random.Random, seed: int) -> tuple[dict[str, Any], str, Any, Any]:
    """Draw an access policy that puts those it does not admit elsewhere, with both VLANs."""
    change = policy_leads(draw)
    _, place, after = change
    sides = [[ended(policy, path) for path in ENDED] for policy in (objects()[change[0]][place], after)]
    ((was, will),) = [pair for pair in zip(*sides, strict=True) if pair[0] != pair[1]]
    return described(change), place[0], was, will


def ended(policy: Any, path: Iterable[str]) -> Any:
    for name in path:
        policy = policy.get(name)
    return policy


def vlans(owner: str) -> dict[int, str]:
    return {segment["vlan"]: key for key, segment in sites()[owner]["segments"].items()}


@pytest.mark.parametrize("make", [port_moved, policy_moved])
@pytest.mark.parametrize("seed", range(LEAST if WIDE else 2))
def test_a_port_that_moves_is_the_difference_of_two_segments(seed: int, make: Any) -> None:
    draw = random.Random(2000 + seed)
    made, owner, *sides = make(draw, seed)
    result = of(plan(made), town())
    known, wrong = world(objects()), []
    ends = [Population(owner, vlans(owner)[vlan]) if vlan else None for vlan in sides]
    own = [ip_network(sites()[owner]["segments"][end.segment]["subnet"]) for end in ends if end]
    for packet in packets(draw, [], []):
        if any(packet.target in subnet for subnet in own):
            continue
        was, will = (end is not None and known.passes(end, packet) for end in ends)
        expected = turn(was, will)
        lines = [line.flow for line in result.lines if line.flow]
        computed = {
            (flow["change"], flow["exact"]) for flow in lines for source in flow["from"] for part in source["traffic"]
            if source["ports"] and has_address(part["addresses"], packet.target)
            and has_port(part["ports"], *packet[1:])
        }  # fmt: skip
        most, least = {change for change, _ in computed}, {change for change, exact in computed if exact}
        if not least <= expected <= most:  # A line that is not exact says so: « peut-être ».
            wrong.append((packet, expected, computed))
    assert (made["label"], sides, wrong[:5]) == (made["label"], sides, [])


def about(before: Any, after: Any) -> tuple[list[str], list[tuple[str, int]]]:
    """List the addresses and the services of a change; of its rules, those that come or go."""
    sides = [side for side in (before, after) if side]
    rules = [rule for side in sides for rule in side.get("ipv4_access") or ()]
    rules = [rule for rule in rules if rules.count(rule) < len(sides)] or rules
    named = [*sides, *simple(name for rule in rules for name in (*rule["destinations"], *rule["services"]))]
    texts = [str(item.get(name) or "") for item in named for name in ("address", "ipv4_network", "subnet")]
    texts += [
        route
        for side in sides
        for route in side.get("routes", ())
        if not all(route in each["routes"] for each in sides)
    ]
    listed = [(side.get("access_lists") or {}).get("rules") or [] for side in sides]
    texts += [rule["dst_cidr"] for rules in listed for rule in rules
              if rule["dst_cidr"] != "any" and not all(rule in each for each in listed)]  # fmt: skip
    led = {side["default_vlan_id"] for side in sides if side.get("default_vlan_id")}
    texts += [each["subnet"] for site in sites().values() for each in site["segments"].values() if each["vlan"] in led]
    asked = [*services(named), *([("tcp", 445)] if led or any(listed) else [])]
    return [text for text in dict.fromkeys(texts) if text and ":" not in text], [*dict.fromkeys(asked)][:6]


def simple(names: Iterable[str]) -> Iterator[Any]:
    """Yield the elements that names lead to, groups opened."""
    known = {f"{item['type']}/{item['name']}": item for item in objects()["smc_elements"].values()}
    for name in names:
        if name in known:
            yield from simple(known[name]["members"]) if known[name].get("members") else (known[name],)
