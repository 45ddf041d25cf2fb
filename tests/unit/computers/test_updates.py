"""Updates of Windows: late, failing, silent, by ring."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.computers import kept, updates
from piste.town import declared
from piste.town.model import Town
from tests.support.computers import NOW, measure, moment

LONG = timedelta(days=8)
NAMES = ("pc-jau-001", "pc-jau-002", "pc-jau-003")
FINE = {"searched": moment(NOW - timedelta(hours=3)), "installed": moment(NOW - timedelta(days=10)), "pending": 0,
        "failed": 0, "restart": False}  # fmt: skip


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Town:
    """Three computers of a school, and two rings."""
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")
    whole = deepcopy(declared.sound("lab"))
    for owner in whole.owners.values():
        owner["assets"] = [asset for asset in owner["assets"] if asset["name"] in NAMES]
    assert whole.commune
    rings = {"pilote": "Mises à jour - Pilote", "ville": "Mises à jour - Ville"}
    whole.commune["computer_updates"] = {"late_days": 45, "search_days": 7, "rings": rings}
    for name in ("sound", "derived"):
        monkeypatch.setattr(declared, name, lambda environment: whole)
    return whole


def wrote(name: str, *, policies: list[str] | None = None, taken: datetime = NOW, **changes: Any) -> None:
    made = measure(name.upper(), taken_at=moment(taken), policies=policies, updates={**FINE, **changes})
    store.keep(kept.MEASURES, "lab", {name.upper(): Reading(made, datetime(2026, 11, 26, tzinfo=UTC))})


@pytest.mark.parametrize(
    ("changes", "state", "said"),
    [
        ({}, "ok", "mise à jour de sécurité du 16/11/2026"),
        ({"installed": moment(NOW - timedelta(days=46))}, "wrong", "dernière mise à jour de sécurité le 11/10/2026"),
        ({"installed": None}, "unknown", "aucune mise à jour de sécurité dans son historique"),
        ({"failed": 2}, "wrong", "2 mises à jour en échec"),
        ({"searched": moment(NOW - LONG)}, "wrong", "ne cherche plus de mises à jour depuis le 18/11/2026"),
        ({"searched": None, "restart": True}, "ok", "mise à jour de sécurité du 16/11/2026"),
    ],
)
def test_a_computer_is_judged_by_what_windows_says(
    town: Town, changes: dict[str, Any], state: str, said: str
) -> None:
    wrote(NAMES[0], **changes)
    first, *others = updates.updated(town, "lab", "ecole-jaures")
    assert (first.state, first.said) == (state, said)
    assert {(other.state, other.said) for other in others} == {("unknown", "aucune mesure de lui")}


def test_a_silent_computer_is_unknown_and_no_figure_says_otherwise(town: Town) -> None:
    (nothing,) = updates.figures(town, "lab")
    assert (nothing.value, nothing.unknown) == (None, 3)
    assert list(updates.findings(town, "lab")) == [], "a laboratory where nobody measures says nothing"
    wrote(NAMES[0])
    wrote(NAMES[1], taken=NOW - timedelta(days=20))
    wrote(NAMES[2], failed=1)
    (figure,) = updates.figures(town, "lab")
    assert (figure.value, figure.numerator, figure.denominator, figure.unknown) == (33.33, 1, 3, 1)
    rows = json.loads(CliRunner().invoke(main, ["computers", "updates", "--late", "--format", "json"]).output)
    assert [(row["name"], row["said"]) for row in rows] == [(NAMES[2], "1 mise à jour en échec")]
    said = CliRunner().invoke(main, ["computers", "updates"]).output
    assert said.splitlines()[-1] == "3 postes : 1 à jour, 1 en retard ou en échec, 1 inconnu."


def test_a_pilot_that_fails_holds_the_others_back(town: Town) -> None:
    wrote(NAMES[0], policies=["Mises à jour - Pilote", "Mises à jour - Ville"], failed=1)
    wrote(NAMES[1], policies=["Mises à jour - Ville"])
    wrote(NAMES[2], policies=["Mises à jour - Ville"])
    by_id = {finding.id: finding for finding in updates.findings(town, "lab")}
    assert by_id["computers.updates.ring.pilote"].what == "anneau pilote : 1 de ses 1 poste en échec ou en retard"
    assert by_id["computers.updates.ecole-jaures"].what.startswith("ecole-jaures : 1 poste aux mises à jour")
    wrote(NAMES[0], policies=["Mises à jour - Pilote"])
    wrote(NAMES[1], policies=["Mises à jour - Ville"], failed=1)
    by_id = {finding.id: finding for finding in updates.findings(town, "lab")}
    assert "computers.updates.ring.pilote" not in by_id, "the last ring holds nobody back"
    assert not any(name in finding.what for finding in by_id.values() for name in NAMES)
