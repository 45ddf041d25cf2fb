"""DHCP as a person runs it: plan, application, replication, drift, undo, export, replay."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.playbooks import console, only
from tests.support.terminal import Terminal

SITE, OTHER = "ecole-jaures", "ecole-auriol"
FIRST, PARTNER = "hdv-dc1", "hdv-dc2"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("addressing")) as opened:
        opened.environment |= only("addressing")
        yield Terminal(opened)


def scopes(terminal: Terminal, server: str = FIRST) -> dict[str, Any]:
    live: dict[str, Any] = terminal.console.lab.systems["winrm"].state()[server]["dhcp"]["scopes"]
    return copy.deepcopy(live)


def settings(terminal: Terminal, server: str = FIRST) -> dict[str, Any]:
    live: dict[str, Any] = terminal.console.lab.systems["winrm"].state()[server]["dhcp"]["settings"]
    return copy.deepcopy(live)


def test_the_scopes_of_sites_are_made_given_back_and_what_nobody_declares_is_named(terminal: Terminal) -> None:
    planned = terminal.piste("plan", f"{SITE},{OTHER}", "--domain", "addressing")
    assert planned.code == 2, planned.out + planned.err
    assert scopes(terminal) == {}
    applied = terminal.piste("apply", planned.plan_id, "--yes")
    assert applied.code == 0, applied.out + applied.err
    made = scopes(terminal)
    assert len(made) == 6
    assert made["10.93.41.0"]["options"]["42"] == ["10.93.2.11", "10.93.2.12"]
    assert scopes(terminal, PARTNER) == made

    town = terminal.console.play("playbooks/domains/addressing.yml", "-l", "commune")
    assert (town.code, town.recap("commune")["changed"]) == (0, 1), town.said
    assert [settings(terminal, server)["conflicts"] for server in (FIRST, PARTNER)] == [1, 1]
    again = terminal.console.play("playbooks/domains/addressing.yml", "-l", f"commune,{SITE},{OTHER}", "--check")
    assert [again.recap(owner)["changed"] for owner in ("commune", SITE, OTHER)] == [0, 0, 0], again.said
    # Of each server its settings, its scopes and what they contain; the relation is read with the scopes.
    assert terminal.console.lab.calls.of("winrm") == {"reads": 6, "writes": 0, "sessions": 4}

    system = terminal.console.lab.systems["winrm"]
    live = system.simulator.machines[FIRST].state["dhcp"]["scopes"]
    live["10.93.41.0"]["lease"] = 60
    live["192.168.1.0"] = {**copy.deepcopy(live["10.93.41.0"]), "name": "Ancienne mairie"}
    of_partner = system.simulator.machines[PARTNER].state["dhcp"]["settings"]
    of_partner |= {"conflicts": 0, "account": {"domain": "", "name": ""}}
    drift = terminal.console.play("playbooks/drift.yml", "-l", f"commune,{SITE}", "--check")
    assert drift.recap(SITE)["changed"] == 1, drift.said
    assert drift.recap("commune")["changed"] >= 1
    assert "Ancienne mairie" in drift.said
    assert "inscrit les noms par son propre compte" in drift.said
    del live["192.168.1.0"]
    live["10.93.41.0"]["lease"] = made["10.93.41.0"]["lease"]

    inverse = terminal.piste("undo", planned.plan_id)
    assert inverse.code == 2, inverse.out + inverse.err
    undone = terminal.piste("apply", inverse.plan_id, "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert scopes(terminal) == scopes(terminal, PARTNER) == {}


def test_a_server_made_by_hand_is_exported_and_replayed_on_an_empty_server(terminal: Terminal) -> None:
    terminal.console.lab.reset("brownfield")
    folder = terminal.console.folder / "export"
    exported = terminal.console.play("playbooks/export_addressing.yml", "-e", f"folder={folder}")
    assert exported.code == 0, exported.said
    before, kept = scopes(terminal), [settings(terminal, server) for server in (FIRST, PARTNER)]
    terminal.console.lab.reset("empty")
    replayed = terminal.console.play("playbooks/replay_addressing.yml", "-e", f"folder={folder}")
    assert replayed.code == 0, replayed.said
    bare = {subnet: {**scope, "reservations": {}} for subnet, scope in before.items()}
    assert {subnet: {**scope, "reservations": {}} for subnet, scope in scopes(terminal).items()} == bare
    assert scopes(terminal, PARTNER) == scopes(terminal)
    assert [settings(terminal, server) for server in (FIRST, PARTNER)] == kept


def test_a_server_that_is_silent_is_unknown(terminal: Terminal) -> None:
    system = terminal.console.lab.systems["winrm"]
    system.faults.add("cut", path=f"/{FIRST}/", times=None)
    try:
        played = terminal.console.play("playbooks/domains/addressing.yml", "-l", SITE)
    finally:
        system.faults.clear()
    assert played.code != 0
    assert f"{SITE} n’a pas abouti (adressage : sans réponse)" in played.said
