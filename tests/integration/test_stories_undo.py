"""Undo of a run: every module gathers, byte for byte, what it gathered before the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import PisteError
from piste.runs.plans.undo import Tasks, inverse
from piste.systems.kinds import of_domain
from tests.support.inprocess import Killed, MerakiWorld, Run
from tests.support.rich import ACCESS_POINT, CONFIRM, GUARDS, NETWORK, RICH, SECRETS, SWITCH
from tests.support.town import FORMERLY, SCHOOL, converge, dot1x, school, site, town_world

REPOSITORY = Path(__file__).resolve().parents[2]
Operations = list[dict[str, Any]]
SECRET = "son ancien secret n’est noté nulle part, le coffre fait foi"


KINDS = [kind.module for kind in of_domain("network")]


def whole(network: Mapping[str, Any]) -> bool:
    return {"switch", "wireless"} <= set(network["productTypes"])


def gathered(world: MerakiWorld, only: Collection[str] = ()) -> dict[str, str]:
    """Return as text what each module gathers of networks; null means an absent key: no value."""
    texts = {}
    with world.run() as run:
        texts["meraki_networks"] = as_text(run.module("meraki_networks", [], state="gathered"))
        for name in sorted(net["name"] for net in world.simulator.world.networks.values() if whole(net)):
            if only and name not in only:
                continue
            for module in KINDS:
                if module != "meraki_networks":
                    texts[f"{name} / {module}"] = as_text(run.module(module, [], network=name, state="gathered"))
    return texts


def as_text(result: Mapping[str, Any]) -> str:
    return json.dumps(valued(result["gathered"]), ensure_ascii=False, sort_keys=True, indent=1)


def valued(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: valued(value) for name, value in content.items() if value is not None}
    return [valued(value) for value in content] if isinstance(content, list) else content


def take_back(
    world: MerakiWorld, tasks: Tasks, owner: str = SCHOOL, network: str = NETWORK, *, check: bool = False
) -> Operations:
    """Tasks of the role."""
    mine = tasks.get(owner, {})
    given = {"state": "merged", "owner": owner, "network": network, "confirm": list(GUARDS), "check": check}
    with world.run() as run:
        return run.domain(undo=mine, **given)["operations"] if mine else []


def rich(run: Run, **changes: Any) -> Operations:
    config = {**RICH, **changes}
    return [
        operation
        for module, items in config.items()
        for operation in run.module(
            module,
            items,
            network="" if module == "meraki_networks" else NETWORK,
            owner=SCHOOL,
            confirm=list(CONFIRM),
        )["operations"]
    ]


def with_rich(world: MerakiWorld) -> Operations:
    with world.run() as run:
        return rich(run)


def with_school(world: MerakiWorld) -> Operations:
    return converge(world, site(SCHOOL), confirm=list(GUARDS)).operations


def with_dot1x(world: MerakiWorld) -> Operations:
    return converge(world, dot1x(school())).operations


def with_town_hall(world: MerakiWorld) -> Operations:
    return converge(world, site("hotel-de-ville"), confirm=list(GUARDS)).operations


def removing(world: MerakiWorld) -> Operations:
    """An object of every kind that can be removed, and a slot that is emptied."""
    with world.run() as run:
        options: dict[str, Any] = {"network": NETWORK, "owner": SCHOOL, "confirm": list(GUARDS)}
        removals = (
            ("meraki_ssids", ["Invités « salle »"]),
            ("meraki_access_policies", ["imprimantes"]),
            ("meraki_devices", [ACCESS_POINT, SWITCH]),
        )
        return [
            operation
            for module, names in removals
            for operation in run.module(module, [], absent=names, **options)["operations"]
        ]


def removing_the_network(world: MerakiWorld) -> Operations:
    with world.run() as run:
        options: dict[str, Any] = {"owner": SCHOOL, "confirm": list(GUARDS)}
        done: Operations = run.module("meraki_networks", [], absent=[NETWORK], **options)["operations"]
        return done


def closing(world: MerakiWorld) -> Operations:
    """A site is emptied, then its network removed, in one run."""
    with world.run() as run:
        options: dict[str, Any] = {"network": NETWORK, "owner": SCHOOL, "confirm": list(GUARDS)}
        port = {"serial": SWITCH, "port_id": "7", "name": "fermé", "enabled": False}
        done: Operations = run.module("meraki_switch_ports", [port], **options)["operations"]
        done += run.module("meraki_ssids", [], absent=["Clef"], **options)["operations"]
        done += run.module("meraki_devices", [], absent=[SWITCH], **options)["operations"]
    return done + removing_the_network(world)


def taking_over(world: MerakiWorld) -> Operations:
    """A used slot, with rules and a portal of its own, goes to another SSID."""
    with world.run() as run:
        options: dict[str, Any] = {"network": NETWORK, "owner": SCHOOL, "confirm": list(GUARDS)}
        new = {"name": "Nouveau", "number": 6, "enabled": True, "auth_mode": "open"}
        done: Operations = run.module("meraki_ssids", [new], absent=["Invités « salle »"], **options)["operations"]
        return done


def twice(world: MerakiWorld) -> Operations:
    """A device and a port that two tasks of one run change in turn."""
    with world.run() as run:
        done: Operations = []
        for name in ("un", "deux"):
            options: dict[str, Any] = {"network": NETWORK, "owner": SCHOOL, "confirm": list(GUARDS)}
            done += run.module("meraki_devices", [{"serial": SWITCH, "name": name}], **options)["operations"]
            port = {"serial": SWITCH, "port_id": "7", "name": name}
            done += run.module("meraki_switch_ports", [port], **options)["operations"]
        return done


def nothing(world: MerakiWorld) -> Operations:
    return []


Run_ = Callable[[MerakiWorld], Operations]
STORIES: list[Any] = [
    pytest.param("empty", nothing, with_school, 0, id="a school from nothing"),
    pytest.param("empty", nothing, with_rich, 0, id="every field from nothing"),
    pytest.param("brownfield", nothing, with_school, 2, id="a school made by hand, renamed"),
    pytest.param("empty", with_school, with_dot1x, 2, id="keys to 802.1X"),
    pytest.param("empty", with_dot1x, with_school, 8, id="802.1X to keys"),
    pytest.param("empty", with_rich, with_school, 1, id="every field, then a school"),
    pytest.param("empty", with_rich, taking_over, 0, id="a used slot taken over"),
    pytest.param("empty", with_rich, removing, 4, id="removals"),
    pytest.param("empty", with_rich, removing_the_network, 2, id="a network removed with all its content"),
    pytest.param("empty", with_rich, closing, 4, id="a site emptied, then its network removed"),
    pytest.param("empty", with_school, removing_the_network, 2, id="a school removed"),
    pytest.param("empty", with_rich, twice, 0, id="objects changed twice"),
]


@pytest.mark.parametrize(("seed", "first", "run", "losses"), STORIES)
def test_what_was_gathered_before_the_run_is_gathered_after_the_undo(
    seed: str, first: Run_, run: Run_, losses: int, tmp_path: Path
) -> None:
    world = town_world(tmp_path, seed)
    world.secrets |= SECRETS
    first(world)
    before = gathered(world)
    operations = run(world)
    assert operations
    assert gathered(world) != before
    tasks, lost = inverse(*json.loads(json.dumps([operations, world.contents])))
    assert len(lost) == losses, lost
    world.forget_requests()
    predicted = take_back(world, tasks, SCHOOL, NETWORK, check=True)
    assert world.writes == []
    assert take_back(world, tasks, SCHOOL, NETWORK) == predicted
    assert gathered(world) == before
    world.forget_requests()
    assert take_back(world, tasks, SCHOOL, NETWORK) == []
    assert world.writes == []


def test_what_cannot_be_brought_back_is_said_and_nothing_else_is_lost(tmp_path: Path) -> None:
    """The key of a removed SSID is in no vault: the SSID comes back switched off."""
    world = town_world(tmp_path, "brownfield")
    before = gathered(world)
    tasks, lost = inverse(with_town_hall(world))
    names = ("VLB-Ancien", "VLB-Metier", "VLB-Agents")
    assert lost == [f"hotel-de-ville / ssid {name} : {SECRET} (meraki/ssid/{name}/psk)" for name in names]
    take_back(world, tasks, "hotel-de-ville", "VLB hotel-de-ville")
    after = gathered(world)
    (different,) = [name for name in before if before[name] != after[name]]
    assert different == "Mairie (Wi-Fi + switchs) / meraki_ssids"
    ssids = [{ssid["name"]: ssid for ssid in json.loads(text[different])} for text in (before, after)]
    assert [name for name in ssids[0] if ssids[0][name] != ssids[1][name]] == ["VLB-Ancien"]
    assert ssids[1]["VLB-Ancien"]["enabled"] is False


def test_what_is_put_in_the_vault_before_the_undo_comes_back_too(tmp_path: Path) -> None:
    world, only = town_world(tmp_path, "brownfield"), ("VLB hotel-de-ville", *FORMERLY["hotel-de-ville"])
    before = gathered(world, only)
    tasks, _ = inverse(with_town_hall(world))
    world.secrets["meraki/ssid/VLB-Ancien/psk"] = "remise-au-coffre"
    take_back(world, tasks, "hotel-de-ville", "VLB hotel-de-ville")
    assert gathered(world, only) == before


def test_a_field_that_the_system_cannot_forget_is_named(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.secrets |= SECRETS
    with_school(world)
    before = gathered(world)
    tasks, lost = inverse(with_rich(world))
    end = "n’avait pas de valeur et ne s’efface pas sur demande"
    unforgotten = ("netflow.collector_ip", "netflow.collector_port")
    unforgotten += ("alternate_management.vlan", "alternate_management.protocols")
    assert lost == [f"{SCHOOL} / network_settings {NETWORK} : {name} {end}" for name in unforgotten]
    take_back(world, tasks, SCHOOL, NETWORK)
    after = gathered(world)
    (different,) = [name for name in before if before[name] != after[name]]
    assert different == f"{NETWORK} / meraki_network_settings"
    old, new = (json.loads(text[different])[0] for text in (before, after))
    other = {**old["alternate_management"], "vlan": 150, "protocols": ["radius", "syslog"]}
    netflow = {**old["netflow"], "collector_ip": "10.93.2.31", "collector_port": 2055}
    assert new == {**old, "netflow": netflow, "alternate_management": other}


def test_what_is_given_back_of_a_removed_network_is_said_and_what_is_not(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.secrets |= SECRETS
    with_rich(world)
    operations = removing_the_network(world)
    where, secrets = f"{SCHOOL} / network {NETWORK}", sorted({*SECRETS, "radius/ecole-jaures"})
    assert inverse(operations, world.contents)[1] == [
        f"{where} : rendu avec ce que Piste en gère ; le reste, et son historique, sont perdus",
        f"{where} : ses secrets sont repris du coffre, qui fait foi : {', '.join(secrets)}",
    ]
    assert inverse(operations)[1] == [
        f"{where} : ce qui est parti avec lui n’a pas été noté, il se refait depuis la déclaration"
    ]


def test_a_network_that_comes_back_broadcasts_nothing_that_it_did_not(tmp_path: Path) -> None:
    """The system gives any new network an open SSID of its own."""
    world = town_world(tmp_path)
    with_school(world)

    def broadcast() -> list[str]:
        (network,) = world.simulator.world.networks.values()
        return sorted(ssid["name"] for ssid in network["ssids"].values() if ssid["enabled"])

    before = broadcast()
    operations = removing_the_network(world)
    take_back(world, inverse(operations, world.contents)[0])
    assert broadcast() == before != []


def test_a_network_without_switches_nor_wifi_is_given_back_whole(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    with world.run() as run:
        run.module("meraki_networks", [{"name": "VLB caméras", "product_types": ["camera"]}], owner=SCHOOL)
    with world.run() as run:
        options: dict[str, Any] = {"owner": SCHOOL, "confirm": list(GUARDS)}
        operations = run.module("meraki_networks", [], absent=["VLB caméras"], **options)["operations"]
    tasks, lost = inverse(operations, world.contents)
    assert lost[1:] == []
    take_back(world, tasks, network="VLB caméras")
    assert [network["name"] for network in world.simulator.world.networks.values()] == ["VLB caméras"]


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.story)], ids=["some", "each"])
def test_an_undo_that_dies_at_any_write_is_finished_by_the_same_undo(step: int, tmp_path: Path) -> None:
    of_the_school = (NETWORK, *FORMERLY[SCHOOL])

    def ready(name: str) -> tuple[MerakiWorld, dict[str, str], Tasks]:
        (tmp_path / name).mkdir()
        world = town_world(tmp_path / name, "brownfield")
        before = gathered(world, of_the_school)
        tasks, _ = inverse(converge(world, dot1x(school()), confirm=["uplink"]).operations)
        world.forget_requests()
        return world, before, tasks

    world, before, tasks = ready("whole")
    take_back(world, tasks, SCHOOL, NETWORK)
    assert gathered(world, of_the_school) == before
    for number in range(1, len(world.writes) + 1, step):
        world, before, tasks = ready(str(number))
        world.kill_after = number
        with pytest.raises(Killed):
            take_back(world, tasks, SCHOOL, NETWORK)
        world.kill_after = 0
        world.simulator.clock.advance(1)
        take_back(world, tasks, SCHOOL, NETWORK)
        assert gathered(world, of_the_school) == before, number


STOPS: Mapping[str, Mapping[str, Any]] = {
    "refused": {"status": 400, "times": 1, "body": '{"errors": ["refusé"]}'},
    "silent from there on": {"status": 503, "times": None},
    "done, and silent from there on": {"status": 503, "times": None, "when": "after"},
}
"""Faults of a write."""
STOPPED: list[Any] = [
    pytest.param("brownfield", nothing, with_school, id="a school made by hand"),
    pytest.param("empty", with_rich, with_school, id="every field, then a school"),
    pytest.param("empty", with_rich, closing, id="a site emptied"),
]


@pytest.mark.parametrize("step", [13, pytest.param(1, marks=pytest.mark.story)], ids=["some", "each"])
@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(("seed", "first", "run"), STOPPED)
def test_a_run_that_stopped_at_any_write_is_taken_back(
    seed: str, first: Run_, run: Run_, stop: str, step: int, tmp_path: Path
) -> None:
    """Return all that a run did or may have done, from its results and its error."""
    only = (NETWORK, *FORMERLY[SCHOOL])
    world = town_world(tmp_path, seed)
    world.secrets |= SECRETS
    world.lock_file.touch()
    first(world)
    before, start, known = gathered(world, only), world.simulator.world.snapshot(), world.lock_file.read_bytes()
    number, kinds = 1 - step, set()
    while True:
        number += step
        world.simulator.world.restore(start)
        world.lock_file.write_bytes(known)
        for kept in (world.operations, world.contents):
            kept.clear()
        world.forget_requests()
        world.on_request = strike_at(world, number, STOPS[stop])
        try:
            run(world)
            break
        except PisteError as error:
            kinds.add(error.kind)
        finally:
            world.on_request = lambda method, path: None
            world.simulator.faults.clear()
            world.simulator.clock.advance(1)
        reported = json.loads(json.dumps([world.operations, world.contents]))
        take_back(world, inverse(*reported)[0])
        assert gathered(world, only) == before, number
    assert (number > 4, kinds) == (True, {"error" if stop == "refused" else "unknown"})


def strike_at(world: MerakiWorld, number: int, fault: Mapping[str, Any]) -> Callable[[str, str], None]:
    """Strike a write, by its number from 1; return what the fault says of the next writes."""

    def on_request(method: str, path: str) -> None:
        if method != "GET" and len(world.writes) == number - 1 and not world.simulator.faults.armed:
            world.simulator.faults.add("status", **fault)

    return on_request
