"""A change of a table touches the line of its asset, and nothing else."""

from __future__ import annotations

import csv
import io

import pytest

from piste.sites.life.tables import with_cells, with_columns, with_line

TABLE = 'name,site,place\npc-1,hdv,"Bureau, 3"\n\npc-2,hdv,\n'


def rows(text: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) if row]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("begin", ["", "\ufeff"])
def test_other_lines_stay_byte_for_byte(begin: str, end: str) -> None:
    text = begin + TABLE.replace("\n", end)
    changed = with_cells(text, "PC-2", {"site": "ctm", "place": 'Salle "A"'})
    assert changed == text.replace(f"pc-2,hdv,{end}", f'pc-2,ctm,"Salle ""A"""{end}')


def test_a_cell_is_emptied() -> None:
    assert with_cells(TABLE, "pc-1", {"place": None}) == TABLE.replace('"Bureau, 3"', "")


def test_a_column_that_a_change_needs_is_added_to_every_line() -> None:
    changed = with_cells(TABLE, "pc-2", {"assigned_to": "DSI", "contract": None})
    assert rows(changed) == [
        ["name", "site", "place", "assigned_to"], ["pc-1", "hdv", "Bureau, 3", ""], ["pc-2", "hdv", "", "DSI"],
    ]  # fmt: skip
    assert with_columns(changed, ["place"]) == (changed, ["name", "site", "place", "assigned_to"])


def test_a_line_is_added_at_the_end_of_a_table_without_an_end() -> None:
    assert with_line(TABLE.rstrip("\n"), {"name": "pc-3", "site": "ctm"}) == f"{TABLE}pc-3,ctm,\n"
    assert with_line("name\r\n", {"name": "pc-3", "place": "B"}) == "name,place\r\npc-3,B\r\n"
