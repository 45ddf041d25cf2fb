"""A site is converged for some days; a drift stays; a run of the future is not believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.runs.records.journal import future, newest
from piste.sites import convergence, status
from piste.sites.status import Passage, SiteState
from piste.town import declared
from piste.town.model.derived import Derived
from piste.town.model.freshness import HOURS, LIVING, ages, derive_freshness
from piste.town.model.freshness_form import Freshness
from tests.unit.records.made import chain_of, header, run, task

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)
SITE = "ecole-jaures"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def town() -> Derived:
    return declared.rule()


def passage(outcome: str, ago: timedelta) -> Passage:
    return Passage("run", (NOW - ago).isoformat(), "marie", outcome, int(outcome == "changes"))


def judged(last: Passage | None, drift: Passage | None) -> convergence.Convergence:
    return convergence.convergence(SiteState(SITE, last, drift), 7, NOW)


@pytest.mark.parametrize(
    ("ago", "verdict"),
    [(0 * DAY, "converged"), (7 * DAY, "converged"), (7.01 * DAY, "unknown"), (240 * DAY, "unknown")],
)
def test_a_convergence_holds_for_some_days(ago: timedelta, verdict: str) -> None:
    well, wrote = passage("ok", ago), passage("changes", ago)
    assert {judged(*known).verdict for known in ((None, well), (well, None), (wrote, None))} == {verdict}
    assert judged(None, passage("ok", 240 * DAY)).why == "convergé le 02/04/2026, trop ancien pour le dire encore"


def test_a_drift_stays_until_something_says_otherwise() -> None:
    assert judged(None, passage("changes", 240 * DAY)) == ("drifted", "")
    assert judged(passage("ok", DAY), passage("changes", 2 * DAY)).verdict == "converged"
    assert judged(passage("changes", DAY), passage("changes", 2 * DAY)).verdict == "unknown"
    assert judged(passage("ok", 2 * DAY), passage("unknown", DAY)) == ("unknown", "")


def test_a_moment_that_is_none_is_unknown() -> None:
    state = judged(Passage("run", "zz hier", None, "ok", 0), None)
    assert (state.verdict, bool(state.why)) == ("unknown", True)


def test_the_limits_are_declared_and_have_a_default(town: Derived) -> None:
    of_subjects = {**HOURS, **dict.fromkeys(LIVING, 24)}
    limits: dict[str, Any] = {"converged_days": 7, "living_hours": 24, "readings_hours": of_subjects}
    assert ages(Derived([], "", "")) == limits
    hours = {name: hours for name, hours in ages(town)["readings_hours"].items() if "/" not in name}
    assert {**ages(town), "readings_hours": hours} == limits
    wider = derive_freshness(Freshness(readings_hours={"logs": 72}))
    assert wider["readings_hours"] == {**limits["readings_hours"], "logs": 72}


def recorded(root: Path, number: int, day: str, status: str) -> None:
    run(root, number, task(status, host=SITE, module="piste_network"), day=day)


def test_a_run_of_the_future_is_named_and_what_was_before_holds(
    town: Derived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path))
    recorded(tmp_path, 1, "2026-11-24", "changed")
    recorded(tmp_path, 2, "2036-01-01", "ok")
    states = status.sites(town, "lab")
    (state,) = [entry for entry in states if entry.site == SITE]
    assert state.last
    assert (state.last.outcome, state.last.ended[:10]) == ("changes", "2026-11-24")
    (finding,) = [entry for entry in convergence.findings(town, "lab") if entry.id == "runs"]
    assert finding.state == "wrong"
    assert "20360101T000002Z-000002" in finding.what
    assert [record["id"][:4] for record in newest(tmp_path, "lab")] == ["2026"]
    # A name that is no moment would stay the newest for ever.
    (chain_of(tmp_path).folder / "20261399T000003Z-000003.json").write_bytes(
        (chain_of(tmp_path).folder / "20261124T000001Z-000001.json").read_bytes()
    )
    assert {*future(tmp_path, "lab")} == {"20261399T000003Z-000003", "20360101T000002Z-000002"}
    assert [record["id"] for record in newest(tmp_path, "lab")] == ["20261124T000001Z-000001"]


@pytest.mark.parametrize(("ahead", "named"), [(timedelta(minutes=4), 0), (timedelta(minutes=10), 1)])
def test_clocks_may_differ_by_some_minutes(tmp_path: Path, ahead: timedelta, named: int) -> None:
    from piste.runs.records.record import compose

    chain, ended = chain_of(tmp_path), datetime.now(UTC) + ahead
    head = header(1)
    chain.finish(chain.start(head), compose(head, [task()], "d" * 64, ended.isoformat()))
    assert len(future(tmp_path, "lab")) == named
    assert len([*newest(tmp_path, "lab")]) == 1 - named


def test_the_sites_that_are_too_old_are_named(town: Derived, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [SiteState(name, None, passage("ok", 9 * DAY)) for name in (SITE, "ccas")]
    monkeypatch.setattr(convergence, "sites", lambda *_: old)
    named = [finding for finding in convergence.findings(town, "vide") if "trop ancien" in finding.what]
    assert [(finding.state, finding.todo) for finding in named] == [
        ("unknown", f"piste drift {SITE}"), ("unknown", "piste drift ccas"),
    ]  # fmt: skip
