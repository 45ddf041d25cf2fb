"""Files of a reading: private, whole, only where they differ, never outside their folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import InvalidConfig
from piste.engine.converge.private import NotWritten
from piste.runs.files import MODULES

HOSTILE = "{{ lookup('pipe', 'id') }}"


def run(folder: Path, *, check: bool = False, **given: Any) -> list[str]:
    module = MODULES["piste_files"]
    result = module.run({**module.defaults, "folder": str(folder), **given}, check)
    assert result["changed"] == bool(result["written"])
    return list(result["written"])


def test_each_kind_has_its_file_and_a_second_run_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "export/printing"
    given = {"kinds": {"print_queues": [{"name": "imp-é", "comment": HOSTILE}]}, "files": {"f3.json": {"a": "é"}}}
    assert run(folder, check=True, **given) == ["print_queues.yml", "f3.json"]
    assert not folder.exists()
    assert run(folder, **given) == ["print_queues.yml", "f3.json"]
    assert f'comment: !unsafe "{HOSTILE}"' in (folder / "print_queues.yml").read_text("utf-8")
    assert json.loads((folder / "f3.json").read_text("utf-8")) == {"a": "é"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}
    assert run(folder, **given) == []


def test_what_differs_is_replaced_and_what_is_kept_stays(tmp_path: Path) -> None:
    (tmp_path / "ailleurs").write_text("à moi", "utf-8")
    (tmp_path / "a.txt").write_text("avant", "utf-8")
    (tmp_path / "b.txt").symlink_to(tmp_path / "ailleurs")
    assert run(tmp_path, files={"a.txt": "après"}, keep=True) == []
    assert run(tmp_path, files={"a.txt": "après", "b.txt": "après"}) == ["a.txt", "b.txt"]
    assert (tmp_path / "a.txt").read_text("utf-8") == (tmp_path / "b.txt").read_text("utf-8") == "après"
    assert (tmp_path / "ailleurs").read_text("utf-8") == "à moi"


@pytest.mark.parametrize("name", ["../x", "a/b", "/x", "..", ".", "", "a\nb"])
def test_a_name_that_leaves_the_folder_is_refused_before_any_write(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidConfig):
        run(tmp_path / "export", files={"a.yml": [], name: []})
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidConfig, match="chemin absolu"):
        run(Path("export"), files={"a.yml": []})


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "export").write_text("", "utf-8")
    with pytest.raises(NotWritten) as refused:
        run(tmp_path / "export", files={"a.yml": []})
    assert str(tmp_path / "export/a.yml") in str(refused.value)
    (tmp_path / "a.yml").mkdir()
    with pytest.raises(NotWritten):
        run(tmp_path, files={"a.yml": []})
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".draft")] == []
