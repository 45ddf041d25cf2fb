"""Computed consequences beside what packets show: each lack is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.sites.consequences.beside import Place, beside
from piste.sites.consequences.computed import Consequences, of
from piste.trials.rehearsal.asked import Computer, Target
from piste.trials.rehearsal.measured import Seen
from tests.support.planned import object_of, operations
from tests.support.twin import readings, town
from tests.unit.consequences.changes import plan

SCHOOL = "ecole-jaures"
POST, PUPIL = (SCHOOL, "poste"), (SCHOOL, "pedagogique")
PLACES = {POST: Place("utilisateurs"), PUPIL: Place("pedagogique")}
NAMES, WEB = Target("udp", "10.93.2.11", 53), Target("tcp", "10.93.2.18", 443)
ANSWER = Target("name", "10.93.2.11", 0, "hdv-imp1.ad.lebourget.example")


def refused(name: str) -> Consequences:
    """Compute what a refusal above a rule of the school does."""
    read = readings(SCHOOL)
    (part,) = [item for item in read.policies if any(rule["id"] == name for rule in item.get("ipv4_access") or ())]
    (rule,) = [rule for rule in part["ipv4_access"] if rule["id"] == name]
    above = {**rule, "id": "refus", "name": "refus", "action": ["discard"]}
    rules = [above, *part["ipv4_access"]]
    return of(plan(*operations(read, "policy", {**part, "ipv4_access": rules}, owner=SCHOOL)), town())


def seen(pupil: Mapping[Target, Any]) -> dict[Computer, Seen]:
    post = Seen("10.93.41.9", "10.93.41.0/24", {}, {WEB: True}, {})
    return {POST: post, PUPIL: Seen("10.93.45.9", "10.93.45.0/24", {}, pupil, {})}


BEFORE = seen({NAMES: True, ANSWER: ("10.93.2.18",), WEB: True})


def test_what_is_computed_and_measured_agrees() -> None:
    after = seen({NAMES: False, ANSWER: (), WEB: True})
    result = beside(refused("ecoles-noms.ecole-jaures"), BEFORE, after, PLACES)
    assert (result.uncomputed, result.unmeasured) == ([], [])


def test_a_segment_without_port_is_that_of_the_computer_plugged_in() -> None:
    manager, sign_in = (SCHOOL, "administration"), Target("tcp", "10.93.2.11", 88)
    before, after = (
        {manager: Seen("10.93.40.9", "10.93.40.0/24", {}, {sign_in: passes}, {})} for passes in (True, False)
    )
    refusal, places = refused("postes-annuaire.ecole-jaures"), {manager: Place("administration")}
    assert beside(refusal, before, after, places) == ([], [])
    assert beside(refusal, before, before, places).unmeasured == [*refusal.lines]


def test_a_loss_that_nothing_computes_is_named() -> None:
    after = seen({NAMES: False, ANSWER: (), WEB: False})
    result = beside(refused("ecoles-noms.ecole-jaures"), BEFORE, after, PLACES)
    assert [change.target for change in result.uncomputed] == [WEB]


def test_a_computed_loss_that_packets_do_not_show_is_named() -> None:
    result = beside(refused("ecoles-noms.ecole-jaures"), BEFORE, BEFORE, PLACES)
    assert [line.subject for line in result.unmeasured] == ["reach"]


def test_what_is_plugged_in_a_port_is_judged_by_its_computer_alone() -> None:
    read = readings(SCHOOL)
    port = object_of(read, "switch_port", SCHOOL, serial="QZZZ-0005-0001", port_id="12")
    made = of(plan(*operations(read, "switch_port", {**port, "vlan": 151}, holder=SCHOOL)), town())
    socket = (SCHOOL, "prise sw-jau-01/12")
    places = {**PLACES, socket: Place("pedagogique", port="sw-jau-01/12")}
    former, now = (Seen(f"{net}.7", f"{net}.0/24", {}, {WEB: web}, {}) for net, web in
                   (("10.93.45", False), ("10.93.41", True)))  # fmt: skip
    result = beside(made, {**BEFORE, socket: former}, {**BEFORE, socket: now}, places)
    assert (result.uncomputed, result.unmeasured) == ([], [])


def test_a_neighbour_that_is_reached_no_more_needs_its_line() -> None:
    near, agent = Target("tcp", "", 445, "", POST), (SCHOOL, "VLB-Agents")
    places = {**PLACES, agent: Place("utilisateurs", "VLB-Agents")}
    before, after = (
        {**BEFORE, agent: Seen("10.93.41.8", "10.93.41.0/24", {}, {near: reached}, {})} for reached in (True, False)
    )
    read = readings(SCHOOL)
    settings = object_of(read, "network_settings", SCHOOL)
    rules = settings["access_lists"]["rules"]
    closed = {"rules": [rule for rule in rules if rule["src_cidr"] != rule["dst_cidr"]]}
    (change,) = operations(read, "network_settings", {**settings, "access_lists": closed}, holder=SCHOOL)
    made = of(plan(change), town())
    assert beside(made, before, after, places) == ([], [])
    assert [line.gravity for line in beside(made, before, before, places).unmeasured] == ["cuts"]
    (lost,) = beside(Consequences([], {}, [], []), before, after, places).uncomputed
    assert (lost.computer, lost.target) == (agent, near)


def test_what_no_computer_tries_is_not_judged() -> None:
    untried = seen({WEB: True})
    assert beside(refused("ecoles-noms.ecole-jaures"), untried, untried, PLACES).unmeasured == []


def test_a_computer_without_any_address_needs_a_line_of_its_population() -> None:
    away = {**BEFORE, PUPIL: Seen("", "", {}, {}, {})}
    result = beside(Consequences([], {}, [], []), BEFORE, away, PLACES)
    assert [(change.computer, change.what) for change in result.uncomputed] == [(PUPIL, "réseau")]
    lost = refused("ecoles-noms.ecole-jaures")
    assert beside(lost, BEFORE, away, PLACES).uncomputed == []
