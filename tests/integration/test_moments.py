"""Moments without writes: freezes and change windows, by plain Ansible and by `piste`."""

from __future__ import annotations

import getpass
import json
import os
import platform
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from piste.commands.output import EXIT
from piste.engine.converge.locks import exclusive
from piste.runs.records.journal import latest
from tests.support.playbooks import console
from tests.support.terminal import Terminal

SITE = "ecole-jaures"
PORT = "/devices/QZZZ-0005-0001/switch/ports/2"
CLOSED = {"piste_change_windows": True, "change_windows": {"windows": []}}
FROZEN = {"freezes": [{"from": "2000-01-01T00:00", "until": "2999-01-01T00:00", "why": "Essai"}]}


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("moments")) as opened:
        done = opened.play("playbooks/site.yml", "-l", SITE)
        assert done.code == 0, done.said
        yield Terminal(opened)


@pytest.fixture
def moved(terminal: Terminal) -> Terminal:
    terminal.edit(PORT, vlan=99)
    return terminal


def site(terminal: Terminal, *options: str, **variables: Any) -> tuple[int, str]:
    extra = ("-e", json.dumps(variables, ensure_ascii=False))
    played = terminal.console.play("playbooks/site.yml", "-l", SITE, *options, *extra)
    return played.code, " ".join(played.said.split()).replace("''", "'")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (CLOSED, "PISTE-E033 ecole-jaures : hors de la fenêtre de changement."),
        (
            {**CLOSED, **FROZEN, "piste_outside_window": "Mme Diallo : panne"},
            "PISTE-E032 ecole-jaures : les écritures sont gelées jusqu’au 2999-01-01 à 00:00 : Essai.",
        ),
        pytest.param(
            {**CLOSED, "piste_outside_window": "panne"}, "piste_outside_window doit dire qui en décide et pourquoi",
            marks=pytest.mark.story,  # test_conditions.py says it without Ansible
        ),
    ],
)
def test_plain_ansible_writes_nothing_when_nothing_may_be_written(
    moved: Terminal, variables: dict[str, Any], said: str
) -> None:
    code, shown = site(moved, **variables)
    assert (code, moved.writes) == (2, [])
    assert said in shown
    assert "ecole-jaures n’a pas abouti (réseau : refusé)" in shown


def test_a_plan_is_made_at_any_moment(moved: Terminal) -> None:
    code, shown = site(moved, "--check", **CLOSED, **FROZEN)
    assert (code, moved.writes) == (0, []), shown


def test_who_decides_and_why_open_the_window_and_stay_in_the_journal(moved: Terminal) -> None:
    moved.console.environment["PISTE_JOURNAL_DIR"] = moved.environment["PISTE_JOURNAL_DIR"]
    code, shown = site(moved, **CLOSED, piste_outside_window="Mme Diallo : panne à la cantine")
    assert code == 0, shown
    assert moved.writes == [("PUT", f"/api/v1{PORT}", 200)]
    (record,) = latest(Path(moved.environment["PISTE_JOURNAL_DIR"]), last=1)
    assert record["outside_window"] == "Mme Diallo : panne à la cantine"
    shown = moved.piste("journal", "show", record["id"]).out
    assert "hors fenêtre    Mme Diallo : panne à la cantine" in shown


def test_two_engineers_who_apply_one_plan_at_once_write_once(moved: Terminal) -> None:
    planned = moved.piste("plan", SITE)
    moved.console.lab.calls.clear()

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: moved.piste("apply", planned.plan_id, "--yes"), range(2)))
    assert moved.writes == [("PUT", f"/api/v1{PORT}", 200)]
    assert 0 in [said.code for said in both]
    assert {said.code for said in both} <= {0, EXIT["refused"]}, [said.err for said in both]


@pytest.mark.story
def test_an_apply_is_refused_with_who_is_writing_the_same_site(
    moved: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = moved.piste("plan", SITE)
    monkeypatch.setenv("PISTE_LOCK_DIR", moved.environment["PISTE_LOCK_DIR"])
    with exclusive(f"meraki {moved.console.lab.info['meraki']['url']} VLB {SITE}"):
        refused = moved.piste("apply", planned.plan_id, "--yes", PISTE_LOCK_WAIT="0.2")
    assert (refused.code, moved.writes) == (EXIT["refused"], [])
    holder = f"{getpass.getuser()} sur {platform.node()} (processus {os.getpid()})"
    assert f"VLB {SITE} » est en cours de modification par {holder}. Attendez la fin de son exécution" in refused.err
    assert moved.piste("apply", planned.plan_id, "--yes").code == 0
