"""Upgrades of firmware: planned once, refused, and waiting for a pilot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from piste.engine.converge.errors import Guarded, Interrupted, Missing, PisteError, Unreadable
from piste.engine.transport.response import Response
from piste.runs.domains import pilots
from piste.runs.plans.undo import inverse
from tests.support.inprocess import Killed, MerakiWorld
from tests.support.town import Outcome, converge, school, site, town_world

DAY = 86400
UPGRADED = "2026-09-22T19:00:00Z"
TIME, LATER = "2026-09-28T19:00:00Z", "2026-10-05T19:00:00Z"
WORD = ("firmware:switch",)
PILOT = "VLB ccas"
REASON = {"category": "stability", "comment": "Coupures du téléphone"}


def upgrade(**changes: Any) -> dict[str, Any]:
    wanted = {"product": "switch", "version": "switch-17-2", "time": TIME, "pilots": [], **changes}
    return {**school(), "upgrades": [wanted]}


def run(world: MerakiWorld, confirm: tuple[str, ...] = WORD, check: bool = False, **changes: Any) -> Outcome:
    return converge(world, upgrade(**changes), only="meraki_firmware", confirm=confirm, check=check)


def shown(world: MerakiWorld, name: str = "VLB ecole-jaures") -> dict[str, Any]:
    """Give the switches' part of the document of a network, as the Dashboard shows it."""
    known = next(network["id"] for network in world.simulator.world.networks.values() if network["name"] == name)
    products: dict[str, Any] = world.simulator.edit("GET", f"/networks/{known}/firmwareUpgrades")["products"]
    return products["switch"]  # type: ignore[no-any-return]


def of_pilot(device: dict[str, Any], network_id: str) -> bool:
    return (device["networkId"], device["kind"]) == (network_id, "switch")


def both_products() -> dict[str, Any]:
    wanted = [("switch", "switch-17-2"), ("wireless", "wireless-31-2")]
    items = [{"product": name, "version": version, "time": TIME, "pilots": []} for name, version in wanted]
    return {**school(), "upgrades": items}


def silent_after_a_write(world: MerakiWorld) -> Callable[[str, str], None]:
    """Make the system answer nothing more once something was written."""

    def cut(method: str, path: str) -> None:
        if world.writes:
            raise ConnectionResetError

    return cut


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    made = town_world(tmp_path)
    converge(made, school())
    return made


def test_an_upgrade_is_planned_as_foreseen_then_nothing_changes_before_nor_after_it(world: MerakiWorld) -> None:
    foreseen = run(world, check=True)
    assert world.writes == []
    done = run(world)
    assert foreseen.operations == done.operations
    ((method, path),) = world.writes
    assert (method, path.rpartition("/")[2]) == ("PUT", "firmwareUpgrades")
    assert shown(world)["nextUpgrade"]["toVersion"]["firmware"] == "switch-17-2"
    assert run(world, confirm=()).operations == []
    world.simulator.clock.advance(30 * DAY)
    assert shown(world)["currentVersion"]["firmware"] == "switch-17-2"
    assert run(world, confirm=()).operations == []
    assert world.writes == []


def test_an_upgrade_asks_for_its_word_and_says_how_many_devices_restart(world: MerakiWorld) -> None:
    with pytest.raises(Guarded, match=r"1 commutateurs de VLB ecole-jaures redémarrent le 28/09/2026 à 21:00"):
        run(world, confirm=())
    assert world.writes == []


def test_an_upgrade_moves_to_another_moment(world: MerakiWorld) -> None:
    run(world)
    assert [operation["fields"] for operation in run(world, time=LATER).operations] == [["time"]]
    assert shown(world)["nextUpgrade"]["time"] == LATER


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"version": "switch-18-9"}, Missing, r"ne propose pas switch-18-9.*switch-16-8, switch-17-1, switch-17-2"),
        ({"time": "2026-09-01T19:00:00Z"}, Guarded, r"la fenêtre du 01/09/2026 à 21:00 est passée"),
        ({"version": "switch-17-1", "time": None}, None, ""),
    ],
)
def test_what_the_dashboard_cannot_do_is_refused_before_any_write(
    world: MerakiWorld, changes: dict[str, Any], error: type[PisteError] | None, says: str
) -> None:
    if error is None:
        assert run(world, **changes).operations == []
    else:
        with pytest.raises(error, match=says):
            run(world, **changes)
    assert world.writes == []


def test_a_planned_upgrade_is_cancelled_by_a_person(world: MerakiWorld) -> None:
    run(world)
    with pytest.raises(Guarded, match="Organization, Firmware upgrades, Scheduled changes"):
        run(world, version="switch-17-1", time=None)


def upgraded_pilot(world: MerakiWorld) -> str:
    """Bring the pilot to the version; give the id of its network."""
    converge(world, site("ccas"))
    pilot: str = next(n["id"] for n in world.simulator.world.networks.values() if n["name"] == PILOT)
    wanted = {"time": UPGRADED, "toVersion": {"id": "1002"}}
    body = {"products": {"switch": {"nextUpgrade": wanted}}}
    world.simulator.edit("PUT", f"/networks/{pilot}/firmwareUpgrades", body)
    world.simulator.clock.advance(3 * DAY)
    return pilot


def test_a_wave_waits_for_the_version_of_its_pilot_and_says_so(world: MerakiWorld) -> None:
    converge(world, site("ccas"))
    waits = run(world, pilots=[PILOT])
    assert (waits.operations, world.writes) == ([], [])
    assert ["VLB ccas (pilote) est en switch-17-1" in line for line in waits.withheld] == [True]
    pilot = upgraded_pilot(world)
    silent, *_ = (serial for serial, d in world.simulator.world.devices.items() if of_pilot(d, pilot))
    world.simulator.behaviour.offline.append(silent)
    waits = run(world, pilots=[PILOT])
    assert (waits.operations, world.writes) == ([], [])
    assert f"{PILOT} (pilote) n’est pas revenu : {silent} ne répond pas" in str(waits.withheld)
    world.simulator.behaviour.offline.clear()
    assert len(run(world, pilots=[PILOT]).operations) == 1


BEFORE, SINCE = "2026-09-21T08:00:00+00:00", "2026-09-23T08:00:00+00:00"
PORT = {"said": "sw-ccas-01/9 : sans lien [network.ccas.sw-ccas-01/9] ; agit : réseau", "since": BEFORE, "minor": True}


def with_health(world: MerakiWorld, health: dict[str, Any], confirm: tuple[str, ...] = WORD) -> dict[str, Any]:
    """Run the second wave by the health of its pilot."""
    world.forget_requests()
    whole = {"wrong": [], "unread": "", "read_at": SINCE, **health}
    with patch.object(pilots, "Pilots", lambda environment: {PILOT: whole}), world.run() as tasks:
        asked = {"only": ["firmware"], "environment": "essai", "confirm": [*confirm]}
        return tasks.domain(upgrade(pilots=[PILOT]), **asked)


@pytest.mark.parametrize(
    ("health", "stops"),
    [
        ({}, False),
        ({"wrong": [PORT]}, False),
        ({"wrong": [{**PORT, "since": SINCE}]}, True),
        ({"wrong": [{**PORT, "minor": False}]}, True),
    ],
    ids=["well", "a small fault of before", "a small fault since", "a grave fault of before"],
)
def test_a_pilot_that_is_ill_stops_the_next_wave_which_names_the_finding(
    world: MerakiWorld, health: dict[str, Any], stops: bool
) -> None:
    upgraded_pilot(world)
    done = with_health(world, health)
    assert (len(done["operations"]), len(world.writes)) == ((0, 0) if stops else (1, 1))
    said = "switch-17-2 attend, VLB ccas (pilote) va mal : sw-ccas-01/9 : sans lien [network.ccas.sw-ccas-01/9]"
    assert [said in line for line in done["withheld"]] == ([True] if stops else [])


@pytest.mark.parametrize(
    ("health", "why"),
    [
        ({"unread": "supervision : rien de lu (piste living read)"}, "supervision : rien de lu"),
        ({"read_at": BEFORE}, "lu le 21/09/2026 à 10:00, avant sa mise à niveau"),
    ],
)
def test_a_pilot_of_unknown_health_waits_for_a_word_of_its_own(
    world: MerakiWorld, health: dict[str, Any], why: str
) -> None:
    upgraded_pilot(world)
    with pytest.raises(Guarded, match=rf"unread:switch : l’état des pilotes est inconnu : VLB ccas \(pilote\) : {why}"):
        with_health(world, health)
    assert world.writes == []
    assert len(with_health(world, health, (*WORD, "unread:switch"))["operations"]) == 1


def test_a_planned_wave_whose_pilot_falls_ill_is_named_with_who_cancels_it(world: MerakiWorld) -> None:
    upgraded_pilot(world)
    with_health(world, {})
    done = with_health(world, {"wrong": [{**PORT, "minor": False}]})
    assert (done["operations"], world.writes) == ([], [])
    (said,) = [line for line in done["warnings"] if "va mal" in line]
    assert said.startswith("VLB ecole-jaures : switch-17-2 est programmée, et VLB ccas (pilote) va mal")
    assert "Annulez-la au Dashboard" in said


def test_a_lost_answer_is_read_before_anything_is_written_again(world: MerakiWorld) -> None:
    world.simulator.faults.add("cut", method="PUT", path="/firmwareUpgrades", when="after", times=1)
    run(world)
    assert shown(world)["nextUpgrade"]["time"] == TIME
    assert run(world).operations == []


def test_a_lost_answer_that_cannot_be_read_again_ends_the_run_and_the_next_repeats_nothing(world: MerakiWorld) -> None:
    world.simulator.faults.add("cut", method="PUT", path="/firmwareUpgrades", when="after", times=1)
    world.on_request = silent_after_a_write(world)
    with pytest.raises(Interrupted):
        run(world)
    world.on_request = lambda method, path: None
    assert run(world).operations == []
    assert (world.writes, shown(world)["nextUpgrade"]["time"]) == ([], TIME)


@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_killed_run_is_finished_by_the_next_which_plans_only_what_lacks(
    world: MerakiWorld, moment: str, number: int
) -> None:
    both = both_products()
    setattr(world, moment, number)
    with pytest.raises(Killed):
        converge(world, both, only="meraki_firmware", confirm=("firmware",))
    setattr(world, moment, 0)
    done = number - (moment == "kill_before")
    mended = converge(world, both, only="meraki_firmware", confirm=("firmware",))
    assert (len(mended.operations), len(world.writes)) == (2 - done, 2 - done)
    assert converge(world, both, only="meraki_firmware", confirm=("firmware",)).operations == []
    assert world.writes == []


def test_a_moment_moved_by_hand_is_a_drift_and_an_undeclared_upgrade_is_nobody_s(world: MerakiWorld) -> None:
    run(world)
    known = next(n["id"] for n in world.simulator.world.networks.values() if n["name"] == "VLB ecole-jaures")
    body = {"products": {"switch": {"nextUpgrade": {"time": LATER}}}}
    world.simulator.edit("PUT", f"/networks/{known}/firmwareUpgrades", body)
    assert [operation["fields"] for operation in run(world, check=True).operations] == [["time"]]
    assert converge(world, school()).operations == []
    assert [path for _, path in world.requests if path.endswith("firmwareUpgrades")] == []


def test_what_is_gathered_replays_to_nothing_and_an_export_leaves_it(world: MerakiWorld) -> None:
    run(world)
    with world.run() as tasks:
        read = tasks.module("meraki_firmware", [], network="VLB ecole-jaures", state="gathered")["gathered"]
        assert {"product": "switch", "version": "switch-17-2", "time": TIME} in read
        again = tasks.module("meraki_firmware", read, network="VLB ecole-jaures", confirm=["firmware"])
        assert again["operations"] == []
        world.forget_requests()
        tasks.domain(upgrade(), state="gathered")
    assert [path for _, path in world.requests if path.endswith("firmwareUpgrades")] == []


def test_a_closed_site_takes_its_upgrade_with_its_network_and_an_undo_plans_none_again(world: MerakiWorld) -> None:
    run(world)
    world.forget_requests()
    with world.run() as tasks:
        tasks.domain(upgrade(), state="deleted", confirm=["release", "network", "removals"], max_removals=99)
    assert "VLB ecole-jaures" not in {network["name"] for network in world.simulator.world.networks.values()}
    assert [path for _, path in world.requests if path.endswith("firmwareUpgrades")] == []
    (holds,) = [entry["holds"] for entry in world.contents if entry["kind"] == "network"]
    assert ("meraki_firmware" in holds, "meraki_ssids" in holds) == (False, True)


def test_an_undo_names_the_upgrade_that_it_does_not_give_back(world: MerakiWorld) -> None:
    tasks, lost = inverse(run(world).operations)
    assert (tasks, ["s’annule au Dashboard" in line for line in lost]) == ({}, [True])


def back(world: MerakiWorld, **changes: Any) -> Outcome:
    """Ask for the way back to the version before."""
    given = {"version": "switch-17-1", "time": LATER, "rollback": REASON, **changes}
    return run(world, confirm=("rollback:switch",), **given)


def upgraded(world: MerakiWorld) -> None:
    run(world)
    world.simulator.clock.advance(9 * DAY)


def test_a_way_back_asks_for_its_own_word_and_brings_the_version_before_once(world: MerakiWorld) -> None:
    upgraded(world)
    with pytest.raises(
        Guarded, match=r"rollback:switch : 1 commutateurs .* le 05/10/2026 à 21:00 pour revenir à switch"
    ):
        run(world, version="switch-17-1", time=LATER, rollback=REASON)
    assert world.writes == []
    assert len(back(world).operations) == 1
    (body,) = [body for (method, _), body in zip(world.requests, world.bodies, strict=True) if method == "POST"]
    assert body == {"product": "switch", "time": LATER, "reasons": [REASON], "toVersion": {"id": "1001"}}
    assert back(world).operations == []
    world.simulator.clock.advance(7 * DAY)
    assert (shown(world)["currentVersion"]["firmware"], back(world).operations) == ("switch-17-1", [])
    assert world.writes == []


@pytest.mark.parametrize("when", ["after", "before"])
def test_the_lost_answer_of_a_way_back_is_never_repeated(world: MerakiWorld, when: str) -> None:
    upgraded(world)
    world.simulator.faults.add("cut", method="POST", path="/rollbacks", when=when, times=1)
    world.on_request = silent_after_a_write(world)
    with pytest.raises(Interrupted):
        back(world)
    world.on_request = lambda method, path: None
    assert len(back(world).operations) == (0 if when == "after" else 1)
    assert back(world).operations == []


@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_way_back_that_was_killed_is_asked_for_once(world: MerakiWorld, moment: str) -> None:
    upgraded(world)
    setattr(world, moment, 1)
    with pytest.raises(Killed):
        back(world)
    setattr(world, moment, 0)
    assert len(back(world).operations) == (moment == "kill_before")
    assert shown(world)["nextUpgrade"]["time"] == LATER


def test_a_way_back_that_the_dashboard_does_not_have_is_refused(world: MerakiWorld) -> None:
    run(world)
    with pytest.raises(Guarded, match="une mise à niveau est programmée le 28/09/2026 à 21:00"):
        back(world)
    world.simulator.clock.advance(9 * DAY)
    with pytest.raises(Guarded, match=r"ne revient pas à switch-16-8.*de switch-17-1 à switch-17-2"):
        back(world, version="switch-16-8")
    assert world.writes == []
    world.simulator.clock.advance(30 * DAY)
    with pytest.raises(Interrupted, match="There is no firmware upgrade to roll back"):
        back(world, time="2026-11-23T20:00:00Z")
    assert shown(world)["nextUpgrade"]["time"] is None


STAGE = {"groupId": "2", "name": "Étages", "description": "", "isDefault": False, "assignedDevices": {}}


def test_a_network_that_stages_its_switches_is_named_and_left_to_a_person(world: MerakiWorld) -> None:
    network = next(n for n in world.simulator.world.networks.values() if n["name"] == "VLB ecole-jaures")
    network["staged_groups"] = [STAGE]
    waits = run(world)
    assert (waits.operations, world.writes) == ([], [])
    (line,) = waits.withheld
    assert "VLB ecole-jaures échelonne ses commutateurs au Dashboard (Étages) : une personne y programme" in line


@pytest.mark.parametrize("spoilt", [{"currentVersion": None}, {"nextUpgrade": {"time": 5}}])
def test_nonsense_is_unknown(world: MerakiWorld, spoilt: dict[str, Any]) -> None:
    def spoil(method: str, answer: Response) -> Response:
        if not answer.url.endswith("firmwareUpgrades"):
            return answer
        content = json.loads(answer.body)
        content["products"]["switch"] |= spoilt
        return Response(answer.status, answer.headers, json.dumps(content).encode(), answer.url)

    world.spoil = spoil
    with pytest.raises(Unreadable):
        run(world)
