"""Waves: one site, a few, all; a failed site stops the next waves, a second run finishes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.commands.output import EXIT
from piste.runs.records.journal import latest
from tests.support import terminal as support
from tests.support.playbooks import REPOSITORY, console
from tests.support.terminal import Terminal

FIRST = ["creche-bastie"]
SECOND = ["ecole-auriol", "ecole-jaures"]
THIRD = ["halte-jeux", "rpe-caravelle"]
FAILING = "ecole-jaures"
LIMIT = ",".join([*FIRST, *SECOND, *THIRD])
SITES = ("playbooks/site.yml", "-l", LIMIT)
ORDER: dict[str, Any] = {"piste_waves": [1, len(SECOND), "100%"]}
WAVES = ("-e", json.dumps(ORDER))


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("waves")) as opened:
        yield Terminal(opened)


@pytest.fixture(scope="module")
def converged(terminal: Terminal) -> bytes:
    done = terminal.console.play(*SITES)
    assert done.code == 0, done.said
    return terminal.world.snapshot()


@pytest.fixture
def moved(terminal: Terminal, converged: bytes) -> Iterator[Terminal]:
    """Lab where somebody has named a port of each site."""
    terminal.world.restore(converged)
    for site in (*FIRST, *SECOND, *THIRD):
        terminal.edit(port_of(terminal, site), name="Essai")
    yield terminal
    terminal.console.lab.faults.clear()


def names(terminal: Terminal) -> dict[str, str]:
    """Return the site of each network."""
    return {network: str(live["name"]).removeprefix("VLB ") for network, live in terminal.world.networks.items()}


def port_of(terminal: Terminal, site: str) -> str:
    sites, devices = names(terminal), terminal.world.devices
    serials = [serial for serial, device in devices.items() if sites.get(device["networkId"] or "") == site]
    return f"/devices/{min(serials)}/switch/ports/2"


def fail(terminal: Terminal) -> None:
    path = f"{port_of(terminal, FAILING)}$"
    terminal.console.lab.faults.add(kind="status", status=400, method="PUT", path=path, times=None)


def asked(terminal: Terminal) -> list[str]:
    """List the sites that a request concerned, in order of their first request."""
    sites, log = names(terminal), terminal.console.lab.calls.log
    parts = (entry.path.split("/networks/")[1] for entry in log if "/networks/" in entry.path)
    return list(dict.fromkeys(sites[part.split("/")[0]] for part in parts))


def corrected(terminal: Terminal) -> list[str]:
    """List the sites whose port was named again as declared, without any other write."""
    sites, devices = names(terminal), terminal.world.devices
    assert {path.split("/")[5] for _, path, _ in terminal.writes} <= {"switch"}
    serials = [path.split("/")[4] for _, path, status in terminal.writes if status == 200]
    return sorted(sites[devices[serial]["networkId"]] for serial in serials)


def test_a_site_that_fails_in_a_wave_leaves_the_next_one_untouched_and_a_second_run_finishes(moved: Terminal) -> None:
    fail(moved)
    stopped = moved.console.play(*SITES, *WAVES)
    assert stopped.code == 2
    assert asked(moved)[0] == FIRST[0]
    assert sorted(asked(moved)) == FIRST + SECOND
    assert corrected(moved) == [site for site in FIRST + SECOND if site != FAILING]
    assert stopped.said.count("PLAY [Converger les sites]") == 2
    assert f"{FAILING} n’a pas abouti" in stopped.said
    moved.console.lab.faults.clear()
    finished = moved.console.play(*SITES, *WAVES)
    assert finished.code == 0, finished.said
    assert corrected(moved) == sorted([FAILING, *THIRD])
    assert finished.said.count("PLAY [Converger les sites]") == 3


IN_WAVES = f"""
from dataclasses import replace
from piste.cli import main
from piste.runs.plans import saved
order_of = saved.order_of
saved.order_of = lambda plan: replace(order_of(plan), extra={ORDER!r})
main(prog_name='piste')
"""


@pytest.mark.story
def test_apply_names_the_sites_of_the_waves_that_were_not_begun_and_the_record_says_who_decided(
    moved: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test sets the order of waves: neither the lab's inventory nor a plan has any."""
    made = moved.piste("plan", LIMIT)
    assert made.code == EXIT["changes"], made.err
    assert {operation["owner"] for operation in moved.operations(made.plan_id)} == {*FIRST, *SECOND, *THIRD}
    fail(moved)
    monkeypatch.setattr(support, "PISTE", [sys.executable, "-c", IN_WAVES])
    stopped = moved.piste("apply", made.plan_id, "--yes", "--outside-window", "Mme Diallo : rentrée")
    assert stopped.code == EXIT["error"], stopped.err
    assert f"Pas encore touchés (2) : {', '.join(THIRD)}. Corrigez, puis relancez ce plan." in stopped.err
    assert corrected(moved) == [site for site in FIRST + SECOND if site != FAILING]
    (record,) = latest(Path(moved.environment["PISTE_JOURNAL_DIR"]), last=1)
    assert (record["outcome"], record["outside_window"]) == ("error", "Mme Diallo : rentrée")
    assert sorted({task["host"] for task in record["tasks"]}) == FIRST + SECOND
    assert "piste_outside_window" in " ".join(record["command"])
    moved.console.lab.faults.clear()
    finished = moved.piste("apply", made.plan_id, "--yes")
    assert (finished.code, corrected(moved)) == (0, sorted([FAILING, *THIRD])), finished.err


def test_a_site_of_the_last_wave_that_has_changed_since_the_plan_leaves_every_site_unwritten(
    moved: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One start of Ansible verifies all sites at once, then goes by waves."""
    monkeypatch.setattr(support, "PISTE", [sys.executable, "-c", IN_WAVES])
    made = moved.piste("plan", ",".join([*FIRST, SECOND[0]]))
    moved.edit(port_of(moved, SECOND[0]), name="Autre essai")
    refused = moved.piste("apply", made.plan_id, "--yes")
    assert (refused.code, moved.writes) == (EXIT["refused"], [])
    assert f"{SECOND[0]} / switch_port" in refused.err
    journal = Path(moved.environment["PISTE_JOURNAL_DIR"])
    (verified,) = latest(journal, last=1)
    assert (verified["check"], verified["plan"], verified["outcome"]) == (True, made.plan_id, "changes")
    assert sorted({task["host"] for task in verified["tasks"]}) == sorted([*FIRST, SECOND[0]])
    again = moved.piste("plan", ",".join([*FIRST, SECOND[0]]))
    assert moved.piste("apply", again.plan_id, "--yes").code == 0
    assert corrected(moved) == sorted([*FIRST, SECOND[0]])
    verified, applied = latest(journal, last=2)
    assert [(record["check"], record["plan"]) for record in (verified, applied)] == [
        (True, again.plan_id),
        (False, again.plan_id),
    ]
    assert all(task["check"] for task in verified["tasks"])
    assert not any(task["check"] for task in applied["tasks"])
    assert applied["tags"] == ["network"]


@pytest.mark.story
def test_without_waves_a_site_that_fails_stops_no_other(moved: Terminal) -> None:
    fail(moved)
    played = moved.console.play(*SITES)
    assert played.code == 2
    assert corrected(moved) == sorted({*FIRST, *SECOND, *THIRD} - {FAILING})
    assert played.said.count("PLAY [Converger les sites]") == 1


@pytest.mark.story
def test_a_plan_goes_in_one_batch_whatever_the_waves(moved: Terminal) -> None:
    fail(moved)
    played = moved.console.play(*SITES, *WAVES, "--check")
    assert (played.code, moved.writes) == (0, [])
    assert sorted(asked(moved)) == sorted([*FIRST, *SECOND, *THIRD])
    assert played.said.count("PLAY [Converger les sites]") == 1


def test_production_goes_in_waves_and_windows_and_the_lab_does_not() -> None:
    def inventory(path: str) -> dict[str, Any]:
        read: dict[str, Any] = yaml.safe_load((REPOSITORY / "inventories" / path).read_text("utf-8"))
        return read

    production, lab = inventory("production/group_vars/all/main.yml"), inventory("lab/group_vars/all.yml")
    assert (production["piste_waves"], production["piste_change_windows"]) == ([1, 5, "100%"], True)
    assert lab.keys() & {"piste_waves", "piste_change_windows"} == set()
