"""The declaration against slips and hostile texts: faults with file and line, never a trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from piste.town.model import load, rules
from piste.town.model.faults import Faults, Mark
from piste.town.model.inventory import read_inventory
from piste.town.model.source import read
from piste.town.model.tree import Document
from tests.support.fuzz import examples

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("group_vars/**/*.yml"), *ROOT.glob("inventories/town/**/*.yml")])
SLIPS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 255, 65536, 10**9, 2**62, 1.5, -0.0, 1e300, "", " ", "x", "à", "É" * 40, "a" * 3000,
    "10.93.0.0/16", "10.93.40.0/21", "0.0.0.0/0", "::/0", "999.1.1.1", "2001:db8::/32", "10.93.2.11", "07:30", "25:00",
    "2026-02-30", "9999-12-31", "0001-01-01", "any", "ville", "here", "utilisateurs@here", "x@y@z", "@", "..",
    "../../etc", "hotel-de-ville", "ecole-jaures", "administration", "hdv-dc1", "piste-annuaire", "1-6", "6-1",
    "0-65535", "{{ 7 }}", "a\nb", "\u202ea", "\x01", "=cmd|' /C calc'!A0", "'; DROP TABLE", "<b>", [], {}, [None], [[]],
    {"": None}, {"secret": 1}, {"secret": "a/b"}, ["a", "a"], [1, "1", True],
)  # fmt: skip
"""Values of other types, of other places, at the ends of what is allowed and beyond."""
PIECES = (
    "a", "b: ", "- ", "[", "]", "{", "}", ", ", ": ", "\n", "\n  ", "\n\t", "&x ", "*x", "!!int ", "!t ", "!unsafe ",
    "'", '"', "|", ">", "? ", "<<: ", "---\n", "...\n", "%YAML 1.1\n", "#", "\\x01", "\\u202e", "\u202e", "\x00",
    "0x" + "f" * 99, "9" * 99, ".inf", ".nan", "1e999", "190:20:30", "2026-99-99", "~", "null", "@", "`", "\r",
    "\ufeff", "é", "🦉", "{{ x }}",
)  # fmt: skip


def plain(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


TOWN = {path.relative_to(ROOT): plain(path) or {} for path in FILES}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield every place of a tree, the root left out."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield (*path, key)
        yield from places(inner, (*path, key))


PLACES = [(file, path) for file, tree in TOWN.items() for path in places(tree)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("town")
    shutil.copytree(ROOT / "group_vars", root / "group_vars")
    shutil.copytree(ROOT / "inventories/town", root / "inventories/town", symlinks=True)
    return root


def sound(faults: Faults | list[Any], root: Path | None = None) -> None:
    """Check each fault: in the catalogue, printable, on a line of a file."""
    for fault in faults:
        assert fault.rule in rules()
        assert fault.line >= 1
        assert str(fault).encode()
        if root is not None and (root / fault.file).is_file():
            assert fault.line <= len((root / fault.file).read_text("utf-8").splitlines()) + 1


def edited(tree: Any, path: tuple[Any, ...], how: str, value: Any) -> Any:
    """Change one place of a tree: replace it, take it away, double it, rename it, move it."""
    tree = deepcopy(tree)
    holder = tree
    for part in path[:-1]:
        holder = holder[part]
    last = path[-1]
    if how == "remove":
        del holder[last]
    elif how == "rename" and isinstance(holder, dict):
        holder[value if isinstance(value, str) else str(value)] = holder.pop(last)
    elif how == "double" and isinstance(holder, list):
        holder.append(deepcopy(holder[last]))
    elif how == "nest":
        holder[last] = {str(last): holder[last]}
    else:
        holder[last] = value
    return tree


HOW = ("set", "set", "remove", "rename", "double", "nest")
EDITS = st.tuples(st.sampled_from(PLACES), st.sampled_from(HOW), st.sampled_from(SLIPS))


@examples(small=7, wide=1500)
@given(edits=st.lists(EDITS, min_size=1, max_size=3))
def test_a_town_that_slipped_is_read_to_the_end(copy: Path, edits: list[Any]) -> None:
    changed: dict[Path, Any] = {}
    for (file, path), how, value in edits:
        try:
            changed[file] = edited(changed.get(file, TOWN[file]), path, how, value)
        except (KeyError, IndexError, TypeError):
            continue  # The edit before it took the place away.
    before = {file: (copy / file).read_bytes() for file in changed}
    try:
        for file, tree in changed.items():
            text = yaml.dump(tree, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
            (copy / file).write_text(text, "utf-8")
        town = load(copy / "inventories/town")
        sound(town.faults, copy)
        if not town.errors:
            json.dumps([town.sites, town.commune], ensure_ascii=False).encode()
    finally:
        for file, content in before.items():
            (copy / file).write_bytes(content)


@examples(small=38, wide=20_000)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_text_stops_the_reader(tmp_path_factory: pytest.TempPathFactory, pieces: list[str]) -> None:
    text = "".join(pieces)
    faults = reading(tmp_path_factory, text.encode())[1]
    sound(faults)
    assert all(fault.line <= text.count("\n") + text.count("\r") + 1 for fault in faults)


@examples(small=15, wide=5_000)
@given(content=st.binary(max_size=300))
def test_no_bytes_stop_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    sound(reading(tmp_path_factory, content)[1])


KEYS = st.text("abcdeé-_", min_size=1, max_size=6)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@examples(small=20, wide=5_000)
@given(tree=st.dictionaries(KEYS, TREES, max_size=4))
def test_what_yaml_writes_is_read_back_as_the_safe_loader_does(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any]
) -> None:
    text = yaml.dump(tree, Dumper=yaml.CSafeDumper, allow_unicode=True)
    document, faults = reading(tmp_path_factory, text.encode())
    if not faults:
        assert document.data == yaml.load(text, Loader=yaml.CSafeLoader)
        assert all(isinstance(mark, Mark) for mark in document.marks.values())


def reading(factory: pytest.TempPathFactory, content: bytes) -> tuple[Document, Faults]:
    path, faults = factory.getbasetemp() / "x.yml", Faults()
    path.write_bytes(content)
    return read(path, "x.yml", faults), faults


@examples(small=5, wide=1500)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_list_of_hosts_stops_the_inventory(tmp_path_factory: pytest.TempPathFactory, pieces: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp() / "inventaire"
    folder.mkdir(exist_ok=True)
    text = "all:\n  children:\n    sites:\n      children:\n        " + "".join(pieces)
    (folder / "hosts.yml").write_text(text, "utf-8", newline="")
    read_inventory(folder, faults := Faults())
    sound(faults)
