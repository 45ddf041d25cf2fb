"""`piste inventory`: list, figures, gaps, import, as people type them."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.town.model.assets.classes import CLASSES
from piste.town.model.assets.form import COLUMNS
from tests.support.bags import exported
from tests.unit.repository.tree import ROOT

pytestmark = pytest.mark.usefixtures("root")


def inventory(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["inventory", *arguments], input=answer)


def test_the_list_has_filters_and_forms() -> None:
    result = inventory("list", "--class", "computer", "--site", "ecole-jaures", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.output)))
    assert (result.exit_code, len(rows), rows[0]["source"]) == (0, 15, "inventories/town/assets/computer.csv:150")
    whole = json.loads(inventory("list", "--format", "json").output)
    assert len(whole) == 781
    assert inventory("list", "--match", "kyocera").output.endswith("\n22 éléments.\n")
    assert inventory("list", "--state", "retired").exit_code == 1
    result = inventory("list", "--class", "computr")
    assert (result.exit_code, "Vouliez-vous dire « computer »" in result.output) == (1, True)


def test_the_figures_are_below_their_target_and_unknown_without_a_reading(tmp_path: Path) -> None:
    result = inventory("figures")
    assert result.exit_code == 2
    assert re.search(r"^postes +0,0 % +0/1764 +1470 +294 +0$", result.output, re.MULTILINE)
    assert "F10 : inconnue, rien n’a été lu" in result.output
    read = json.loads(inventory("figures", "--read", str(exported(tmp_path)), "--format", "json").output)
    figures = {row["class"]: row for row in read["concordance"]}
    assert (figures["switch"]["numerator"], figures["computer"]["percent"]) == (1, None)
    assert figures["computer"]["unknown"] == 294
    assert "F11 : inconnue, non lue" in result.output
    assert read["coverage"] == {"figures": [], "missing": [], "why": "non lue"}


def test_the_coverage_is_that_of_the_reading_of_an_export(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    (folder / "zabbix").mkdir()
    moment = datetime(2026, 11, 27, 22, tzinfo=UTC)
    item = {"key": "icmpping", "delay": "1m", "last": moment.timestamp() - 30}
    living = {
        "read_at": moment.isoformat(),
        "hosts": {"lien-ineo-jau": {"enabled": True, "items": [item]}},
        "problems": {},
        "unread": {},
    }
    file = folder / "zabbix/living.json"
    file.write_text(json.dumps(living), "utf-8")
    read = json.loads(inventory("figures", "--read", str(folder), "--format", "json").output)["coverage"]
    numbers = {row["class"]: (row["numerator"], row["denominator"]) for row in read["figures"]}
    assert (numbers["link"], numbers["certificate"], numbers["application"]) == ((1, 19), (0, 9), (0, 32))
    assert numbers["*"][0] == 1
    why = {row["name"]: row["why"] for row in read["missing"]}
    assert why["application-ixbus"] == "adresse à renseigner"
    assert why["lien-ineo-med"] == "n’est pas dans Zabbix"
    assert "lien-ineo-jau" not in why
    said = inventory("figures", "--read", str(folder)).output
    assert re.search(r"^liaisons +5,26 % +1/19 +0$", said, re.MULTILINE)
    file.write_text(json.dumps({**living, "unread": {"hosts": "sans réponse"}}), "utf-8")
    assert "F11 : inconnue, Zabbix n’a pas été lu (sans réponse)" in inventory("figures", "--read", str(folder)).output
    file.write_text('{"unread": {}}', "utf-8")
    assert "F11 : inconnue, zabbix/living.json ne se comprend pas" in inventory("figures", "--read", str(folder)).output


def test_the_gaps_are_sorted_by_who_can_fill_them() -> None:
    result = inventory("gaps", "--site", "cimetiere")
    titles = [line for line in result.output.splitlines() if not line.startswith(" ")]
    assert result.exit_code == 2
    assert titles == [
        "Un système que Piste sait lire : Dashboard Meraki",
        "Un système que Piste sait lire : agent d’inventaire (GLPI)",
        "Le fournisseur",
        "Le responsable du site",
        "La DSI",
        "42 cellules obligatoires à renseigner.",
    ]
    rows = list(csv.DictReader(io.StringIO(inventory("gaps", "--for", "supplier", "--format", "csv").output)))
    asked = {"contacts", "delays", "escalation", "version", "prerequisites", "way_back"}
    assert {row["attribute"] for row in rows} == {"warranty_until", "end_of_life", "end", "publisher"} | asked


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the repository's declaration, to write in."""
    import shutil

    for name in ("group_vars", "inventories"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True)
    monkeypatch.setattr("piste.engine.repository.ROOT", tmp_path)
    monkeypatch.setattr("piste.town.declared.TOWN", tmp_path / "inventories/town")
    return tmp_path


LIST = "Nom;Type;N° série;Site;Affectation\npc-jau-901;portable;5CG1;Jean Jaurès;Direction\n"


def test_an_import_shows_its_plan_asks_then_writes_only_its_lines(town: Path, tmp_path: Path) -> None:
    file, table = tmp_path / "parc.csv", town / "inventories/town/assets/computer.csv"
    file.write_text(LIST.replace("Jean Jaurès", "jau"), "utf-8")
    before = table.read_text("utf-8")
    result = inventory("import", str(file), "--dry-run")
    assert (result.exit_code, table.read_text("utf-8")) == (2, before)
    assert "+pc-jau-901,laptop,5CG1,ecole-jaures,Direction,in_service,,,," in result.output
    assert inventory("import", str(file), answer="non\n").exit_code == 4
    assert table.read_text("utf-8") == before
    result = inventory("import", str(file), answer="oui\n")
    assert (result.exit_code, "Écrit : inventories/town/assets/computer.csv" in result.output) == (0, True)
    assert table.read_text("utf-8") == before + "pc-jau-901,laptop,5CG1,ecole-jaures,Direction,in_service,,,,\n"
    again = inventory("import", str(file), "--yes")
    assert (again.exit_code, "déjà connu : 1" in again.output) == (0, True)


def test_an_import_shows_a_new_column_once_and_its_own_lines_only(town: Path, tmp_path: Path) -> None:
    file, table = tmp_path / "parc.csv", town / "inventories/town/assets/computer.csv"
    file.write_text("Nom;Type;N° série;Marque;Site\npc-jau-901;portable;5CG1;HP;jau\n", "utf-8")
    lines = inventory("import", str(file), "--dry-run").output.splitlines()
    assert "inventories/town/assets/computer.csv : 1 colonne de plus (maker)" in lines
    assert [line for line in lines if line.startswith(("+", "-")) and line[:3] not in ("+++", "---")] == [
        "+pc-jau-901,laptop,5CG1,ecole-jaures,,in_service,,,,,HP"
    ]
    assert "maker" not in table.read_text("utf-8")


def test_an_import_with_a_fault_writes_nothing_and_says_all_of_them(town: Path, tmp_path: Path) -> None:
    file, table = tmp_path / "parc.csv", town / "inventories/town/assets/computer.csv"
    file.write_text(LIST + "pc-jau-902;fusée;5CG2;jau;\n=1+1;PC;5CG3;jau;\n", "utf-8")
    before = table.read_text("utf-8")
    result = inventory("import", str(file), "--yes")
    assert (result.exit_code, table.read_text("utf-8")) == (1, before)
    assert [line[:14] for line in result.output.splitlines() if line.startswith("✗")] == [
        "✗ parc.csv:2 :", "✗ parc.csv:3 :", "✗ parc.csv:4 :"
    ]  # fmt: skip
    assert inventory("import", str(file), "--class", "switch").exit_code == 1


def test_the_page_has_every_class_column_and_option() -> None:
    page = (ROOT / "docs/inventaire.md").read_text("utf-8")
    classes = {name for row in re.findall(r"^\| (`[a-z_`, ]+)", page, re.MULTILINE) for name in re.findall(r"\w+", row)}
    assert CLASSES.keys() <= classes
    assert set(COLUMNS) <= classes
    for option in ("--read", "--for", "--class", "--state", "--match", "--dry-run", "--format"):
        assert option in page


def test_the_figures_have_that_of_the_backups_beside() -> None:
    assert "F14 : inconnu (0 sur 28, 28 inconnus, 2 exemptés)" in inventory("figures").output
    rows = list(csv.DictReader(io.StringIO(inventory("figures", "--format", "csv").output)))
    assert next(row for row in rows if row["figure"] == "F14")["denominator"] == "28"
    answer = json.loads(inventory("figures", "--format", "json").output)
    assert [made["id"] for made in answer["protection"]] == ["F14", "RPO"]
