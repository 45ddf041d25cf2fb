"""Calls of a task that runs alone, counted; what the overview of ports lacks is never lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Missing, Rejected
from piste.engine.transport.response import Response
from piste.systems.meraki.intent import meraki_intent
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.town import converge, run_site, site, town_world

NETWORK, SWITCH = "VLB hotel-de-ville", "QZZZ-0000-0003"
NAME, IDENTIFIER = "Ville du Bourget", "930093"
ORGANIZATIONS = "/organizations"
OVERVIEW_OF_PORTS = f"/organizations/{IDENTIFIER}/switch/ports/bySwitch"
PORTS, STATUSES = f"/devices/{SWITCH}/switch/ports", f"/devices/{SWITCH}/switch/ports/statuses"
POLICIES = "/networks/N/switch/accessPolicies"
BATCHES = f"/organizations/{IDENTIFIER}/actionBatches"


def town_hall(folder: Path, policy: str = "") -> tuple[MerakiWorld, list[dict[str, Any]]]:
    """Return the town hall cut down to a converged switch of 48 ports, and its declared ports."""
    world = town_world(folder)
    whole = site("hotel-de-ville")
    switch = next(device for device in whole["devices"] if device["serial"] == SWITCH)
    none = dict.fromkeys(("ssids", "stacks", "aggregates", "stp_priorities"), ())
    whole = {**whole, "devices": [switch], **none}
    for port in switch["ports"]:
        port["access_policy"] = policy or None
    converge(world, whole)
    return world, list(meraki_intent(whole)["switch_ports"])


def alone(world: MerakiWorld, config: list[dict[str, Any]], organization: str = NAME, **options: Any) -> dict[str, Any]:
    """Run the task of ports in a separate run."""
    world.forget_requests()
    dashboard = {"base_url": BASE, "api_key": API_KEY, "organization": organization, "rate": 0}
    given = {"network": NETWORK, "owner": "hotel-de-ville", "dashboard": dashboard, **options}
    with world.run() as run:
        return run.module("meraki_switch_ports", config, **given)


def asked(world: MerakiWorld) -> list[str]:
    network = next(iter(world.simulator.world.networks))
    paths = [path.replace(network, "N") for _, path in world.requests]
    return [BATCHES if path.startswith(BATCHES) else path for path in paths]


def revlanned(ports: list[dict[str, Any]], vlan: int) -> list[dict[str, Any]]:
    return [{**port, "vlan": vlan} if port.get("type") == "access" else port for port in ports]


@pytest.mark.parametrize(("organization", "lookup"), [(NAME, [ORGANIZATIONS]), (IDENTIFIER, [])])
@pytest.mark.parametrize(("policy", "more"), [("", []), ("agents", [PORTS, POLICIES])])
def test_a_48_port_switch_with_nothing_to_do(
    organization: str, lookup: list[str], policy: str, more: list[str], tmp_path: Path
) -> None:
    """Two calls; an access policy, not in the overview, costs the switch's list and the names."""
    world, ports = town_hall(tmp_path, policy)
    assert len(ports) == 52
    assert alone(world, ports, organization)["operations"] == []
    assert asked(world) == [*lookup, OVERVIEW_OF_PORTS, *more]


@pytest.mark.parametrize(("organization", "lookup"), [(NAME, [ORGANIZATIONS]), (IDENTIFIER, [])])
@pytest.mark.parametrize("count", [52, 20])
def test_a_change_of_a_switch_looks_again_and_reads_back(
    organization: str, lookup: list[str], count: int, tmp_path: Path
) -> None:
    """Plan, guards, second look, batch, read back; over twenty ports, a batch is polled once."""
    world, ports = town_hall(tmp_path)
    done = alone(world, revlanned(ports[:count], 177), organization)
    batch = [BATCHES, BATCHES] if len(done["operations"]) > 20 else [BATCHES]
    assert asked(world) == [*lookup, OVERVIEW_OF_PORTS, PORTS, STATUSES, PORTS, *batch, PORTS]
    assert alone(world, revlanned(ports[:count], 177))["operations"] == []


def test_the_ports_of_a_site_are_one_call_in_a_run_that_knows_its_devices(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    whole = site("ecole-jaures")
    converge(world, whole)
    with world.run() as run:
        run_site(run, whole, only="meraki_devices")
        world.forget_requests()
        (result,) = run_site(run, whole, only="meraki_switch_ports").results
    assert result["operations"] == []
    assert [path for _, path in world.requests] == [OVERVIEW_OF_PORTS]


def test_the_names_of_policies_are_read_once_for_the_policies_and_for_the_ports(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    whole = site("ccas")
    converge(world, whole)
    converge(world, whole)
    assert asked(world).count(POLICIES) == 1


def spoilt(world: MerakiWorld, change: Any) -> None:
    """Let the overview of ports differ from the switch's own list."""

    def spoil(method: str, answer: Response) -> Response:
        if "/switch/ports/bySwitch" not in answer.url:
            return answer
        switches = json.loads(answer.body)
        for switch in switches:
            change(switch)
        return replace(answer, body=json.dumps(switches).encode())

    world.spoil = spoil


def test_an_overview_that_lags_makes_no_change_and_no_conflict(tmp_path: Path) -> None:
    world, ports = town_hall(tmp_path)
    spoilt(world, lambda switch: [port.update(vlan=9, name="avant") for port in switch["ports"]])
    assert alone(world, ports)["operations"] == []
    assert asked(world) == [ORGANIZATIONS, OVERVIEW_OF_PORTS, PORTS]


@pytest.mark.parametrize(
    "change",
    [
        lambda switch: switch["network"].update(name="VLB ailleurs"),
        lambda switch: switch.update(serial="QZZZ-9999-0001"),
    ],
)
def test_an_overview_that_does_not_place_the_switch_leaves_it_to_the_lists(change: Any, tmp_path: Path) -> None:
    world, ports = town_hall(tmp_path)
    spoilt(world, change)
    assert alone(world, ports)["operations"] == []
    lists = {f"/organizations/{IDENTIFIER}/{name}" for name in ("devices", "networks")}
    assert set(asked(world)) == {ORGANIZATIONS, OVERVIEW_OF_PORTS, *lists, PORTS}


def test_a_switch_of_another_network_is_refused_in_a_lone_task(tmp_path: Path) -> None:
    world, ports = town_hall(tmp_path)
    world.simulator.edit("POST", f"/organizations/{IDENTIFIER}/networks", {"name": "autre", "productTypes": ["switch"]})
    with pytest.raises(Missing, match=f"1 commutateur absent du réseau : {SWITCH}"):
        alone(world, ports, network="autre")
    assert world.writes == []


HIDDEN = {"isolationEnabled": True}
"""Fields that the overview does not show."""


@pytest.mark.parametrize("options", [{"state": "replaced"}, {"state": "overridden"}, {"absent": [f"{SWITCH}/7"]}])
def test_what_resets_undeclared_fields_reads_them_all(options: Mapping[str, Any], tmp_path: Path) -> None:
    world, ports = town_hall(tmp_path)
    world.simulator.edit("PUT", f"{PORTS}/7", HIDDEN)
    config = [port for port in ports if port["port_id"] in ("6", "7") and f"{SWITCH}/{port['port_id']}" not in options]
    config = [port for port in config if "absent" not in options or port["port_id"] == "6"]
    done = alone(world, config, check=True, **options)
    assert ("isolation_enabled" in json.dumps(done["operations"])) is True


def test_a_survey_reads_what_the_overview_does_not_show(tmp_path: Path) -> None:
    world, ports = town_hall(tmp_path)
    world.simulator.edit("PUT", f"{PORTS}/7", HIDDEN)
    config = [port for port in ports if port["port_id"] != "7"]
    (orphan,) = alone(world, config, check=True, survey=True)["orphans"]
    assert "isolation_enabled" in orphan["why"]


def test_a_port_that_stops_admitting_by_a_policy_takes_it_back_with_an_undo(tmp_path: Path) -> None:
    """The overview shows the type of an admission and not its policy, which the plan must hold."""
    world, ports = town_hall(tmp_path, "agents")
    port = next(port for port in ports if port.get("access_policy") == "agents")
    config = [{"serial": SWITCH, "port_id": port["port_id"], "access_policy_type": "Open"}]
    (operation,) = alone(world, config, check=True)["operations"]
    assert operation["content"]["before"]["access_policy"] == "agents"


def test_the_neighbours_of_several_switches_are_two_calls_and_devices_are_read_where_something_is_heard(
    tmp_path: Path,
) -> None:
    world = town_world(tmp_path)
    whole = site("ecole-jaures")
    converge(world, whole)
    ports = [port for port in meraki_intent(whole)["switch_ports"] if "type" in port]
    of_one_switch = [port for port in ports if port["serial"] == ports[0]["serial"]]
    options = {"network": whole["network_name"], "owner": "ecole-jaures", "check": True, "confirm": ["uplink"]}
    alone(world, revlanned(ports, 177), **options)
    several = f"/organizations/{IDENTIFIER}/switch/ports"
    assert asked(world)[-2:] == [f"{several}/topology/discovery/byDevice", f"{several}/statuses/bySwitch"]
    alone(world, revlanned(of_one_switch, 177), **options)
    assert asked(world)[-1] == f"/devices/{ports[0]['serial']}/switch/ports/statuses"


def test_nobody_asks_a_switch_that_check_mode_has_only_planned_what_it_hears(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    whole = site("ecole-jaures")
    switches = [device for device in whole["devices"] if device["kind"] == "switch"]
    converge(world, {**whole, "devices": switches[:1]})
    planned = converge(world, {**whole, "devices": switches[:2]}, check=True)
    assert {operation["key"].partition("/")[0] for operation in planned.operations} == {switches[1]["serial"]}
    assert not [path for _, path in world.requests if switches[1]["serial"] in path or "statuses" in path]


def test_an_identifier_that_the_key_does_not_see_is_an_organization_that_is_not_there(tmp_path: Path) -> None:
    world, ports = town_hall(tmp_path)
    with pytest.raises(Missing, match=r"aucune organisation.* « 123456 » avec cette clé.*Ville du Bourget"):
        alone(world, ports, "123456")
    assert asked(world) == ["/organizations/123456/switch/ports/bySwitch", ORGANIZATIONS]


def test_a_refusal_in_an_organization_that_the_key_sees_is_said_as_it_is(tmp_path: Path) -> None:
    world, ports = town_hall(tmp_path)
    refusal = b'{"errors":["pas pour vous"]}'
    world.spoil = lambda method, answer: replace(answer, status=403, body=refusal) if "Switch" in answer.url else answer
    with pytest.raises(Rejected, match="pas pour vous"):
        alone(world, ports, IDENTIFIER)


def test_nine_ssids_with_nothing_to_do_are_one_call_and_their_parts(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    bare = {"auth_mode": "open", "ip_assignment_mode": "Bridge mode", "use_vlan_tagging": True, "default_vlan_id": 151}
    ssids = [{"name": f"Essai {number}", "number": number, "enabled": True, **bare} for number in range(9)]
    ssids[0]["l3_firewall"] = {"allow_lan_access": False}
    options = {"network": "VLB essai", "owner": "essai"}
    with world.run() as run:
        run.module("meraki_networks", [{"name": "VLB essai", "product_types": ["wireless"]}])
        assert len(run.module("meraki_ssids", ssids, **options)["operations"]) == 9
        world.forget_requests()
        assert run.module("meraki_ssids", ssids, **options)["operations"] == []
    ssid = "/networks/N/wireless/ssids"
    assert asked(world) == [ssid, f"{ssid}/0/firewall/l3FirewallRules"]


def test_an_export_reads_no_rules_of_a_slot_that_nobody_uses(tmp_path: Path) -> None:
    world, _ = town_hall(tmp_path)
    world.forget_requests()
    with world.run() as run:
        given = {"network": NETWORK, "owner": "hotel-de-ville"}
        read = run.domain(state="gathered", only=["ssids"], **given)["gathered"]
    assert (read["ssids"], [path for path in asked(world) if "/ssids/" in path]) == ([], [])
    with world.run() as run:
        run.module("meraki_ssids", [{"name": "VLB-Essai", "number": 3, "enabled": True}], **given)
    world.forget_requests()
    with world.run() as run:
        read = run.domain(state="gathered", only=["ssids"], **given)["gathered"]
    assert [ssid["name"] for ssid in read["ssids"]] == ["VLB-Essai"]
    assert sorted(path for path in asked(world) if "/ssids/" in path) == [
        f"/networks/N/wireless/ssids/3/{part}"
        for part in ("firewall/l3FirewallRules", "firewall/l7FirewallRules", "schedules", "splash/settings",
                     "trafficShaping/rules")
    ]  # fmt: skip
