"""Findings of doctor on NPS servers, and their orphans."""

import time
from pathlib import Path
from typing import Any

import pytest

from lab.winrm import nps_documents
from lab.winrm.certificates import machine_store
from piste.engine.converge.errors import Unreachable
from piste.systems.windows.nps import admission_checks
from piste.systems.windows.nps.document import CLIENTS, NETWORK_POLICIES, NETWORK_PROFILES
from tests.support.inprocess import Killed
from tests.support.nps import SERVERS, TEMPLATE, Directory, World, killed, raising

ALL = ["nps.reachable", "nps.firewall", "nps.service", "nps.certificate", "nps.registered"]
PAIR = ["nps.machines", "nps.pair"]
POLICY = {
    "name": "Ville - Agents",
    "order": 10,
    "conditions": {"machine_groups": ["GP-hdv"]},
    "eap": [{"method": "peap", "certificate": {"template": TEMPLATE}}],
}
CLIENT = {"name": "sw-hdv-01", "address": "10.93.0.12", "secret": {"secret": "radius/hdv"}, "enabled": True}


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.once("nps_network_policies", [POLICY])
    return world


def checked(world: World, state: str = "") -> list[tuple[str, str]]:
    findings = world.once("nps_checks", [])["findings"]
    return [(finding["id"], finding["what"]) for finding in findings if not state or finding["state"] == state]


def test_all_is_well_with_servers_that_differ_only_in_their_certificates(world: World) -> None:
    assert [check for check, _ in checked(world, "ok")] == [*ALL, *ALL, *PAIR]
    assert checked(world) == checked(world, "ok")
    assert world.imports == list(SERVERS)


def test_a_server_that_does_not_answer_is_unknown_and_so_is_the_pair(world: World) -> None:
    world.at[len(world.called) + 1, "before"] = raising(Unreachable("ne répond pas", where=SERVERS[0]))
    assert [check for check, _ in checked(world, "unknown")] == ["nps.reachable", "nps.pair"]


def test_a_server_without_the_role_is_wrong(world: World) -> None:
    del world.machines[SERVERS[1]].state["nps"]
    assert [check for check, _ in checked(world, "wrong")] == ["nps.role"]


def test_a_stopped_service_is_wrong(world: World) -> None:
    world.machines[SERVERS[0]].state["services"]["IAS"] = False
    assert [check for check, _ in checked(world, "wrong")] == ["nps.service"]


def test_the_firewall_of_windows_server_2019_is_wrong_until_the_service_has_its_sid(world: World) -> None:
    world.machines[SERVERS[0]].behaviour.set(deaf=True)
    ((check, what),) = checked(world, "wrong")
    assert (check, what.partition(" :")[0]) == ("nps.firewall", "hdv-nps1 (Windows Server 2019)")
    assert admission_checks.firewall("x", {"sid_type": 1}, "10.0.17763").state == "ok"
    assert admission_checks.firewall("x", {}, "10.0.17763").state == "unknown"
    assert admission_checks.firewall("x", {"sid_type": 0}, "10.0.20348").state == "ok"


TLS = {**POLICY, "eap": [{"method": "tls", "certificate": {"template": TEMPLATE}}]}


def mapped(world: World) -> list[str]:
    findings = world.once("nps_checks", [])["findings"]
    return [finding["state"] for finding in findings if finding["id"] == "nps.strong_mapping"]


def test_certificates_of_machines_without_the_sid_of_their_account_are_wrong(world: World) -> None:
    assert mapped(world) == []  # nobody is admitted by a certificate
    world.once("nps_network_policies", [TLS])
    assert mapped(world) == ["ok", "ok"]
    state = world.machines[SERVERS[0]].state
    bare = machine_store("hdv-nps1.ad.ville.test", world.clock.now(), named=False)
    state["certificates"][2] = bare[2]
    assert mapped(world) == ["wrong", "ok"]
    del state["certificates"][2]
    assert mapped(world) == ["unknown", "ok"]  # the server's own certificate is made by hand, and proves nothing


@pytest.mark.parametrize(
    ("members", "state"), [({"computer"}, "ok"), ({"computer", "person"}, "ok"), (set(), "ok"), ({"person"}, "wrong")]
)
def test_a_group_of_people_where_the_machine_is_authenticated_is_wrong(
    world: World, monkeypatch: Any, members: set[str], state: str
) -> None:
    world.once("nps_network_policies", [TLS])
    monkeypatch.setattr(Directory, "members", {"GP-hdv": members})
    findings = [finding for finding in world.once("nps_checks", [])["findings"] if finding["id"] == "nps.machines"]
    assert [finding["state"] for finding in findings] == [state]
    assert ("les membres de GP-hdv" in findings[0]["what"]) is (state == "wrong")


@pytest.mark.parametrize(("members", "state"), [({"computer"}, "wrong"), ({"person"}, "ok"), (set(), "ok")])
def test_computers_that_are_admitted_by_password_alone_are_wrong(
    world: World, monkeypatch: Any, members: set[str], state: str
) -> None:
    monkeypatch.setattr(Directory, "members", {"GP-hdv": members})
    findings = [finding for finding in world.once("nps_checks", [])["findings"] if finding["id"] == "nps.machines"]
    assert [finding["state"] for finding in findings] == [state]
    assert ("Credential Guard" in findings[0]["todo"]) is (state == "wrong")


def test_all_the_people_of_the_domain_are_no_machines_and_its_computers_are(world: World) -> None:
    at = {"conditions": {"windows_groups": ["Domain Users"]}}
    world.once("nps_network_policies", [{**TLS, **at}])
    assert ("nps.machines", "wrong") in states(world)
    at = {"conditions": {"windows_groups": ["Domain Computers"]}}
    world.once("nps_network_policies", [{**TLS, **at}])
    assert ("nps.machines", "ok") in states(world)
    at = {"conditions": {"user_groups": ["Domain Users"]}}
    world.once("nps_network_policies", [{**TLS, **at}])
    assert "nps.machines" not in dict(states(world))


def states(world: World) -> list[tuple[str, str]]:
    return [(finding["id"], finding["state"]) for finding in world.once("nps_checks", [])["findings"]]


def test_a_server_that_is_not_registered_in_the_directory_is_wrong(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(Directory, "registered", SERVERS[:1])
    assert checked(world, "wrong") == [("nps.registered", "hdv-nps2 n’est pas dans « RAS and IAS Servers »")]


def test_a_certificate_that_ends_soon_is_wrong(world: World, monkeypatch: Any) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 715 * 86400)
    assert [check for check, _ in checked(world, "wrong")] == ["nps.certificate"] * 2


def test_a_policy_whose_certificate_is_gone_is_wrong(world: World) -> None:
    del world.machines[SERVERS[1]].state["certificates"][1]
    assert [(check, what[:8]) for check, what in checked(world, "wrong")] == [("nps.certificate", "hdv-nps2")]


def test_servers_that_differ_are_wrong_and_say_in_what(world: World) -> None:
    world.once("nps_radius_clients", [{**CLIENT, "server": SERVERS[0]}])
    assert checked(world, "wrong") == [("nps.pair", "hdv-nps1 et hdv-nps2 diffèrent : sw-hdv-01")]


def test_an_interrupted_change_is_reported(world: World) -> None:
    world.at[len(world.called) + 6, "before"] = killed
    with pytest.raises(Killed):
        world.once("nps_radius_clients", [CLIENT])
    assert "nps.pending" in [check for check, _ in checked(world, "wrong")]


def test_no_access_is_unknown(world: World) -> None:
    findings = world.once("nps_checks", [], winrm={"username": "", "password": ""})["findings"]
    assert [(finding["id"], finding["state"]) for finding in findings] == [("nps.reachable", "unknown")]


def test_orphans_are_listed_without_what_nps_is_installed_with(tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    world.edit(SERVERS[0], lambda live: live.write(CLIENTS, "Essai", {"IP_Address": ("string", ["10.0.0.9"])}))
    declared = {
        "clients": ["PARE-FEU", "hdv-nps1/Commutateur mairie 1"],
        "connection_request_policies": [],
        "network_policies": ["Wi-Fi agents (ancien)", "VPN élus & DSI"],
    }
    result = world.once("nps_orphans", [], **declared)
    assert [(orphan["kind"], orphan["key"], orphan["why"]) for orphan in result["orphans"]] == [
        ("radius_client", "école Jaurès (borne n° 3)", "personne ne le déclare"),
        ("radius_client", "Essai", "personne ne le déclare, sur hdv-nps1 seul"),
        ("connection_request_policy", "Réseau invité → opérateur", "personne ne le déclare"),
        ("network_policy", "802.1x - test imprimantes", "personne ne le déclare"),
    ]
    assert world.imports == []


@pytest.mark.parametrize(("admits", "enabled"), [("1", "1"), ("1", "0"), ("0", "1")])
def test_a_policy_that_admits_hides_in_no_last_place(world: World, admits: str, enabled: str) -> None:
    policy = {
        "msNPSequence": ("int", ["1000002"]),
        "Policy_Enabled": ("boolean", [enabled]),
        "msNPConstraint": ("string", ['TIMEOFDAY("0 00:00-24:00")']),
    }
    profile = {"msNPAllowDialin": ("boolean", [admits])}
    for place, properties in ((NETWORK_POLICIES, policy), (NETWORK_PROFILES, profile)):
        for server in SERVERS:
            world.edit(server, lambda live, at=place, changes=properties: live.write(at, "Secours", changes))
    declared = {"clients": [], "connection_request_policies": [], "network_policies": [POLICY["name"]]}
    keys = [orphan["key"] for orphan in world.once("nps_orphans", [], **declared)["orphans"]]
    assert keys == (["Secours"] if admits == enabled == "1" else [])


def test_a_single_server_is_not_compared(world: World) -> None:
    findings = world.once("nps_checks", [], servers=list(SERVERS[:1]))["findings"]
    assert [finding["id"] for finding in findings] == [*ALL, PAIR[0]]
    assert world.once("nps_checks", [], servers=[])["findings"] == []
