"""The order of a plan, as `piste plan` says it: crowds, flows whose rules sites own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from piste.commands.ordered import say_carried, say_crowds
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
    say_crowds(Order("playbooks/site.yml", "lab", limit))
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(("playbook", "limit", "said"), [
    ("playbooks/site.yml", "commune", True),
    ("playbooks/domains/firewall.yml", "commune,ecole", True),
    ("playbooks/domains/directory.yml", "commune", False),
    ("playbooks/site.yml", "ecole-jaures", False),
    ("playbooks/site.yml", "", False),
])  # fmt: skip
def test_a_plan_of_the_town_names_the_flows_whose_rules_belong_to_sites(
    playbook: str, limit: str, said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    say_carried(Order(playbook, "lab", limit))
    shown = capsys.readouterr().out
    assert bool(shown) == said
    if limit == "commune" and said:
        assert shown.startswith("24 flux de la ville (relais-dhcp, postes-annuaire, postes-certificats et 21 autres)")
        assert "20 sites que ce plan ne lit pas. Pour les lire : piste plan all." in shown


def test_the_plan_of_all_is_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    town = declared.derived("lab")
    monkeypatch.setattr(declared, "derived", lambda _: town)
    say_carried(Order("playbooks/site.yml", "production", "commune"))
    assert capsys.readouterr().out.endswith("Pour les lire : piste plan all --environment production.\n")
