"""The reading of the systems for a bag: one run, whose failures are those of their domains."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ansible_runner
import pytest

from piste.engine.converge.task_log import STEPS
from piste.exports.bag import reading
from piste.exports.bag.kinds import DOMAINS
from piste.exports.bag.reading import Answers, read_systems
from piste.runs.plans.play import Order, Played, _note
from piste.runs.plans.trace import LOST

SILENT = {"kind": "unknown", "msg": " Prism Central ne répond pas. "}


def answered(
    monkeypatch: pytest.MonkeyPatch, *events: tuple[str, str, dict[str, object]], done: tuple[str, ...] = DOMAINS
) -> tuple[Answers, list[Order]]:
    """Read with a run of some events: their kind, role and result.

    The tasks of the domains of `done` end well.
    """
    asked: list[Order] = []

    def run(order: Order, *, check: bool) -> Played:
        asked.append(order)
        played = Played(done={f"piste_{domain}" for domain in done})
        for kind, role, result in events:
            data = {"host": "commune", "task": "t", "role": role, "res": result}
            _note(played, {"event": kind, "event_data": data}, lambda step: None)
        return played

    monkeypatch.setattr(reading, "watched", run)
    return read_systems(Path("/nowhere"), "lab", lambda command: None), asked


def test_every_system_is_read_in_a_single_run(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, asked = answered(monkeypatch)
    assert [order.playbook for order in asked] == ["playbooks/export.yml"]
    assert (answers.failed, answers.remarks) == ({}, {domain: [] for domain in DOMAINS})


def test_a_domain_that_fails_is_unread_and_what_systems_remark_is_that_of_their_domain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers, _ = answered(
        monkeypatch,
        ("runner_on_failed", "hosting", SILENT),
        ("runner_on_failed", "hosting", SILENT),
        ("runner_on_ok", "lebourget.piste.network", {"warnings": ["illisible", "illisible"]}),
        ("runner_on_ok", "declaration", {"warnings": ["exception échue"]}),
        ("runner_on_failed", "conclusion", {"msg": "commune n’a pas abouti"}),
    )
    assert answers.failed == {"hosting": "Prism Central ne répond pas."}
    assert {domain: said for domain, said in answers.remarks.items() if said} == {"network": ["illisible"]}


def test_what_stops_the_run_before_any_domain_leaves_them_all_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, _ = answered(monkeypatch, ("runner_on_failed", "declaration", {"msg": "la déclaration a 2 erreurs"}))
    assert answers.failed == dict.fromkeys(DOMAINS, "la déclaration a 2 erreurs")


def test_a_domain_that_the_run_did_not_come_to_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that fails outside of a rescue ends its host."""
    answers, _ = answered(monkeypatch, ("runner_on_failed", "hosting", SILENT), done=("routing", "directory"))
    unread = dict.fromkeys(DOMAINS, "l’exécution s’est arrêtée avant de le lire")
    for domain in ("routing", "directory"):
        del unread[domain]
    assert answers.failed == {**unread, "hosting": "Prism Central ne répond pas."}


@pytest.mark.parametrize(
    ("silent", "lost", "code"), [(True, False, 137), (False, True, 1), (True, False, 4), (True, False, None)]
)
def test_what_was_not_read_when_ansible_died_is_unread(
    silent: bool, lost: bool, code: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One domain was silent before, or the record was lost: neither says anything of the others."""

    def run(**given: Any) -> Any:
        role = "routing"
        for kind, module in (("ok", "piste_routing"), ("skipped", "piste_supervision")):
            data = {"host": "commune", "role": role, "task_action": f"lebourget.piste.{module}", "res": {}}
            given["event_handler"]({"event": f"runner_on_{kind}", "pid": 1, "event_data": data})
        if silent:
            data = {"host": "commune", "role": "hosting", "res": SILENT}
            given["event_handler"]({"event": "runner_on_failed", "pid": 1, "event_data": data})
        if lost:
            Path(given["envvars"][STEPS]).write_text('{"unrecorded": "Plus de place."}\n', "utf-8")
        return SimpleNamespace(rc=code, status="failed", stdout=SimpleNamespace(read=lambda: "Killed"))

    monkeypatch.setattr(ansible_runner, "run", run)
    answers = read_systems(Path("/nowhere"), "lab", lambda command: None)
    LOST.clear()
    assert [*answers.failed] == [*DOMAINS]
    said = "Killed" if code else "Ansible a été tué avant sa fin"
    assert all(said in why for why in answers.failed.values())
