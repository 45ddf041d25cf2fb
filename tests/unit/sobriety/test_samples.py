"""The sample tables: imported in the lab, refused elsewhere; they waste until levers apply."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lab.sobriety_samples import FOLDER, TODAY, write
from piste.sobriety.figure import Figure
from piste.sobriety.figures import figures
from piste.sobriety.imports import KINDS, BadImport, Imports, read_imports
from piste.sobriety.readings import Readings
from tests.unit.sobriety.small import whole


def computed(imports: Imports) -> dict[str, Figure]:
    return {figure.id: figure for figure in figures(whole(), Readings(), imports, TODAY)}


def test_the_shipped_tables_are_those_that_the_script_writes(tmp_path: Path) -> None:
    write(tmp_path)
    names = {kind.file for kind in KINDS}
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in FOLDER.iterdir()} == names
    assert all((tmp_path / name).read_bytes() == (FOLDER / name).read_bytes() for name in names)


def test_they_count_what_the_sample_town_has() -> None:
    imported = read_imports(FOLDER, "lab", whole())
    assert imported.pcs is not None
    assert imported.missing == {}
    kinds = Counter((pc.name.partition("-")[0], pc.service) for pc in imported.pcs)
    assert kinds == {
        ("pc", "Agents"): 155, ("tc", "Agents"): 50, ("mac", "Agents"): 5, ("pc", "Élèves"): 60, ("pc", "Public"): 24,
    }  # fmt: skip


def test_a_lab_table_never_enters_a_report_of_the_town() -> None:
    with pytest.raises(BadImport) as failure:
        read_imports(FOLDER, "production", whole())
    rows = sum(len((FOLDER / kind.file).read_text("utf-8").splitlines()) - 1 for kind in KINDS)
    assert len(failure.value.faults) == rows


def test_the_town_wastes_until_its_levers_are_applied(tmp_path: Path) -> None:
    before = computed(read_imports(FOLDER, "lab", whole()))
    write(tmp_path, sober_from=date(2026, 1, 1))
    after = computed(read_imports(tmp_path, "lab", whole()))
    names = ("F1", "F2", "F6", "F7")
    assert [before[name].reached for name in names] == [False] * 4
    assert [after[name].reached for name in names] == [True] * 4
    assert before["F8.incidents"].reached is True
