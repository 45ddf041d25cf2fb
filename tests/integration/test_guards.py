"""Operations that could cut a site off: confirmed before any write, and written last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from piste.systems.meraki.intent import meraki_intent
from tests.support.inprocess import Killed, MerakiWorld
from tests.support.town import converge, site, town_world

NETWORK = "VLB ecole-jaures"
ROOT, LEAF, ACCESS_POINT = "QZZZ-0005-0001", "QZZZ-0005-0002", "QZZZ-0005-0041"
INTENT = meraki_intent(site("ecole-jaures"))


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    world = town_world(tmp_path)
    converge(world, site("ecole-jaures"))
    return world


def run(world: MerakiWorld, module: str, config: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    world.forget_requests()
    with world.run() as tasks:
        return tasks.module(module, config, network=NETWORK, owner="ecole-jaures", **options)


def refused(
    world: MerakiWorld, module: str, config: list[dict[str, Any]], *, beside: Sequence[str] = (), **options: Any
) -> str:
    """Run a task with a change that awaits a word; `beside` is written all the same."""
    with pytest.raises(Guarded) as caught:
        run(world, module, config, **options)
    assert caught.value.kind == "partial"
    assert [described["label"] for described in caught.value.operations] == [*beside]
    assert bool(world.writes) is bool(beside)
    return caught.value.todo


def ports(serial: str, numbers: Sequence[int], **fields: Any) -> list[dict[str, Any]]:
    return [{"serial": serial, "port_id": str(number), **fields} for number in numbers]


@pytest.mark.parametrize(
    "fields",
    [
        {"enabled": False},
        {"type": "access"},
        {"vlan": 7},
        {"allowed_vlans": "1-7"},
        {"isolation_enabled": True},
        {"rstp_enabled": False},
        {"stp_guard": "root guard"},
    ],
)
def test_an_uplink_is_not_changed_without_its_word(world: MerakiWorld, fields: dict[str, Any]) -> None:
    other = [] if "type" in fields else ["sw-jau-02/2"]  # an access port already
    assert refused(world, "meraki_switch_ports", ports(LEAF, [2, 10], **fields), beside=other) == (
        "Si c’est voulu, confirmez-le par ces mots (confirm de la tâche, <domaine>_confirm du rôle, "
        f"--confirm de piste plan) : ['uplink:{LEAF}/10']\n"
        f"  - uplink:{LEAF}/10 : sw-jau-02/10 est une liaison montante ; une erreur coupe ce qui suit"
    )


def test_a_check_plans_the_guarded_change_and_lists_it(world: MerakiWorld) -> None:
    result = run(world, "meraki_switch_ports", ports(LEAF, [10], vlan=7), check=True)
    assert [(o["label"], o["fields"], o["waiting"]) for o in result["operations"]] == [
        ("sw-jau-02/10", ["vlan"], f"attend uplink:{LEAF}/10")
    ]
    assert (result["summary"], result["diff"]) == (["~ switch_port sw-jau-02/10 : vlan"], [])
    assert result["withheld"] == [
        f"à confirmer (uplink:{LEAF}/10) : sw-jau-02/10 est une liaison montante ; une erreur coupe ce qui suit"
    ]


@pytest.mark.parametrize("word", ["uplink", f"uplink:{LEAF}/10"])
def test_a_confirmed_uplink_is_written_after_all_the_others(world: MerakiWorld, word: str) -> None:
    run(world, "meraki_switch_ports", ports(LEAF, range(10, 0, -1), vlan=7), confirm=[word])
    batch, last = [body for (method, _), body in zip(world.requests, world.bodies, strict=True) if method != "GET"]
    written = [action["resource"].rpartition("/")[2] for action in batch["actions"]]
    assert written == [str(number) for number in range(9, 0, -1)]
    assert world.writes[1] == ("PUT", f"/devices/{LEAF}/switch/ports/10")
    assert last == {"vlan": 7}


def test_the_word_of_one_uplink_opens_no_other(world: MerakiWorld) -> None:
    config = [*ports(LEAF, [10], vlan=7), *ports(ROOT, [28], vlan=7)]
    assert f"['uplink:{ROOT}/28']" in refused(
        world, "meraki_switch_ports", config, beside=["sw-jau-02/10"], confirm=[f"uplink:{LEAF}/10"]
    )


def test_a_port_behind_which_a_switch_answers_is_guarded_although_it_is_no_uplink(world: MerakiWorld) -> None:
    assert f"  - uplink:{ROOT}/25 : sw-jau-01/25 mène à sw-jau-02 ; une erreur l’isole" in refused(
        world, "meraki_switch_ports", ports(ROOT, [25], vlan=7)
    )


def test_a_port_behind_which_an_access_point_answers_has_a_word_of_its_own(world: MerakiWorld) -> None:
    heard = {"name": "MR", "mac": world.simulator.world.devices[ACCESS_POINT]["mac"], "port": "0", "capabilities": ""}
    world.simulator.world.devices[LEAF]["neighbours"]["1"] = heard
    config = ports(LEAF, [1], vlan=7)
    assert f"  - access_point:{LEAF}/1 : sw-jau-02/1 mène à ap-jau-01 ; une erreur l’isole" in refused(
        world, "meraki_switch_ports", config, confirm=["uplink"]
    )
    assert run(world, "meraki_switch_ports", config, confirm=["access_point"])["changed"] is True


def test_name_and_tags_of_an_uplink_need_no_word_and_no_look_at_the_neighbours(world: MerakiWorld) -> None:
    assert run(world, "meraki_switch_ports", ports(LEAF, [10], name="Vers le cœur", tags=["lien"]))["changed"] is True
    assert not [path for _, path in world.requests if "statuses" in path or "discovery" in path]


def test_the_address_of_a_device_asks_for_its_word(world: MerakiWorld) -> None:
    config = INTENT["management"][:2]
    assert refused(world, "meraki_devices", config, beside=["sw-jau-01"], confirm=[f"management:{ROOT}"]) == (
        "Si c’est voulu, confirmez-le par ces mots (confirm de la tâche, <domaine>_confirm du rôle, "
        f"--confirm de piste plan) : ['management:{LEAF}']\n"
        f"  - management:{LEAF} : une erreur d’adresse d’administration rend sw-jau-02 injoignable"
    )
    assert run(world, "meraki_devices", config, confirm=["management"])["changed"] is True
    assert run(world, "meraki_devices", config)["changed"] is False


SETTINGS = {
    "management": {"switch": {"vlan": 150}},
    "stp": {"stp": {"rstp_enabled": False}},
    "mtu": {"mtu": {"default_mtu_size": 1600}},
}


@pytest.mark.parametrize("word", SETTINGS)
def test_a_setting_that_can_stop_the_network_asks_for_its_word(world: MerakiWorld, word: str) -> None:
    config = [{"network": NETWORK, **SETTINGS[word]}]
    assert f"['{word}:{NETWORK}']" in refused(world, "meraki_network_settings", config)
    assert f"['{word}:{NETWORK}']" in refused(
        world, "meraki_network_settings", config, confirm=[other for other in SETTINGS if other != word]
    )
    assert run(world, "meraki_network_settings", config, confirm=[f"{word}:{NETWORK}"])["changed"] is True


def test_a_device_is_released_and_a_network_deleted_only_with_their_words(world: MerakiWorld) -> None:
    devices = [{"serial": ACCESS_POINT}]
    assert f"['release:{ACCESS_POINT}']" in refused(world, "meraki_devices", devices, state="deleted")
    network = [{"name": NETWORK}]
    with world.run() as tasks, pytest.raises(Guarded, match=f"network:{NETWORK}"):
        tasks.module("meraki_networks", network, state="deleted")
    assert world.writes == []
    assert run(world, "meraki_devices", devices, state="deleted", confirm=["release"])["changed"] is True
    with world.run() as tasks:
        assert tasks.module("meraki_networks", network, state="deleted", confirm=["network"])["changed"] is True


def test_many_removals_ask_for_a_word_of_their_own(world: MerakiWorld) -> None:
    emptied = ports(ROOT, range(1, 7))
    todo = refused(world, "meraki_switch_ports", emptied, state="deleted")
    assert "--confirm de piste plan) : ['removals']\n" in todo
    assert "6 retraits demandés, 5 au plus sans confirmation : sw-jau-01/1, sw-jau-01/2" in todo
    assert run(world, "meraki_switch_ports", emptied[:5], state="deleted")["changed"] is True
    assert run(world, "meraki_switch_ports", emptied, state="deleted", max_removals=0, confirm=["removals"])["changed"]


def test_a_policy_in_use_is_not_removed(world: MerakiWorld) -> None:
    access = {"type": "access", "access_policy_type": "Custom access policy", "access_policy": "agents"}
    run(world, "meraki_switch_ports", ports(ROOT, [6, 7], **access))
    with pytest.raises(Guarded) as caught:
        run(world, "meraki_access_policies", [{"name": "agents"}], state="deleted", confirm=["removals"])
    assert str(caught.value) == (
        f"PISTE-E023 {NETWORK} : 1 politique d’accès encore en usage : agents (2 ports). Changez d’abord ces ports."
    )
    assert world.writes == []
    run(world, "meraki_switch_ports", ports(ROOT, [6, 7], access_policy_type="Open"))
    assert run(world, "meraki_access_policies", [{"name": "agents"}], state="deleted")["changed"] is True


def test_three_kills_of_a_partial_run_then_the_runs_that_finish_it(world: MerakiWorld) -> None:
    whole = site("ecole-jaures")

    def task(**options: Any) -> dict[str, Any]:
        world.forget_requests()
        with world.run() as tasks:
            return tasks.domain(whole, **options)

    edit, network = world.simulator.edit, world.simulator.world.devices[ROOT]["networkId"]
    edit("PUT", f"/devices/{LEAF}/switch/ports/10", {"allowedVlans": "1-7"})
    edit("PUT", f"/devices/{LEAF}/switch/ports/2", {"vlan": 99})
    edit("PUT", f"/networks/{network}", {"tags": ["main"]})
    edit("PUT", f"/devices/{ACCESS_POINT}", {"name": "main"})
    for before, after in ((1, 0), (0, 1), (2, 0)):
        world.kill_before, world.kill_after = before, after
        with pytest.raises(Killed):
            task()
    world.kill_before = world.kill_after = 0
    for left in (True, False):
        with pytest.raises(Guarded) as stopped:
            task()
        assert (stopped.value.kind, bool(stopped.value.operations)) == ("partial", left)
        assert [described["label"] for described in stopped.value.waiting] == ["sw-jau-02/10"]
        (port,) = [port for port in edit("GET", f"/devices/{LEAF}/switch/ports") if port["portId"] == "10"]
        assert port["allowedVlans"] == "1-7"
    assert [described["label"] for described in task(confirm=["uplink"])["operations"]] == ["sw-jau-02/10"]
    assert task()["changed"] is False


def test_what_goes_waits_for_a_word_that_a_later_kind_awaits(world: MerakiWorld) -> None:
    """In check mode, in the run, and no more once the word is given."""
    run(world, "meraki_port_schedules", [{"name": "vieux"}])
    asked = {
        "state": "merged",
        "owner": "ecole-jaures",
        "network": NETWORK,
        "absent": {"port_schedules": ["vieux"]},
        "config": {"switch_ports": ports(LEAF, [2], vlan=7) + ports(LEAF, [10], allowed_vlans="1-7")},
    }

    def task(**options: Any) -> dict[str, Any]:
        with world.run() as tasks:
            return tasks.domain(**{**asked, **options})

    foreseen = {described["label"]: described.get("waiting") for described in task(check=True)["operations"]}
    assert list(foreseen) == ["vieux", "sw-jau-02/2", "sw-jau-02/10"]
    assert foreseen["sw-jau-02/2"] is None
    with pytest.raises(Guarded) as stopped:
        task()
    assert {described["label"]: described["waiting"] for described in stopped.value.waiting} == {
        label: waits for label, waits in foreseen.items() if waits
    }
    assert [described["label"] for described in stopped.value.operations] == ["sw-jau-02/2"]
    assert [described["label"] for described in task(confirm=["uplink"])["operations"]] == ["vieux", "sw-jau-02/10"]
    run(world, "meraki_port_schedules", [{"name": "vieux"}])
    assert [described["label"] for described in task()["operations"]] == ["vieux"]
