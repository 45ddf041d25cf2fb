"""The effect of an access policy on those who are plugged in its ports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from piste.sites.consequences.computed import Consequences, of
from tests.unit.consequences.changes import CORE, SCHOOL, item, items, operation, plan, town


def test_an_access_policy_goes_only_where_no_port_follows_it() -> None:
    policy = item("meraki_access_policies", SCHOOL, "")
    result = of(plan(operation("meraki_access_policies", SCHOOL, policy, None)), town())
    assert not result.lines
    assert [*result.idle] == ["une politique ne part que si plus aucun port ne la suit"]


def admitted(owner: str, seen: Any = None) -> Consequences:
    """Change how the access policy of a site admits."""
    policy = item("meraki_access_policies", owner, "")
    after = {**policy, "host_mode": "Multi-Auth"}
    return of(plan(operation("meraki_access_policies", owner, policy, after)), town(), seen=seen)


@pytest.mark.parametrize(("vlan", "gravity", "words"), [
    (101, "opens", "passera d’invites (VLAN 104) à utilisateurs (VLAN 101)"),
    (None, "changes", "passera d’invites (VLAN 104) à aucun VLAN"),
])  # fmt: skip
def test_whom_a_policy_does_not_admit_goes_elsewhere(vlan: int | None, gravity: str, words: str) -> None:
    policy = item("meraki_access_policies", CORE, "")
    moves = operation("meraki_access_policies", CORE, policy, {**policy, "guest_vlan_id": vlan})
    who = f"ce qui ne s’authentifie pas aux ports du site {CORE} qui suivent « agents »"
    lines = of(plan(moves), town()).lines
    assert [(line.gravity, line.said) for line in lines if line.subject == "link"] == [(gravity, words)]
    assert {line.who for line in lines if line.subject in ("link", "reach")} == {who}
    (cut,) = [line for line in lines if line.gravity == "outage"]
    assert ("9.16" in cut.source, "coupés puis rétablis" in cut.said) == (True, True)
    back = operation("meraki_access_policies", CORE, {**policy, "guest_vlan_id": vlan}, policy)
    assert "opens" not in [line.gravity for line in of(plan(back), town()).lines]


def test_a_policy_counts_its_ports_and_those_where_something_is_plugged_in() -> None:
    (line,) = admitted(CORE).lines
    ports = [port for port in items("meraki_switch_ports", CORE) if port.get("access_policy") == "agents"]
    assert line.who.endswith(f"« agents » ({len(ports)} ports)")
    first, *others = ports
    port = {"status": "Connected", "speed_mbps": 1000, "errors": [], "warnings": []}
    values: dict[str, dict[str, Any]] = {}
    for known in ports[:-1]:
        status = "Connected" if known is first else "Disconnected"
        values.setdefault(known["serial"], {})[known["port_id"]] = {**port, "status": status}
    (line,) = admitted(CORE, {"read_at": datetime(2026, 11, 30, 6, tzinfo=UTC), "values": values}).lines
    assert f"({len(ports)} ports, 1 branché, 1 inconnu au relevé du 30/11/2026 à 07:00)" in line.who
    assert len(others) > 1


def test_a_policy_that_no_port_follows_changes_nothing() -> None:
    result = admitted(SCHOOL)
    assert (result.lines, [*result.idle]) == ([], ["aucun port ne la suit"])


def test_where_the_declaration_leads_is_no_opening() -> None:
    policy = item("meraki_access_policies", CORE, "")
    unset = {**policy, "radius": {**policy["radius"], "critical_auth": {"data_vlan_id": None}}}
    lines = of(plan(operation("meraki_access_policies", CORE, unset, policy)), town()).lines
    assert [line.gravity for line in lines if line.subject == "link"] == ["changes"]
    assert "opens" not in [line.gravity for line in lines]


@pytest.mark.parametrize("enabled", [False, True])
def test_a_port_that_is_off_follows_nothing(enabled: bool) -> None:
    policy = item("meraki_access_policies", SCHOOL, "")
    known = item("meraki_switch_ports", SCHOOL, "QZZZ-0005-0002/2")
    port = {**known, "enabled": enabled, "access_policy": policy["name"], "access_policy_type": "Custom access policy"}
    made = [operation("meraki_access_policies", SCHOOL, policy, {**policy, "host_mode": "Multi-Auth"}),
            operation("meraki_switch_ports", SCHOOL, port, {**port, "name": "x"})]  # fmt: skip
    result = of(plan(*made), town())
    assert any(0 in line.operations for line in result.lines) is enabled


@pytest.mark.parametrize(("vlan", "gravity", "words"), [
    (101, "opens", "passera d’invites (VLAN 104) à utilisateurs (VLAN 101)"),
    (None, "changes", "passera d’invites (VLAN 104) à aucun VLAN"), (104, "", ""),
])  # fmt: skip
def test_a_port_that_passes_to_another_policy_says_where_it_puts_who_is_not_admitted(
    vlan: int | None, gravity: str, words: str
) -> None:
    policy = item("meraki_access_policies", CORE, "")
    other = operation("meraki_access_policies", CORE, None, {**policy, "name": "autre", "guest_vlan_id": vlan})
    port = next(known for known in items("meraki_switch_ports", CORE) if known.get("access_policy") == "agents")
    moves = operation("meraki_switch_ports", CORE, port, {**port, "access_policy": "autre"})
    back = operation("meraki_switch_ports", CORE, {**port, "access_policy": "autre"}, port)
    lines = [line for line in of(plan(other, moves), town()).lines if line.subject in ("link", "reach")]
    said = [(line.gravity, line.said) for line in lines if line.subject == "link"]
    assert said == ([(gravity, words)] if words else [])
    assert all(line.who.startswith("ce qui ne s’authentifie pas sur ") for line in lines)
    assert {line.operations for line in lines} <= {(1,)}
    assert "opens" not in [line.gravity for line in of(plan(other, back), town()).lines]


def test_a_port_that_passes_to_a_policy_that_nobody_read_leaves_its_vlans_unknown() -> None:
    port = next(known for known in items("meraki_switch_ports", CORE) if known.get("access_policy") == "agents")
    lines = of(plan(operation("meraki_switch_ports", CORE, port, {**port, "access_policy": "autre"})), town()).lines
    assert [line.gravity for line in lines] == ["outage", "unknown"]
    assert "« autre » n’est pas lue" in lines[1].unknown


@pytest.mark.parametrize(("module", "values"), [
    ("", {}), ("meraki_ssids", {"radius_servers": [{"host": "10.93.2.13"}]}),
    ("meraki_switch_ports", {"access_policy": "agents"}),
])  # fmt: skip
def test_a_client_of_a_site_where_nobody_is_authenticated_takes_nothing_with_it(
    module: str, values: dict[str, Any]
) -> None:
    client = {"server": "hdv-nps1", **items("nps_radius_clients", SCHOOL)[0]}
    made = [operation("nps_radius_clients", SCHOOL, client, None)]
    if module:
        after = item(module, SCHOOL, "")
        made.append(operation(module, SCHOOL, {**after, **values}, after))
    said = [line for line in of(plan(*made), town()).lines if line.who.startswith("appareils de ")]
    assert bool(said) is bool(module), "what is there before the plan asks the servers"


@pytest.mark.parametrize(("was", "will", "said"), [
    ({"windows_groups": ["A"]}, {"windows_groups": ["B"]},
     "elle n’admettra plus A, sauf par un autre de ses groupes ; elle admettra B"),
    ({"windows_groups": ["A"]}, {"windows_groups": ["A", "B"]}, "elle admettra B"),
    ({"windows_groups": ["A"]}, {}, "elle admettra aussi qui n’est pas de A"),
    ({}, {"windows_groups": ["A"]}, "elle n’admettra plus que A"),
    ({"windows_groups": ["A"]}, {"windows_groups": ["B"], "nas_address": "x"},
     "elle peut en admettre d’autres ou en refuser"),
    ({"nas_address": "x"}, {"nas_address": "y"}, "elle peut en admettre d’autres ou en refuser"),
])  # fmt: skip
def test_a_policy_of_admission_says_whom_it_admits_no_more(
    was: dict[str, Any], will: dict[str, Any], said: str
) -> None:
    known = {"server": "hdv-nps1", **items("nps_network_policies", "commune")[0]}
    sides = [{**known, "conditions": {"nas_port_type": ["wired"], **conditions}} for conditions in (was, will)]
    (line,) = of(plan(operation("nps_network_policies", "commune", *sides)), town()).lines
    assert line.said.endswith(f" : {said}, à leur prochaine authentification")
