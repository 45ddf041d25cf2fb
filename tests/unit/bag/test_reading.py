"""The reading of the systems for a bag: one run, whose failures are those of their domains."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.exports.bag import reading
from piste.exports.bag.kinds import DOMAINS
from piste.exports.bag.reading import Answers, read_systems
from piste.runs.plans.play import Order, Played, _note


def answered(
    monkeypatch: pytest.MonkeyPatch, *events: tuple[str, str, dict[str, object]]
) -> tuple[Answers, list[Order]]:
    """Read with a run of some events: their kind, role and result."""
    asked: list[Order] = []

    def run(order: Order, *, check: bool) -> Played:
        asked.append(order)
        played = Played()
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
    silent = {"kind": "unknown", "msg": " Prism Central ne répond pas. "}
    answers, _ = answered(
        monkeypatch,
        ("runner_on_failed", "hosting", silent),
        ("runner_on_failed", "hosting", silent),
        ("runner_on_ok", "lebourget.piste.network", {"warnings": ["illisible", "illisible"]}),
        ("runner_on_ok", "declaration", {"warnings": ["exception échue"]}),
        ("runner_on_failed", "conclusion", {"msg": "commune n’a pas abouti"}),
    )
    assert answers.failed == {"hosting": "Prism Central ne répond pas."}
    assert {domain: said for domain, said in answers.remarks.items() if said} == {"network": ["illisible"]}


def test_what_stops_the_run_before_any_domain_leaves_them_all_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, _ = answered(monkeypatch, ("runner_on_failed", "declaration", {"msg": "la déclaration a 2 erreurs"}))
    assert answers.failed == dict.fromkeys(DOMAINS, "la déclaration a 2 erreurs")
