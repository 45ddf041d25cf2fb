"""Backups in the verification of a site: by family, with the reasons, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.finding import Finding
from piste.sites.living.backups import backups
from piste.sites.living.restores import restores
from piste.sites.living.seen import Seen
from tests.support.backups_read import NOW, copy, keep_all, read, whole
from tests.support.dossier import town


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", f"{NOW:%Y-%m-%d}")


def seen(site: str) -> dict[str, Seen]:
    return {test.id_: test for test in backups(town(), town().sites[site], "lab")}


def test_nothing_is_tried_before_any_reading() -> None:
    tests = seen("ecole-jaures")
    assert list(tests) == ["backups.town"]
    assert (tests["backups.town"].verdict, "piste backups read" in tests["backups.town"].reason) == ("untested", True)


def test_a_site_has_a_test_by_family_of_what_lies_there() -> None:
    keep_all("lab", whole(town()).values())
    tests = seen("hotel-de-ville")
    assert {test.verdict for test in tests.values()} == {"conform"}
    assert tests["backups.bases"].title == "Famille bases : 3 ensembles du site"
    assert (tests["backups.bases"].observed, tests["backups.bases"].read_at) == ("3 sur 3", "2026-11-27T12:00:00Z")
    assert "F14" in tests["backups.bases"].requirements
    assert seen("ecole-jaures")["backups.town"].observed == "8 sur 8"


def test_a_set_that_lacks_a_copy_is_named_and_an_unread_store_is_unknown() -> None:
    keep_all("lab", whole(town(), without=["configurations"]).values())
    keep_all("lab", [read("sauvegarde", [copy("hdv-glpi1", "sauvegarde"), copy("base-glpi", "sauvegarde")])])
    bases = seen("hotel-de-ville")["backups.bases"]
    assert (bases.verdict, bases.observed) == ("wrong", "2 sur 3")
    assert bases.reason.startswith("hdv-sql1 (2 exemplaires sur 3")
    assert bases.proof[0]["stores"]["sauvegarde"] == "aucune copie"
    keep_all("lab", whole(town(), without=["configurations"]).values())
    assert seen("ecole-jaures")["backups.town"].verdict == "unknown"


def finding(state: str) -> Finding:
    return Finding(f"restores.{state}", state, f"essai {state}")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "verdict", "observed"),
    [
        (["ok", "ok"], "conform", "2 sur 2"),
        (["ok", "wrong"], "wrong", "1 sur 2"),
        (["unknown", "wrong"], "wrong", "0 sur 2"),
        (["ok", "unknown"], "unknown", "1 sur 2"),
        (["unknown", "unknown"], "untested", "pas essayé"),
        ([], "untested", "pas essayé"),
    ],
)
def test_restores_are_judged_by_what_was_proven(states: list[str], verdict: str, observed: str) -> None:
    test = restores([finding(state) for state in states])
    assert (test.verdict, test.observed) == (verdict, observed)
    assert ("essai unknown" in test.reason) == (verdict in ("wrong", "unknown") and "unknown" in states)
