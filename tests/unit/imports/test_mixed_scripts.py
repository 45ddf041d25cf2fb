"""A name whose letters are of two scripts is marked: it reads as another name."""

from __future__ import annotations

from pathlib import Path

from piste.sites.imports.reading import read_files


def test_a_word_of_two_scripts_is_marked_and_french_is_not(tmp_path: Path) -> None:
    path = tmp_path / "postes.csv"
    alike = "p\u0430ul"  # a Cyrillic letter
    lines = ["nom;modèle", f"poste-{alike};OptiPlex", "poste-élève-à-l\u2019œuvre;ThinkPad µ", "\u03a9mega;\u03a9mega"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    remarks = [remark for remark in read_files([path], "computer").remarks if "mêle" in remark]
    assert len(remarks) == 3
    assert remarks[0].startswith(f"postes.csv : ligne 2, name : {alike} (")
    assert remarks[0].endswith("mêle des lettres latines et cyrilliques")
