"""Readings once operations of a plan are done, or taken back."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from piste.engine.converge.plan import Operation, plan, project
from piste.engine.converge.resource import Shape
from piste.engine.converge.secrets import Secret
from piste.runs.plans.projected import WHOLE, Holdings, projected
from piste.systems import kinds
from tests.support.twin import network, readings

SCHOOL, HALL = "ecole-jaures", "hotel-de-ville"


def described(kind: str, key: str, action: Any, before: Any, after: Any, owner: str = SCHOOL, slot: str | None = None,
              ) -> dict[str, Any]:  # fmt: skip
    return Operation("meraki", owner, kind, key, action, before, after, slot=slot).to_json()


def same(left: Holdings, right: Holdings) -> bool:
    """Tell whether two holdings are equal, whatever the order of their objects."""
    return _by_key(left) == _by_key(right)


def _by_key(known: Holdings) -> dict[Any, Any]:
    tables = {kind: kinds.of_object(kind).table for kind in known}
    return {
        (kind, holder): {tables[kind].key_of(item): item for item in items}
        for kind, holders in known.items()
        for holder, items in holders.items()
    }


def as_read() -> dict[str, dict[str, list[Any]]]:
    """Give the holdings of a town that is as declared, as the twin reads it."""
    read = readings(SCHOOL)
    own = {"switch_port": "switch_ports", "ssid": "ssids", "access_policy": "access_policies"}
    known: dict[str, dict[str, list[Any]]] = {
        kind: {site: kinds_of[part] for site, kinds_of in read.networks.items()} for kind, part in own.items()
    }
    known |= {"routed_interface": {WHOLE: read.routed_interfaces}, "dhcp_scope": {WHOLE: read.scopes}}
    return known | {"dns_record": {WHOLE: read.records}}


def _vlans(draw: random.Random, item: dict[str, Any]) -> None:
    item["allowed_vlans"] = ",".join(map(str, sorted(draw.sample(range(2, 400), 4))))


def _relay(draw: random.Random, item: dict[str, Any]) -> None:
    item["dhcp"] = {"mode": "dhcpRelay", "relay_servers": [f"10.93.2.{draw.randrange(2, 250)}"]}


def _reservation(draw: random.Random, item: dict[str, Any]) -> None:
    known = dict(item.get("reservations") or {})
    if known and draw.random() < 0.5:
        known[draw.choice(sorted(known))] = None  # it goes
    address = f"10.93.41.{draw.randrange(2, 99)}"
    item["reservations"] = {**known, address: {"name": "tirée", "mac": f"0200000000{draw.randrange(16, 99)}"}}


def _values(draw: random.Random, item: dict[str, Any]) -> None:
    item["values"] = [f"10.93.2.{draw.randrange(2, 250)}"]


CHANGES: Mapping[str, Callable[[random.Random, dict[str, Any]], None]] = {
    "switch_port": _vlans,
    "routed_interface": _relay,
    "dhcp_scope": _reservation,
    "dns_record": _values,
    "ssid": lambda draw, item: item.update(default_vlan_id=draw.randrange(2, 400)),
}


def drawn(draw: random.Random, known: Holdings) -> tuple[list[dict[str, Any]], dict[Any, Any]]:
    """Plan drawn changes of some objects of each kind; give what the planner makes of them."""
    operations: list[dict[str, Any]] = []
    expected = _by_key(known)
    for kind, change in CHANGES.items():
        table = kinds.of_object(kind).table
        holder = draw.choice(sorted(known[kind]))
        live = {table.key_of(item): dict(item) for item in known[kind][holder]}
        some = draw.sample(sorted(live), min(4, len(live)))
        # The last leaves, where objects of the kind can.
        removed = [some.pop()] if table.shape is Shape.COLLECTION else []
        chosen = [copy.deepcopy(live[key]) for key in some]
        for item in chosen:
            change(draw, item)
        planned = plan(table, chosen, live, owner=holder or SCHOOL, absent=removed)
        operations += [operation.to_json() for operation in planned.operations]
        expected[kind, holder] = project(planned, live)
    return operations, expected


@pytest.mark.parametrize("seed", range(20))
def test_what_is_projected_is_what_the_planner_says_and_taking_it_back_is_identity(seed: int) -> None:
    before = as_read()
    as_it_was = copy.deepcopy(before)
    operations, expected = drawn(random.Random(seed), before)
    after = projected(before, operations)
    assert (after.unread, after.moved) == ([], [])
    assert _by_key(after.holdings) == expected
    assert before == as_it_was, "what is given stays as it is"
    back = projected(after.holdings, operations, back=True)
    assert (back.unread, back.moved) == ([], [])
    assert same(back.holdings, before)


def test_the_first_operations_alone_are_a_step_on_the_way() -> None:
    before = as_read()
    operations, _ = drawn(random.Random(7), before)
    step: Holdings = before
    for operation in operations:
        step = projected(step, [operation]).holdings
    assert same(step, projected(before, operations).holdings)
    half = len(operations) // 2
    assert same(projected(step, operations[half:], back=True).holdings, projected(before, operations[:half]).holdings)


def rules(*names: str) -> list[dict[str, Any]]:
    return [{"section": name[1:]} if name.startswith("#") else {"id": name, "name": name} for name in names]


def names(known: Holdings) -> list[str]:
    return [
        f"#{rule['section']}" if "section" in rule else rule["id"]
        for item in known["policy"][WHOLE]
        for rule in item.get("ipv4_access", ())
    ]


def section(was: Sequence[str] | None, becomes: Sequence[str] | None, name: str = "b", **more: Any) -> dict[str, Any]:
    about = {"type": "fw_policy", "scope": f"section:{name}", "name": "Ville"}
    ends = [None if end is None else {**about, "ipv4_access": rules(*end)} for end in (was, becomes)]
    if ends[1] is not None:
        ends[1] |= more
    action = "create" if was is None else "delete" if becomes is None else "update"
    return described("policy", f"fw_policy/section:{name}/Ville", action, *ends)


WHOLE_POLICY = ["#a", "1", "2", "#b", "3", "4", "5", "#c", "6"]
CASES = {
    "moved": (section("345", "534"), ["#a", "1", "2", "#b", "5", "3", "4", "#c", "6"]),
    "new": (section("345", "3x45"), ["#a", "1", "2", "#b", "3", "x", "4", "5", "#c", "6"]),
    "gone": (section("345", "35"), ["#a", "1", "2", "#b", "3", "5", "#c", "6"]),
    "new section": (section(None, "x", "n", before="c"), ["#a", "1", "2", "#b", "3", "4", "5", "#n", "x", "#c", "6"]),
    "last section": (section(None, "x", "n"), [*WHOLE_POLICY, "#n", "x"]),
}


@pytest.mark.parametrize("case", CASES)
def test_rules_keep_their_order_in_the_list_of_all_owners(case: str) -> None:
    operation, expected = CASES[case]
    whole = {"type": "fw_policy", "scope": "whole", "name": "Ville", "ipv4_access": rules(*WHOLE_POLICY)}
    before: Holdings = {"policy": {WHOLE: [whole]}}
    after = projected(before, [operation])
    assert (names(after.holdings), after.unread, after.moved) == (expected, [], [])
    assert projected(after.holdings, [operation], back=True).holdings == before


@pytest.mark.parametrize("case", ["moved", "new section"])
def test_rules_keep_their_order_where_each_section_is_an_item(case: str) -> None:
    operation, expected = CASES[case]
    about = {"type": "fw_policy", "name": "Ville"}
    parts = {"a": "12", "b": "345", "c": "6"}
    items = [{**about, "scope": f"section:{name}", "ipv4_access": rules(*own)} for name, own in parts.items()]
    before: Holdings = {"policy": {WHOLE: [{**about, "scope": "whole", "template": None}, *items]}}
    after = projected(before, [operation])
    assert names(after.holdings) == [name for name in expected if not name.startswith("#")]
    assert projected(after.holdings, [operation], back=True).holdings == before


def test_a_rule_that_goes_up_leaves_those_of_others_in_their_order() -> None:
    mixed = rules("p-1", "o", "p-2", "q", "p-3")
    whole = {"type": "fw_policy", "scope": "whole", "name": "Ville", "ipv4_access": mixed}
    about = {"type": "fw_policy", "scope": "rules:p-", "name": "Ville"}
    mine = ["p-1", "p-2", "p-3"]
    ends = [{**about, "ipv4_access": rules(*order)} for order in (mine, ("p-3", "p-1", "p-2"))]
    operation = described("policy", "fw_policy/rules:p-/Ville", "update", *ends)
    after = projected({"policy": {WHOLE: [whole]}}, [operation]).holdings
    # An operation says the order of its own rules, and not their place among the others.
    for known, own in ((after, ["p-3", "p-1", "p-2"]), (projected(after, [operation], back=True).holdings, mine)):
        assert [name for name in names(known) if name in "oq"] == ["o", "q"]
        assert [name for name in names(known) if name.startswith("p-")] == own


def test_a_slot_is_followed_by_its_place() -> None:
    old, other = {"name": "vieux", "number": 0, "enabled": True}, {"name": "autre", "number": 1, "enabled": True}
    before: Holdings = {"ssid": {SCHOOL: [old, other]}}
    renamed = described("ssid", "neuf", "update", {"name": "vieux"}, {"name": "neuf"}, slot="vieux")
    free = {"name": "Unconfigured SSID 3", "number": 2, "enabled": False}
    taken = described("ssid", "tiers", "update", free, {**free, "name": "tiers", "enabled": True}, slot=free["name"])
    emptied = described("ssid", "autre", "reset", other, {**other, "name": "Unconfigured SSID 2", "enabled": False})
    after = projected(before, [renamed, taken, emptied])
    assert [item["name"] for item in after.holdings["ssid"][SCHOOL]] == ["neuf", "Unconfigured SSID 2", "tiers"]
    assert (after.unread, after.moved) == ([], [])
    assert same(projected(after.holdings, [renamed, taken], back=True).holdings,
                projected(before, [emptied]).holdings)  # fmt: skip


def test_an_object_that_was_not_read_says_so() -> None:
    known: Holdings = {"switch_port": {SCHOOL: network(SCHOOL)["switch_ports"]}, "ssid": {HALL: network(HALL)["ssids"]}}
    name = network(HALL)["ssids"][0]["name"]
    some = [
        described("switch_port", "QZZZ-0005-0001/99", "update", {"vlan": 1}, {"vlan": 2}),
        described("ssid", name, "update", {"name": name, "enabled": True}, {"name": name, "enabled": False}),
        described("dns_record", "z/n/A", "delete", {"zone": "z", "name": "n", "type": "A"}, None),
    ]
    result = projected(known, some)
    assert [noted.line for noted in result.unread] == [
        f"{SCHOOL} / switch_port QZZZ-0005-0001/99 : l’objet n’a pas été lu",
        f"{SCHOOL} / ssid {name} : rien de ce propriétaire n’a été lu de ce genre",
        f"{SCHOOL} / dns_record z/n/A : rien de ce genre n’a été lu",
    ]
    assert same(result.holdings, known), "nothing is guessed, and no SSID of another site is taken for it"


def test_an_object_that_has_moved_since_says_so() -> None:
    port = {"serial": "Q", "port_id": "1", "vlan": 5}
    for vlan, said in ((1, "n’est plus comme le plan l’a lu (vlan)"), (5, ""), (6, "est déjà ainsi")):
        change = described("switch_port", "Q/1", "update", {**port, "vlan": 5}, {**port, "vlan": 6})
        result = projected({"switch_port": {SCHOOL: [{**port, "vlan": vlan}]}}, [change])
        assert [noted.line for noted in result.moved] == ([f"{SCHOOL} / switch_port Q/1 : {said}"] if said else [])
        assert result.holdings["switch_port"][SCHOOL] == [{**port, "vlan": 6}]


def test_a_new_object_has_what_the_system_gives_it_and_goes_whole() -> None:
    gateway = {"network": "VLB", "carrier": "coeur", "vlan": 9}
    made = described("routed_interface", "VLB/coeur/9", "create", None, gateway)
    after = projected({"routed_interface": {WHOLE: []}}, [made]).holdings
    assert after == {"routed_interface": {WHOLE: [{"multicast_routing": "disabled", **gateway}]}}
    assert projected(after, [made], back=True).holdings == {"routed_interface": {WHOLE: []}}


def test_a_port_is_changed_in_the_network_of_another_site() -> None:
    port = {"serial": "QZZZ-0000-0001", "port_id": "5", "allowed_vlans": "1,150"}
    change = described("switch_port", "QZZZ-0000-0001/5", "update", port, {**port, "allowed_vlans": "1,150,151"})
    result = projected({"switch_port": {SCHOOL: [], HALL: [port]}}, [change])
    assert result.holdings["switch_port"] == {SCHOOL: [], HALL: [{**port, "allowed_vlans": "1,150,151"}]}


def test_a_device_comes_with_its_ports_and_takes_them_along() -> None:
    port = {"serial": "Q", "port_id": "1", "vlan": 1}
    other = {"serial": "QZ", "port_id": "1", "vlan": 1}
    before: Holdings = {"device": {SCHOOL: [{"serial": "QZ"}]}, "switch_port": {SCHOOL: [other]}}
    came = described("device", "Q", "create", None, {"serial": "Q"})
    changed = described("switch_port", "Q/1", "update", port, {**port, "vlan": 7})
    after = projected(before, [came, changed])
    assert after.unread == []
    assert after.holdings["switch_port"][SCHOOL] == [other, {**port, "vlan": 7}]
    silent = projected({**before, "device": {SCHOOL: []}}, [changed])
    assert [noted.why for noted in silent.unread] == ["l’objet n’a pas été lu"]
    left = described("device", "Q", "delete", {"serial": "Q"}, None)
    assert same(projected(after.holdings, [left]).holdings, before)


def test_a_secret_is_a_reference_as_it_is_read() -> None:
    ends = [{"name": "p", "key": Secret(path, "0" * 64)} for path in ("ancien", "neuf")]
    change = described("access_policy", "p", "update", *ends)
    result = projected({"access_policy": {SCHOOL: [{"name": "p", "key": {"secret": "ancien"}}]}}, [change])
    assert result.moved == []
    assert result.holdings["access_policy"][SCHOOL] == [{"name": "p", "key": {"secret": "neuf"}}]
