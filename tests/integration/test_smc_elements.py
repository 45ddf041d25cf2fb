"""Elements of an SMC: made before what refers to them, removed after it, never while in use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig, Misused, PisteError, Unreachable
from tests.support.inprocess import Killed
from tests.support.rules import ELEMENTS, policy, rule
from tests.support.smc import SmcWorld

WHOLE: list[dict[str, Any]] = [
    *ELEMENTS,
    {"type": "location", "name": "Internet"},
    {"type": "interface_zone", "name": "Zone invités"},
    {"type": "router", "name": "rtr-sfr", "address": "203.0.113.1", "location": "location/Internet"},
    {"type": "address_range", "name": "dhcp", "ip_range": "10.93.12.50-10.93.12.99"},
    {"type": "domain_name", "name": "lebourget.test", "entries": ["www.lebourget.test"]},
    {"type": "ip_list", "name": "refusés", "addresses": ["198.51.100.0/24", "203.0.113.7", "192.0.2.1-192.0.2.9"]},
    {"type": "network", "name": "net-v6", "ipv6_network": "2001:db8:93::/64", "broadcast": True},
    {"type": "host", "name": "srv-dc2", "address": "10.93.0.11", "secondary": ["10.93.0.12"]},
    {"type": "host", "name": "srv-v6", "ipv6_address": "2001:db8::11", "tools_profile": "tools_profile/Default"},
    {"type": "udp_service", "name": "RTP", "ports": "10000-20000", "source_ports": "1024-65535"},
    {"type": "icmp_service", "name": "Écho", "icmp_type": 8, "icmp_code": 0},
    {"type": "icmp_ipv6_service", "name": "Écho v6", "icmp_type": 128},
    {"type": "ip_service", "name": "GRE bis", "protocol": 47, "protocol_agent": "protocol/TFTP"},
    {"type": "url_list_application", "name": "Charte des écoles", "urls": ["www.exemple.test", "jeux.exemple.test"]},
    {"type": "tcp_service_group", "name": "svc-tcp", "members": ["tcp_service/TCP-8443"]},
    {"type": "udp_service_group", "name": "svc-udp", "members": ["udp_service/RTP"]},
    {"type": "icmp_service_group", "name": "svc-icmp", "members": ["icmp_service/Écho"]},
    {"type": "ip_service_group", "name": "svc-ip", "members": ["ip_service/GRE bis"]},
    {"type": "group", "name": "grp-tout", "members": ["group/grp-ecoles", "host/srv-dc2"], "monitored": True},
]  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    return SmcWorld(tmp_path / "smc")


def test_every_kind_is_made_in_the_order_of_references_and_the_second_run_changes_nothing(world: SmcWorld) -> None:
    backwards = list(reversed(WHOLE))
    foreseen = world.module("smc_elements", backwards, check=True)
    assert (world.writes, foreseen["calls"]["writes"]) == ([], 0)
    done = world.module("smc_elements", backwards)
    assert done["operations"] == foreseen["operations"]
    assert done["warnings"] == []
    made = [operation["key"] for operation in done["operations"]]
    for item in WHOLE:
        for member in item.get("members", ()):
            if member in made:
                assert made.index(member) < made.index(f"{item['type']}/{item['name']}")
    world.forget_requests()
    assert world.module("smc_elements", WHOLE)["operations"] == []
    assert world.writes == []


def test_what_was_gathered_is_what_was_declared(world: SmcWorld) -> None:
    world.module("smc_elements", WHOLE)
    gathered = {f"{item['type']}/{item['name']}": item for item in world.gathered("smc_elements")}
    for item in WHOLE:
        live = gathered[f"{item['type']}/{item['name']}"]
        ordered = {k: sorted(v) if isinstance(v, list) else v for k, v in item.items()}
        assert {name: live[name] for name in item} == ordered
    assert len(gathered) == len(WHOLE)
    assert world.module("smc_elements", list(gathered.values()), state="replaced")["operations"] == []


def test_only_what_is_declared_changes(world: SmcWorld) -> None:
    world.module("smc_elements", WHOLE)
    world.forget_requests()
    result = world.module("smc_elements", [{"type": "network", "name": "net-jaures", "ipv4_network": "10.93.13.0/24"}])
    assert result["operations"][0]["fields"] == ["ipv4_network"]
    assert len(world.writes) == 1
    (kept,) = [item for item in world.gathered("smc_elements") if item["name"] == "net-jaures"]
    assert kept["comment"] == "utilisateurs"
    world.module("smc_elements", [{"type": "network", "name": "net-jaures", "comment": None}])
    requests = zip(world.requests, world.bodies, strict=True)
    sent = [body for (verb, path), body in requests if verb == "PUT" and "/network/" in path]
    assert "comment" not in sent[-1]  # a whole document clears what it leaves out
    (kept,) = [item for item in world.gathered("smc_elements") if item["name"] == "net-jaures"]
    assert "comment" not in kept


def test_an_element_that_something_refers_to_is_never_removed(world: SmcWorld) -> None:
    world.module("smc_elements", ELEMENTS)
    world.module("smc_policies", [policy(rule("dc", to="host/srv-dc1"))])
    world.forget_requests()
    with pytest.raises(Guarded, match="dc") as refused:
        world.module("smc_elements", [], absent=["host/srv-dc1", "network/net-jaures", "tcp_service/TCP-8443"])
    for holder in ("group/grp-ecoles", "service_group/svc-web"):
        assert holder in str(refused.value)
    assert world.writes == []


def test_removal_goes_from_groups_to_members_once_they_are_let_go(world: SmcWorld) -> None:
    world.module("smc_elements", WHOLE)
    world.forget_requests()
    smaller = {"type": "group", "name": "grp-tout", "members": ["host/srv-dc2"]}
    gone = ["network/net-jaures", "network/net-mermoz", "group/grp-ecoles"]
    done = world.module("smc_elements", [smaller], absent=gone)
    assert [operation["key"] for operation in done["operations"]] == [
        "group/grp-tout", "group/grp-ecoles", "network/net-mermoz", "network/net-jaures",
    ]  # fmt: skip


def test_elements_of_the_system_are_never_written(world: SmcWorld) -> None:
    with pytest.raises(Guarded, match="système"):
        world.module("smc_elements", [{"type": "tcp_service", "name": "SSH", "ports": "2222"}])
    with pytest.raises(Guarded, match="système"):
        world.module("smc_elements", [], absent=["network/Any network"])
    assert world.writes == []


def test_faults_are_said_all_at_once(world: SmcWorld) -> None:
    bad = [
        {"type": "host", "name": "a", "ipv4_network": "10.0.0.0/8"},
        {"type": "network", "name": "a", "ipv4_network": "10.0.0.1/8"},
        {"type": "group", "name": "g1", "members": ["group/g2", "host/nulle-part"]},
        {"type": "group", "name": "g2", "members": ["group/g1"]},
        {"type": "tcp_service", "name": "t", "ports": "70000"},
        {"type": "machin", "name": "x"},
    ]
    with pytest.raises(InvalidConfig) as refused:
        world.module("smc_elements", bad)
    message = str(refused.value)
    for words in (
        "n’a pas ce champ",
        "10.0.0.1/8",
        "partagent leurs noms",
        "se contient",
        "nulle-part",
        "70000",
        "machin",
    ):
        assert words in message
    assert world.writes == []


def test_two_elements_of_one_name_that_stand_are_no_fault(world: SmcWorld) -> None:
    """Network elements are believed to share their names: what the SMC holds proves otherwise."""
    host, router = {"type": "host", "name": "a", "address": "10.0.0.1"}, {"type": "router", "name": "a"}
    world.simulator.behaviour.shared_names = False
    world.module("smc_elements", [host])
    world.simulator.world.add("router", {"name": "a", "address": "10.0.0.2"}, None, "quelqu’un", 0)
    wanted = [{**host, "comment": "c"}, {**router, "address": "10.0.0.2", "comment": "c"}]
    assert len(world.module("smc_elements", wanted)["operations"]) == 2


def test_a_version_that_lacks_a_field_is_said_before_any_write(tmp_path: Path) -> None:
    old = SmcWorld(tmp_path / "old", version="6.10")
    old.simulator.behaviour.smc_version = "6.10.9"
    with pytest.raises(InvalidConfig, match="trop ancien"):
        old.module("smc_elements", WHOLE)
    assert old.writes == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next(tmp_path: Path, when: str) -> None:
    changes = [{"type": "network", "name": "net-jaures", "ipv4_network": "10.93.13.0/24"}, *WHOLE[7:15]]
    gone = ["service_group/svc-web", "tcp_service/TCP-8443"]
    for number in range(1, 50):
        world = SmcWorld(tmp_path / f"{number}")
        world.module("smc_elements", ELEMENTS)
        world.forget_requests()
        setattr(world, f"kill_{when}", number)
        try:
            world.module("smc_elements", changes, absent=gone)
            killed = False
        except Killed:
            killed = True
        world.kill_before = world.kill_after = 0
        world.module("smc_elements", changes, absent=gone)
        again = world.module("smc_elements", changes, absent=gone)
        assert again["operations"] == []
        if not killed:
            break
    assert number > 9


# the session


def test_a_run_opens_one_session_and_closes_it(world: SmcWorld) -> None:
    with world.run() as run:
        run.module("smc_elements", ELEMENTS)
        run.module("smc_policies", [policy(rule("dc", to="host/srv-dc1"))])
        run.module("smc_elements", ELEMENTS, check=True)
        assert len(world.simulator.sessions.open) == 1
    logins = [path for _, path in world.requests if path.endswith("/login")]
    assert len(logins) == 1
    assert world.simulator.sessions.open == {}
    assert len([path for _, path in world.requests if path == "/api"]) == 1


def test_what_lets_administration_in_becomes_no_other_unasked(world: SmcWorld) -> None:
    world.module("smc_elements", ELEMENTS)
    keep = ["host/poste-admin", "group/grp-ecoles", "network/net-jaures", "tcp_service/TCP-8443"]
    world.forget_requests()
    for item, field in (
        ({"type": "host", "name": "poste-admin", "address": "10.93.250.6"}, "address"),
        ({"type": "group", "name": "grp-ecoles", "members": ["network/net-jaures"]}, "members"),
        ({"type": "tcp_service", "name": "TCP-8443", "ports": "8444"}, "ports"),
    ):
        with pytest.raises(Guarded, match=rf"administration:{item['type']}/{item['name']}.*\({field}\)"):
            world.module("smc_elements", [item], keep=keep)
    assert world.writes == []
    wider = {"type": "group", "name": "grp-ecoles", "members": [*ELEMENTS[4]["members"], "host/srv-dc1"]}
    said = {"type": "network", "name": "net-jaures", "comment": "autre"}
    other = {"type": "host", "name": "srv-dc1", "address": "10.93.0.11"}
    assert len(world.module("smc_elements", [wider, said, other], keep=keep)["operations"]) == 3
    moved = {"type": "host", "name": "poste-admin", "address": "10.93.250.6"}
    assert world.module("smc_elements", [moved], keep=keep, confirm=["administration"])["operations"]


@pytest.mark.parametrize("mode", ["cookie", "token", "both"])
def test_both_ways_of_telling_a_session_are_spoken(world: SmcWorld, mode: str) -> None:
    world.simulator.behaviour.set(token_mode=mode)
    world.module("smc_elements", ELEMENTS)
    assert world.simulator.sessions.open == {}


def test_an_administrator_account_will_do(world: SmcWorld) -> None:
    world.simulator.accounts["admin"] = "mot-de-passe"
    given = {**world.connection(), "api_key": None, "login": "admin", "password": "mot-de-passe"}
    world.module("smc_elements", ELEMENTS, smc=given)
    assert world.simulator.calls.of("smc")["sessions"] == 1


def test_a_session_that_ends_in_the_middle_is_opened_again(world: SmcWorld) -> None:
    world.simulator.faults.add("status", method="POST", path="elements/network", status=401)
    world.module("smc_elements", ELEMENTS)
    assert world.module("smc_elements", ELEMENTS)["operations"] == []
    assert len([path for _, path in world.requests if path.endswith("/login")]) == 3


def test_the_token_lies_where_only_its_owner_reads_and_goes_with_the_run(world: SmcWorld) -> None:
    with world.run() as run:
        run.module("smc_elements", ELEMENTS)
        (kept,) = (world.folder / "run-1").glob("smc-*/session.json")
        assert kept.stat().st_mode & 0o777 == 0o600
        assert world.key not in kept.read_text()
    assert not kept.exists()


def test_a_wrong_key_is_said(world: SmcWorld) -> None:
    with pytest.raises(Unreachable, match="refuse l’ouverture"):
        world.module("smc_elements", ELEMENTS, smc={**world.connection(), "api_key": "une-autre-clef"})


def test_a_version_that_the_smc_lacks_is_refused_and_never_replaced(world: SmcWorld) -> None:
    with pytest.raises(Misused, match=r"7\.2") as refused:
        world.module("smc_elements", ELEMENTS, smc={**world.connection(), "api_version": "7.2"})
    assert "7.4" in refused.value.why
    assert world.writes == []


def test_what_is_no_version_is_refused(world: SmcWorld) -> None:
    coloured = policy({"section": "A", "color": "#000000"})
    for config, words in (([policy(rule("a"))], "n’offre pas la version"), ([coloured], "n’est pas une version")):
        with pytest.raises(Misused, match=words):
            world.module("smc_policies", config, smc={**world.connection(), "api_version": "dernière"})
    assert [path for _, path in world.requests] == ["/api"]


def test_no_secret_is_in_a_result_or_an_error(world: SmcWorld) -> None:
    result = world.module("smc_elements", ELEMENTS)
    assert world.key not in str(result)
    with pytest.raises(PisteError) as failed:
        world.module("smc_elements", ELEMENTS, smc={**world.connection(), "api_key": "une-autre-clef"})
    assert "une-autre-clef" not in str(failed.value.to_json())
