"""The report of a month, recomputed by hand: what is unknown is never zero, nor what is now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from piste.engine.figure import Figure
from piste.engine.finding import Finding
from piste.readings import history, store
from piste.readings.belief import Reading
from piste.readings.links import kept as links
from piste.readings.links.declared import town_links
from piste.readings.table import SUBJECTS
from piste.runs.records import chain
from piste.sites.month import kept, sources
from piste.sites.month.document import headline, kind_of, paper
from piste.sites.month.form import Report
from piste.sites.month.period import period
from piste.sites.month.report import below, make
from piste.systems.zabbix.link_measures import Measure
from piste.town import declared
from piste.town.model import Town
from piste.town.model.committees import DeclaredCommittee

NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)
HOURS = {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "start": "08:00", "end": "18:00"}


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "JOURNAL", "RESTORES"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))


@pytest.fixture(scope="module")
def whole() -> Town:
    return declared.town("lab")


def town(whole: Town, **changed: Any) -> Town:
    """Give a town of two schools, open ten hours a day of the week."""
    nothing: dict[str, Any] = {
        "incidents": None, "committees": [], "bonus_malus": [], "decisions": [], "spending": None,
    }  # fmt: skip
    names = ("ecole-jaures", "ecole-mermoz")
    sites: Any = {name: {**whole.sites[name], "opening_hours": HOURS} for name in names}
    commune: Any = {**(whole.commune or {}), **nothing, **changed}
    return replace(whole, commune=commune, sites=sites)


def report(town: Town, name: str = "2026-11", now: datetime = NOW, **given: Any) -> Report:
    return make(town, town.name, "lab", period(name), now, lambda _: given.get("kept"), given.get("waiting"))


def value(made: Report, id_: str) -> float | None:
    return next(line.value for line in made.lines if line.id == id_)


def rows(made: Report, name: str, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[column] for column in columns) for row in made.lists[name].rows]


def why(made: Report, id_: str) -> str:
    return next(line.why for line in made.lines if line.id == id_)


def note(monkeypatch: pytest.MonkeyPatch, day: str, findings: list[Finding], *figures: Figure) -> None:
    monkeypatch.setattr(history, "now", lambda: datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    history.note("lab", findings, figures)


def incident(id_: str, started: str, ended: str | None, *sites: str, **given: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("cause", "action", "who", "by", "done", "ticket", "kind", "known", "complaint", "breach"))
    return {"id": id_, "title": "Coupure", "gravity": "major", "started": started, "ended": ended, "sites": [*sites],
            **nothing, **given}  # fmt: skip


def run(moment: str, **given: Any) -> None:
    """Write the record of a run as the journal keeps it."""
    at = datetime.fromisoformat(moment)
    counts = dict.fromkeys(("create", "update", "delete", "reset", "withheld", "failed", "reads", "writes"), 0)
    record: dict[str, Any] = {
        "id": f"{at:%Y%m%dT%H%M%SZ}-00000a", "environment": "lab", "node": "poste", "user": "durand", "started": moment,
        "ended": moment, "command": [], "commit": "c", "clean": True, "check": False, "limit": None, "plan": None,
        "declaration": None, "previous": None, "tasks": [], "outcome": "changes", "counts": {**counts, "update": 3},
        **given,
    }  # fmt: skip
    folder = chain.journal_folder() / "lab" / "poste"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{record['id']}.json").write_bytes(chain.encode(chain.seal(record)))


def test_a_month_of_which_nothing_was_kept_is_unknown_and_never_zero(whole: Town) -> None:
    made = report(town(whole))
    assert {line.value for line in made.lines} == {None}
    assert all(line.why for line in made.lines)
    assert {name for name, listed in made.lists.items() if listed.known} == {"committees", "actions", "taken", "bonus"}
    assert headline(kind_of(made).data(paper(made, []))).mark == "doubt"


def test_a_figure_is_the_last_of_the_month_and_never_that_of_now(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, share in (("2026-10-30", 70), ("2026-11-03", 80), ("2026-11-20", 90), ("2026-12-01", 100)):
        note(monkeypatch, day, [], Figure("F14", share), Figure("RPO", share))
    note(monkeypatch, "2026-11-25", [], Figure("F14", None), Figure("RPO", 60, unknown=2))
    made = report(town(whole))
    line = next(line for line in made.lines if line.id == "F14")
    assert (line.value, line.day, line.before) == (90, "2026-11-20", 70)
    assert value(made, "RPO") == 60, "the worst of the month"
    assert "2 non lus" in why(made, "RPO")
    assert value(report(town(whole), "2026-09"), "F14") is None


def test_new_faults_are_counted_where_their_subject_was_read(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (Finding(f"supervision.a.{name}", "wrong", name, gravity="critical") for name in ("old", "new"))
    note(monkeypatch, "2026-10-30", [old])
    note(monkeypatch, "2026-11-10", [old, new, Finding("network.a", "unknown", "le Dashboard se tait")])
    note(monkeypatch, "2026-11-12", [new])
    note(monkeypatch, "2026-12-02", [])
    made = report(town(whole))
    assert (value(made, "supervision.new"), value(made, "supervision.open")) == (1, 1)
    assert why(made, "supervision.new") == "28 jours sans relevé"
    assert "l’historique commence" in why(report(town(whole), "2026-10"), "supervision.new")
    assert value(made, "network.new") is None, "silent, not without a fault"
    assert value(made, "hosting.new") is None, "never read"
    assert rows(made, "alerts", "id", "over") == [("supervision.a.new", None)], "its end is of december"
    assert rows(made, "unread", "subject", "things") == [("réseau", 1)]
    assert made.noted == 2


def test_opening_hours_that_incidents_took_are_counted_once(whole: Town) -> None:
    entries = [
        incident("A", "2026-11-02T07:00:00+01:00", "2026-11-02T10:00:00+01:00", "ecole-jaures"),
        incident("B", "2026-11-02T09:00:00+01:00", "2026-11-02T11:00:00+01:00", "ecole-jaures", gravity="minor"),
        incident("C", "2026-10-31T20:00:00+01:00", "2026-11-01T20:00:00+01:00", "ecole-mermoz"),
        incident("D", "2026-11-30T17:00:00+01:00", None),
    ]
    register = {"since": "2026-11-01", "until": "2026-11-30", "entries": entries}
    made = report(town(whole, incidents=register))
    # Monday the 2nd, from 8 to 11, of 21 days of ten hours at two schools.
    assert value(made, "sites.lost") == 3
    assert value(made, "sites.available") == round(100 * (1 - 3 / 420), 3)
    assert (value(made, "incidents.count"), value(made, "incidents.major"), value(made, "incidents.open")) == (3, 2, 1)
    assert value(made, "incidents.repair") == round((3 + 2 + 24) / 3, 1)
    assert rows(made, "incidents", "lost") == [(2,), (2,), (0,), (0,)]
    short = report(town(whole, incidents={**register, "until": "2026-11-29"}))
    assert value(short, "incidents.count") is None, "nobody says that the register is whole"
    assert (value(made, "incidents.breaches"), value(made, "incidents.notice")) == (0, None)


def test_the_level_of_availability_is_judged_where_the_parties_agreed_on_it(
    whole: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "today", lambda: NOW.date())
    cut = incident("A", "2026-11-02T07:00:00+01:00", "2026-11-02T10:00:00+01:00", "ecole-jaures")
    register = {"since": "2026-11-01", "until": "2026-11-30", "entries": [cut]}
    level = {"line": "sites.available", "better": "more", "bonus": None, "malus": 99.6, "year_before": False,
             "agreed": "x"}  # fmt: skip
    for levels, entries, state in (
        ([], register, "unknown"),
        ([{**level, "malus": None}], register, "unknown"),
        ([level], None, "unknown"),
        ([level], register, "wrong"),
        ([{**level, "malus": 99}], register, "ok"),
    ):
        of = town(whole, incidents=entries, bonus_malus=levels)
        kept.keep(report(of))
        (made,) = [each for each in kept.findings(of, "lab") if each.id == "months.available"]
        assert made.state == state, made.what


def test_breaches_and_the_delay_of_their_notice_are_counted(whole: Town) -> None:
    def breach(id_: str, cnil: str | None = None, **given: Any) -> dict[str, Any]:
        known = "2026-11-02T08:00:00+01:00"
        return incident(id_, known, None, known=known, breach={"cnil": cnil, "why_not": None, "risk": None, **given})

    entries = [
        breach("A", "2026-11-03T08:00:00+01:00"), breach("B", "2026-11-05T09:00:00+01:00"), breach("C"),
        breach("D", why_not="Données chiffrées"), {**breach("E"), "known": None},
        incident("F", "2026-11-02T08:00:00Z", None),
    ]  # fmt: skip
    made = report(town(whole, incidents={"since": "2026-11-01", "until": "2026-11-30", "entries": entries}))
    names = ("breaches", "late", "notice")
    assert [value(made, f"incidents.{name}") for name in names] == [5, None, 73], "nobody says since when E is known"
    entries = [entry for entry in entries if entry["id"] != "E"]
    made = report(town(whole, incidents={"since": "2026-11-01", "until": "2026-11-30", "entries": entries}))
    assert [value(made, f"incidents.{name}") for name in names] == [4, 2, 73], "after 73 hours, and not yet"
    said = rows(made, "incidents", "breach")[1]
    assert said == ("violation de données : CNIL prévenue tard en 73\N{NO-BREAK SPACE}h",)


def test_a_breach_counts_when_it_is_known_and_its_lateness_at_its_deadline(whole: Town) -> None:
    def breach(id_: str, known: str, cnil: str | None) -> dict[str, Any]:
        given = {"cnil": cnil, "why_not": None, "risk": "risk"}
        return incident(id_, "2026-06-01T08:00:00Z", "2026-06-02T08:00:00Z", known=known, breach=given)

    entries = [
        breach("A", "2026-10-30T08:00:00+01:00", "2026-11-03T08:00:00+01:00"),
        breach("B", "2026-11-29T08:00:00+01:00", "2026-12-03T08:00:00+01:00"),
    ]
    made = report(town(whole, incidents={"since": "2026-01-01", "until": "2026-11-30", "entries": entries}))
    said = [value(made, f"incidents.{name}") for name in ("count", "breaches", "late", "notice")]
    assert said == [0, 1, 1, 96], "B is known in November and late in December, A the other way round"
    assert rows(made, "incidents", "id") == [("B",)]


def test_the_journal_counts_what_wrote_and_knows_how_far_it_goes(whole: Town) -> None:
    run("2026-11-01T00:30:00+00:00")
    run("2026-10-31T22:30:00+00:00", check=True, outcome="ok")
    run("2026-11-05T10:00:00+00:00", outcome="error", counts={**dict.fromkeys(
        ("update", "delete", "reset", "withheld", "failed", "reads", "writes"), 0), "create": 1})  # fmt: skip
    made = report(town(whole))
    assert (value(made, "changes.runs"), value(made, "changes.objects"), value(made, "changes.failed")) == (2, 4, 1)
    assert rows(made, "changes", "objects") == [(3,), (1,)]
    assert "durand" not in made.model_dump_json(), "the journal alone names who ran it"
    assert value(report(town(whole), "2026-12"), "changes.runs") == 0, "the journal is there, and nothing ran"
    assert value(report(town(whole), "2026-09"), "changes.runs") is None


def measured(up: int, pings: int) -> Measure:
    return Measure(interval=60.0, pings=pings, up=up, doubtful=0, latency_sum=0.0, latency_count=0, p95=None, raw=0,
                   loss_sum=0.0, loss_count=0)  # fmt: skip


def test_links_have_the_mean_the_worst_and_those_that_nobody_measured(whole: Town) -> None:
    small = town(whole)
    named = [link["name"] for link in town_links(small)]
    assert len(named) == 2
    read = links.Readings(month="2026-11", measured_at="2026-12-01T08:00:00+00:00", traffic_at="", traffic={},
                          measures={named[0]: measured(900, 1000)})  # fmt: skip
    links.keep("lab", read)
    made = report(small)
    assert (value(made, "links.available"), value(made, "links.worst")) == (90, 90)
    assert "1 liaison non mesurée" in why(made, "links.available")
    assert value(report(small, "2026-10"), "links.available") is None


def desk(month: str, opened: int) -> None:
    row = {
        "month": month,
        "opened": opened,
        "incidents": opened,
        "requests": 0,
        "solved": opened,
        "open_at_end": 0,
        "first_answer_hours_median": 1.5 if opened else None,
        "resolution_hours_median": 4.0 if opened else None,
        "resolution_hours_mean": 4.0 if opened else None,
        "satisfaction_mean": None,
        "satisfaction_answers": None,
    }
    store.keep(SUBJECTS["desk"], "lab", {month: Reading(row, datetime(2026, 12, 2, tzinfo=UTC))})


def test_a_quarter_is_made_of_its_months_and_an_unknown_month_is_said(whole: Town) -> None:
    for month, opened in (("2026-07", 10), ("2026-08", 0), ("2026-09", 20), ("2026-10", 5)):
        desk(month, opened)
    made = report(town(whole), "2026-T3")
    assert (value(made, "desk.opened"), value(made, "desk.resolution_hours_median")) == (30, 4)
    assert next(line.before for line in made.lines if line.id == "desk.opened") is None
    later = report(town(whole), "2026-T4")
    assert value(later, "desk.opened") is None
    assert why(later, "desk.opened") == "inconnu en novembre 2026, décembre 2026 ; 5 sur 1 mois connu"
    assert value(made, "desk.satisfaction_mean") is None


def test_bonus_and_malus_need_the_whole_and_may_be_against_a_year_before(whole: Town) -> None:
    desk("2026-09", 20)
    desk("2025-09", 40)
    entry = {"line": "desk.incidents", "better": "less", "bonus": -10, "malus": 10, "year_before": True, "agreed": "x"}
    bonuses = [
        entry, {**entry, "bonus": 15, "malus": 20, "year_before": False}, {**entry, "line": "F14"},
        {**entry, "line": "rien.de.tel"},
    ]  # fmt: skip
    made = report(town(whole, bonus_malus=bonuses), "2026-09")
    assert rows(made, "bonus", "value", "verdict") == [
        (-50, "bonus"), (20, "malus"), (None, "unknown"), (None, "unknown")]  # fmt: skip
    assert "n’est pas un indicateur" in str(made.lists["bonus"].rows[3]["why"])


def test_committees_give_their_actions_open_or_done_in_the_period(whole: Town) -> None:
    action = {"what": "Doubler le lien", "who": "titulaire", "by": "2026-11-20", "done": None}
    done = [{**action, "what": "avant", "done": "2026-10-31"}, {**action, "what": "après", "done": "2026-12-01"}]
    committee = {"date": "2026-10-12", "name": "Pilotage", "present": ["DSI"], "minutes": "CR 4", "reports": []}
    later = {**committee, "date": "2026-12-01", "actions": [action]}
    made = report(town(whole, committees=[{**committee, "actions": [action, *done]}, later]))
    assert rows(made, "actions", "what", "state") == [("Doubler le lien", "late"), ("après", "late")]
    assert rows(made, "committees", "date") == []
    assert rows(report(town(whole, committees=[later]), "2026-12"), "committees", "minutes") == [("CR 4",)]


def test_two_years_by_the_clock_keep_what_the_history_forgets(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, small = datetime(2025, 1, 1, 12, tzinfo=UTC), town(whole)
    fault = Finding("supervision.a.x", "wrong", "x")
    for rank in range(0, 760, 10):
        at = begun + timedelta(days=rank)
        silent = at.month in (6, 7)
        seen = Finding("supervision", "unknown", "Zabbix se tait") if silent else fault
        note(monkeypatch, at.date().isoformat(), [seen], Figure("F11", None if silent else 90.0))
        before = (at.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
        if at.day <= 10 and kept.read("lab", before) is None and at > begun:
            kept.keep(report(small, before, at, kept=None))
    end = begun + timedelta(days=765)
    assert value(report(small, "2025-03", end), "F11") is None, "the history has forgotten"
    made = make(small, small.name, "lab", period("2025"), end, lambda name: kept.known("lab", name), None)
    assert (value(made, "F11"), value(made, "supervision.open")) == (90, 1)
    assert value(made, "supervision.new") is None
    assert why(made, "supervision.new") == "inconnu en juin 2025, juillet 2025 ; 1 sur 10 mois connus"
    second = make(small, small.name, "lab", period("2026"), end, lambda name: kept.known("lab", name), None)
    assert why(second, "supervision.new") == "inconnu en juin 2026, juillet 2026 ; 0 sur 10 mois connus"
    assert sources.Month(small, "lab", "2025-06", end).values()["F11"].value is None


def test_a_target_that_what_was_not_read_may_break_is_not_reached(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Figure("F19", 0, "", unknown=3), Figure("F11", 100, unknown=1), Figure("F17", 90)
    note(monkeypatch, "2026-11-20", [], *seen)
    made = {line.id: line.reached for line in report(town(whole)).lines if line.value is not None}
    assert {name: made[name] for name in ("F19", "F11", "F17")} == {"F19": None, "F11": None, "F17": False}


@pytest.mark.parametrize(("moment", "days"), [("30T22:59", (1, 0)), ("30T23:01", (0, 1))])
def test_a_state_is_of_the_day_of_the_town(
    whole: Town, monkeypatch: pytest.MonkeyPatch, moment: str, days: tuple[int, int]
) -> None:
    monkeypatch.setattr(history, "now", lambda: datetime.fromisoformat(f"2026-11-{moment}:00+00:00"))
    history.note("lab", [], [Figure("F17", 90)])
    assert tuple(report(town(whole), name).noted for name in ("2026-11", "2026-12")) == days
    assert tuple(value(report(town(whole), name), "F17") for name in ("2026-11", "2026-12")) == tuple(
        90 if day else None for day in days
    )


@pytest.mark.parametrize("days", [{"by": "2026-11-11"}, {"by": "2026-12-01", "done": "2026-11-11"}])
def test_an_action_is_due_and_done_after_its_committee(days: dict[str, str]) -> None:
    action = {"what": "a", "who": "titulaire", **days}
    with pytest.raises(ValidationError, match="avant le comité"):
        DeclaredCommittee.model_validate(
            {"date": "2026-11-12", "name": "x", "present": [], "minutes": "CR", "actions": [action]}
        )


def test_an_action_of_a_period_that_runs_is_late_once_its_day_is_over(whole: Town) -> None:
    action = {"what": "a", "who": "titulaire", "done": None}
    due = [{**action, "by": day} for day in ("2026-12-02", "2026-12-03", "2026-12-20")]
    committee = {"date": "2026-11-12", "name": "Pilotage", "present": [], "minutes": "CR", "reports": [],
                 "actions": due}  # fmt: skip
    made = report(town(whole, committees=[committee]), "2026-12")
    assert rows(made, "actions", "state") == [("late",), ("open",), ("open",)]


def test_a_month_with_a_record_that_is_not_readable_counts_no_run(whole: Town) -> None:
    run("2026-11-05T10:00:00+00:00")
    run("2026-11-06T10:00:00+00:00")
    (chain.journal_folder() / "lab/poste/20261106T100000Z-00000a.json").write_bytes(b"{")
    made = report(town(whole))
    assert (value(made, "changes.runs"), made.lists["changes"].known) == (None, False)


def test_orders_are_summed_over_the_month_and_the_year_where_they_are_all_there(whole: Town) -> None:
    lines = [{"id": day, "kind": "order", "day": day, "label": "x", "excl_tax": amount, "incl_tax": 2 * amount}
             for day, amount in (("2026-01-05", 30_000.0), ("2026-11-30", 4_000.5), ("2026-12-01", 9.0))]  # fmt: skip
    fixed = {**lines[1], "id": "fixed", "kind": "fixed"}
    spending = {"start": None, "end": None, "since": "2026-01-01", "until": "2026-11-30", "lines": [*lines, fixed]}
    made = report(town(whole, spending=spending))
    assert (value(made, "orders.amount"), value(made, "orders.year")) == (4000.5, 34000.5)
    assert [line.id for line in below(made)] == ["orders.year"], "F20: 33 333,33 euros a year"
    late = report(town(whole, spending={**spending, "since": "2026-02-01"}))
    assert (value(late, "orders.amount"), value(late, "orders.year")) == (4000.5, None)
    assert value(report(town(whole, spending=spending), "2026-12"), "orders.amount") is None
    begun = report(town(whole, spending={**spending, "since": "2026-02-01", "start": "2026-02-01"}))
    assert value(begun, "orders.year") == 34000.5, "a year of the contract begins with it"
