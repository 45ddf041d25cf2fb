"""Scopes: what each server says of them, and what its silence leaves unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.finding import Finding
from piste.readings.scopes.kept import findings, take
from piste.readings.table import Answer
from piste.town import declared
from piste.town.model.dates import now

SUBNET = "10.93.41.0/24"


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))


def judged(*lenders: dict[str, Any]) -> Finding:
    town = declared.town("lab")
    read_at = now().isoformat(timespec="seconds")
    assert take(town, "lab", Answer({"read_at": read_at, "lenders": lenders}, {}, {}))
    return next(finding for finding in findings(town, "lab") if finding.id == "scopes.jau-utilisateurs")


def lender(name: str, free: int | None, **more: Any) -> dict[str, Any]:
    use = {"subnet": SUBNET, "name": "jau", "active": True, "free": free, "in_use": 0 if free is None else 190 - free}
    return {"server": name, "scopes": [{**use, **more}], "unread": ""}


@pytest.mark.parametrize(
    ("free", "more", "state", "gravity", "said"),
    [
        (190, {}, "ok", "major", "190 adresses libres sur 190"),
        (9, {}, "wrong", "major", "9 adresses libres sur 190"),
        (0, {}, "wrong", "critical", "aucune adresse libre sur 190"),
        (None, {}, "unknown", "major", "hdv-dc1 ne dit pas ce qu’il en reste"),
        (190, {"active": False}, "wrong", "major", "ne la prête pas (inactive)"),
        (190, {"subnet": "10.93.99.0/24"}, "wrong", "major", "n’a pas l’étendue"),
    ],
)
def test_a_scope_is_judged_by_what_is_left(
    free: int | None, more: dict[str, Any], state: str, gravity: str, said: str
) -> None:
    finding = judged(lender("hdv-dc1", free, **more), lender("hdv-dc2", 190))
    assert (finding.state, finding.gravity, finding.site) == (state, gravity, "ecole-jaures")
    assert said in finding.what
    assert bool(finding.todo) == (state != "ok")


def test_a_server_that_is_silent_or_left_out_leaves_its_scopes_unknown() -> None:
    silent = {"server": "hdv-dc2", "scopes": [], "unread": "hdv-dc2 ne répond pas"}
    assert judged(lender("hdv-dc1", 190), silent).state == "unknown"
    assert judged(lender("hdv-dc1", 190)).state == "unknown"


def test_nothing_read_is_unknown_and_a_laboratory_says_nothing_of_it_until_it_asks() -> None:
    town = declared.town("lab")
    assert list(findings(town, "lab")) == []
    assert {finding.state for finding in findings(town, "production")} == {"unknown"}
    assert not take(town, "lab", Answer(None, {}, {"Lire les étendues": "coffre fermé"}))
    assert all("coffre fermé" in finding.what for finding in findings(town, "lab"))
