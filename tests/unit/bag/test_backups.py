"""Backups in a bag: sets, last copies, figures by family, lines of the page of gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.exports.bag.contents import Contents
from piste.exports.bag.documents import Documents
from piste.exports.bag.gaps import Facts, page
from piste.exports.bag.read_tables import BACKUPS, PROTECTION, RESTORES
from piste.readings.protection.copies import Reading
from piste.trials.restore.calendar import calendar
from tests.support.backups_read import NOW, read, whole
from tests.support.dossier import town


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TODAY", f"{NOW:%Y-%m-%d}")


def rows(name: str, readings: dict[str, Reading]) -> list[dict[str, Any]]:
    table = next(table for table in (*BACKUPS, PROTECTION) if table.name == name)
    return [dict(row) for row in table.rows(Contents(Path(), backups=readings), town())]


def test_a_set_says_what_is_asked_and_what_is_proven() -> None:
    readings = {**whole(town()), "sauvegarde": read("sauvegarde", ())}
    sets = {row["name"]: row for row in rows("protected_sets", readings)}
    sql = sets["hdv-sql1"]
    assert (sql["wanted"], sql["proven"], sql["state"], sql["age_hours"]) == ("3-2-1", "2-2-1", "wrong", 0.5)
    assert sets["hdv-rct1"]["exempt"].startswith("Recette")
    assert {row["state"] for row in rows("protected_sets", {})} == {"unknown"}


def test_a_copy_has_its_store_and_an_unread_store_its_reason() -> None:
    copies = {(row["set"], row["store"]): row for row in rows("backup_copies", whole(town(), without=["prism"]))}
    kept = copies["hdv-sql1", "hors-site"]
    assert (kept["fresh"], kept["taken_at"], kept["immutable_until"]) == (
        True, "2026-11-27T11:30:00Z", "2026-12-17T12:00:00Z"
    )  # fmt: skip
    unread = copies["hdv-sql1", "prism"]
    assert (unread["fresh"], unread["taken_at"], unread["read_at"]) == (None, None, None)
    assert "jamais lu" in unread["words"]


def test_the_figures_are_by_family_and_the_page_of_gaps_names_the_sets() -> None:
    readings = {**whole(town(), without=["configurations"]), "sauvegarde": read("sauvegarde", ())}
    figures = {(row["figure"], row["class"]): row for row in rows("protection", readings)}
    assert (figures["F14", "bases"]["numerator"], figures["F14", "bases"]["denominator"]) == (0, 3)
    assert (figures["F14", "hors-prod"]["percent"], figures["F14", "hors-prod"]["reached"]) == (None, True)
    assert (figures["RPO", "*"]["numerator"], figures["RPO", "*"]["denominator"]) == (30, 30)
    facts = Facts(True, 1, Documents(1, (), 1, "2026-11-01"), 1, 0, 12, tuple(figures.values()))
    said = page(Contents(Path()), facts)
    line = "F14, bases, * : 0.0 % (0 sur 3), pour 100.0 % demandés ; en écart : hdv-sql1, hdv-glpi1, base-glpi"
    assert f"- {line}\n" in said
    assert "F14, configurations, * : inconnu (0 sur 1), pour 100.0 % demandés ; inconnus : configurations" in said
    assert "F14, hors-prod" not in said


def test_the_restore_tests_say_what_was_never_proven() -> None:
    rows = list(RESTORES.rows(Contents(Path(), restores=calendar(town(), "production")), town()))
    assert {row["state"] for row in rows} == {"never"}
    server = next(row for row in rows if row["requirement"] == "critical_server")
    assert (server["set"], server["words"], server["last"]) == ("hdv-sql1", "jamais prouvée", None)
