"""The files of the named policies: the form is closed, and a fault names its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.converge.errors import InvalidConfig
from piste.systems.windows.gpo import registry_pol
from piste.systems.windows.gpo.policy_table import TABLE, read

GROUP = """- side: both
  admx: ville.admx
  key: Software\\Policies\\Ville
  policies:
"""


def faults(folder: Path, *lines: str) -> list[str]:
    """Faults of a file that holds the group and these lines; the first is the fifth of the file."""
    (folder / "ville.yml").write_text(GROUP + "".join(f"    {line}\n" for line in lines), "utf-8")
    with pytest.raises(InvalidConfig) as caught:
        read(folder)
    return [f"{fault}".removeprefix(f"{folder}/") for fault in caught.value.faults]


def test_a_policy_takes_what_it_does_not_say_from_its_group(tmp_path: Path) -> None:
    own = '{side: user, under: Sous, value: B, type: flag, true: "1", false: null}'
    (tmp_path / "ville.yml").write_text(f"{GROUP}    v.a: {{value: A, type: flag}}\n    v.b: {own}\n", "utf-8")
    first, second = read(tmp_path)
    assert (first.name, sorted(first.sides), first.source) == ("v.a", ["computer", "user"], "ville.admx")
    assert first.write(True) == [registry_pol.make("Software\\Policies\\Ville", "A", "dword", 1)]
    assert sorted(second.sides) == ["user"]
    assert second.write(True) == [registry_pol.make("Software\\Policies\\Ville\\Sous", "B", "sz", "1")]
    assert second.write(False) == [registry_pol.deletion("Software\\Policies\\Ville\\Sous", "B")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("v.a: {value: A}", "v.a : type attend un de ces mots : flag, number, choice, text, lines, list, map"),
        ("v.a: {value: A, type: enum}", "v.a : type attend un de ces mots"),
        ("v.a: {type: flag}", "v.a : il manque value"),
        ("v.a: {value: A, type: flag, minimum: 1}", "v.a : clé inconnue pour le type flag : minimum"),
        ("v.a: {value: A, type: flag, valeur: 1}", "v.a : clé inconnue pour le type flag : valeur"),
        ("v.a: {value: A, type: flag, true: 1, false: 1}", "v.a : true et false attendent chacun leur valeur"),
        ("v.a: {value: A, type: number, maximum: dix}", "maximum : un nombre entier est attendu"),
        ('v.a: {value: A, type: number, maximum: "10"}', "maximum : un nombre entier est attendu"),
        ("v.a: {value: A, type: number, maximum: 4294967296}", "maximum : un nombre entier de 0 à 4294967295"),
        ("v.a: {value: A, type: number, minimum: 2, maximum: 1}", "v.a : minimum dépasse maximum"),
        ("v.a: {value: A, type: number, as_text: oui}", "as_text : true ou false est attendu"),
        ("v.a: {value: A, type: choice}", "v.a : il manque choices"),
        ("v.a: {value: A, type: choice, choices: {x: 1, y: 1}}", "choices : chaque mot s’écrit une fois, avec sa"),
        ("v.a: {value: A, type: choice, choices: {x: 1, x: 2}}", "choices : chaque mot s’écrit une fois"),
        ("v.a: {value: A, type: choice, choices: [x]}", "choices : des clés et leurs valeurs sont attendues"),
        ("v.a: {type: map, choices: {x: 1}}", "choices : des textes sont attendus"),
        ("v.a: {value: A, type: list}", "v.a : une liste occupe toute sa clé, value n’y a pas de sens"),
        ("v.a: {value: A, type: flag, side: poste}", "side : un de ces mots est attendu : computer, user, both"),
        ("v.a: {value: [A], type: flag}", "value : un texte est attendu"),
        ("v.a: {value: A, value: B, type: flag}", "clé en double : value"),
        ("v.a: A", "des clés et leurs valeurs sont attendues"),
    ],
)  # fmt: skip
def test_what_the_form_does_not_have_is_refused_with_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    (fault,) = faults(tmp_path, "", line)
    assert fault.startswith(f"ville.yml:6 : {message}")


def test_every_fault_comes_at_once(tmp_path: Path) -> None:
    lines = ("v.a: {type: flag}", "v.b: {value: B, type: enum}", "v.b: {value: B, type: flag}")
    assert faults(tmp_path, *lines) == [
        "ville.yml:7 : clé en double : v.b",
        "ville.yml:5 : v.a : il manque value",
        "ville.yml:6 : v.b : type attend un de ces mots : flag, number, choice, text, lines, list, map",
    ]


def test_two_files_do_not_declare_the_same_policy(tmp_path: Path) -> None:
    (tmp_path / "autre.yml").write_text(GROUP + "    v.a: {value: A, type: flag}\n", "utf-8")
    assert faults(tmp_path, "v.a: {value: B, type: flag}") == [
        f"ville.yml:5 : v.a est déjà déclarée : {tmp_path}/autre.yml:5"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1 : une liste de groupes est attendue"),
        ("side: both\n", "1 : une liste de groupes est attendue"),
        ("- side: both\n", "1 : il manque policies"),
        ("- class: Both\n  policies: {}\n", "1 : clé inconnue d’un groupe : class"),
        ("- policies:\n    v.a: {value: A, type: flag}\n", "2 : v.a : il manque side, admx, key"),
        ("- \x00\n", "1 : le fichier ne se lit pas"),
        ("- side: {both\n  policies: {}\n", "2 : le fichier ne se lit pas"),
    ],
)
def test_a_file_is_a_list_of_groups(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "ville.yml").write_text(text, "utf-8")
    with pytest.raises(InvalidConfig) as caught:
        read(tmp_path)
    assert f"{tmp_path}/ville.yml:{message}" in f"{caught.value.faults[0]}"


def test_each_policy_names_the_file_that_defines_it() -> None:
    assert [policy.name for policy in TABLE if not policy.source.endswith(".admx")] == []
