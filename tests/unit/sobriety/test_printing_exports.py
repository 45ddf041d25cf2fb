"""Exports of copiers: as Excel writes them, counters as differences, faults by line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from piste.engine import tables
from piste.engine.converge.errors import Fault
from piste.sobriety.imports import BadImport, read_imports
from piste.sobriety.printing import exports
from piste.sobriety.printing.exports import Exported
from tests.unit.sobriety.small import CCAS, SCHOOL, town

MYQ = "Serial number;Jobs;Total prints;Color prints\n"
KYOCERA = "Serial Number,Total A4,Total A3,Full Color\n"


def read(folder: Path, **files: str | bytes) -> Exported:
    for name, content in files.items():
        path = folder / f"{name.replace('__', '-').replace('_', '-')}.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    faults: list[Fault] = []
    exported = exports.read(folder, town(SCHOOL, CCAS, "hotel-de-ville"), faults)
    if faults:
        raise BadImport(faults)
    return exported


def refusal(folder: Path, **files: str | bytes) -> str:
    with pytest.raises(BadImport) as failure:
        read(folder, **files)
    return "\n".join(map(str, failure.value.faults))


def pages(exported: Exported) -> list[tuple[str, str | None, int]]:
    return [(row.month, row.queue, row.pages) for row in exported.printed]


ROWS = MYQ + "EX-jau-mfp-001;12;1 204;30\nEX-ccas-mfp-001;3;7;0\n"


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode(), b"\xef\xbb\xbf" + ROWS.encode(), ROWS.encode("utf-16"), ROWS.encode("cp1252"),
        ROWS.replace("\n", "\r\n").encode(), ROWS.replace(";", "\t").encode(), ROWS.replace(";", ",").encode(),
        ("Rapport d’activité;;;\nPériode : octobre 2026;;;\n\n" + ROWS).encode("cp1252"),
        ROWS.replace("1 204", "1\u00a0204").encode(), ROWS.replace("1 204", "1204,0").encode(),
        ROWS.replace("EX-jau-mfp-001", '"=""EX-jau-mfp-001"""').encode(),
        ("sep=;\n" + ROWS.upper().replace("EX-JAU-MFP-001", "ex-jau-mfp-001")).encode(),
    ],
)  # fmt: skip
def test_an_export_is_read_as_excel_writes_it(tmp_path: Path, content: bytes) -> None:
    exported = read(tmp_path, myq_2026_10=content)
    assert pages(exported) == [("2026-10", "imp-jau-01", 1204), ("2026-10", "imp-ccas-01", 7)]
    (first, _) = exported.printed
    assert (first.site, first.jobs, first.color_pages, first.duplex_jobs) == (SCHOOL, 12, 30, None)
    assert (first.origin, first.source) == ("myq", "myQ, rapport mensuel par imprimante")


def test_counters_become_the_pages_of_each_month(tmp_path: Path) -> None:
    exported = read(
        tmp_path,
        kyocera_2026_09_02=KYOCERA + "EX-jau-mfp-001,1000,10,100\n",
        kyocera_2026_10_01=KYOCERA + "EX-jau-mfp-001,1400,15,130\n",
        kyocera_2026_10_15=KYOCERA + "EX-jau-mfp-001,1500,15,131\n",
        kyocera_2026_10_30=KYOCERA + "EX-jau-mfp-001,1650,20,140\n",
    )
    # September: 400 A4 and 5 A3; October: 250 A4 and 5 A3; the reading of the 15th stands for no end of month.
    assert pages(exported) == [("2026-09", "imp-jau-01", 410), ("2026-10", "imp-jau-01", 260)]
    assert [row.color_pages for row in exported.printed] == [30, 10]
    assert exported.notes == []


def test_a_counter_that_goes_back_is_another_device_and_not_a_negative_month(tmp_path: Path) -> None:
    exported = read(
        tmp_path,
        kyocera_2026_09_01=KYOCERA + "EX-jau-mfp-001,90000,10,100\n",
        kyocera_2026_10_01=KYOCERA + "EX-jau-mfp-001,120,0,5\n",
        kyocera_2026_11_01=KYOCERA + "EX-jau-mfp-001,620,0,5\n",
    )
    assert pages(exported) == [("2026-10", "imp-jau-01", 500)]
    assert exported.notes == [
        "Kyocera Net Viewer, rapport des compteurs : imp-jau-01, 2026-09 inconnu (un compteur recule, l’appareil a été "
        "remplacé ou remis à zéro)"
    ]


def test_months_without_a_reading_at_both_ends_are_unknown(tmp_path: Path) -> None:
    exported = read(
        tmp_path,
        kyocera_2026_07_01=KYOCERA + "EX-jau-mfp-001,100,0,0\nEX-ccas-mfp-001,5,0,0\n",
        kyocera_2026_10_01=KYOCERA + "EX-jau-mfp-001,900,0,0\n",
        kyocera_2026_10_15=KYOCERA + "EX-ccas-mfp-001,50,0,0\n",
    )
    assert exported.printed == []
    assert [note.partition(" : ")[2] for note in exported.notes] == [
        "imp-ccas-01 n’est pas relevé autour des fins de mois, ses pages sont inconnues",
        "imp-jau-01 n’est pas relevé de 2026-06 à 2026-09, mois inconnus",
    ]


def test_a_device_of_nobody_is_set_aside_and_named(tmp_path: Path) -> None:
    exported = read(tmp_path, myq_2026_10=MYQ + "VCX999;1;2;0\nTotal;;9;\n;;9;\nEX-ccas-mfp-001;3;7;0\n")
    assert pages(exported) == [("2026-10", "imp-ccas-01", 7)]
    assert exported.notes == [
        "myq-2026-10.csv : 1 ligne(s) à l’écart, aucun appareil n’y est nommé",
        "myq-2026-10.csv : 1 ligne(s) à l’écart, « Total » n’est pas une imprimante de l’inventaire",
        "myq-2026-10.csv : 1 ligne(s) à l’écart, « VCX999 » n’est pas une imprimante de l’inventaire",
    ]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("3;-7;0", "« -7 » trouvé ; il faut un entier"),
        ("3;=1+1;0", "« =1+1 » trouvé"),
        ("3;12,000;0", "« 12,000 » trouvé"),
        ("3;1e9;0", "« 1e9 » trouvé"),
        ("3;9999999999999999;0", "trouvé ; il faut un entier"),
        ("3;;0", "aucune page n’est donnée"),
        ("3;7;9", "plus de pages en couleur que de pages"),
        ('3;"7;0', "ce n’est pas du CSV"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_file_and_line(tmp_path: Path, cells: str, words: str) -> None:
    said = refusal(tmp_path, myq_2026_10=MYQ + f"EX-jau-mfp-001;1;1;0\nEX-ccas-mfp-001;{cells}\n")
    assert words in said
    assert "myq-2026-10.csv:3" in said


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"myq_2026_10": "Numéro;Travaux\nx;1\n"}, "la colonne « Color prints » manque"),
        ({"myq_2026_10": "Serial number;Jobs;Total prints;Jobs;Color prints\n"},
         "la colonne « Jobs » est là deux fois"),
        ({"myq_2026_10": b"PK\x03\x04\0\0"}, "ce n’est pas un texte"),
        ({"myq_2026_10": b"\xff\xfe\x41"}, "ce n’est pas un texte"),
        ({"myq_2026_10": b""}, "le fichier est vide"),
        ({"myq_octobre": ROWS}, "la fin du nom n’est pas une date"),
        ({"kyocera_0001_01_02": KYOCERA + "EX-jau-mfp-001,1,0,0\n"}, "la fin du nom n’est pas une date"),
        ({"myq_2026_10": MYQ + "EX-jau-mfp-001;1;1;0\nEX-jau-mfp-001;1;1;0\n"}, "est déjà à myq-2026-10.csv:2"),
        ({"myq_2026_10": ROWS, "myq_2026_10_01": ROWS}, "est déjà à myq-2026-10-01.csv:2"),
        ({"kyocera_2026_10_01": KYOCERA + "EX-jau-mfp-001,1,0,0\nEX-jau-mfp-001,2,0,0\n"}, "d’autres compteurs"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, files: dict[str, Any], words: str) -> None:
    assert words in refusal(tmp_path, **files)


def test_files_out_of_proportion_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    assert "plus de 3 lignes" in refusal(tmp_path, myq_2026_10=MYQ + "EX-jau-mfp-001;1;1;0\n" * 5)
    monkeypatch.setattr(tables, "LARGEST", 20)
    assert "le fichier ne se lit pas : plus de" in refusal(tmp_path, myq_2026_10=ROWS)
    monkeypatch.setattr(exports, "MOST_FILES", 0)
    assert "rangez les plus anciens ailleurs" in refusal(tmp_path)


def test_faults_of_exports_and_of_tables_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "myq-2026-10.csv").write_text(MYQ + "EX-jau-mfp-001;x;1;0\n", encoding="utf-8")
    (tmp_path / "incidents.csv").write_text("ticket\n", encoding="utf-8")
    with pytest.raises(BadImport) as failure:
        read_imports(tmp_path, "production", town())
    files = {str(fault).partition(":")[0] for fault in failure.value.faults}
    assert files == {"incidents.csv", "myq-2026-10.csv"}


def test_a_pipe_or_a_folder_is_no_export(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "myq-2026-10.csv")
    (tmp_path / "myq-2026-09.csv").mkdir()
    assert read(tmp_path).printed == []
