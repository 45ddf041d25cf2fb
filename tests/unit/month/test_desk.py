"""The tickets of a month: kept once it is over, its silence said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.readings import store
from piste.readings.belief import Reading, Unread
from piste.readings.desk.kept import DESK, over, take, variables
from piste.readings.table import Answer
from piste.systems.glpi.tickets import count
from piste.town import declared


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-12-03")


def test_what_glpi_counts_of_a_month_that_is_over_is_kept_and_the_rest_is_not() -> None:
    town = declared.derived("lab")
    asked: dict[str, Any] = variables(town, "lab")
    assert asked == {"first": "2026-11"}
    assert over(town) == ["2026-11"]
    ticket = {"date": "2026-11-05T10:00:00", "type": 1, "take_into_account_duration": 3600}
    rows = count([ticket], ["2026-11", "2026-12"], None)
    assert take(town, "lab", Answer({"months": rows, "unread": ["satisfaction"]}, asked, {}))
    known = store.last(DESK, "lab")
    assert {*known} == {"2026-11"}, "December is not over"
    assert isinstance(known["2026-11"], Reading)
    assert known["2026-11"].value["incidents"] == 1
    assert not take(town, "lab", Answer(None, asked, {"Lire les tickets": "GLPI se tait"}))
    again = store.last(DESK, "lab")["2026-11"]
    assert isinstance(again, Reading), "what was read stays"
    assert again.silence is not None
    assert not take(town, "lab", Answer(None, {"first": "2026-10"}, {}))
    assert isinstance(store.last(DESK, "lab")["2026-10"], Unread)
