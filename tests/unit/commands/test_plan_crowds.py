"""Crowds of its sites, as `piste plan` says them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from piste.commands.plan import _say_crowds
from piste.runs.plans.play import Order
from piste.town import declared
from piste.town.model import dates

CROWD = {"profile": "affluence", "start": "2026-12-05", "until": "2026-12-06", "why": "Gala", "status": None}


@pytest.mark.parametrize(
    ("limit", "day", "said"),
    [
        ("", 5, "Affluence à piscine jusqu’au 06/12/2026 (Gala) : profil affluence.\n"),
        ("sport", 6, "Affluence à piscine jusqu’au 06/12/2026 (Gala) : profil affluence.\n"),
        ("ccas", 6, ""),
        ("piscine", 7, ""),
    ],
)
def test_a_crowd_of_today_is_said_with_its_reason_and_its_end(
    limit: str, day: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    town: Any = declared.derived("lab")
    monkeypatch.setitem(town.sites, "piscine", {**town.sites["piscine"], "crowds": [CROWD]})
    monkeypatch.setattr(declared, "derived", lambda _: town)
    monkeypatch.setattr(dates, "today", lambda: date(2026, 12, day))
    _say_crowds(Order("playbooks/site.yml", "lab", limit))
    assert capsys.readouterr().out == said
