"""Activity and energy of the network, known or not, and the clause that falls with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from piste.readings import store
from piste.readings.belief import Reading, Unread
from piste.readings.findings import findings
from piste.sites.conformity import Facts, judge
from piste.sobriety import power, usage
from piste.town.model import Town
from piste.town.model.dates import now


def energy(**changes: Any) -> dict[str, Any]:
    covered = {"measured": 2, "switches": 2, "most": 50, "complete": True, **changes}
    return {"switches": [], "period": {"start": "a", "end": "b", "hours": 24.0}, "coverage": covered}


def week(name: str, *unread: str) -> dict[str, Any]:
    silent = dict.fromkeys(unread, "pas de réponse")
    return {"week": name, "start": "a", "end": "b", "sites": {}, "unread": silent, "absent": []}


def verdict(town: Town) -> tuple[dict[str, str], str]:
    """Give the states of both findings, and the evidence of the clause that rests on them."""
    subjects = (power.ENERGY, usage.SUBJECT)
    listed = [finding for finding in findings(town, "lab", subjects) if "." in finding.id]
    evidence = judge(Facts(findings=listed), ["R104"])["R104"].evidence
    states = {piece.state for piece in evidence if piece.kind == "findings"}
    (whole,) = states if len(states) == 1 else ("mixed",)
    return {finding.id.partition(".")[0]: finding.state for finding in listed}, whole


@pytest.fixture
def last(town: Town) -> str:
    (name,) = usage.last_week(town)
    return name


def test_both_known_hold_the_clause_and_each_breaks_it(town: Town, last: str) -> None:
    assert verdict(town) == ({}, "unknown"), "a lab where nothing was read says nothing"
    store.keep(power.ENERGY, "lab", {power.SWITCHES: Reading(energy(), now())})
    store.keep(usage.SUBJECT, "lab", {last: Reading(week(last), now())})
    assert verdict(town) == ({"energy": "ok", "usage": "ok"}, "ok")
    store.keep(power.ENERGY, "lab", {power.SWITCHES: Reading(energy(measured=50, switches=61, complete=False), now())})
    assert verdict(town) == ({"energy": "unknown", "usage": "ok"}, "mixed")
    store.keep(power.ENERGY, "lab", {power.SWITCHES: Reading(energy(), now())})
    store.keep(usage.SUBJECT, "lab", {last: Reading(week(last, "ports"), now())})
    assert verdict(town) == ({"energy": "ok", "usage": "unknown"}, "mixed")


def test_a_week_before_the_last_and_an_old_measure_say_nothing_of_now(town: Town, last: str) -> None:
    before = f"{now() - timedelta(weeks=5):%G-W%V}"
    store.keep(usage.SUBJECT, "lab", {before: Reading(week(before), now())})
    store.keep(power.ENERGY, "lab", {power.SWITCHES: Reading(energy(), now() - timedelta(days=15))})
    assert verdict(town) == ({"energy": "unknown", "usage": "unknown"}, "unknown")


def test_what_does_not_answer_is_unknown_with_its_reason(town: Town, last: str) -> None:
    silence = Unread("connexion refusée", now())
    store.keep(power.ENERGY, "lab", {power.SWITCHES: silence})
    said = [finding.what for finding in power.measured(town, "lab")]
    assert said == ["énergie des commutateurs : connexion refusée"]
    assert [finding.state for finding in power.measured(town, "production")] == ["unknown"]
