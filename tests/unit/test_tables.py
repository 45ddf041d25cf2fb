"""Tables that people give: read as Excel writes them, refused with their lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from piste.engine import tables
from piste.engine.converge.errors import Fault
from piste.engine.tables import Column, Form
from piste.readings.protection import report
from piste.sites.imports import spreadsheet
from piste.sites.life.receiving import read_list
from piste.sobriety import columns as sobriety
from piste.sobriety.imports import Metered, read_imports
from piste.sobriety.printing import exports
from tests.unit.repository.tree import shown, tracked
from tests.unit.sobriety.small import town

EXCEL: dict[str, tuple[str, str]] = {
    "CSV UTF-8": ("utf-8-sig", ";"),
    "CSV": ("cp1252", ";"),
    "CSV of an English Excel": ("cp1252", ","),
    "Unicode text": ("utf-16", "\t"),
    "text": ("cp1252", "\t"),
    "CSV of LibreOffice": ("utf-8", ","),
}
"""The forms of Excel, by what it calls them: encoding and separator."""


def delivery(content: bytes, folder: Path) -> object:
    (folder / "liste.csv").write_bytes(content)
    return read_list(folder / "liste.csv")


def inventory(content: bytes, folder: Path) -> object:
    (item,) = spreadsheet.read(content, "parc.csv", None).items
    return item.cells


def copies(content: bytes, folder: Path) -> object:
    return report.parsed(content, "r.csv", "s", "Europe/Paris")[0]["state"]


def energy(content: bytes, folder: Path) -> object:
    (folder / "electricity.csv").write_bytes(content)
    (metered,) = read_imports(folder, "production", town()).electricity or ()
    return metered


def printing(content: bytes, folder: Path) -> object:
    (folder / "myq-2026-10.csv").write_bytes(content)
    faults: list[Fault] = []
    (row,) = exports.read(folder, town(), faults).printed
    return row.site, row.jobs, row.pages_a4, faults


READERS: dict[str, tuple[Callable[[bytes, Path], object], str, object]] = {
    "asset receive": (
        delivery,
        "N° de SÉRIE;Modèle;Lieu\nABC123;Écran;Salle 1\n",
        [{"serial": "ABC123", "model": "Écran", "place": "Salle 1"}],
    ),
    "inventory import": (
        inventory,
        "Nom;Catégorie;Marque;Garantie\npc-1;poste;Écrans Réunis;31/01/2030\n",
        {"name": "pc-1", "maker": "Écrans Réunis", "variant": "desktop", "warranty_until": "2030-01-31"},
    ),
    "backups import": (copies, "set;taken_at;state\nhdv-dc1;27/11/2026 02:00;échec\n", "failed"),
    "sobriety": (
        energy,
        "Equipment;Site;From;Until;kWh;Count;Source\npc;ecole-jaures;01/11/2025;2026-10-31;812.5;6;Relevé\n",
        Metered("pc", "ecole-jaures", "2025-11-01", "2026-10-31", 812.5, 6, "Relevé"),
    ),
    "printing": (
        printing,
        "Relevé d’octobre;;;\nSerial number;Jobs;Total prints;Color prints\nEX-jau-mfp-001;12;1204;30\nFin\n",
        ("ecole-jaures", 12, 1204, []),
    ),
}


READS_OTHERS = {
    "piste/engine/converge/bounded.py": "the tables of a bag, which Piste wrote",
    "piste/exports/capture/files.py": "audit.csv of a policy, cell by cell, for its masks",
    "piste/systems/windows/gpo/document.py": "audit.csv, a form of Windows",
}


def test_no_other_module_reads_tables() -> None:
    reading = {shown(path) for path in tracked("piste/*.py") if re.search(_CSV_READ, path.read_text("utf-8"))}
    assert reading == {"piste/engine/tables.py", *READS_OTHERS}


_CSV_READ = r"csv\.(reader|DictReader|Sniffer)|from csv import"


@pytest.mark.parametrize("form", EXCEL)
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_that_people_feed_takes_what_excel_writes(reader: str, form: str, tmp_path: Path) -> None:
    read, text, expected = READERS[reader]
    encoding, separator = EXCEL[form]
    content = text.replace("\n", "\r\n").replace(";", separator).encode(encoding)
    assert read(content, tmp_path) == expected


TWO = Form((Column("name", required=True), Column("site", titles=["lieu"]), Column("note")))
BARE = Form((Column("serial", required=True),), bare="serial", formulas=False)


def faults(content: str | bytes, form: Form = TWO) -> list[str]:
    return [f"{fault.line} {fault}" for fault in tables.read(content, form).faults]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ["1 le fichier est vide : la première ligne donne les colonnes (name,site,note)"]),
        ("\n;\nname;name\n", ["3 la colonne « name » est là deux fois"]),
        ("name;Site;LIEU\n", ["1 la colonne « site » est là deux fois"]),
        ("site;prix\nx;1\n", ["1 la colonne « name » manque",
                              "1 la colonne « prix » est inconnue ; attendues : name, site, note"]),
        ("name;site\na;b;c\nd\n", ["2 3 cellules pour 2 colonnes : un point-virgule dans un texte va entre guillemets",
                                   "3 1 cellule pour 2 colonnes : un point-virgule dans un texte va entre guillemets"]),
        ("name\na;b\n", ["2 2 cellules pour 1 colonne : un point-virgule dans un texte va entre guillemets"]),
        ('name,site\na,b\n\nc,"d\ne,f\n',
         ["4 ce n’est pas du CSV : des guillemets ne sont pas fermés, ou sont de trop"]),
        ("name,site\na,b\nc\u200b,d\n", ["3 name : caractère invisible (U+200B)"]),
        (f"name,site\n{'a' * 301},b\n", ["2 name : plus de 300 signes"]),
        ('name,site\n"a\nb",c\n', ["2 name : plusieurs lignes dans la cellule"]),
        (f"name,site\na,{'b' * 200_000}\n", ["2 ce n’est pas du CSV : une cellule est trop longue"]),
        ("name;\na;b\n", ["2 « b » est sous une colonne sans titre"]),
        ("name;site,note\n", ["1 un point-virgule ou une virgule peut y séparer les colonnes : gardez un séparateur"]),
        (b"name,site\na,b\0\n", ["2 ce n’est pas un texte (UTF-8, UTF-16, Windows-1252) : enregistrez-le en CSV"]),
        (b"PK\x03\x04\x8d", ["1 ce n’est pas un texte (UTF-8, UTF-16, Windows-1252) : enregistrez-le en CSV"]),
        ("name\né\n".encode() + "è\n".encode("cp1252"),
         ["3 le texte mêle UTF-8 et Windows-1252 : enregistrez-le en CSV UTF-8"]),
    ],
)  # fmt: skip
def test_what_is_no_table_says_its_line(content: str | bytes, expected: list[str]) -> None:
    assert faults(content) == expected


def test_a_row_too_many_ends_the_reading() -> None:
    table = tables.read("name\na1\nb1\nc1\n", Form((Column("name"),), rows=2))
    assert [row.values["name"] for row in table.rows] == ["a1", "b1"]
    assert table.faults == [tables.Fault(4, "plus de 2 lignes : coupez le fichier")]


def test_rows_decide_where_headers_do_not() -> None:
    table = tables.read("name,site;note\npc;x\npc2;y\n", Form((Column("name"), Column("note")), leaves=True))
    assert (table.left, [row.values for row in table.rows]) == (
        ["name,site"], [{"note": "x", "name": ""}, {"note": "y", "name": ""}],
    )  # fmt: skip


@pytest.mark.parametrize("text", ["sep=;\nname;site\na,b;c\n", "name;site;\na,b;c;\n", "\ufeffName ;SITE\n'a,b';c\n"])
def test_a_separator_that_is_given_an_end_without_title_and_a_mark_are_no_faults(text: str) -> None:
    table = tables.read(text.encode(), TWO)
    assert (table.faults, [row.values["site"] for row in table.rows]) == ([], ["c"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("serial\tmodel\nABC123\tEcran\n", "la colonne « model » est inconnue"),
        ("code\tmodel\nABC123\tEcran\n", "la colonne « serial » manque"),
        ("A1\nB2\tEcran\n", "la colonne « serial » manque"),
        ("Étiquette\nA1\n", "la colonne « Étiquette » est inconnue"),
        ("A1\n=B1\n", "serial : « =B1 » serait une formule"),
    ],
)
def test_a_header_is_no_number_of_a_list(text: str, says: str) -> None:
    assert any(says in fault for fault in faults(text, BARE)), faults(text, BARE)


def test_a_list_of_numbers_has_no_header() -> None:
    assert [row.values for row in tables.read("A1\r\n\r\nB2", BARE).rows] == [{"serial": "A1"}, {"serial": "B2"}]


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_a_comma_before_three_digits_may_be_of_thousands_and_is_refused(separator: str) -> None:
    form = Form((sobriety.Column("kwh", type="number"), Column("note")))

    def read(number: str) -> object:
        table = tables.read(f"kwh{separator}note\n{number}{separator}x\n", form)
        return [row.values["kwh"] for row in table.rows] or [f"{fault.line} {fault}" for fault in table.faults]

    for number in ("1,234", "812,500"):
        whole = number.replace(",", "")
        said = f"2 kwh : « {number} » : décimales ou milliers ? écrivez {whole} ou {number}0"
        assert read(number) == [said]
    sure = {"1,2340": 1.234, "0,234": 0.234, "1234,567": 1234.567, "812,5": 812.5, "1.234": 1.234}
    assert {number: read(number) for number in sure} == {number: [value] for number, value in sure.items()}


def test_a_link_a_folder_and_a_large_file_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "whole.csv").write_text("name\na1\n")
    (tmp_path / "link.csv").symlink_to("whole.csv")
    read = partial(tables.read, form=TWO)
    assert read(tmp_path / "whole.csv").faults == []
    monkeypatch.setattr(tables, "LARGEST", 3)
    for name in ("whole.csv", "link.csv", "absent.csv", "."):
        (fault,) = read(tmp_path / name).faults
        assert fault.message.startswith("le fichier ne se lit pas : ")
