"""The real town has no fault, and no everyday edit of it makes another test fail.

The other tests find the frozen town alone: an edit of the real one changes none of their files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from piste.commands.editor.files import FILES, write
from piste.commands.editor.names import read_names
from piste.town.derived import derivation
from piste.town.kept import Inputs
from piste.town.model.faults import Faults
from piste.town.model.source import read
from piste.town.town import load_town
from tests.support import frozen, real_town
from tests.support.breadth import breadth
from tests.support.everyday import EDITS, Edit
from tests.unit.repository.tree import ROOT


def faults(root: Path, folder: Path) -> list[str]:
    """List the faults of a declaration: those of its derivation, then those that an editor sees."""
    derived = derivation(Inputs(root / "inventories/town"))
    write(folder, read_names(root / "inventories/town")[0])
    files = (path.relative_to(root).as_posix() for path in sorted(root.rglob("*.yml")))
    return [*(str(fault) for fault in derived.errors), *_faults_of_typing(files, root, folder)]


def _faults_of_typing(files: Iterable[str], root: Path, schemas: Path) -> Iterator[str]:
    for file in files:
        for name in (sort.name for sort in FILES for place in sort.places if Path(file).full_match(place)):
            schema = Draft7Validator(json.loads((schemas / f"{name}.json").read_text("utf-8")))
            data = read(root / file, file, Faults(), visible=False).data
            yield from (f"{file} : {error.json_path}" for error in schema.iter_errors(data))


def test_the_real_town_has_no_fault(tmp_path: Path) -> None:
    with real_town.read() as root:
        copy = real_town.copied(root, tmp_path / "town")
    assert faults(copy, tmp_path / "schemas") == []


def test_the_shared_declaration_of_the_real_town_is_a_link() -> None:
    link = real_town.place() / "inventories/town/group_vars"
    assert link.is_symlink()
    assert link.resolve() == real_town.place() / "group_vars"


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the frozen town, the same today as on any other day."""
    return real_town.copied(ROOT, tmp_path_factory.mktemp("edited"))


@pytest.mark.parametrize("edits", breadth([EDITS[first::7] for first in range(7)], 7), ids=lambda edits: edits[0].what)
def test_everyday_edits_are_accepted_and_change_no_file_that_another_test_finds(
    edits: list[Edit], edited: Path
) -> None:
    """A few at a time: a fault names its file and line."""
    before = {edit.file: (edited / edit.file).read_text("utf-8") for edit in edits}
    try:
        assert [edit.what for edit in edits if not edit.make(edited)] == []
        assert [str(fault) for fault in load_town(edited / "inventories/town").errors] == []
    finally:
        for file, text in before.items():
            (edited / file).write_text(text, "utf-8")
    assert all(map(frozen.is_declared, before))


def test_the_tests_of_the_real_town_accept_all_everyday_edits_together(edited: Path, tmp_path: Path) -> None:
    assert len(EDITS) >= 30
    assert all(frozen.is_declared(edit.file) for edit in EDITS)
    root = real_town.copied(edited, tmp_path / "town")
    assert [edit.what for edit in EDITS if not edit.make(root)] == []
    assert faults(root, tmp_path / "schemas") == []


def test_the_tests_find_the_files_of_the_repository_with_the_declaration_of_the_frozen_town() -> None:
    root = real_town.place()
    sources = frozen.sources(root, frozen.listed(root))
    assert not any(frozen.is_declared(path.relative_to(root).as_posix()) for path in sources.values())
    assert sum(path.is_relative_to(root / frozen.FROZEN) for path in sources.values()) > 80
    assert {name: path.read_bytes() for name, path in sources.items() if not path.is_symlink()} == {
        name: (ROOT / name).read_bytes() for name in frozen.listed(ROOT) if not (ROOT / name).is_symlink()
    }


def test_another_test_that_reads_the_real_town_is_refused() -> None:
    file = real_town.place() / "group_vars/all/town.yml"
    for path in (file, ROOT / "../../group_vars/all/town.yml"):
        with pytest.raises(real_town.RealTownRead, match="les tests lisent la ville figée"):
            path.read_bytes()
    with real_town.read():
        assert file.read_bytes()
    with pytest.raises(real_town.RealTownRead):
        file.read_bytes()
