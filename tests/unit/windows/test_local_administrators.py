"""Administrators of a Windows server: those who leave are removed, the last member never."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab import Lab
from lab.winrm import WinrmSimulator
from lab.winrm.machine import ORPHAN
from piste.engine.converge.errors import Guarded
from piste.runs.plans.undo import inverse
from piste.systems.windows.local_administrators import MODULES

OWN = ["HDV-IMP1\\Administrateur", "LEBOURGET\\Admins du domaine", "LEBOURGET\\svc-piste"]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def simulator(lab: Lab) -> Iterator[WinrmSimulator]:
    simulated = lab.systems["winrm"].simulator
    assert isinstance(simulated, WinrmSimulator)
    yield simulated
    lab.reset("empty")


def run(lab: Lab, *outgoing: str, remove: bool = False, known: list[str] | None = None, **more: Any) -> dict[str, Any]:
    info = lab.info["winrm"]
    access = {"username": info["username"], "password": info["password"], "urls": info["hosts"]}
    access |= {"authentication": "basic", "ca_file": lab.info["ca_file"]}
    params = {"winrm": access, "server": "hdv-imp1", "outgoing": list(outgoing), "remove": remove, "known": known}
    return MODULES["win_administrators"].run({**params, **more}, False)


def test_whom_nobody_declares_is_named_by_domain_and_name(lab: Lab, simulator: WinrmSimulator) -> None:
    result = run(lab, known=OWN)
    assert [orphan["key"] for orphan in result["orphans"]] == ["hdv-imp1/LEBOURGET\\adm-prestataire"]
    assert (result["findings"], simulator.calls.of("winrm")["writes"]) == ([], 0)


def test_those_who_leave_are_listed_then_taken_out_and_counted_again(lab: Lab, simulator: WinrmSimulator) -> None:
    listed = run(lab, "adm-prestataire")
    assert [member["name"] for member in listed["administrators"]] == [*OWN, "LEBOURGET\\adm-prestataire"]
    assert (listed["findings"][0]["state"], simulator.calls.of("winrm")["writes"]) == ("wrong", 0)
    done = run(lab, "adm-prestataire", remove=True)
    assert done["removed"] == ["LEBOURGET\\adm-prestataire"]
    assert [member["name"] for member in done["administrators"]] == OWN
    assert (done["findings"][0]["id"], done["findings"][0]["state"]) == ("hdv-imp1.outgoing", "ok")
    config = inverse(done["operations"])[0]["commune"]["returned"]["win_administrators"]["config"]
    assert {entry["server"] for entry in config} == {"hdv-imp1"}
    given = run(lab, accounts=config)
    assert (given["findings"][0]["state"], run(lab, accounts=config)["changed"]) == ("ok", False)
    assert [member["name"] for member in run(lab)["administrators"]] == [*OWN, "LEBOURGET\\adm-prestataire"]
    left = simulator.machines["hdv-nps1"].state["administrators"]
    assert "LEBOURGET\\adm-prestataire" in [member["name"] for member in left]


def test_an_account_that_is_gone_hides_nobody_and_counts_for_nobody(lab: Lab, simulator: WinrmSimulator) -> None:
    simulator.behaviour.set(orphan=True)
    try:
        result = run(lab, "adm-prestataire", remove=True)
        assert [(member["name"], member["whole"]) for member in result["administrators"]] == [
            (ORPHAN, False),
            *((name, True) for name in OWN),
        ]
        assert result["removed"] == ["LEBOURGET\\adm-prestataire"]
        with pytest.raises(Guarded, match="ne laisserait personne de la Ville"):
            run(lab, "LEBOURGET\\*", "HDV-*", remove=True)
    finally:
        simulator.behaviour.set(orphan=False)
    assert run(lab, ORPHAN, remove=True)["removed"] == [ORPHAN]


def test_a_member_whose_name_is_not_read_is_unknown_and_does_not_count_as_staying(
    lab: Lab, simulator: WinrmSimulator
) -> None:
    why = "The trust relationship between this workstation and the primary domain failed."
    simulator.machines["hdv-imp1"].state["administrators"][3] |= {"name": "", "error": why}
    findings = run(lab, "adm-prestataire")["findings"]
    assert [(finding["id"], finding["state"]) for finding in findings] == [
        ("hdv-imp1.outgoing", "ok"),
        ("hdv-imp1.unnamed", "unknown"),
    ]
    assert why in findings[1]["what"]


def test_the_last_member_is_never_taken_out(lab: Lab, simulator: WinrmSimulator) -> None:
    with pytest.raises(Guarded, match="ne laisserait personne de la Ville"):
        run(lab, "*", remove=True)
    assert len(simulator.machines["hdv-imp1"].state["administrators"]) == 4


def test_the_group_of_the_domain_s_administrators_is_nobody_who_leaves(lab: Lab, simulator: WinrmSimulator) -> None:
    assert run(lab, "*admins*", remove=True)["removed"] == []
    assert len(simulator.machines["hdv-imp1"].state["administrators"]) == 4
