"""Every clause names evidence that exists, and falls when any piece of it breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from piste.engine.figure import Figure
from piste.engine.finding import Finding, State
from piste.engine.repository import ROOT
from piste.exports.bag import quality
from piste.papers.dossier.verification_record import Test, TestVerdict
from piste.papers.frameworks.clauses import (
    ANSWERS,
    DATA,
    FOLDER,
    OWNERS,
    TENDER,
    Answered,
    answers,
    asked_acts,
    clauses,
    frameworks,
    places_of,
    rules_of,
    words,
)  # fmt: skip
from piste.readings import history
from piste.readings.table import OTHER_FIGURES, SUBJECTS
from piste.sites import committed
from piste.sites import conformity as judging
from piste.sites.conformity import Facts, count, judge
from piste.town.model.acts import Act
from piste.town.model.rule import rules

DAY = "2026-12-01"
RULES = [*rules()]
OUTSIDE_READINGS = {"journal", "transfer", committed.SUBJECT}
"""Findings of the state of an environment that a clause may name."""
OF_THE_DIAGNOSIS = {"F22"}
"""Figures that come with the diagnosis of sobriety, beside those of its table."""

ASKS_A_CHECK = {f"R{number:03d}" for number in (
    4, 71, 72, 80, 130, 140, 142, 148, 150, 152, 163, 165, 167, 170,
)}  # fmt: skip
"""Clauses that ask a check or a measure, and that an act alone answers: each says why."""


def seen_as(pattern: str, state: State = "ok") -> Finding:
    return Finding(pattern.replace("*", "x"), state, f"x : {state}", since="2026-11-30T10:00:00+00:00")


def reaching(id_: str, target: str) -> Figure:
    return Figure(id_, float(target.partition(" ")[2]))


def tried(verdict: TestVerdict) -> Test:
    return Test(id="x", domain="x", title="x", expected="x", observed="x", verdict=verdict, reason="x")


def act(name: str, day: str = DAY) -> Act:
    return Act(act=name, done=day, who="A. Durand", proof="PV n° 1", until=None)


def every(key: str) -> Iterator[tuple[str, Any]]:
    for clause in clauses().values():
        asked = clause.answered.get(key) or {}
        for entry in asked.items() if isinstance(asked, dict) else asked:  # type: ignore[attr-defined]
            yield clause.id, entry


def checked() -> list[str]:
    return [clause.id for clause in clauses().values() if clause.answered.get("checks")]


@cache
def good() -> Facts:
    """Give facts by which every clause that data or acts answer is kept."""
    targets: dict[str, dict[str, float]] = {}
    for _, (name, target) in every("figures"):
        sense, _, bound = target.partition(" ")
        known = targets.setdefault(name, {})
        known[sense] = (max if sense == "≥" else min)(known.get(sense, float(bound)), float(bound))
    return Facts(
        findings=[seen_as(pattern) for pattern in dict.fromkeys(pattern for _, pattern in every("findings"))],
        figures={name: Figure(name, next(iter(bounds.values()))) for name, bounds in targets.items()},
        tests={id_: [("mairie", tried("conform"))] for id_ in checked()},
        acts={name: act(name) for _, (name, _) in every("acts")},
    )


@pytest.fixture(autouse=True)
def on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "today", lambda: date.fromisoformat(DAY))


def blind(id_: str) -> bool:
    """Tell whether a clause rests on something that nothing reads, itself or by another."""
    answered = clauses()[id_].answered
    return bool(answered.get("blind")) or any(map(blind, answered.get("same", ())))


@cache
def depends(id_: str, on: str) -> bool:
    return id_ == on or any(depends(other, on) for other in clauses()[id_].answered.get("same", ()))


def broken() -> Iterator[Any]:
    """Yield each piece of evidence of each clause, with facts in which it alone is wrong."""
    for clause in clauses().values():
        answered: Answered = clause.answered
        if answered.get("checks"):
            yield clause.id, "checks", {"tests": {**good().tests, clause.id: [("mairie", tried("wrong"))]}}
        for name, target in answered.get("figures", {}).items():
            worse = float(target.partition(" ")[2]) + (-1 if target[0] == "≥" else 1)
            yield clause.id, name, {"figures": {**good().figures, name: Figure(name, worse)}}
        for pattern in answered.get("findings", ()):
            others = [finding for finding in good().findings if finding.id != seen_as(pattern).id]
            yield clause.id, pattern, {"findings": [*others, seen_as(pattern, "wrong")]}
        for asked in answered.get("rules", ()):
            rule = rules_of([asked], RULES)[-1]
            yield clause.id, rule, {"faults": {rule: ["faute (x.yml:1)"]}}
        for name, months in answered.get("acts", {}).items():
            day = "2001-01-01" if months else ""
            acts = {key: known for key, known in good().acts.items() if key != name}
            yield clause.id, name, {"acts": {**acts, name: act(name, day)} if day else acts}


def test_every_clause_is_kept_by_good_evidence_and_by_nothing_less() -> None:
    judged = judge(good())
    expected = {id_: "outside" if clause.answered.get("outside") else "unknown" if blind(id_) else "kept"
                for id_, clause in clauses().items()}  # fmt: skip
    assert {id_: made.verdict for id_, made in judged.items()} == expected


def test_nothing_known_holds_no_clause_but_by_the_declaration_alone() -> None:
    judged = judge(Facts())
    kept = {id_ for id_, made in judged.items() if made.verdict == "kept"}
    assert kept == {
        id_ for id_, clause in clauses().items() if {*clause.answered} & {*ANSWERS} == {"rules"} and not blind(id_)
    }


def test_each_piece_of_evidence_that_breaks_makes_its_clause_fall() -> None:
    seen = set[str]()
    for id_, what, changed in broken():
        above = [other for other in clauses() if depends(other, id_)]
        judged = judge(replace(good(), **changed), above)
        state = "unknown" if what in good().acts and not clauses()[id_].answered["acts"][what] else "broken"
        assert judged[id_].verdict == state, (id_, what)
        if state == "broken":
            assert {judged[other].verdict for other in above} == {state}, (id_, what)
        seen |= {*above}
    assert seen == {id_ for id_, clause in clauses().items() if {*answers(clause)} - {"blind", "outside"}}


def missing() -> Iterator[tuple[str, Facts]]:
    """Yield each clause with facts in which a piece of its evidence alone is not there."""
    facts = good()
    for id_ in checked():
        yield id_, replace(facts, tests={name: made for name, made in facts.tests.items() if name != id_})
    for id_, (name, _) in every("figures"):
        yield id_, replace(facts, figures={key: made for key, made in facts.figures.items() if key != name})
    for id_, pattern in every("findings"):
        yield id_, replace(facts, findings=[each for each in facts.findings if not fnmatchcase(each.id, pattern)])
    for id_, (name, _) in every("acts"):
        yield id_, replace(facts, acts={key: made for key, made in facts.acts.items() if key != name})


def test_each_piece_of_evidence_that_is_missing_leaves_its_clause_unknown() -> None:
    seen = set[str]()
    for id_, known in missing():
        above = [other for other in clauses() if depends(other, id_)]
        assert {judge(known, above)[other].verdict for other in above} == {"unknown"}, id_
        seen |= {*above}
    # Rules need the declaration alone, which is always there.
    left = {id_: {*answers(clause)} for id_, clause in clauses().items() if id_ not in seen}
    assert {id_: kinds for id_, kinds in left.items() if kinds - {"rules", "blind", "outside"}} == {}


def test_evidence_that_is_unknown_leaves_its_clause_unknown() -> None:
    facts = good()
    unread = replace(facts, figures={name: made._replace(value=None) for name, made in facts.figures.items()})
    for id_, _ in every("figures"):
        assert judge(unread, [id_])[id_].verdict == "unknown", id_
    silent = replace(facts, findings=[replace(finding, state="unknown") for finding in facts.findings])
    known = judge(silent)
    assert {known[id_].verdict for id_, _ in every("findings")} == {"unknown"}
    unverified = judge(replace(facts, unverified=["école"]))
    assert {unverified[id_].verdict for id_ in checked()} == {"unknown"}


def test_two_years_by_the_clock_keep_no_clause_in_a_silent_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    facts = good()
    since: dict[str, str] = {}
    read = {id_ for key in ("findings", "figures") for id_, _ in every(key) if not blind(id_)}
    for rank in range(24):
        noon = datetime(2025 + rank // 12, rank % 12 + 1, 15, 12, tzinfo=UTC)
        monkeypatch.setattr(judging, "today", lambda noon=noon: noon.date())
        monkeypatch.setattr(history, "now", lambda noon=noon: noon)
        findings, figures = facts.findings, facts.figures
        if silent := noon.month in (6, 7):
            findings = [replace(finding, state="unknown") for finding in findings]
            figures = {name: made._replace(value=None) for name, made in figures.items()}
        acts = {name: act(name, noon.date().isoformat()) for name in facts.acts}
        judged = judge(Facts(history.dated("lab", findings), figures, facts.tests, acts=acts))
        assert {judged[id_].verdict for id_ in read} == {"unknown" if silent else "kept"}, noon
        since[noon.date().isoformat()] = judged["R050"].since
        history.note("lab", findings, [*figures.values(), *judging.figures(judged)])
    assert since["2026-07-15"] == "2026-06-15T12:00:00+00:00", "not since the silence of the year before"
    shares = {month: made.value or 0 for month, made in history.by_month("lab")["clauses.tender"].items()}
    assert {month for month, share in shares.items() if share < max(shares.values())} == {"2026-06", "2026-07"}


def test_a_bound_that_unread_things_may_break_is_unknown() -> None:
    facts = good()
    doubtful = judge(replace(facts, figures={**facts.figures, "F19": Figure("F19", 0, "", unknown=2)}))
    assert doubtful["R162"].verdict == "unknown"
    partly = judge(replace(facts, figures={**facts.figures, "F9": Figure("F9", 99, unknown=2)}))
    assert partly["R042"].verdict == "kept"  # what is unread is in the denominator already
    silent = judge(replace(facts, figures={**facts.figures, "F11": Figure("F11", 100, unknown=200)}))
    assert silent["R055"].verdict == "unknown"


def test_logs_that_were_not_read_or_exported_keep_no_clause() -> None:
    facts = good()
    others = [each for each in facts.findings if each.id != "logs.F12"]
    unread = judge(replace(facts, findings=[*others, seen_as("logs.F12", "unknown")]))
    # Its share is of what was read: 100 % of a single source says nothing of those that are silent.
    assert {unread[id_].verdict for id_ in ("R036", "R038", "R062", "R139", "L01", "L03")} == {"unknown"}
    assert "F12" not in {name for _, (name, _) in every("figures")}


def test_an_old_diagnosis_proves_nothing_of_now() -> None:
    facts = good()
    for day, verdict in (("2026-09-01", "kept"), ("2026-08-30", "unknown")):
        known = replace(facts, figures={**facts.figures, "F1": Figure("F1", 95, day=day)})
        assert judge(known, ["R107"])["R107"].verdict == verdict, day


def test_the_concordance_is_that_of_the_last_bag_until_it_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(quality, "today", lambda: date.fromisoformat(DAY))
    town: Any = None
    assert [*quality.figures(town, "lab")] == []
    for day, unknown, verdict in (
        ("2026-08-30", 0, "unknown"),
        ("2026-09-02", 3, "unknown"),
        ("2026-09-03", 0, "kept"),
    ):
        history.note_figures("lab", [Figure("F10", 99, numerator=99, denominator=100, unknown=unknown, day=day)])
        figures = {made.id: made for made in quality.figures(town, "lab")}
        assert figures["F10"].day == day
        assert judge(replace(good(), figures={**good().figures, **figures}))["R058"].verdict == verdict, day
    history.note_figures("lab", [Figure("F10", None, day="2026-11-30")])
    assert [made.value for made in quality.figures(town, "lab")] == [None], "the last export compared nothing"


def test_isolation_asks_every_site_not_those_that_a_probe_visited() -> None:
    visited = judge(replace(good(), tests={**good().tests, "R053": [("mairie", tried("conform")),
                                                                    ("école", tried("untested"))]}))  # fmt: skip
    assert {visited[id_].verdict for id_ in ("R062", "R063", "R065", "R088")} == {"unknown"}


def test_an_act_is_good_for_its_months() -> None:
    plan = {name: known for name, known in good().acts.items() if name != "plan-reversibilite"}
    for day, expected in (("2025-12-02", "kept"), ("2025-12-01", "broken"), ("2025-11-30", "broken")):
        acts = {**plan, "plan-reversibilite": act("plan-reversibilite", day)}
        assert judge(replace(good(), acts=acts))["R130"].verdict == expected, day
    longer = {**plan, "plan-reversibilite": Act(**{**act("plan-reversibilite", "2025-11-30"), "until": "2099-12-31"})}
    assert judge(replace(good(), acts=longer))["R130"].verdict == "broken", "nobody makes an act last longer"
    ahead = {**plan, "plan-reversibilite": act("plan-reversibilite", "2026-12-02")}
    assert judge(replace(good(), acts=ahead))["R130"].verdict == "unknown"
    ended = {**plan, "plan-reversibilite": Act(**{**act("plan-reversibilite"), "until": "2026-11-30"})}
    assert judge(replace(good(), acts=ended))["R130"].verdict == "broken"


def test_a_verdict_dates_from_its_worst_evidence() -> None:
    worse = [seen_as("runs.*", "wrong"), *(each for each in good().findings if each.id != "runs.x")]
    assert judge(replace(good(), findings=worse))["R050"].since == "2026-11-30T10:00:00+00:00"


def test_a_whole_subject_proves_none_of_its_things_but_may_break_them() -> None:
    assert judge(Facts(findings=[Finding("runs", "ok", "x")]))["R050"].verdict == "unknown"
    every = [Finding("runs.mairie", "ok", "x"), Finding("runs", "wrong", "x")]
    assert judge(Facts(findings=every))["R050"].verdict == "broken"


def test_what_names_persons_is_not_said_unread_where_it_is_left_out() -> None:
    known = judge(Facts())
    assert "nomme des personnes" in known["R100"].evidence[0].said
    assert "personnes" not in known["R050"].evidence[0].said


def test_the_tender_is_whole_and_names_what_exists() -> None:
    names = {f"R{number:03d}" for number in range(200)} & clauses().keys()
    assert len(names) == 130
    judged = {figure for subject in SUBJECTS.values() for figure in subject.figure_ids}
    figures = judged | {figure for ids in OTHER_FIGURES.values() for figure in ids} | OF_THE_DIAGNOSIS
    assert {name if name in figures else name.partition(".")[0] for _, (name, _) in every("figures")} <= figures
    subjects = {name for name, subject in SUBJECTS.items() if subject.judge} | OUTSIDE_READINGS
    assert {pattern.partition(".")[0] for _, pattern in every("findings")} <= subjects
    assert {other for _, other in every("same")} <= clauses().keys()
    for clause in clauses().values():
        assert {*clause.answered} & {*ANSWERS}, f"{clause.id}: what answers it?"
        assert clause.who in OWNERS.values()


def test_an_evidence_names_its_subject_in_words() -> None:
    said = [piece.said for piece in judge(good())["R070"].evidence if piece.kind == "findings"]
    assert said == ["audit initial, 1 constat"]
    unread = {piece.kind: piece.said for piece in judge(Facts())["R153"].evidence}
    assert unread["figures"].startswith("Inventaire")
    assert unread["acts"] == "sac de réversibilité vérifié : nul ne l’a inscrit"


def test_acts_and_figures_have_words_of_their_own() -> None:
    assert words()["acts"].keys() == asked_acts()
    assert words()["findings"].keys() == OUTSIDE_READINGS
    assert words()["figures"].keys() == {name for _, (name, _) in every("figures")}
    for said in words().values():
        assert len({*said.values()}) == len(said)



def test_every_rule_of_the_declaration_says_its_paragraph() -> None:
    silent = [rule for rule in rules() if not places_of(rule)]
    assert silent == [], "name them in a clause of frameworks/tender.yml"
    assert places_of("PISTE-M051") == ["3.6", "3.3.3"]


def test_a_clause_that_checks_answer_is_cited_by_one() -> None:
    cited = {name for path in (ROOT / "piste").rglob("*") if path.suffix in (".py", ".yml") and path.parent != FOLDER
             for name in re.findall(r"\bR\d{3}\b", path.read_text("utf-8"))}  # fmt: skip
    assert {*checked()} <= cited


def test_counts_name_persons_and_what_is_out_of_scope() -> None:
    made = count(frameworks()[TENDER], judge(good()))
    assert made.kept + made.broken + made.unknown + made.outside == len(frameworks()[TENDER].clauses)
    assert re.search(r"3 hors périmètre, \d+ que seul l’acte d’une personne prouve", made.said)
    alone = [clause for clause in frameworks()[TENDER].clauses.values() if not DATA & {*clause.answered}]
    assert len(alone) < 75, "a clause that asks a check or a measure is answered by data"
    reasoned = {id_ for id_, clause in clauses().items() if clause.answered.get("why")}
    assert reasoned == ASKS_A_CHECK
    assert all({*clauses()[id_].answered} & {*ANSWERS} == {"acts"} for id_ in reasoned)


def test_a_clause_that_a_site_keeps_as_found_is_broken_and_the_site_is_named_so() -> None:
    id_ = checked()[0]
    tests = [("mairie", tried("kept")), ("école", tried("kept")), ("école", tried("wrong"))]
    made = judge(replace(good(), tests={**good().tests, id_: tests}))[id_]
    (said,) = [each.said for each in made.evidence if each.kind == "checks"]
    assert (made.verdict, said) == (
        "broken", "essais de 2 sites : 1 site non conforme (école), 1 gardé tel que trouvé (mairie)"
    )  # fmt: skip
