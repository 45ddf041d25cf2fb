"""Expenses against both ceilings of the contract: sums, parts of a year, decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from piste.sites import conformity, decisions, spending
from piste.sites.conformity import facts, judge
from piste.sites.spending import figures, used
from piste.town import declared
from piste.town.model import Town
from piste.town.model.spending import DeclaredSpending


@pytest.fixture(scope="module")
def whole() -> Town:
    return declared.town("lab")


@pytest.fixture(autouse=True)
def _of_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (conformity, decisions, spending):
        monkeypatch.setattr(module, "today", lambda: date(2026, 12, 1))


OPEN: dict[str, Any] = {"start": None, "end": None, "since": None, "until": None}
COMPLETE = {"since": "2026-01-01", "until": "2026-11-30"}


def line(id_: str, kind: str, excl: float, day: str = "2026-11-03") -> dict[str, Any]:
    return {"id": id_, "kind": kind, "day": day, "label": "Bornes", "excl_tax": excl, "incl_tax": round(excl * 1.2, 2)}


def town(whole: Town, *lines: dict[str, Any], **dates: str) -> Town:
    commune: Any = {**(whole.commune or {}), "spending": {**OPEN, "lines": [*lines], **dates}}
    return replace(whole, commune=commune)


def test_orders_and_the_fixed_part_are_summed_against_their_ceilings_of_the_year(whole: Town) -> None:
    of = town(whole, line("a", "order", 10_000), line("b", "order", 10_000.1), line("c", "fixed", 100_000),
              line("d", "order", 30_000, "2025-11-03"))  # fmt: skip
    assert [(each.spent, each.ceiling) for each in used(of, 2026)] == [
        (120_000, 270_000), (20_000.1, 33_333.33), (24_000.12, 40_000),
    ]  # fmt: skip
    (made,) = figures(of, "lab")
    assert (made.id, made.value, made.numerator, made.denominator) == ("F20", 60.0, 20_000.1, 33_333.33)


def test_the_ceiling_of_a_part_of_a_year_is_by_its_days_and_nothing_is_spent_outside(whole: Town) -> None:
    begun = used(town(whole, line("a", "fixed", 1), start="2026-07-02"), 2026)
    assert begun[0].ceiling == round(270_000 * 183 / 365, 2)
    over = used(town(whole, line("a", "fixed", 1), end="2025-12-31"), 2026)
    assert (over[0].ceiling, over[0].percent) == (0, 1000)


def test_a_ceiling_that_is_nearly_spent_or_over_asks_for_a_decision_and_breaks_its_clause(whole: Town) -> None:
    def asked(of: Town) -> list[tuple[str, str, str]]:
        made = [each for each in decisions.decisions(of, "lab", {}) if each.id.startswith("spending.")]
        return [(each.id, each.what.partition(" ")[0], each.by) for each in made]

    def clause(of: Town) -> str:
        evidence = judge(facts(of, "lab", [], figures(of, "lab")), ["O20"])["O20"].evidence
        return next(piece.state for piece in evidence if piece.kind == "figures")

    few, near, over = (town(whole, line("a", "order", amount), **COMPLETE) for amount in (26_000, 27_000, 33_400))
    assert [asked(of) for of in (few, near)] == [
        [], [("spending.2026-2", "Choisir", "2026-12-31"), ("spending.2026-3", "Choisir", "2026-12-31")],
    ]  # fmt: skip
    assert [verb for _, verb, _ in asked(over)] == ["Régulariser"] * 2
    assert [clause(of) for of in (few, over, whole)] == ["ok", "wrong", "unknown"]


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({}, "unknown"),
        (COMPLETE, "ok"),
        ({**COMPLETE, "until": "2026-11-29"}, "unknown"),
        ({**COMPLETE, "since": "2026-01-02"}, "unknown"),
        ({**COMPLETE, "since": "2026-03-01", "start": "2026-03-01"}, "ok"),
        ({**COMPLETE, "until": "2026-06-30", "end": "2026-06-30"}, "ok"),
    ],
)
def test_a_ceiling_is_kept_only_where_somebody_says_that_every_expense_is_there(
    whole: Town, dates: dict[str, str], state: str
) -> None:
    of = town(whole, line("a", "order", 10), **dates)
    (made,) = figures(of, "lab")
    evidence = judge(facts(of, "lab", [], [made]), ["O20"])["O20"].evidence
    assert next(piece.state for piece in evidence if piece.kind == "figures") == state
    assert ("nul ne dit le registre complet" in made.said) == (state == "unknown")
    assert next(iter(figures(town(whole, line("a", "order", 40_000), **dates), "lab"))).value == 120.0


def test_a_year_without_expense_is_zero_where_somebody_says_so(whole: Town) -> None:
    (made,) = figures(town(whole, **COMPLETE), "lab")
    assert (made.value, made.unknown) == (0, 0)


def test_a_ceiling_that_is_over_by_a_cent_is_over(whole: Town) -> None:
    (made,) = figures(town(whole, line("a", "order", 33_333.34), **COMPLETE), "lab")
    assert made.value == 100.01


def test_a_year_of_which_nothing_is_declared_is_unknown(whole: Town) -> None:
    before = town(whole, line("a", "order", 30_000, "2025-11-03"))
    assert [made.value for made in figures(before, "lab")] == [None]


WRONG = [
    [line("a", "order", 1), line("a", "order", 2)],
    [{**line("a", "order", 3), "incl_tax": 2}],
    [line("a", "gift", 1)],
    [line("a", "order", -1)],
]
WHEN = [{"since": "2026-01-01"}, {"until": "2026-01-01"}, {"since": "2026-01-02", "until": "2026-01-01"}]


@pytest.mark.parametrize("dates", WHEN)
def test_days_of_a_register_go_together(dates: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="vont ensemble"):
        DeclaredSpending.model_validate(dates)


@pytest.mark.parametrize("wrong", WRONG)
def test_an_expense_that_makes_no_sense_is_refused(wrong: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        DeclaredSpending.model_validate({"lines": wrong})
