"""A plan rehearsed by packets: drawn changes as computed; a wrong order is a cut."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from piste.runs.plans import saved
from piste.runs.plans.play import Order, Played
from piste.sites.consequences.beside import beside, population
from piste.sites.consequences.computed import of
from piste.trials.probe.ways import Ways
from piste.trials.rehearsal.asked import Asked, Computer, asked
from piste.trials.rehearsal.course import Course, course
from piste.trials.rehearsal.measured import Measure, Seen, measure
from piste.trials.rehearsal.said import Rehearsed
from piste.trials.twin import machine
from piste.trials.twin.readings import Readings
from tests.support.computed import verdicts
from tests.support.planned import inverse, object_of, operations
from tests.support.twin import needs_machine, readings, standing_at, town

pytestmark = needs_machine

SCHOOL, HALL = "ecole-jaures", "hotel-de-ville"
ENDS = (("QZZZ-0005-0001", "27", SCHOOL), ("QZZZ-0000-0001", "5", HALL))
"""Both ends of the link of the school."""
RESERVED = "02000000aa01"
SEEN, DRAWN = ("poste", "telephone", "pedagogique", "VLB-Agents"), 80
"""Computers that see what is taken back at once, and their drawn targets."""
UNTRIED = {"service_group/VLB-radius", "udp_service/VLB-dhcp"}
"""Services that a probe does not try: the first answers its clients alone, leases are asked nearby."""
SAMPLE = 40
"""Targets of each computer whose verdict is computed in each state, besides those that change."""


@dataclass(frozen=True)
class Drawn:
    """Operations of a drawn change."""

    what: str
    operations: list[dict[str, Any]]


def a_vlan_off_a_trunk(draw: random.Random, read: Readings) -> Drawn:
    serial, port, holder = draw.choice(ENDS)
    trunk = object_of(read, "switch_port", holder, serial=serial, port_id=port)
    vlans = [vlan for vlan in spelt(trunk["allowed_vlans"]) if vlan > 1]
    gone = draw.choice([vlan for vlan in vlans if vlan in (151, 153)])
    allowed = ",".join(map(str, [1, *(vlan for vlan in vlans if vlan != gone)]))
    planned = operations(read, "switch_port", {**trunk, "allowed_vlans": allowed}, holder=holder, owner=SCHOOL)
    return Drawn(f"VLAN {gone} off {serial}/{port}", planned)


def a_relay(draw: random.Random, read: Readings) -> Drawn:
    gateway = object_of(read, "routed_interface", vlan=draw.choice((151, 153)))
    dhcp = draw.choice([{"mode": "dhcpDisabled"}, {**gateway["dhcp"], "relay_servers": ["10.93.2.18"]}])
    planned = operations(read, "routed_interface", {**gateway, "dhcp": dhcp}, owner=SCHOOL)
    return Drawn(f"relay of {gateway['vlan']}: {dhcp}", planned)


def a_rule_above_another(draw: random.Random, read: Readings) -> Drawn:
    """Refuse what a rule of the school admits, above it or below."""
    part = draw.choice([item for item in read.policies
                        if any(SCHOOL in rule["id"] for rule in item.get("ipv4_access") or ())])  # fmt: skip
    rules = list(part["ipv4_access"])
    at = draw.choice([at for at, rule in enumerate(rules) if SCHOOL in rule["id"] and rule["action"] == ["allow"]])
    refusal = {**rules[at], "id": "tiree", "name": "tiree", "action": ["discard"]}
    above = draw.random() < 0.7
    rules.insert(at if above else at + 1, refusal)
    said = f"refusal {'above' if above else 'below'} {part['ipv4_access'][at]['id']}"
    return Drawn(said, operations(read, "policy", {**part, "ipv4_access": rules}, owner=SCHOOL))


def a_reservation(draw: random.Random, read: Readings) -> Drawn:
    scope = object_of(read, "dhcp_scope", subnet="10.93.41.0/24")
    address = f"10.93.41.{draw.randrange(201, 240)}"
    given = {**scope["reservations"], address: {"name": "tiree", "mac": RESERVED}}
    planned = operations(read, "dhcp_scope", {**scope, "reservations": given}, owner=SCHOOL)
    return Drawn(f"reservation of {address}", planned)


def a_name(draw: random.Random, read: Readings) -> Drawn:
    record = object_of(read, "dns_record", name=draw.choice(("hdv-imp1", "hdv-fic1")), type="A")
    if draw.random() < 0.5:
        key = f"{record['zone']}/{record['name']}/A"
        return Drawn(f"{record['name']} goes", operations(read, "dns_record", absent=[key]))
    elsewhere = {**record, "values": [f"10.93.2.{draw.randrange(100, 200)}"]}
    return Drawn(f"{record['name']} elsewhere", operations(read, "dns_record", elsewhere))


def the_vlan_of_an_ssid(draw: random.Random, read: Readings) -> Drawn:
    name, vlan = draw.choice((("VLB-Agents", 155), ("VLB-Pedagogique", 151)))
    ssid = object_of(read, "ssid", SCHOOL, name=name)
    changed = operations(read, "ssid", {**ssid, "default_vlan_id": vlan}, holder=SCHOOL)
    return Drawn(f"{name} in {vlan}", changed)


def a_segment_closed_to_itself(draw: random.Random, read: Readings) -> Drawn:
    """Refuse what an access list lets pass between the people of a segment, or some of it."""
    settings = object_of(read, "network_settings", SCHOOL)
    rules = settings["access_lists"]["rules"]
    (own,) = [rule for rule in rules if rule["src_cidr"] == rule["dst_cidr"] == "10.93.41.0/24"]
    refusal = {**own, "policy": "deny", **draw.choice([{}, {"protocol": "tcp", "dst_port": "443"}])}
    closed = {**settings["access_lists"], "rules": [refusal, *rules]}
    changed = operations(read, "network_settings", {**settings, "access_lists": closed}, holder=SCHOOL, owner=SCHOOL)
    return Drawn(f"{own['comment']}: {refusal['protocol']} refused", changed)


CHANGES = (
    a_vlan_off_a_trunk, a_relay, a_rule_above_another, a_reservation, a_name, the_vlan_of_an_ssid,
    a_segment_closed_to_itself,
)  # fmt: skip


def spelt(text: str) -> list[int]:
    parts = [part.partition("-") for part in text.split(",")]
    return [vlan for first, _, last in parts for vlan in range(int(first), int(last or first) + 1)]


def rehearsed(
    folder: Path, read: Readings, some: Sequence[dict[str, Any]], draw: random.Random | None = None
) -> Rehearsed:
    """Rehearse operations step by step, in a single twin; with `draw`, by fewer targets."""
    planned = course(read, town(), [SCHOOL], some, by_step=True)
    ways = Ways(town())
    wanted = asked(planned, ways, some)
    if draw:
        seen = [computer for computer in wanted if computer[1] in SEEN]
        wanted = {computer: sampled(draw, wanted[computer]) for computer in seen}
    measures: list[Measure] = []
    with standing_at(folder, planned.stages[0].layout, SCHOOL) as identity:
        for rank, stage in enumerate(planned.stages):
            if rank:
                machine.change(planned.stages[rank - 1].layout, stage.layout, identity)
            measures.append(measure(identity, wanted, measures))
    made = Rehearsed(planned, measures, ways)
    assert made.errors == []
    return made


def sampled(draw: random.Random, whole: Asked) -> Asked:
    """Keep the names, the other computers, and some drawn targets."""
    kept = [target for target in whole.targets if target.name or target.computer]
    rest = [target for target in whole.targets if target not in kept]
    return whole._replace(targets=(*kept, *draw.sample(rest, min(DRAWN, len(rest)))))


# A second, naive computation: the way of a VLAN, the relay, the name, by what the readings say in plain words.


def naive_network(read: Readings, vlan: int) -> str:
    """Give the network that a VLAN of the school is lent; empty where nothing lends."""
    for serial, port, site in ENDS:
        (trunk,) = [item for item in read.networks[site]["switch_ports"]
                    if (item["serial"], item["port_id"]) == (serial, port)]  # fmt: skip
        if vlan not in spelt(trunk["allowed_vlans"]):
            return ""
    for item in read.routed_interfaces:
        if item["vlan"] == vlan:
            relays = item["dhcp"].get("relay_servers") or []
            return str(item["subnet"]) if {"10.93.2.11", "10.93.2.12"} & {*relays} else ""
    for item in read.engine_interfaces:
        if item["interface"].endswith(f".{vlan}") and item.get("relay"):
            return str(item["addresses"][0]["network"])
    return ""


def beside_computed(made: Rehearsed) -> Iterator[str]:
    """Yield where the consequences of each step and its packets disagree."""
    places = population(made.course.stages[0].layout, town())
    for rank, stage in enumerate(made.course.stages[1:], 1):
        plan = saved.make(Order("playbooks/site.yml", "lab", SCHOOL), Played(operations=[*stage.done]))
        result = beside(of(plan, town()), made.measures[rank - 1], made.measures[rank], places)
        yield from made.words.lines(result.uncomputed)
        yield from (line.sentence() for line in result.unmeasured)


def vlan_of(read: Readings, made: Course, rank: int, computer: Computer) -> int:
    layout = made.stages[rank].layout
    (place,) = [place for place in layout.places if (place.site, place.name) == computer]
    if place.ssid:
        (ssid,) = [ssid for ssid in read.networks[SCHOOL]["ssids"] if ssid["name"] == place.ssid]
        return int(ssid["default_vlan_id"])
    segments: Mapping[str, Any] = town().sites[SCHOOL]["segments"]
    return int(segments[place.segment]["vlan"])


def differences(made: Rehearsed, draw: random.Random) -> Iterator[str]:
    """Yield where the packets and the computation disagree."""
    for rank, (stage, seen_by) in enumerate(zip(made.course.stages, made.measures, strict=True)):
        computed = verdicts(stage.readings)
        for computer, seen in seen_by.items():
            if not made.measures[0][computer].network:
                continue
            vlan = vlan_of(stage.readings, made.course, rank, computer)
            lent = naive_network(stage.readings, vlan)
            fixed = not made.measures[0][computer].lent
            if not fixed and (seen.network if seen.lent else "") != lent:
                yield f"{rank} {computer}: lent {seen.network}, computed {lent}"
            if seen.network:
                yield from _reach(made, rank, computer, seen, computed, draw)


def _reach(
    made: Rehearsed, rank: int, computer: Computer, seen: Seen, computed: Any, draw: random.Random
) -> Iterator[str]:
    medium = next(place.ssid or "" for place in made.course.stages[rank].layout.places
                  if (place.site, place.name) == computer)  # fmt: skip
    first = made.measures[0][computer].reached
    by_address = [target for target in seen.reached if target.kind in ("tcp", "udp", "ping") and not target.computer]
    moved = [target for target in by_address if seen.reached[target] != first.get(target)]
    for target in {*draw.sample(by_address, min(SAMPLE, len(by_address))), *moved[:SAMPLE]}:
        service = "icmp/8" if target.kind == "ping" else f"{target.kind}/{target.port}"
        if target.port in (67, 68, 1812, 1813):
            continue
        answer = computed.of(seen.address, target.address, service, medium)
        # What a rule may let pass at most is not known.
        if {"passes": True, "stopped": False}.get(answer.state, seen.reached[target]) != seen.reached[target]:
            yield f"{rank} {computer} {target}: {seen.reached[target]}, computed {answer}"


def is_tried(planned: Course, rule: Drawn) -> bool:
    """Tell whether a plugged-in computer is a source of the refusal, by a service tried."""
    (refusal,) = [known for known in rule.operations[0]["content"]["after"]["ipv4_access"] if known["id"] == "tiree"]
    plugged = {f"network/VLB-{place.site}-{place.segment}"
               for place in planned.stages[0].layout.places if place.plugged}  # fmt: skip
    return bool(plugged & {*refusal["sources"]}) and not {*refusal["services"]} <= UNTRIED


@pytest.mark.story
@pytest.mark.parametrize("seed", range(8))
def test_each_drawn_change_is_measured_as_it_is_computed(seed: int, tmp_path: Path) -> None:
    draw, read = random.Random(seed), readings(SCHOOL)
    drawn = [change(draw, read) for change in CHANGES]
    # Each change is taken back by the next step: a single twin sees them all.
    there_and_back = [(*change.operations, *map(inverse, change.operations)) for change in drawn]
    some = [described for group in there_and_back for described in group if described["system"] != "smc"]
    made = rehearsed(tmp_path, read, some, draw)
    assert "\n".join(differences(made, draw)) == ""
    assert "\n".join(beside_computed(made)) == ""
    assert made.changes == [], "what is taken back is as before"
    reserved = [seen[SCHOOL, "poste"].reserved[RESERVED] for seen in made.measures]
    assert set(reserved) == {"", next(change.what.rpartition(" ")[2] for change in drawn if "reserv" in change.what)}
    spoilt = {cut.first for cut in made.cuts}
    assert spoilt, [change.what for change in drawn]
    assert all(cut.back == cut.first + 1 for cut in made.cuts)
    ends = tuple(f"{serial}/{port}" for serial, port, _ in ENDS)
    assert any(made.course.stages[cut.first].title.endswith(ends) for cut in made.cuts), "the trunk cuts a VLAN"
    near = [cut.change.target for cut in made.cuts if cut.change.target and cut.change.target.computer]
    assert near, "the segment is closed to itself"
    (rule,) = [change for change in drawn if change.operations[0]["system"] == "smc"]
    firewall = rehearsed(tmp_path, read, rule.operations)
    assert "\n".join(differences(firewall, draw)) == ""
    assert "\n".join(beside_computed(firewall)) == ""
    assert bool(firewall.changes) == ("above" in rule.what and is_tried(firewall.course, rule))


def test_a_wrong_order_is_seen_as_a_cut_and_each_state_is_measured_as_it_is_computed(tmp_path: Path) -> None:
    draw, read = random.Random(1), readings(SCHOOL)
    gateway = object_of(read, "routed_interface", vlan=151)
    key = f"{gateway['network']}/{gateway['carrier']}/151"
    (gone,) = operations(read, "routed_interface", absent=[key])
    made = rehearsed(tmp_path, read, [gone, {**inverse(gone), "label": "refaite"}], draw)
    assert "\n".join(differences(made, draw)) == ""
    assert made.changes == []
    cut = [cut for cut in made.cuts if cut.change.computer == (SCHOOL, "poste") and cut.change.what == "réseau"]
    assert [(made.course.stages[each.first].title, made.course.stages[each.back].title) for each in cut] == [
        (f"commune / routed_interface {gone['label']}", "commune / routed_interface refaite")
    ]
    assert any("coupe, jusqu’à" in line for _, lines in made.by_step() for line in lines)
