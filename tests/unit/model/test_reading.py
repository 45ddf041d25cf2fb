"""A file that is no declaration is refused in words, on its line.

Reading never ends in a trace, and always ends.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piste.town.model.composer import DEEPEST, MOST
from piste.town.model.faults import Faults
from piste.town.model.source import LARGEST, read
from piste.town.model.tree import Document
from tests.unit.model.broken_town import ALL, Copy

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join([f'*{chr(97 + at)}'] * 9)}]\n" for at in range(12)
)

TEXTS: dict[str, tuple[str, str, int, str]] = {
    "a tag of a number on a text": ("x: !!int zz\n", "M003", 1, "« x » porte l’étiquette"),
    "a tag of a number on nothing": ("x: !!int ''\n", "M003", 1, "étiquette"),
    "a tag of a float": ("a: 1\nx: !!float zz\n", "M003", 2, "étiquette"),
    "a tag of a boolean": ("x: !!bool zz\n", "M003", 1, "étiquette"),
    "a tag on a list": ("x: !!python/object/apply:os.system ['id']\n", "M003", 1, "os.system"),
    "a tag on a mapping": ("x:\n  y: !autre {a: b}\n", "M003", 2, "« y » porte l’étiquette !autre"),
    "a tag on the root": ("!autre\nx: 1\n", "M003", 1, "La racine porte l’étiquette"),
    "a list that holds itself": ("x: &a [*a]\n", "M003", 1, "« x » reprend une ancre"),
    "a mapping that holds itself": ("x: &a {b: *a}\n", "M003", 1, "« b » reprend une ancre"),
    "an anchor that nothing bears": ("x: *a\n", "M003", 1, "reprend une ancre"),
    "a key that is a list": ("? [a]\n: b\n", "M003", 1, "La clé n’est pas un texte"),
    "a merge": ("x:\n  <<: {a: 1}\n", "M003", 2, "La clé n’est pas un texte"),
    "a million digits": ("x: " + "9" * 10**6 + "\n", "M007", 1, "« 999999999999… » n’est pas un nombre"),
    "a number of a hundred thousand hexadecimal digits": ("x: 0x" + "f" * 10**5 + "\n", "M007", 1, "0xffff"),
    "a number that no machine holds": ("x: 99999999999999999999\n", "M007", 1, "n’est pas un nombre"),
    "an infinite number": ("x: .inf\n", "M007", 1, "« .inf » n’est pas un nombre"),
    "no number": ("x: [.nan]\n", "M007", 1, "« .nan » n’est pas un nombre"),
    "a hundred thousand levels": ("x: " + "[" * 10**5, "M001", 1, "s’imbrique trop profondément"),
    "more levels than a town has": ("x: " + "[" * DEEPEST + "]" * DEEPEST, "M001", 1, "niveaux"),
    "more values than a town has": ("x:\n" + "- a\n" * MOST, "M001", MOST, "valeurs"),
    "a tabulation": ("x:\n\ty: 1\n", "M001", 2, "une tabulation, quand YAML n’indente qu’avec des espaces"),
    "a tabulation under another key": ("x:\n  y: 1\n\tz: 2\n", "M001", 3, "une tabulation"),
    "a key without its colon": ("x: 1\ny\nz: 2\n", "M001", 2, "il manque un « : »"),
    "a last key without its colon": ("x: 1\ny\n", "M001", 2, "il manque un « : »"),
    "a title without its colon": ("x: 1\nsite\n  name: y\n", "M001", 2, "il manque un « : »"),
    "a first title without its colon": ("site\n  name: y\n", "M001", 1, "il manque un « : »"),
    "a key and its value without a colon": ("site:\n  name Jaurès\n  cctp: x\n", "M001", 2, "il manque un « : »"),
    "a colon without its space": ("x:1\ny: 2\n", "M001", 1, "il manque un « : » suivi d’une espace"),
    "a colon inside a text": ("x: y: z\n", "M001", 1, "un « : » de trop"),
    "a list that is not closed": ("x: [a, b\ny: 1\n", "M001", 1, "« [ » n’est pas fermée"),
    "a mapping that is not closed": ("x: {a: b\ny: 1\n", "M001", 1, "« { » n’est pas fermé"),
    "a quote that is not closed": ('a: 1\nx: "abc\ny: 1\n', "M001", 2, "un guillemet n’est pas fermé"),
    "an indentation of its own": ("x:\n  a: 1\n b: 2\n", "M001", 3, "l’indentation"),
    "a key among items": ("x:\n  - a\n  b: 1\n", "M001", 3, "un « - » manque"),
    "a sign that begins no text": ("x: @y\n", "M001", 1, "un texte ne commence pas par « @ »"),
    "a backslash in quotes": ('x: "C:\\q"\n', "M001", 1, "que YAML ne connaît pas"),
    "a merge that is not finished": ("x: 1\n<<<<<<< HEAD\ny: 2\n", "M001", 2, "une fusion de Git n’y est pas finie"),
    "quotes of a word processor": ("x: “a”\n", "M007", 1, "pour YAML, un guillemet est droit"),
    "two documents": ("x: 1\n---\ny: 2\n", "M001", 2, "plusieurs documents"),
    "a list at the root": ("- x\n", "M001", 1, "La racine du fichier n’est pas un objet"),
    "a text at the root": ("x\n", "M001", 1, "La racine du fichier n’est pas un objet"),
    "a mark of direction": ("x: a\u202eb\n", "M018", 1, "(U+202E)"),
    "a mark of direction in a comment": ("x: 1 # \u2066b\n", "M018", 1, "(U+2066)"),
    "a control character that is announced": ('x: 1\ny: "a\\x01b"\n', "M018", 2, "« y » contient un caractère"),
    "a mark in a key": ('"a\\u200f": 1\n', "M018", 1, "Une clé contient un caractère invisible (U+200F)"),
}  # fmt: skip


def reading(tmp_path: Path, text: bytes) -> tuple[Document, Faults]:
    path, faults = tmp_path / "x.yml", Faults()
    path.write_bytes(text)
    return read(path, "x.yml", faults), faults


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_one_fault_on_its_line(tmp_path: Path, name: str) -> None:
    text, rule, line, says = TEXTS[name]
    _, faults = reading(tmp_path, text.encode())
    assert [(fault.rule, fault.file, fault.line) for fault in faults] == [(f"PISTE-{rule}", "x.yml", line)]
    assert says in faults[0].message


def test_a_bomb_of_anchors_is_read_once_through(tmp_path: Path) -> None:
    document, faults = reading(tmp_path, BOMB.encode())
    assert {fault.rule for fault in faults} == {"PISTE-M003"}
    assert len(faults) == 12
    assert len(document.marks) < 200


def test_a_zero_byte_is_reported_where_it_is(tmp_path: Path) -> None:
    _, faults = reading(tmp_path, b"x: 1\ny: a\x00b\n")
    assert [(fault.rule, fault.line) for fault in faults] == [("PISTE-M018", 2), ("PISTE-M001", 2)]


@pytest.mark.parametrize(
    ("text", "says"),
    [(b"x: \xe9\n", "il n’est pas en UTF-8"), (b"x" * (LARGEST + 1), "il a plus de 2 Mo")],
    ids=["latin", "huge"],
)
def test_what_is_no_text_of_ours_is_not_parsed(tmp_path: Path, text: bytes, says: str) -> None:
    document, faults = reading(tmp_path, text)
    assert [(fault.rule, fault.line) for fault in faults] == [("PISTE-M001", 1)]
    assert says in faults[0].message
    assert document.data == {}


@pytest.mark.parametrize("text", [b"", b"---\n", b"# rien\n", b"\xef\xbb\xbfx: 1\n", b"x: 1\r\ny: 2\r\n"])
def test_what_other_editors_leave_is_read(tmp_path: Path, text: bytes) -> None:
    document, faults = reading(tmp_path, text)
    assert faults == []
    assert set(document.data) <= {"x", "y"}


def test_what_stands_under_the_name_of_a_file_is_refused_and_never_waited_for(copy: Copy) -> None:
    folder = copy.root / ALL
    os.mkfifo(folder / "tube.yml")
    (folder / "dossier.yml").mkdir()
    (folder / "sous-dossier").mkdir()
    (folder / "notes").write_text("site: {}\n", "utf-8")
    (folder / "autre.json").write_text("{}", "utf-8")
    (folder / ".cache").write_text("x", "utf-8")
    (folder / "boucle.yml").symlink_to("boucle.yml")
    (folder / os.fsdecode(b"\xff.yml")).write_text("", "utf-8")
    faults = {fault.file.removeprefix(ALL): fault.message for fault in copy.load().faults}
    assert faults == {
        "tube.yml": "Le fichier ne peut pas être lu : ce n’est pas un fichier ordinaire",
        "dossier.yml": "Le fichier ne peut pas être lu : c’est un dossier",
        "sous-dossier": "Ansible lirait ceci, et Piste non",
        "notes": "Ansible lirait ceci, et Piste non",
        "autre.json": "Ansible lirait ceci, et Piste non",
        "boucle.yml": "Le fichier ne peut pas être lu : le système ne l’ouvre pas",
    }


def test_what_was_found_on_a_system_may_hold_any_text(tmp_path: Path) -> None:
    path, faults = tmp_path / "x.yml", Faults()
    path.write_text('x: "a\\x01\\u202e"\n', "utf-8")
    assert read(path, "x.yml", faults, visible=False).data == {"x": "a\x01\u202e"}
    assert faults == []


def test_a_text_that_was_read_before_gives_a_document_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("x: {y: [1, 2.5, oui, true, ]}\n", "utf-8")
    first = read(path, "a.yml", Faults())
    expected = {"x": {"y": [1, 2.5, "oui", True]}}
    assert first.data == expected
    first.data["x"]["y"].append("changed")
    first.marks.clear()
    again = read(path, "a.yml", Faults())
    assert (again.data, again.mark(("x", "y", 1)).file) == (expected, "a.yml")
    assert read(path, "b.yml", Faults()).mark(("x", "y", 1)).file == "b.yml"
    path.write_text("x: 1\n\nz: 2\n", "utf-8")
    assert read(path, "a.yml", Faults()).mark(("z",)).line == 3


def test_a_fault_is_said_at_each_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("x: !autre 1\nz: '{{ y }}'\n", "utf-8")
    said = []
    for _ in range(2):
        faults = Faults()
        read(path, "a.yml", faults)
        said.append([fault.rule for fault in faults])
    assert said == [["PISTE-M003", "PISTE-M003"]] * 2
    # What is left to Ansible under a key is no fault there, and is a fault elsewhere.
    left = Faults()
    path.write_text("vars: {z: '{{ y }}'}\n", "utf-8")
    read(path, "a.yml", left, jinja_under=frozenset({"vars"}))
    assert not left
    read(path, "a.yml", left)
    assert [fault.rule for fault in left] == ["PISTE-M003"]
