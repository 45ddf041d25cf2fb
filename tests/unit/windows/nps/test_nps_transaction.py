"""A change of a server: done and verified, or undone, in any interruption."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.winrm import nps_documents
from lab.winrm.machine import Machine
from piste.engine.converge.errors import AnswerLost, Conflict, Guarded, Interrupted, Misused, Rejected, Unreachable
from piste.engine.converge.locks import Busy, exclusive
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.systems.windows.nps.document import CLIENTS, Document
from piste.systems.windows.nps.server import IN_ITS_CONSOLE
from tests.support.inprocess import Killed
from tests.support.nps import SECRETS, SERVERS, World, foreign, killed, operations, raising, torn

MODULE = "nps_radius_clients"
CONFIG = [
    {"name": "sw-hdv-01", "address": "10.93.0.12", "secret": {"secret": "radius/hdv"}, "enabled": True},
    {"name": "Pare-feu", "enabled": False},
]
NAMES = ("sw-hdv-01", "Pare-feu")
CALLS = 9
"""Calls of a change of both servers: both read, read again; one imported, read; the other read, imported, read."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, nps_documents.inherited(), model=False)  # two servers that hold the same, to the last sign


def pending(world: World) -> list[Path]:
    return list((world.folder / "pending").glob("*"))


def strikes(world: World, number: int, when: str, blow: Any) -> None:
    world.at[len(world.called) + number, when] = blow


def test_a_change_is_one_import_a_server_and_nothing_else_moves(world: World) -> None:
    before = world.exported()
    result = world.once(MODULE, CONFIG)
    assert operations(result) == [
        (action, f"{server}/{name}")
        for server in SERVERS
        for action, name in (("create", "sw-hdv-01"), ("update", "Pare-feu"))
    ]
    assert len(world.called) == CALLS
    assert world.imports == list(SERVERS)
    for server in SERVERS:
        assert foreign(world.exported(server), *NAMES) == foreign(before, *NAMES)
    assert pending(world) == []


def test_nothing_to_do_is_one_read_a_server_and_no_import(world: World) -> None:
    world.once(MODULE, CONFIG)
    world.called.clear()
    assert world.once(MODULE, CONFIG)["changed"] is False
    assert world.called == [(server, "nps_export") for server in SERVERS]


def test_the_tasks_of_a_run_read_each_server_once(world: World) -> None:
    world.once(MODULE, CONFIG)
    world.called.clear()
    with world.run() as run:
        run.module(MODULE, CONFIG)
        run.module("nps_network_policies", [{"name": "VPN élus & DSI", "enabled": True}])
        run.module("nps_connection_request_policies", [{"name": "Réseau invité → opérateur", "enabled": True}])
    assert world.called == [(server, "nps_export") for server in SERVERS]


def test_a_later_task_of_a_run_sees_the_earlier_changes(world: World) -> None:
    with world.run() as run:
        run.module(MODULE, CONFIG)
        count = len(world.called)
        assert run.module(MODULE, CONFIG)["changed"] is False
    assert len(world.called) == count


def test_check_shows_the_operations_of_the_run_and_writes_nothing(world: World) -> None:
    before = {server: world.exported(server) for server in SERVERS}
    predicted = world.once(MODULE, CONFIG, check=True)
    assert {server: world.exported(server) for server in SERVERS} == before
    assert world.imports == []
    assert predicted["operations"] == world.once(MODULE, CONFIG)["operations"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, CALLS + 1))
def test_a_run_killed_at_any_call_is_finished_by_the_next(world: World, number: int, when: str) -> None:
    before = world.exported()
    strikes(world, number, when, killed)
    with pytest.raises(Killed):
        world.once(MODULE, CONFIG)
    world.once(MODULE, CONFIG)
    assert world.once(MODULE, CONFIG, check=True)["changed"] is False
    for server in SERVERS:
        assert foreign(world.exported(server), *NAMES) == foreign(before, *NAMES)
    assert pending(world) == []


@pytest.mark.parametrize("position", [5, 8])
def test_a_server_left_half_changed_by_a_killed_run_is_first_made_whole_again(world: World, position: int) -> None:
    before = world.exported()

    def half(machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
        machine.tear(snippet, given)
        raise Killed

    strikes(world, position, "before", half)
    with pytest.raises(Killed):
        world.once(MODULE, CONFIG)
    predicted = world.once(MODULE, CONFIG, check=True)
    assert [note for note in predicted["warnings"] if "sera remise" in note]
    result = world.once(MODULE, CONFIG)
    assert result["operations"] == predicted["operations"]
    assert [note for note in result["warnings"] if "la configuration d’avant lui est remise" in note]
    for server in SERVERS:
        assert foreign(world.exported(server), *NAMES) == foreign(before, *NAMES)
    assert pending(world) == []


def test_the_kinds_of_a_task_end_an_interrupted_change_once_and_say_it_once(world: World) -> None:
    strikes(world, 5, "before", lambda machine, snippet, given: killed(machine.tear(snippet, given)))
    with pytest.raises(Killed):
        world.once(MODULE, CONFIG)
    policy = {"name": "Ville - 802.1X", "order": 12, "conditions": {"nas_port_type": ["wired"]}}
    kinds: Any = {"radius_clients": CONFIG, "connection_request_policies": [policy]}
    imports = list(world.imports)
    world.once(MODULE, CONFIG, rehearse=True)
    for check in (True, False):
        assert world.imports == imports
        done = world.once("piste_access", kinds, absent={}, check=check)
        assert len([note for note in done["warnings"] if "un changement interrompu est retrouvé" in note]) == 1
    assert pending(world) == []
    world.called.clear()
    assert world.once("piste_access", kinds, absent={})["changed"] is False
    assert world.called == [(server, "nps_export") for server in SERVERS]


def test_an_interrupted_change_is_left_alone_where_somebody_has_worked_since(world: World) -> None:
    strikes(world, 6, "before", killed)
    with pytest.raises(Killed):
        world.once(MODULE, CONFIG)
    world.edit(SERVERS[0], lambda live: live.write(CLIENTS, "Console", {"IP_Address": ("string", ["10.9.9.9"])}))
    before, count = world.machines[SERVERS[0]].state["nps"], len(world.imports)
    with pytest.raises(Conflict, match=r"Clients/Console.*\.sealed"):
        world.once(MODULE, CONFIG)
    assert (world.machines[SERVERS[0]].state["nps"], len(world.imports)) == (before, count)
    pending(world)[0].unlink()
    assert world.once(MODULE, CONFIG)["changed"]


def test_an_import_that_is_refused_changes_nothing_and_stops_before_the_second_server(world: World) -> None:
    before = {server: world.exported(server) for server in SERVERS}
    strikes(world, 5, "before", raising(Rejected("refusé", where=SERVERS[0], why="document invalide")))
    with pytest.raises(
        Interrupted, match=r"PISTE-E047 hdv-nps1 .*n’a pas changé \(vérifié\).*document invalide"
    ) as stop:
        world.once(MODULE, CONFIG)
    assert {server: world.exported(server) for server in SERVERS} == before
    assert world.imports == [SERVERS[0]]
    assert stop.value.operations == ()
    assert pending(world) == []


def test_an_import_cut_in_its_middle_is_put_back_to_the_byte(world: World) -> None:
    before = world.exported()
    strikes(world, 5, "before", torn)
    with pytest.raises(Interrupted, match=r"la configuration précédente est remise \(vérifié\)"):
        world.once(MODULE, CONFIG)
    assert world.exported() == before
    assert world.imports == [SERVERS[0], SERVERS[0]]
    assert pending(world) == []


def test_an_import_that_goes_on_after_its_answer_was_lost_is_waited_for(world: World) -> None:
    ends: list[Any] = []

    def goes_on(machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
        ends.append(lambda *_: machine.snippets[snippet](given))
        torn(machine, snippet, given)

    strikes(world, 5, "before", goes_on)
    strikes(world, 7, "before", lambda *_: ends[0]())
    before = world.clock.now()
    assert world.once(MODULE, CONFIG)["changed"]
    assert world.imports == list(SERVERS)
    assert world.clock.now() - before >= 10


def test_an_answer_lost_after_the_import_is_a_success(world: World) -> None:
    strikes(world, 5, "after", raising(AnswerLost("perdue", where=SERVERS[0])))
    assert world.once(MODULE, CONFIG)["changed"]
    assert world.once(MODULE, CONFIG)["changed"] is False


def test_a_server_that_keeps_something_else_is_put_back_and_the_difference_named(world: World) -> None:
    before = world.exported()

    def other(machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
        document = Document(machine.configuration)
        document.write(CLIENTS, "sw-hdv-01", {"NAS_Manufacturer": ("int", ["9"])})
        machine.state["nps"] = document.to_bytes().decode().partition("?>")[2]

    strikes(world, 5, "after", other)
    with pytest.raises(Interrupted, match=r"garde autre chose \(.*Clients/sw-hdv-01\)"):
        world.once(MODULE, CONFIG)
    assert world.exported() == before


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_host_that_falls_silent_at_the_import_is_read_before_the_verdict(world: World, when: str) -> None:
    before = world.exported()
    strikes(world, 5, when, raising(Unreachable("ne répond pas", where=SERVERS[0])))
    if when == "after":
        assert world.once(MODULE, CONFIG)["changed"]
    else:
        with pytest.raises(Interrupted, match=r"n’a pas changé \(vérifié\).*ne répond pas"):
            world.once(MODULE, CONFIG)
        assert world.exported() == before
    assert pending(world) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_host_that_stays_silent_from_the_import_on_is_unknown_until_the_next_run(world: World, when: str) -> None:
    strikes(world, 5, when, raising(Unreachable("ne répond pas", where=SERVERS[0])))
    strikes(world, 6, "before", raising(Unreachable("ne répond plus", where=SERVERS[0])))
    with pytest.raises(Interrupted, match="PISTE-E046") as stop:
        world.once(MODULE, CONFIG)
    assert stop.value.kind == "unknown"
    assert len(pending(world)) == 1
    world.once(MODULE, CONFIG)
    assert world.once(MODULE, CONFIG, check=True)["changed"] is False
    assert pending(world) == []


def test_a_host_that_falls_silent_after_a_torn_import_is_unknown_and_put_right_by_the_next_run(world: World) -> None:
    before = world.exported()
    strikes(world, 5, "before", torn)
    strikes(world, 6, "before", raising(Unreachable("ne répond pas", where=SERVERS[0])))
    with pytest.raises(Interrupted, match="PISTE-E046") as stop:
        world.once(MODULE, CONFIG)
    assert stop.value.kind == "unknown"
    assert {operation["key"] for operation in stop.value.operations} == {f"{SERVERS[0]}/{name}" for name in NAMES}
    world.once(MODULE, CONFIG)
    for server in SERVERS:
        assert foreign(world.exported(server), *NAMES) == foreign(before, *NAMES)
    assert pending(world) == []


def test_a_configuration_that_cannot_be_put_back_is_kept_named_and_put_back_later(world: World) -> None:
    before = world.exported()
    strikes(world, 5, "before", torn)
    strikes(world, 8, "before", raising(Rejected("refusé", where=SERVERS[0], why="encore")))
    with pytest.raises(Interrupted, match=r"PISTE-E048 hdv-nps1.*Clients/.*encore.*\.sealed") as stop:
        world.once(MODULE, CONFIG)
    assert {operation["key"] for operation in stop.value.operations} == {f"{SERVERS[0]}/{name}" for name in NAMES}
    assert SERVERS[1] not in world.imports
    world.once(MODULE, CONFIG)
    for server in SERVERS:
        assert foreign(world.exported(server), *NAMES) == foreign(before, *NAMES)
    assert pending(world) == []


def test_where_the_second_server_is_left_broken_the_first_serves_the_new_configuration(world: World) -> None:
    strikes(world, 8, "before", torn)
    strikes(world, 11, "before", raising(Rejected("refusé", where=SERVERS[1], why="encore")))
    with pytest.raises(Interrupted, match=r"PISTE-E048 hdv-nps2.*Laissez servir l’autre serveur") as stop:
        world.once(MODULE, CONFIG)
    assert "pas été touché" not in str(stop.value)
    assert set(NAMES) <= set(world.document(SERVERS[0]).names(CLIENTS))
    world.once(MODULE, CONFIG)
    assert world.once(MODULE, CONFIG, check=True)["changed"] is False


def test_somebody_else_s_change_before_the_import_stops_the_task(world: World) -> None:
    def moved(machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
        world.edit(
            machine.name, lambda live: live.write(CLIENTS, "Pare-feu", {"Radius_Client_Enabled": ("boolean", ["0"])})
        )

    strikes(world, 3, "before", moved)
    with pytest.raises(Conflict, match=r"Pare-feu \(hdv-nps1\)"):
        world.once(MODULE, CONFIG)
    assert world.imports == []


def test_somebody_else_s_change_of_the_second_server_meanwhile_stops_before_it(world: World) -> None:
    def moved(machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
        world.edit(
            SERVERS[1], lambda live: live.write(CLIENTS, "Pare-feu", {"Radius_Client_Enabled": ("boolean", ["0"])})
        )

    strikes(world, 5, "after", moved)
    with pytest.raises(Interrupted, match=r"Pare-feu \(hdv-nps2\)") as stop:
        world.once(MODULE, CONFIG)
    assert world.imports == [SERVERS[0]]
    assert {operation["key"] for operation in stop.value.operations} == {f"{SERVERS[0]}/{name}" for name in NAMES}


def test_somebody_else_s_other_change_meanwhile_is_kept(world: World) -> None:
    def added(machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
        world.edit(
            SERVERS[1],
            lambda live: live.write(CLIENTS, "école Jaurès (borne n° 3)", {"NAS_Manufacturer": ("int", ["9"])}),
        )

    strikes(world, 5, "after", added)
    world.once(MODULE, CONFIG)
    assert world.document(SERVERS[1]).values(CLIENTS, "école Jaurès (borne n° 3)", "NAS_Manufacturer") == ["9"]


def test_without_the_key_that_seals_backups_nothing_is_written(tmp_path: Path) -> None:
    world = World(tmp_path, secrets={path: value for path, value in SECRETS.items() if path != FINGERPRINT_KEY})
    with pytest.raises(Interrupted, match=FINGERPRINT_KEY):
        world.once(MODULE, CONFIG[:1])
    assert world.imports == []
    assert world.once(MODULE, CONFIG[:1], check=True)["changed"]


def test_a_backup_sealed_with_another_key_is_reported(world: World) -> None:
    strikes(world, 6, "before", killed)
    with pytest.raises(Killed):
        world.once(MODULE, CONFIG)
    world.secrets[FINGERPRINT_KEY] = "une-autre-clef-des-empreintes"
    with pytest.raises(Misused, match="ne s’ouvre pas"):
        world.once(MODULE, CONFIG)


def test_an_export_that_is_not_understood_stops_before_any_write(world: World) -> None:
    text = world.machines[SERVERS[1]].state["nps"]
    world.machines[SERVERS[1]].state["nps"] = text.replace(">257<", ">200<")
    with pytest.raises(Unreachable, match="version 200"):
        world.once(MODULE, CONFIG)
    assert world.imports == []


def test_an_older_document_is_read_and_compared_and_never_written(world: World) -> None:
    for name in SERVERS:
        text = world.machines[name].state["nps"]
        world.machines[name].state["nps"] = text.replace(">257<", ">256<")
    before = [world.exported(name) for name in SERVERS]
    planned = world.once(MODULE, CONFIG, check=True)
    assert planned["changed"]
    assert planned["warnings"].count(planned["withheld"][0]) == 1
    assert [line for line in planned["withheld"] if "version 256" in line] == [
        f"{name} : document de version 256 : lu et exporté, jamais écrit (257 seule l’est). {IN_ITS_CONSOLE}"
        for name in SERVERS
    ]
    assert world.once(MODULE, [], state="gathered")["gathered"] != []
    with pytest.raises(Guarded, match="document de version 256 : lu et exporté, jamais écrit"):
        world.once(MODULE, CONFIG)
    assert (world.imports, [world.exported(name) for name in SERVERS]) == ([], before)


def test_an_unfinished_change_of_another_environment_is_not_taken_up(world: World) -> None:
    strikes(world, 6, "before", killed)
    with pytest.raises(Killed):
        world.once(MODULE, CONFIG)
    other = {name: f"https://{name}.autre.test:5986/wsman" for name in SERVERS}
    access = {"username": "AUTRE\\svc", "password": "mot-de-passe", "urls": other}
    assert world.once(MODULE, [], check=True, winrm=access)["warnings"] == []
    assert len(pending(world)) == 1


def test_a_server_that_another_run_is_changing_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LOCK_WAIT", "0")
    with world.run() as run, exclusive(f"nps https://{SERVERS[1]}:5986/wsman"):
        with pytest.raises(Busy, match="en cours de modification"):
            run.module(MODULE, CONFIG)
        assert world.called == []
        assert run.module(MODULE, CONFIG, check=True)["changed"], "a plan waits for nobody"


def test_the_readings_of_a_server_are_forgotten_once_a_change_begins(world: World) -> None:
    with world.run() as run:
        strikes(world, 6, "before", killed)
        with pytest.raises(Killed):
            run.module(MODULE, CONFIG)
        gathered = run.module(MODULE, [], state="gathered")["gathered"]
    assert [item["server"] for item in gathered if item["name"] == "sw-hdv-01"] == [SERVERS[0]]
