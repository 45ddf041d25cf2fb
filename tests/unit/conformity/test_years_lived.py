"""A small town lived by the clock, and recomputed by hand: clauses, decisions, months."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from piste.engine.figure import Figure
from piste.readings import history, store
from piste.readings.belief import Reading, Unread
from piste.readings.findings import findings
from piste.readings.table import SUBJECTS
from piste.sites import anchors, sealed
from piste.sites.conformity import Facts, Judged, facts, figures, judge
from piste.sites.decisions import decisions
from piste.sites.month.period import period
from piste.sites.month.report import make
from piste.sobriety import power, usage
from piste.town import declared
from piste.town.model import Town
from piste.town.model.dates import now
from tests.unit.conformity.test_decisions import contract
from tests.unit.readings.test_measured import energy, week

READ = [SUBJECTS[name] for name in ("anchors", "capacity", "energy", "usage")]
SILENT = (6, 7)
"""The months in which the Dashboard and Prism Central answer nothing."""
CLAUSES = ("R011", "R104", "R130", "R166")


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "now", now)
    for name in ("STATE", "JOURNAL", "RESTORES"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))


@pytest.fixture(scope="module")
def small() -> Town:
    """A town of two schools, with a contract that ends, an act, a decision."""
    whole = declared.town("lab")
    assert whole.commune
    empty = ("licences", "put_off", "restore_tests", "applications", "committees", "bonus_malus", "assets")
    act = {"act": "plan-reversibilite", "done": "2025-03-15", "who": "DSI", "proof": "PV n° 1", "until": None}
    taken = {"decision": "contract.copieurs", "done": "2026-02-10", "who": "DSI", "why": "Reconduit", "until": None}
    commune: Any = {
        **whole.commune, **{name: [] for name in empty}, "incidents": None, "spending": None, "acts": [act],
        "contracts": [contract("2026-03-31")], "decisions": [taken],
        "protection": {**whole.commune["protection"], "sets": []},
    }  # fmt: skip
    sites = {name: whole.sites[name] for name in ("ecole-jaures", "ecole-mermoz")}
    return replace(whole, commune=commune, sites=sites)


def read(town: Town, day: date) -> None:
    """Read, or ask in vain, what three systems say; anchor the journal, which depends on none."""
    silence, (last,) = Unread("connexion refusée", now()), usage.last_week(town)
    (cluster,) = power._cluster(town)
    given = {
        power.CAPACITY: (cluster, {"memory_gib": 900, "free_gib": 120}),
        power.ENERGY: (power.SWITCHES, energy()), usage.SUBJECT: (last, week(last)),
    }  # fmt: skip
    for subject, (thing, value) in given.items():
        store.keep(subject, "lab", {thing: silence if day.month in SILENT else Reading(value, now())})
    since = date(2024, 6, 1)
    anchor = anchors.Anchor(made=now().isoformat(), month=f"{day:%Y-%m}", since=since, signed=True, faults=0,
                            anchored=tuple(anchors._over(since)))  # fmt: skip
    sealed.keep(anchors._place("lab"), anchor)


def lived(town: Town) -> dict[str, Judged]:
    """Judge the clauses by what the judges of the readings say today, and note it."""
    listed = history.dated("lab", findings(town, "lab", READ))
    known = facts(town, "lab", listed, [Figure("F8", 100)])
    every = judge(known)
    history.note("lab", listed, figures(every))
    return {id_: every[id_] for id_ in CLAUSES}


def month(town: Town, day: date) -> float | None:
    """Give the share of kept clauses of the tender by the report of a month."""
    at = datetime(day.year, day.month, 16, 12, tzinfo=UTC)
    made = make(town, town.name, "lab", period(f"{day:%Y-%m}"), at, lambda _: None, None)
    return next(line.value for line in made.lines if line.id == "clauses.tender")


def test_two_years_by_the_clock_with_silent_systems(small: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts: dict[str, dict[str, str]] = {}
    since: dict[str, str] = {}
    waits: dict[str, bool] = {}
    reports: dict[str, float | None] = {}
    for rank in range(24):
        day = date(2025 + rank // 12, rank % 12 + 1, 15)
        monkeypatch.setenv("PISTE_TODAY", day.isoformat())
        read(small, day)
        judged = lived(small)
        verdicts[f"{day:%Y-%m}"] = {id_: made.verdict for id_, made in judged.items()}
        since[f"{day:%Y-%m}"] = judged["R104"].since[:10]
        every = decisions(small, "lab", judge(Facts()))
        waits[f"{day:%Y-%m}"] = any(each.id == "contract.copieurs" and each.taken is None for each in every)
        reports[f"{day:%Y-%m}"] = month(small, day)
    silent = {f"{year}-{month:02}" for year in (2025, 2026) for month in SILENT}
    assert {name for name, made in verdicts.items() if made["R104"] != "kept"} == silent, "as soon as it answers again"
    assert {made["R104"] for name, made in verdicts.items() if name in silent} == {"unknown"}
    assert {name for name, made in verdicts.items() if made["R011"] != "unknown"} == set(), "no node was ever read"
    # The journal is anchored by the machine of Piste itself: a year old on 1 June 2025, silence or not.
    assert [made["R166"] for made in verdicts.values()] == ["unknown"] * 5 + ["kept"] * 19
    # The act is of 15 March 2025, for twelve months: its last day is 14 March 2026.
    assert [name for name, made in verdicts.items() if made["R130"] == "unknown"] == ["2025-01", "2025-02"]
    assert [name for name, made in verdicts.items() if made["R130"] == "kept"] == [
        *(f"2025-{m:02}" for m in range(3, 13)), "2026-01", "2026-02",
    ]  # fmt: skip
    assert {made["R130"] for name, made in verdicts.items() if name >= "2026-03"} == {"broken"}
    assert since["2026-07"] == "2026-06-15", "not since the silence of the year before"
    # A contract that ends on 31 March 2026 asks six months before, until it was decided on 10 February.
    assert [name for name, made in waits.items() if made] == ["2025-10", "2025-11", "2025-12", "2026-01"]
    # 150 clauses, 3 of them out of scope: each clause that falls is 1 of 147, in the figure and in the report.
    noted = {name: round((share or 0) * 147 / 100) for name, share in reports.items()}
    steps = {after: noted[after] - noted[before] for before, after in pairwise(sorted(noted))}
    assert {name: step for name, step in steps.items() if step} == {
        "2025-03": 1, "2025-08": 1, "2026-03": -1, "2026-06": -1, "2026-08": 1,
    }, "in June 2025 the journal is a year old when the network falls silent"  # fmt: skip
