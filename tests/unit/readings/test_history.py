"""The history of findings: since when, and what ends a fault."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.clock import TOWN
from piste.engine.figure import Figure
from piste.engine.finding import Finding, State
from piste.readings import history
from piste.readings.history import Day
from piste.town.model.dates import now


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> Iterable[object]:
    """Note states of findings, an hour after the former each time."""
    begun, hours = now(), iter(range(-9000, 9000))

    def note(**states: State) -> list[Finding]:
        moment = begun + timedelta(hours=next(hours))
        monkeypatch.setattr(history, "now", lambda: moment)
        findings = [Finding(name.replace("_", "."), state, name) for name, state in states.items()]
        history.note("lab", findings)
        return history.dated("lab", findings)

    return note


def hours(first: Finding, second: Finding) -> float:
    return (datetime.fromisoformat(second.since) - datetime.fromisoformat(first.since)).total_seconds() / 3600


def test_nothing_is_written_to_say_since_when() -> None:
    (finding,) = history.dated("lab", [Finding("life.a", "wrong", "a")])
    assert finding.since == ""
    assert history.days("lab") == []


def test_a_fault_lasts_since_it_was_first_seen(noted) -> None:  # type: ignore[no-untyped-def]
    (first,) = noted(life_a="wrong")
    (second,) = noted(life_a="wrong")
    assert hours(first, second) == 0
    noted(life_a="ok")
    (again,) = noted(life_a="wrong")
    assert hours(first, again) == 3


def test_what_is_unknown_ends_no_fault(noted) -> None:  # type: ignore[no-untyped-def]
    (first,) = noted(life_a="wrong")
    (unknown,) = noted(life_a="unknown")
    assert hours(first, unknown) == 1
    (second,) = noted(life_a="wrong")
    assert hours(first, second) == 0
    (later,) = noted(life_a="unknown")
    assert hours(first, later) == 3


def test_a_fault_of_a_subject_that_was_not_judged_goes_on(noted) -> None:  # type: ignore[no-untyped-def]
    (first, _) = noted(life_a="wrong", life_b="ok")
    noted(life="unknown")
    (second,) = noted(life_a="wrong")
    assert hours(first, second) == 0
    noted(life_b="ok")
    (third,) = noted(life_a="wrong")
    assert hours(first, third) == 4


def test_a_day_has_its_last_counts(monkeypatch: pytest.MonkeyPatch, noted) -> None:  # type: ignore[no-untyped-def]
    noted(life_a="wrong", life_b="unknown", life_c="ok")
    day, *_ = history.days("lab")
    assert day == Day(day.day, 1, 1, 1)
    for _ in range(48):
        noted(life_a="ok")
    assert [counts[1:] for counts in history.days("lab")][1:] == [(0, 0, 1)] * (len(history.days("lab")) - 1)
    assert len(history.days("lab")) in (2, 3)


def test_what_is_long_over_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    for days, state in ((-500, "wrong"), (-499, "ok"), (0, "ok")):
        moment = now() + timedelta(days=days)
        monkeypatch.setattr(history, "now", lambda at=moment: at)
        history.note("lab", [Finding("life.a", state, "a")])  # type: ignore[arg-type]
    assert len(history.days("lab")) == 1


def days_of(monkeypatch: pytest.MonkeyPatch, *values: tuple[int, Figure]) -> None:
    for days, figure in values:
        moment = now() - timedelta(days=days)
        monkeypatch.setattr(history, "now", lambda at=moment: at)
        history.note("lab", [], [figure])


def test_a_figure_is_compared_with_itself_a_month_before(monkeypatch: pytest.MonkeyPatch) -> None:
    assert history.trends("lab") == {}
    days_of(monkeypatch, *((days, Figure("F14", 100 - days)) for days in (60, 45, 31, 10, 0)))
    trend = history.trends("lab")["F14"]
    today = now().astimezone(TOWN).date()
    assert (trend.value, trend.before, trend.moved) == (100, 69, True)
    assert (trend.day, trend.since) == (today.isoformat(), (today - timedelta(days=31)).isoformat())


def test_a_young_figure_is_compared_with_its_first_day_and_never_with_another_method(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days_of(
        monkeypatch,
        (9, Figure("F2", 7, "kWh", method="estimated")), (5, Figure("F2", 8, "kWh")), (0, Figure("F2", None, "kWh")),
    )  # fmt: skip
    trend = history.trends("lab")["F2"]
    assert (trend.value, trend.before, trend.moved) == (None, 8, True)


def test_a_figure_has_the_day_of_its_data_and_none_of_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = ((now() + timedelta(days=days)).astimezone(TOWN).date().isoformat() for days in (-3, 3))
    days_of(monkeypatch, (0, Figure("F1", 50, day=before)), (0, Figure("F1", 60, day=after)))
    assert history.trends("lab")["F1"][2:4] == (before, 50)


def test_figures_are_forgotten_with_the_days(monkeypatch: pytest.MonkeyPatch) -> None:
    days_of(monkeypatch, (401, Figure("F9", 1)), (399, Figure("F9", 2)), (0, Figure("F9", 3)))
    with history.opened("lab") as base:
        assert base.execute("SELECT value FROM figure ORDER BY day").fetchall() == [(2,), (3,)]


def test_findings_say_what_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    f14, f9 = Figure("F14", 92), Figure("F9", 80)
    days_of(monkeypatch, (31, f14), (31, f9), (0, f14._replace(value=97.5)), (0, f9))
    said = CliRunner().invoke(main, ["findings"]).output
    assert "F14 : 92 % → 97,5 %, depuis le " in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "F9 :" not in said


def test_a_month_is_as_it_ended_and_a_month_without_a_note_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = (("2026-02-03", 80.0, "wrong"), ("2026-02-27", 90.0, "ok"), ("2026-04-01", None, "wrong"))
    for day, value, state in notes:
        monkeypatch.setattr(history, "now", lambda day=day: datetime.fromisoformat(f"{day}T05:00:00+00:00"))
        finding = Finding("life.a", "wrong" if state == "wrong" else "ok", "a")
        history.note("lab", [finding], [Figure("F14", value)])
    made = history.by_month("lab")
    assert {month: each.value for month, each in made["F14"].items()} == {"2026-02": 90.0, "2026-04": None}
    assert {month: each.value for month, each in made["wrong"].items()} == {"2026-02": 0, "2026-04": 1}
