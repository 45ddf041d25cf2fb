"""Adoption of a town made by hand: an empty plan, to which each value given up comes back."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.seeds.brownfield import HAND_MADE, WITHOUT_NETWORK
from piste.engine.converge.as_found import taken
from piste.systems.kinds import DOMAINS, KINDS
from piste.town.town import tables
from tests.support.breadth import breadth
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, open_sites, site, town_world

LINK = "QZZZ-0000-0003/49+QZZZ-0000-0003/50"
SCHOOL, PORT = "ecole-jaures", "QZZZ-0005-0001/7"


def named(name: str) -> dict[str, Any]:
    """Return a site under the name of its live network."""
    whole = site(name)
    return {**whole, "network_name": HAND_MADE.get(name, whole["network_name"])}


def adopted(world: MerakiWorld, whole: dict[str, Any]) -> dict[str, Any]:
    """Return the site with the values kept as found; nothing is written to find them."""
    outcome = converge(world, whole, check=True, survey=True)
    assert world.writes == []
    surveys = outcome.surveys
    return {**whole, "as_found": taken(tables(), outcome.operations, surveys, whole["id"])}


@pytest.fixture
def brownfield(tmp_path: Path) -> MerakiWorld:
    return town_world(tmp_path, "brownfield")


def edit(world: MerakiWorld, path: str, **body: Any) -> None:
    world.simulator.edit("PUT", path, body)


def network_of(world: MerakiWorld, name: str) -> str:
    return next(key for key, network in world.simulator.world.networks.items() if network["name"] == name)


def test_the_whole_town_is_adopted_and_a_run_then_writes_nothing(brownfield: MerakiWorld) -> None:
    sites = [adopted(brownfield, named(whole["id"])) for whole in open_sites()]
    before = brownfield.simulator.world.snapshot()
    done = converge(brownfield, *sites)
    assert (done.operations, brownfield.writes) == ([], [])
    assert brownfield.simulator.world.snapshot() == before
    again = [adopted(brownfield, {**whole, "as_found": {}}) for whole in sites]
    assert again == sites


def test_what_no_rule_declares_is_kept_whole(brownfield: MerakiWorld) -> None:
    hall = adopted(brownfield, named("hotel-de-ville"))["as_found"]["meraki"]
    undeclared = [(kind, key) for kind, keys in hall.items() for key, entry in keys.items() if entry.get("undeclared")]
    assert undeclared == [("access_policy", "essai 802.1X"), ("ssid", "VLB-Ancien")]
    assert hall["ssid"]["VLB-Ancien"].items() >= {"number": 8, "auth_mode": "psk", "default_vlan_id": 10}.items()
    assert hall["ssid"]["VLB-Ancien"]["l3_firewall"] == {"rules": [], "allow_lan_access": True}
    (server,) = hall["access_policy"]["essai 802.1X"]["radius_servers"]
    assert server["secret"] == {"secret": "as-found/hotel-de-ville/radius/hotel-de-ville"}


def test_what_awaits_a_word_is_kept_as_found_with_all_that_relies_on_it(brownfield: MerakiWorld) -> None:
    """A rule that waits would come with the first run, which adoption promises to be empty."""
    brownfield.simulator.world.devices["QZZZ-0000-0003"]["uplink_port"] = "50"
    hall = named("hotel-de-ville")
    link = next(o for o in converge(brownfield, hall, check=True, survey=True).operations if o["key"] == LINK)
    assert link["waiting"] == f"attend uplink:{LINK}"
    whole = adopted(brownfield, hall)
    kept = whole["as_found"]["meraki"]
    assert kept["link_aggregation"][LINK] == {"absent": True}
    ends = [kept["switch_port"][port] for port in LINK.split("+")]
    assert ends == [{"name": None, "allowed_vlans": "all"}] * 2
    assert converge(brownfield, whole, check=True).operations == []
    assert adopted(brownfield, {**whole, "as_found": {}}) == whole
    assert converge(brownfield, whole, check=True, survey=True).operations == []


def test_a_site_without_a_network_keeps_nothing_but_that(brownfield: MerakiWorld) -> None:
    for name in sorted(WITHOUT_NETWORK):
        whole = adopted(brownfield, named(name))
        assert whole["as_found"] == {"meraki": {"network": {f"VLB {name}": {"absent": True}}}}
        planned = converge(brownfield, {**whole, "as_found": {}}, check=True).operations
        assert planned[0]["kind"] == "network"
        assert {o["action"] for o in planned if o["kind"] in ("network", "device")} == {"create"}


def test_one_value_given_up_is_the_whole_plan(brownfield: MerakiWorld) -> None:
    whole = adopted(brownfield, named(SCHOOL))
    ports = whole["as_found"]["meraki"]["switch_port"]
    assert ports[PORT]["vlan"] == 10
    del ports[PORT]["vlan"]
    (change,) = converge(brownfield, whole).operations
    assert (change["key"], change["fields"], change["content"]["after"]["vlan"]) == (PORT, ["vlan"], 151)
    assert brownfield.writes == [("PUT", "/devices/QZZZ-0005-0001/switch/ports/7")]
    assert converge(brownfield, whole).operations == []


def test_one_object_given_up_is_the_whole_plan(brownfield: MerakiWorld) -> None:
    whole = adopted(brownfield, named("hotel-de-ville"))
    del whole["as_found"]["meraki"]["ssid"]["VLB-Ancien"]
    (change,) = converge(brownfield, whole, check=True).operations
    assert (change["kind"], change["key"], change["action"]) == ("ssid", "VLB-Ancien", "reset")
    del whole["as_found"]["meraki"]["access_policy"]["agents"]
    planned = [(o["key"], o["action"]) for o in converge(brownfield, whole, check=True).operations]
    assert planned == [("agents", "create"), ("VLB-Ancien", "reset")]


def test_a_change_of_the_rule_elsewhere_leaves_what_is_kept_alone(brownfield: MerakiWorld) -> None:
    whole = adopted(brownfield, named(SCHOOL))
    kept = copy.deepcopy(whole["as_found"])
    switch = next(device for device in whole["devices"] if device["serial"] == "QZZZ-0005-0001")
    switch["ports"][6]["isolation"] = True
    (change,) = converge(brownfield, whole).operations
    assert (change["key"], change["fields"]) == (PORT, ["isolation_enabled"])
    assert adopted(brownfield, {**whole, "as_found": {}})["as_found"] == kept


def test_a_drift_of_what_is_kept_is_seen(brownfield: MerakiWorld) -> None:
    whole = adopted(brownfield, named("ctm"))
    edit(brownfield, "/devices/QZZZ-0002-0001/switch/ports/10", vlan=42)
    edit(brownfield, f"/networks/{network_of(brownfield, 'VLB ctm')}/wireless/ssids/12", visible=False)
    planned = converge(brownfield, whole, check=True).operations
    assert [(o["key"], o["fields"]) for o in planned] == [
        ("QZZZ-0002-0001/10", ["vlan"]),
        ("WIFI-CHANTIER", ["visible"]),
    ]


def test_a_device_and_a_port_that_nobody_declares_are_kept_too(brownfield: MerakiWorld) -> None:
    whole = named("ctm")
    lost = whole["devices"].pop()
    switch = whole["devices"][0]
    switch["ports"] = [port for port in switch["ports"] if port["port"] != "10"]
    kept = adopted(brownfield, whole)
    kept_values = kept["as_found"]["meraki"]
    assert kept_values["device"][lost["serial"]]["undeclared"] is True
    assert kept_values["switch_port"][f"{switch['serial']}/10"] == {"undeclared": True, "type": "access", "vlan": 99}
    assert (converge(brownfield, kept).operations, brownfield.writes) == ([], [])


def test_a_device_that_is_not_there_is_kept_absent_with_its_ports(brownfield: MerakiWorld) -> None:
    network = network_of(brownfield, "VLB ctm")
    serial = "QZZZ-0002-0001"
    brownfield.simulator.edit("POST", f"/networks/{network}/devices/remove", {"serial": serial})
    whole = adopted(brownfield, named("ctm"))
    kept_values = whole["as_found"]["meraki"]
    assert kept_values["device"][serial] == {"absent": True}
    assert not [key for key in kept_values["switch_port"] if key.startswith(serial)]
    assert (converge(brownfield, whole).operations, brownfield.writes) == ([], [])


def test_a_device_that_left_the_declaration_is_not_claimed_again_for_what_is_kept_of_it(
    brownfield: MerakiWorld,
) -> None:
    whole = adopted(brownfield, named("ctm"))
    network = network_of(brownfield, "VLB ctm")
    gone = whole["devices"].pop(0)
    brownfield.simulator.edit("POST", f"/networks/{network}/devices/remove", {"serial": gone["serial"]})
    done = converge(brownfield, whole)
    assert (done.operations, brownfield.writes) == ([], [])
    said = [line for result in done.results for line in result["warnings"] if "aucune règle ne le déclare plus" in line]
    assert any(line.startswith(f"device {gone['serial']} :") for line in said)


HOSTILE = ("{{ 7*7 }}", "{% raw %}", "- a: b", "l’été 🏫", "API_KEY", "a/b", "  bords", "null", "\u202eenvers")


@pytest.mark.parametrize("name", breadth(HOSTILE, ["{{ 7*7 }}", "a/b", "null", "  bords"]))
def test_hostile_names_are_kept_as_they_are(name: str, brownfield: MerakiWorld) -> None:
    network = network_of(brownfield, "VLB ctm")
    edit(brownfield, f"/networks/{network}/wireless/ssids/13", name=name, enabled=True, authMode="psk", psk="clef-de-8")
    edit(brownfield, "/devices/QZZZ-0002-0001/switch/ports/10", name=name)
    whole = adopted(brownfield, named("ctm"))
    kept_values = whole["as_found"]["meraki"]
    assert kept_values["switch_port"]["QZZZ-0002-0001/10"]["name"] == name
    assert kept_values["ssid"][name]["undeclared"] is True
    done = converge(brownfield, whole)
    assert (done.operations, brownfield.writes) == ([], [])


def test_a_network_s_name_is_given_up_by_naming_it_in_formerly(brownfield: MerakiWorld) -> None:
    whole = adopted(brownfield, named(SCHOOL))
    rule = {**whole, "network_name": f"VLB {SCHOOL}"}
    kept_values = rule["as_found"]["meraki"]
    for kind in ("network", "network_settings"):
        kept_values[kind] = {f"VLB {SCHOOL}": next(iter(kept_values[kind].values()))}
    (change,) = converge(brownfield, rule).operations
    assert (change["kind"], change["fields"]) == ("network", ["name"])
    assert len(brownfield.writes) == 1


def test_two_policies_of_one_name_are_named_and_not_mixed_up(brownfield: MerakiWorld) -> None:
    server = {"host": "10.93.0.250", "port": 1812, "secret": "clef-de-8"}
    policy = {"name": "essai", "radiusServers": [server], "radiusAccountingEnabled": False}
    for vlan in (20, 30):
        path = f"/networks/{network_of(brownfield, 'VLB ctm')}/switch/accessPolicies"
        brownfield.simulator.edit("POST", path, {**policy, "guestVlanId": vlan})
    outcome = converge(brownfield, named("ctm"), check=True, survey=True)
    (survey,) = [survey for survey in outcome.surveys if survey["kind"] == "access_policy"]
    assert [item["key"] for item in survey["undeclared"]] == ["essai"]
    assert len(survey["alike"]) == 1


REPOSITORY = Path(__file__).resolve().parents[2]


def yaml_of(path: str) -> Any:
    return yaml.safe_load((REPOSITORY / path).read_text("utf-8"))


def domains(playbook: str) -> list[list[str]]:
    """List the roles of each play, without the conclusion."""
    plays = [[role["role"] for role in play.get("roles", ())] for play in yaml_of(playbook)]
    return [kept for roles in plays if (kept := [role for role in roles if role != "conclusion"])]


def test_every_domain_is_adopted_by_plays_that_cannot_write_and_drift_looks_at_it() -> None:
    assert domains("playbooks/adopt.yml") == domains("playbooks/site.yml") == domains("playbooks/drift.yml")
    hosts = [play for name in ("adopt", "places") for play in yaml_of(f"playbooks/{name}.yml") if "hosts" in play]
    assert [play["check_mode"] for play in hosts] == [True] * len(hosts)


def test_every_kind_that_a_run_converges_is_surveyed_but_networks_which_are_matched() -> None:
    assert [kind.module for kind in KINDS if not (kind.surveyed or kind.step)] == [
        "meraki_networks", "meraki_routed_interfaces", "meraki_static_routes",
        # The end of a drift names what nobody declares there.
        *(kind.module for kind in KINDS if kind.domain == "supervision"),
    ]  # fmt: skip
    roles = {role for roles in domains("playbooks/adopt.yml") for role in roles} - {"declaration"}
    assert roles == set(DOMAINS)
