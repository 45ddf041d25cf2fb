"""The declared town of an environment: the same files are loaded once by a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.sobriety import moves
from piste.town import declared
from piste.town.town import load_town
from tests.support.small_town import small_town


@pytest.fixture
def loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The loads of a small town, which is the declared town."""
    made: list[Any] = []

    def counted(*given: Any) -> Any:
        made.append(given)
        return load_town(*given)

    monkeypatch.setattr(declared, "TOWN", small_town(tmp_path))
    monkeypatch.setattr(declared, "load_town", counted)
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "lab"))
    return made


def test_a_process_loads_a_town_once_until_a_file_changes(loads: list[Any]) -> None:
    first = declared.town("lab")
    assert moves.town("lab") is declared.town("lab") is first
    assert len(loads) == 1
    assert declared.town("production").name == first.name
    assert len(loads) == 2
    file = next(iter(sorted((declared.TOWN / "host_vars").glob("*.yml"))))
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    assert declared.town("production") is not first
    assert len(loads) == 3


def test_a_town_with_a_fault_is_loaded_each_time(loads: list[Any]) -> None:
    file = next(iter(sorted((declared.TOWN / "host_vars").glob("*.yml"))))
    file.write_text(file.read_text("utf-8") + "\nno_such_key: 1\n", "utf-8")
    for count in (1, 2):
        with pytest.raises(Exception, match="erreur"):
            declared.town("lab")
        assert len(loads) == count
