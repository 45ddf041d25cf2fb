"""The verbs on backups: sets, figures, gaps, codes of exit, the import of a report."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings.protection import kept
from piste.town import declared
from tests.support.backups_read import NOW, copy, keep_all, read, whole

REPORT = "set;taken_at;state\nhdv-dc1;2026-11-27 12:00;complete\nhdv-vieux;2026-11-27 12:00;complete\n"


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", f"{NOW:%Y-%m-%d}")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["backups", *arguments])


def keep_whole(**given: Any) -> None:
    keep_all("lab", whole(declared.derived("lab"), **given).values())


def test_what_was_never_read_is_unknown() -> None:
    figures = run("figures")
    assert (figures.exit_code, "F14 : inconnu (0 sur 28, 28 inconnus, 2 exemptés)" in figures.output) == (3, True)
    assert "hors-site        inconnu : jamais lu (piste backups import)" in run("list").output


def test_a_town_whose_copies_are_all_there_conforms() -> None:
    keep_whole()
    figures = run("figures")
    assert (figures.exit_code, "F14 : 100 % (28 sur 28, 2 exemptés)" in figures.output) == (0, True)
    assert "exclu : hdv-rct1 (Recette et image de référence" in figures.output
    assert "À confirmer dans la déclaration : 5 endroits, 8 familles, 30 ensembles." in figures.output
    gaps = run("gaps")
    assert (gaps.exit_code, "RPO : 100 % (30 sur 30)" in gaps.output) == (0, True)


def test_a_gap_says_what_is_lacking_where_and_names_what_nothing_declares() -> None:
    keep_whole(without=["configurations"])
    keep_all("lab", [read("sauvegarde", [copy("hdv-\x1b[31mold", "sauvegarde")])])
    gaps = run("gaps")
    assert gaps.exit_code == 1
    assert "✗ non conforme  hdv-sql1 : 2 exemplaires sur 3" in gaps.output
    assert "sauvegarde : aucune copie" in gaps.output
    assert "? inconnu       configurations : 2 exemplaires sur 3" in gaps.output
    assert "- non déclaré" in gaps.output
    assert "\x1b[31m" not in gaps.output
    answer = json.loads(run("gaps", "--format", "json").output)
    assert answer["outcome"] == "error"
    assert answer["undeclared"][0]["copies"] == 1


def test_a_set_says_where_it_is_declared_and_each_of_its_stores() -> None:
    keep_whole()
    said = run("list", "hdv-sql1").output
    assert "demandé       3-2-1, immuable, RPO 1 h, RTO 4 h" in said
    assert "group_vars/all/hosting.yml:" in said
    assert "hors-site     dernière copie il y a 30 min" in said
    missing = run("list", "hdv-sql")
    assert (missing.exit_code, "« hdv-sql1 »" in missing.output) == (1, True)


def test_a_report_is_imported_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "releve.csv"
    file.write_text(REPORT, "utf-8")
    said = run("import", str(file), "--store", "hors-site", "--read-at", "27/11/2026 13:00")
    assert (said.exit_code, "2 copies de 2 ensembles, relevé du 27/11/2026 à 13:00." in said.output) == (0, True)
    assert "! hdv-vieux : 1 copie, que rien ne déclare" in said.output
    assert kept.last("lab")["hors-site"]["copies"][0]["taken_at"] == "2026-11-27T11:00:00Z"
    file.write_text(REPORT + "hdv-dc2;jamais;complete\n", "utf-8")
    faulty = run("import", str(file), "--store", "hors-site")
    assert (faulty.exit_code, "releve.csv:4 : taken_at : « jamais »" in faulty.output) == (1, True)
    assert len(kept.last("lab")["hors-site"]["copies"]) == 2
    file.write_text(REPORT, "utf-8")
    for moment in ("28/11/2026 13:00", "26/11/2026 13:00"):
        refused = run("import", str(file), "--store", "hors-site", "--read-at", moment)
        assert (refused.exit_code, "Rien n’a été gardé" in refused.output) == (4, True)


def test_a_store_that_is_read_is_not_imported(tmp_path: Path) -> None:
    file = tmp_path / "releve.csv"
    file.write_text(REPORT, "utf-8")
    for store, code, says in (("prism", 4, "il ne s’importe pas"), ("hors", 1, "n’est pas un endroit")):
        said = run("import", str(file), "--store", store)
        assert (said.exit_code, says in said.output) == (code, True)
    unreadable = run("import", str(file), "--store", "hors-site", "--read-at", "midi")
    assert (unreadable.exit_code, "--read-at" in unreadable.output) == (4, True)
    assert not kept.last("lab")


def test_an_old_reading_says_nothing_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_whole()
    monkeypatch.setenv("PISTE_TODAY", f"{NOW + timedelta(days=2):%Y-%m-%d}")
    assert run("figures").exit_code == 3


def test_a_reading_says_what_a_reader_has_remarked(monkeypatch: pytest.MonkeyPatch) -> None:
    from piste.runs.plans import play

    lie = "la tâche « Nuit » se dit réussie, sans point de restauration\x1b[2J"
    monkeypatch.setattr(play, "play", lambda order, check: play.Played(warnings=[lie, lie]))
    output = run("read").output
    assert output.count("À savoir : la tâche « Nuit » se dit réussie") == 1
    assert "\x1b" not in output
