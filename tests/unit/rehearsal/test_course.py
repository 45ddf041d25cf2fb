"""The states of a rehearsal, and what is asked in each, without a machine."""

from __future__ import annotations

from typing import Any

import pytest

from piste.trials.probe.ways import Ways
from piste.trials.rehearsal.asked import Target, asked
from piste.trials.rehearsal.course import INSTALLATION, SOCKETS, course
from piste.trials.twin.altering import alike
from piste.trials.twin.build import build
from piste.trials.twin.readings import Readings
from tests.support.planned import inverse, object_of, operations
from tests.support.twin import readings, town

SCHOOL, HALL = "ecole-jaures", "hotel-de-ville"
SWITCH, CORE = "QZZZ-0005-0001", "QZZZ-0000-0001"


def trunk(read: Readings, **changes: Any) -> list[dict[str, Any]]:
    port = object_of(read, "switch_port", HALL, serial=CORE, port_id="5")
    return operations(read, "switch_port", {**port, **changes}, holder=HALL, owner=SCHOOL)


def rule(read: Readings, name: str, **changes: Any) -> list[dict[str, Any]]:
    (part,) = [item for item in read.policies if any(each["id"] == name for each in item.get("ipv4_access") or ())]
    rules = [{**each, **changes} if each["id"] == name else each for each in part["ipv4_access"]]
    return operations(read, "policy", {**part, "ipv4_access": rules})


def titles(made: Any) -> list[str]:
    return [stage.title for stage in made.stages]


def test_each_operation_is_a_step_and_the_firewall_acts_at_the_end() -> None:
    read = readings(SCHOOL)
    some = [*rule(read, "ecoles-web.ecole-jaures", services=["any"]), *trunk(read, allowed_vlans="1,150,152-155")]
    made = course(read, town(), [SCHOOL], some, by_step=True)
    assert titles(made) == ["lu", f"{SCHOOL} / switch_port {CORE}/5", INSTALLATION]
    first, meanwhile, last = (stage.layout.hosts["pare-feu-fw-hdv"].ruleset for stage in made.stages)
    assert first == meanwhile != last
    whole = course(read, town(), [SCHOOL], some, by_step=False)
    assert whole.stages[-1].layout == made.stages[-1].layout


def test_what_the_twin_does_not_hold_or_show_is_no_step() -> None:
    read = readings(SCHOOL)
    printed = {**trunk(read, allowed_vlans="1")[0], "kind": "print_queue", "key": "file", "label": "file"}
    named = trunk(read, name="Liaison vers l’école")
    made = course(read, town(), [SCHOOL], [printed, *named], by_step=True)
    assert titles(made) == ["lu"]
    assert made.remarks == ["1 opération sur ce que le jumeau ne tient pas : print_queue"]


def test_computers_stay_where_they_are_and_a_changed_port_has_its_own() -> None:
    read = readings(SCHOOL)
    port = object_of(read, "switch_port", SCHOOL, serial=SWITCH, port_id="5")
    other = object_of(read, "switch_port", SCHOOL, serial=SWITCH, port_id="12")
    some = [{**port, "vlan": 155}, {**other, "vlan": 151}]
    made = course(read, town(), [SCHOOL], operations(read, "switch_port", *some, holder=SCHOOL), by_step=False)
    for stage, vlans in zip(made.stages, ((151, 155), (155, 151)), strict=True):
        ports = {wire.host: wire.port for wire in stage.layout.wires}
        known = {port.name: port.vlans.tag for port in stage.layout.ports}
        places = {place.name: place for place in stage.layout.places}
        assert places["poste"].wired_port == f"{SWITCH}/5"
        assert places["prise sw-jau-01/12"].wired_port == f"{SWITCH}/12"
        assert tuple(known[ports[places[name].namespace]] for name in ("poste", "prise sw-jau-01/12")) == vlans
    assert alike(made.stages[0].layout, made.stages[1].layout)


def named(described: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give ports the names that people use."""
    return [{**each, "label": each["key"].replace(SWITCH, "sw-jau-01")} for each in described]


def test_changed_ports_beyond_those_that_get_a_computer_are_counted() -> None:
    read = readings(SCHOOL)
    ports = [port for port in read.networks[SCHOOL]["switch_ports"] if port["type"] == "access"][: SOCKETS + 3]
    some = [{**port, "vlan": 151 if port["vlan"] != 151 else 155} for port in ports]
    changed = named(operations(read, "switch_port", *some, holder=SCHOOL))
    made = course(read, town(), [SCHOOL], changed, by_step=False)
    assert len(made.bare) == 3
    assert {*made.bare} < {described["label"] for described in changed}
    assert made.remarks == [f"3 ports changés sans ordinateur au jumeau : {', '.join(made.bare)}"]


UPLINK, RADIO, OTHER_RADIO, OTHER_SWITCH = "27", "1", "2", "25"
"""Trunks of the switch of the school: to the core, to access points, to a switch where nobody stands."""


@pytest.mark.parametrize(("port", "allowed", "untried"), [
    (UPLINK, "1,150,152-155", ""),
    (UPLINK, "1,150-155,999", ""),
    (RADIO, "150,151", ""),
    (RADIO, "150,151,153,155", "153"),
    (OTHER_RADIO, "150,151", "155"),
    (OTHER_SWITCH, "1,150,152,154-155", "151, 153"),
])  # fmt: skip
def test_a_changed_trunk_is_tried_where_a_computer_crosses_it(port: str, allowed: str, untried: str) -> None:
    read = readings(SCHOOL)
    trunk = object_of(read, "switch_port", SCHOOL, serial=SWITCH, port_id=port)
    some = named(operations(read, "switch_port", {**trunk, "allowed_vlans": allowed}, holder=SCHOOL))
    made = course(read, town(), [SCHOOL], some, by_step=False)
    assert made.bare == ([f"sw-jau-01/{port} (VLAN {untried})"] if untried else [])


def test_a_phone_leaves_a_changed_port_to_its_own_computer() -> None:
    read = readings(SCHOOL)
    ports = read.networks[SCHOOL]["switch_ports"]
    (port,) = [port for port in ports if (port["serial"], port["port_id"]) == (SWITCH, "5")]
    port["vlan"] = 155
    back = operations(read, "switch_port", {**port, "vlan": 151}, holder=SCHOOL)
    made = course(read, town(), [SCHOOL], back, by_step=False)
    plugs = made.stages[0].layout.plugs
    assert {name for (_, name), plug in plugs.items() if plug.port == "5"} == {"prise sw-jau-01/5"}
    assert plugs[SCHOOL, "telephone"].tagged
    assert made.bare == []


def test_a_step_that_is_taken_back_gives_the_first_layout() -> None:
    read = readings(SCHOOL)
    some = trunk(read, allowed_vlans="1,150,152-155")
    made = course(read, town(), [SCHOOL], [*some, *map(inverse, some)], by_step=True)
    assert made.stages[2].layout == made.stages[0].layout != made.stages[1].layout


def test_a_layout_with_other_parts_is_not_alike() -> None:
    read = readings(SCHOOL)
    first = build(read, town(), [SCHOOL])
    read.routed_interfaces = [item for item in read.routed_interfaces if item["vlan"] != 151]
    assert not alike(first, build(read, town(), [SCHOOL], plugs=first.plugs))


def test_services_of_a_changed_rule_names_and_reservations_are_asked() -> None:
    read = readings(SCHOOL)
    scope = object_of(read, "dhcp_scope", subnet="10.93.41.0/24")
    given = {**scope["reservations"], "10.93.41.77": {"name": "essai", "mac": "020000000077"}}
    record = object_of(read, "dns_record", name="hdv-imp1", type="A")
    some = [
        *rule(read, "postes-fichiers.ecole-jaures", services=["tcp_service/HTTPS"]),
        *operations(read, "dhcp_scope", {**scope, "reservations": given}),
        *operations(read, "dns_record", {**record, "values": ["10.93.2.99"]}),
    ]
    wanted = asked(course(read, town(), [SCHOOL], some, by_step=False), Ways(town()), some)
    mine = wanted[SCHOOL, "poste"]
    assert Target("tcp", "10.93.2.18", 445) in mine.targets
    assert Target("name", "10.93.2.11", 0, "hdv-imp1.ad.lebourget.example") in mine.targets
    assert Target("tcp", "", 443, "", (SCHOOL, "pedagogique")) in mine.targets
    assert mine.macs == {"020000000077": ["10.93.41.77"]}
    assert wanted[SCHOOL, "pedagogique"].macs == {}
