"""Orphans of an SMC, and the findings of `doctor` on its access."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.smc.world import mark
from piste.engine.transport.http import Transport
from piste.systems.forcepoint import checks
from tests.support.orphans import MODULES
from tests.support.rules import ADMIN, DENY, ELEMENTS, JAURES, TOWN, policy, rule, section
from tests.support.smc import SmcWorld

ENGINE = "fw_cluster/FW-Bourget"


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", ELEMENTS)
    return made


def undeclared(world: SmcWorld, **declared: Any) -> dict[str, str]:
    with world.run():
        run = MODULES["smc_orphans"].run
        options = {"elements": [], "policies": [], "installations": world.gathered("smc_installations"), **declared}
        result = run({"smc": world.connection(), **options}, True)
    return {entry["key"]: entry["why"] for entry in result["orphans"]}


def test_elements_that_nobody_declares_are_named_with_their_use(world: SmcWorld) -> None:
    declared = [f"{element['type']}/{element['name']}" for element in ELEMENTS]
    assert undeclared(world, elements=declared) == {}
    assert undeclared(world, elements=declared[1:]) == {"host/srv-dc1": "personne ne le déclare, et rien ne s’en sert"}
    world.module("smc_policies", [policy(rule("dc", to="host/srv-dc1"))])
    orphans = undeclared(world, elements=declared[1:], policies=[policy(rule("dc"))])
    assert orphans == {"host/srv-dc1": "personne ne le déclare"}


def test_a_declared_element_that_can_be_no_danger_is_not_read_again(world: SmcWorld) -> None:
    world.module("smc_elements", [{"type": "vpn_profile", "name": "bourget"}])
    refs = [*(f"{element['type']}/{element['name']}" for element in ELEMENTS), "vpn_profile/bourget"]
    paths = {f"{kind}/{entry['name']}": entry["href"] for kind in dict.fromkeys(ref.partition("/")[0] for ref in refs)
             for entry in world.simulator.look(f"/elements/{kind}")["result"]}  # fmt: skip
    world.forget_requests()
    assert undeclared(world, elements=refs[1:])
    asked = [ref for ref in refs for _, path in world.requests if path.endswith(paths[ref])]
    assert asked == [refs[0], refs[-1]]


def test_rules_and_policies_that_nobody_declares_are_named(world: SmcWorld) -> None:
    whole = policy({"section": "Socle"}, ADMIN, rule("a-part"), {"section": "Site"}, *JAURES, DENY)
    world.module("smc_policies", [whole, {**policy(), "name": "ESSAI"}])
    declared = [f"{element['type']}/{element['name']}" for element in ELEMENTS]
    orphans = undeclared(world, elements=declared, policies=[section("Socle", ADMIN), section("Site", *JAURES)])
    assert set(orphans) == {"fw_policy/ESSAI", "VLB/ipv4_access/a-part", "VLB/ipv4_access/refus"}


def test_engines_that_nobody_declares_or_that_run_something_else_are_named(world: SmcWorld) -> None:
    declared = [f"{element['type']}/{element['name']}" for element in ELEMENTS]
    node = {"activate_test": True, "loopback_node_dedicated_interface": [], "name": "nœud 1", "nodeid": 1}
    world.simulator.edit("POST", "/elements/fw_cluster", {"name": "FW-Bourget", "nodes": [{"firewall_node": node}]})
    world.module("smc_policies", [TOWN])
    world.module("smc_installations", [{"engine": ENGINE, "policy": "fw_policy/VLB"}], policies=[TOWN])
    live = world.gathered("smc_installations")
    orphans = undeclared(world, elements=declared, policies=[TOWN], installations=[])
    assert set(orphans) == {installation["engine"] for installation in live}
    assert orphans[ENGINE] == "personne ne le déclare, y tourne fw_policy/VLB"
    wanted = [{**installation, "policy": "fw_policy/AUTRE"} for installation in live]
    orphans = undeclared(world, elements=declared, policies=[TOWN], installations=wanted)
    assert orphans == {ENGINE: "y tourne fw_policy/VLB, fw_policy/AUTRE est déclarée"}


def findings(world: SmcWorld, carrier: Any = None, logs: str | None = None, **changes: Any) -> dict[str, str]:
    with world.run():
        params = {"smc": {**world.connection(), **changes}, "carrier": carrier, "logs": logs}
        listed = checks.MODULES["smc_checks"].run(params, True)["findings"]
    assert all(finding["todo"] for finding in listed if finding["state"] != "ok")
    assert world.key not in str(listed)
    return {finding["id"].removeprefix("smc."): finding["state"] for finding in listed if finding["id"] not in NETWORK}


NETWORK = ("smc.certificate", "smc.clock")
"""States that only a socket shows."""


@pytest.fixture(autouse=True)
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transport, "certificate_end", lambda self: 4e9)


def test_a_good_access_is_conform(world: SmcWorld) -> None:
    world.forget_requests()
    whole = ("reachable", "version", "key", "engines", "monitoring", "gateways", "install", "approval")
    assert findings(world) == dict.fromkeys(whole, "ok")
    assert world.writes == []


@pytest.mark.parametrize(
    ("engine", "number", "state"), [("fw-hdv", 0, "ok"), ("fw-hdv", 7, "wrong"), ("x", 0, "wrong")]
)
def test_the_interface_of_the_vlans_is_looked_at(world: SmcWorld, engine: str, number: int, state: str) -> None:
    assert findings(world, {"engine": engine, "interface": number})["interfaces"] == state


def test_what_the_engine_routes_is_read_and_its_antispoofing_looked_at(world: SmcWorld) -> None:
    carrier = {"engine": "fw-hdv", "interface": 0}
    assert findings(world, carrier)["routing"] == "ok"
    world.simulator.faults.add("status", method="GET", path="/routing$", status=403, times=None)
    assert findings(world, carrier)["routing"] == "unknown"
    world.simulator.faults.clear()
    for engine in world.simulator.world.of_type("fw_cluster"):
        engine["antispoofing"] = {"1": [{"name": "ailleurs", "auto_generated": "false"}]}
    assert findings(world, carrier)["routing"] == "wrong"


@pytest.mark.parametrize(("name", "state"), [("LogServer 192.0.2.10", "ok"), ("LogServer 192.0.2.11", "wrong")])
def test_the_declared_log_server_is_looked_for(world: SmcWorld, name: str, state: str) -> None:
    assert findings(world, logs=name)["logs"] == state


def test_a_cluster_whose_interface_has_no_shared_mac_address_is_wrong(world: SmcWorld) -> None:
    for interface in world.simulator.world.of_type("physical_interface"):
        del interface["data"]["macaddress"]
    assert findings(world, {"engine": "fw-hdv", "interface": 0})["interfaces"] == "wrong"


def test_an_account_that_sees_no_engine_is_wrong(world: SmcWorld) -> None:
    for engine in list(world.simulator.world.of_type("fw_cluster")):
        engine["trashed"] = True
    assert findings(world)["engines"] == "wrong"


@pytest.mark.parametrize(
    ("role", "state"), [("Operator", "ok"), ("Viewer", "wrong"), ("Sans réponse", "unknown"), ("", "unknown")]
)
def test_the_right_to_install_is_read_from_the_roles_of_the_account(world: SmcWorld, role: str, state: str) -> None:
    state_of = world.simulator.world
    (client,) = state_of.of_type("api_client")
    state_of.add("role", {"name": "Sans réponse"}, None, "System", 0)
    given = [{"role_ref": mark(record["key"])} for record in state_of.of_type("role") if record["data"]["name"] == role]
    client["data"] = {"name": client["data"]["name"], "permissions": {"permission": given}}
    assert findings(world)["install"] == state


def test_rights_that_the_account_may_not_read_are_unknown(world: SmcWorld) -> None:
    world.simulator.faults.add("status", method="GET", path="/elements/api_client/", status=403)
    world.simulator.faults.add("status", method="GET", path="/system_properties/50", status=404)
    states = findings(world)
    assert (states["install"], states["approval"]) == ("unknown", "unknown")


def test_a_version_that_is_not_offered_is_wrong_and_stops_there(world: SmcWorld) -> None:
    for version in ("7.2", "la dernière"):
        assert findings(world, api_version=version) == {"reachable": "ok", "version": "wrong"}


def test_a_refused_key_is_wrong(world: SmcWorld) -> None:
    assert findings(world, api_key="une-autre-clef") == {"reachable": "ok", "key": "wrong"}


def test_silence_is_unknown(world: SmcWorld) -> None:
    world.simulator.faults.add("cut", times=None)
    assert findings(world) == {"reachable": "unknown"}
    assert findings(world, url="") == {"reachable": "unknown"}
