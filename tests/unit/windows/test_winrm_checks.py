"""Findings of doctor on Windows servers: each check, and the fault that it reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab import Lab
from lab.winrm import WinrmSimulator
from piste.systems.windows import winrm_checks
from piste.systems.windows.winrm_checks import MODULES


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def simulator(lab: Lab) -> Iterator[WinrmSimulator]:
    simulated = lab.systems["winrm"].simulator
    assert isinstance(simulated, WinrmSimulator)
    yield simulated
    simulated.behaviour.set(basic=True)
    lab.clock.release()
    lab.reset("empty")


def examined(lab: Lab, **changes: Any) -> tuple[list[tuple[str, str]], str]:
    """Return the findings that are not well, and the text of all findings."""
    info = lab.info["winrm"]
    access = {"username": info["username"], "password": info["password"], "urls": info["hosts"]}
    access |= {"authentication": "basic", "ca_file": lab.info["ca_file"], **changes}
    params = {"winrm": access, "servers": ["hdv-nps1", "hdv-nps2"], "print_server": "hdv-imp1"}
    result = MODULES["winrm_checks"].run(params, False)
    assert result["changed"] is False
    findings = result["findings"]
    assert all(finding["todo"] for finding in findings if finding["state"] != "ok")
    wrong = [(finding["id"], finding["state"]) for finding in findings if finding["state"] != "ok"]
    return wrong, "\n".join(finding["what"] for finding in findings)


def test_servers_that_are_well_are_asked_little_and_left_alone(lab: Lab, simulator: WinrmSimulator) -> None:
    wrong, said = examined(lab)
    assert wrong == []
    assert "hdv-nps2 répond en WinRM" in said
    assert "hdv-imp1 : le spouleur tourne" in said
    assert simulator.calls.of("winrm") == {"reads": 7, "writes": 0, "sessions": 3}


def test_a_constrained_language_is_wrong_and_no_mystery(lab: Lab, simulator: WinrmSimulator) -> None:
    simulator.behaviour.set(constrained=True)
    try:
        wrong, said = examined(lab)
    finally:
        simulator.behaviour.set(constrained=False)
    assert wrong == [("winrm.language", "wrong")] * 3
    assert "hdv-imp1 restreint PowerShell" in said


def test_a_silent_server_does_not_hide_the_others(
    lab: Lab, simulator: WinrmSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winrm_checks, "PATIENCE", 1)
    simulator.faults.add("silent", path="/hdv-nps1/", times=None)
    simulator.behaviour.set(silence=3.0)
    wrong, said = examined(lab)
    assert wrong == [("winrm.reachable", "unknown")]
    assert "hdv-imp1 : le spouleur tourne" in said


def test_an_account_that_is_refused_is_wrong_and_the_server_is_there(lab: Lab, simulator: WinrmSimulator) -> None:
    wrong, said = examined(lab, password="un autre mot de passe")
    assert wrong == [("winrm.account", "wrong")] * 3
    assert "hdv-nps1 répond en WinRM" in said
    assert "un autre mot de passe" not in said


def test_a_certificate_that_nothing_attests_is_wrong(lab: Lab, simulator: WinrmSimulator) -> None:
    assert examined(lab, ca_file="")[0] == [("winrm.reachable", "wrong")] * 3


def test_a_clock_that_is_off_is_wrong(lab: Lab, simulator: WinrmSimulator) -> None:
    lab.clock.advance(-900)
    try:
        wrong, said = examined(lab)
    finally:
        lab.clock.advance(900)
    assert wrong == [("winrm.clock", "wrong")] * 3
    assert "hdv-imp1 : ce poste est en avance" in said


def test_a_print_server_that_is_none_or_is_stopped_is_wrong(lab: Lab, simulator: WinrmSimulator) -> None:
    machine = simulator.machines["hdv-imp1"]
    machine.state["services"]["Spooler"] = False
    wrong, said = examined(lab)
    assert (wrong, "le spouleur (Spooler) est arrêté" in said) == ([("winrm.printing", "wrong")], True)
    del machine.state["queues"]
    wrong, said = examined(lab)
    assert (wrong, "n’a pas les commandes d’impression" in said) == ([("winrm.printing", "wrong")], True)
    machine.state["queues"] = None


def test_without_an_access_the_servers_are_unknown(lab: Lab) -> None:
    assert examined(lab, username="")[0] == [("winrm.reachable", "unknown")]
