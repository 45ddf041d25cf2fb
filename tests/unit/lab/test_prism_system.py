"""Prism Central as a system of the lab: seeds, state across restarts, secrets, clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.calls import Calls
from lab.clock import Clock
from lab.prism.system import Prism
from lab.system import Setting
from tests.support.prism import Client, machine

VMS = "vmm/ahv/config/vms"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Prism]:
    clock = Clock()
    clock.freeze(1_790_000_000.0)

    def made(seed: str = "empty", kept: Any = None) -> Prism:
        setting = Setting(tmp_path, clock, Calls(), lambda name: f"clé de {name}", lambda: [], seed, kept)
        return Prism(setting)

    return made


def count(system: Prism) -> int:
    return len(system.simulator.world.of("Vm"))


def test_each_seed_of_the_lab_has_its_machines(make: Callable[..., Prism]) -> None:
    system = make("town")
    assert count(system) == 72
    for seed, number in (("brownfield", 24), ("empty", 0), ("inconnu", 0), ("town", 72)):
        system.reset(seed)
        assert count(system) == number
    assert system.simulator.world.tasks == {}


def test_later_writes_do_not_change_a_state_that_was_taken(make: Callable[..., Prism]) -> None:
    """It is written to a file while clients go on."""
    system = make("town")
    taken = system.state()
    before = json.dumps(taken)
    system.simulator.world.keep("Vm", {"name": "hdv-neuf1"})
    assert json.dumps(taken) == before


def test_a_seed_is_the_same_each_time(make: Callable[..., Prism]) -> None:
    assert make("town").state() == make("town").state()


def test_the_state_goes_through_json_a_task_under_way_included(make: Callable[..., Prism]) -> None:
    system = make()
    simulator = system.simulator
    simulator.edit("POST", VMS, machine("faite"))
    header = {"X_ntnx_api_key": simulator.sessions.api_key, "Authorization": ""}
    Client(simulator).ok("POST", VMS, machine("en cours"), **header)
    again = make(kept=json.loads(json.dumps(system.state())))
    assert again.state() == system.state()
    assert count(again) == 1
    again.simulator.clock.advance(10)
    again.finish()
    assert sorted(vm["name"] for vm in again.simulator.world.of("Vm").values()) == ["en cours", "faite"]


def test_switches_stay_and_sessions_end_when_it_starts_again(make: Callable[..., Prism]) -> None:
    system = make()
    system.behaviour.set(task_seconds=7.0)
    header = {"X_ntnx_api_key": system.simulator.sessions.api_key, "Authorization": ""}
    (*_, cookie) = Client(system.simulator).send("GET", VMS, **header).cookies
    session = {"Authorization": "", "Cookie": cookie.partition(";")[0]}
    assert Client(system.simulator).send("GET", VMS, **session).status == 200
    system.reset("empty")
    assert Client(system.simulator).send("GET", VMS, **session).status == 401
    assert system.behaviour.task_seconds == 7.0


def test_its_answers_have_the_time_of_the_lab(tmp_path: Path) -> None:
    with Lab(folder=tmp_path, inventory=[], others=["prism"]) as lab:
        lab.clock.freeze(1_790_000_000.0)
        simulator: Any = lab.systems["prism"].simulator
        header = {"X_ntnx_api_key": simulator.sessions.api_key, "Authorization": ""}
        assert Client(simulator).send("GET", VMS, **header).headers["Date"] == "Mon, 21 Sep 2026 14:13:20 GMT"
