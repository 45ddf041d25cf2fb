"""A file from elsewhere is read as data within bounds, or refused with its line.

Nothing of it waits or runs.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge import bounded
from piste.engine.converge.bounded import Unreadable, content, lines, of_json, of_xml, of_yaml, rows, survey, table
from piste.engine.converge.text import as_declaration

BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (n, n, n - 1, n - 1) for n in range(98, 120))
ENTITIES = b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'
EXTERNAL = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>'


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        (BOMB, [(2, "reprend une ancre")]),
        (b"&a [*a]", [(1, "reprend une ancre")]),
        (b"[" * 200_000, [(1, "n’est pas du YAML")]),
        (b"- " * 200_000, [(1, "plus de 100 niveaux")]),
        (b"a: " + b"1" * 1_000_000, [(1, "un nombre de plus de")]),
        (b"a: 0x" + b"f" * 100_000, [(1, "un nombre de plus de")]),
        (b"a: " + b"1:" * 100_000 + b"1", [(1, "un nombre de plus de")]),
        (b"a: 0x_", [(0, "un nombre qui n’en est pas un")]),
        (b"a: .nan", [(1, "« .nan » n’est pas un nombre")]),
        (b"a: 1\nb: -.INF", [(2, "« -.INF » n’est pas un nombre")]),
        (b"a: 1.0e+400", [(1, "« 1.0e+400 » n’est pas un nombre")]),
        (b"a: !!int zz", [(1, "la marque tag:yaml.org,2002:int")]),
        (b"\n!!python/object/apply:os.system [id]", [(2, "la marque tag:yaml.org,2002:python")]),
        (b"!unsafe [a]", [(1, "la marque !unsafe")]),
        (b"a: 1\na: 2", [(1, "n’est pas du YAML")]),
        (b"{[a]: 1}", [(1, "n’est pas du YAML")]),
        (b"a\n---\nb", [(2, "n’est pas du YAML")]),
        (b"a: 1\nb: \xff", [(2, "n’est pas en UTF-8")]),
        (b'a: "{{ x }}"\n"{% x %}": 1\nc: |\n  {# x #}', [(1, "texte que Jinja"), (2, "texte que"), (3, "texte que")]),
        (b"a: |\n  #jinja2:variable_start_string:'[['\n  [[ x ]]", [(1, "texte que Jinja évaluerait")]),
    ],
)
def test_yaml_that_is_no_export_is_refused_with_its_lines(raw: bytes, faults: list[tuple[int, str]]) -> None:
    with pytest.raises(Unreadable) as refused:
        of_yaml(raw, marked=True)
    assert [line for line, _ in refused.value.faults] == [line for line, _ in faults]
    for (_, why), (_, begun) in zip(refused.value.faults, faults, strict=True):
        assert why.startswith(begun)


def test_what_is_written_as_a_declaration_reads_back_equal_and_needs_no_more() -> None:
    value: dict[str, Any] = {"a": "{{ x }}", "{% b %}": ["2026-11-27", "1" * 500, None, 1.5], "c": {"d": "&e *f !g"}}
    value["e"] = "#jinja2:variable_start_string:'[['\n[[ x ]]"
    assert of_yaml(as_declaration(value).encode(), marked=True) == value
    shared = ["a"]
    assert of_yaml(as_declaration([shared, shared]).encode()) == [["a"], ["a"]]
    assert of_yaml(b"a: 1.0e+300") == {"a": 1e300}
    assert of_yaml(b"a: 2026-11-27") == {"a": "2026-11-27"}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"[" * 200_000, "plus de 100 niveaux"),
        (b"[" * 500 + b"]" * 500, "plus de 100 niveaux"),
        (b"[" + b"1," * 3_000_000 + b"1]", "plus de 2000000 valeurs"),
        (b"1" * 5000, "un nombre de plus de"),
        (b"[1e999]", "« 1e999 » n’est pas un nombre de JSON"),
        (b"[NaN]", "n’est pas un nombre de JSON"),
        (b'{"a": 1, "a": 2}', "une même clé y est deux fois"),
        (b"{", "n’est pas du JSON"),
        (b'"\xff"', "n’est pas en UTF-8"),
    ],
)
def test_json_that_readers_would_not_agree_on_or_never_end_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        of_json(raw)


@pytest.mark.parametrize("raw", [ENTITIES, EXTERNAL, b"<a>" * 100_000, b"", b"<a", b"\x00"])
def test_xml_with_entities_or_without_end_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        of_xml(raw)
    assert of_xml(b"<a b='c'/>").get("b") == "c"


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(path.parent)
    listening.bind(path.name)
    os.chdir(here)
    listening.close()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_pipe, "tube nommé"),
        (_socket, "prise de communication"),
        (lambda path: path.symlink_to("/dev/zero"), "lien"),
        (lambda path: path.symlink_to("ailleurs"), "lien"),
        (Path.mkdir, "dossier"),
        (lambda path: None, "ne s’ouvre pas"),
    ],
)
def test_only_a_plain_file_is_opened(make: Callable[[Path], Any], why: str, tmp_path: Path) -> None:
    make(tmp_path / "a.yml")
    for read in (content, lambda path: list(lines(path)), lambda path: list(rows(path))):
        with pytest.raises(Unreadable, match=why):
            read(tmp_path / "a.yml")


def test_a_name_that_no_file_has_is_refused(tmp_path: Path) -> None:
    for name in ("a\0b", "a" * 5000):
        with pytest.raises(Unreadable):
            content(tmp_path / name)


def test_a_survey_names_all_that_is_no_file_and_follows_nothing(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c.yml").touch()
    (tmp_path / "a/boucle").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "z")
    files, odd = survey(tmp_path)
    assert [path.name for path in files] == ["c.yml"]
    assert odd == [
        ("z", "tube nommé, et non un fichier"),
        ("a/boucle", "lien vers un autre endroit, et non un fichier"),
    ]


def test_size_count_and_depth_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("DOCUMENT", 10), ("FILES", 3), ("FOLDERS", 1), ("NODES", 2), ("YAML_NODES", 4)):
        monkeypatch.setattr(bounded, name, value)
    (tmp_path / "a.csv").write_bytes(b"123456789\n" * 3)
    assert len(list(rows(tmp_path / "a.csv"))) == 3
    with pytest.raises(Unreadable, match="plus de"):
        content(tmp_path / "a.csv", most=10)
    (tmp_path / "a.csv").write_bytes(b"1234567890\n")
    with pytest.raises(Unreadable, match="une ligne de plus de"):
        list(rows(tmp_path / "a.csv"))
    with pytest.raises(Unreadable, match="plus de 4 valeurs"):
        of_yaml(b"[a, b, c, d]")
    for read, raw in ((of_json, b"[1, 2, 3]"), (of_xml, b"<a><b/></a>")):
        with pytest.raises(Unreadable, match="plus de 2 valeurs"):
            read(raw)
    (tmp_path / "b.csv").write_bytes(b"1,2,3,4\n")
    with pytest.raises(Unreadable, match="plus de 2 valeurs"):
        table(tmp_path / "b.csv")
    (tmp_path / "b.csv").unlink()
    (tmp_path / "b/c/d").mkdir(parents=True)
    assert [why for _, why in survey(tmp_path)[1]] == ["plus de 1 dossiers l’un dans l’autre"]
    for name in "1234":
        (tmp_path / "b" / name).touch()
    assert "plus de 3 fichiers" in [why for _, why in survey(tmp_path)[1]]
