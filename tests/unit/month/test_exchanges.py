"""Exchanges with third parties: counted by the category of their tickets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.desk import exchanges
from piste.readings.desk.kept import DESK, take, variables
from piste.readings.table import Answer
from piste.sites.conformity import Facts, judge
from piste.systems.glpi.tickets import count
from piste.town import declared
from piste.town.derived import Derived
from piste.town.model.dates import now


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-12-03")


def ticket(day: str, category: str | None = "Kyocera", solved: str | None = None) -> dict[str, Any]:
    return {"date": f"{day}T10:00:00", "type": 1, "date_solve": solved and f"{solved}T10:00:00",
            "category": {"id": 7, "name": category} if category else None}  # fmt: skip


TICKETS = [ticket("2026-10-12", solved="2026-10-13"), ticket("2026-11-05"), ticket("2026-11-09", "Ineo"),
           ticket("2026-11-09", None), {**ticket("2026-11-20"), "is_deleted": True}, ticket("2026-12-01")]  # fmt: skip


def judged(town: Derived, environment: str = "lab") -> dict[str, tuple[str, str]]:
    every = exchanges.findings(town, environment)
    return {made.id.removeprefix("third_parties."): (made.state, made.what) for made in every}


def read(town: Derived) -> None:
    rows = count(TICKETS, ["2026-11"], None)
    assert take(town, "lab", Answer({"months": rows, "unread": []}, variables(town, "lab"), {}))


def test_the_tickets_of_a_party_are_counted_open_and_dated() -> None:
    town = declared.derived("lab")
    assert judged(town) == {}, "a laboratory without tickets says nothing"
    assert {state for state, _ in judged(town, "production").values()} == {"unknown"}
    read(town)
    rows = count(TICKETS, ["2026-10"], None)
    store.keep(DESK, "lab", {"2026-10": Reading(rows[0], now())})
    made = judged(town)
    assert made["kyocera"] == (
        "ok", "Kyocera : 2 tickets en 2 mois, jusqu’à 2026-11, 1 en cours, le dernier du 05/11/2026"
    )  # fmt: skip
    assert made["ineo"][0] == "ok"
    assert made["sfr-business"] == (
        "unknown", "SFR Business : aucun ticket de la catégorie « SFR Business » (en 2 mois, jusqu’à 2026-11)"
    )  # fmt: skip
    assert "adic" not in made, "a publisher is coordinated, no plan is due with it"


def test_a_month_counted_before_categories_had_dates_says_nothing() -> None:
    town = declared.derived("lab")
    (row,) = count(TICKETS, ["2026-11"], None)
    del row["exchanges"]
    store.keep(DESK, "lab", {"2026-11": Reading(row, now())})
    assert judged(town)["kyocera"] == ("unknown", "Kyocera : aucun mois de tickets n’est lu")


def test_the_clause_falls_with_a_party_that_has_no_category() -> None:
    town = declared.derived("lab")
    read(town)
    assert verdict(town) != "broken"
    assert town.commune
    (plan,) = (party["interface"] for party in town.commune["third_parties"] if party["id"] == "kyocera")
    assert plan
    plan["category"] = None
    assert judged(town)["kyocera"] == ("wrong", "Kyocera : aucune catégorie de tickets pour ses échanges")
    assert verdict(town) == "broken"


def verdict(town: Derived) -> str:
    return judge(Facts([*exchanges.findings(town, "lab")], {}, {}, ()), ["R073"])["R073"].verdict
