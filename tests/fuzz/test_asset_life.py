"""Tables, lists and histories of any content: other lines stay, nothing but a fault comes."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import Misused
from piste.sites.life.receiving import read_list
from piste.sites.life.tables import as_line, with_cells, with_line
from piste.town.model.assets.form import COLUMNS
from piste.town.model.faults import Faults
from piste.town.model.life.history import COLUMNS as HISTORY
from piste.town.model.life.history import read_history
from tests.support.fuzz import examples

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), min_size=1, max_size=5, unique=True)


def rows(text: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) if row]


@examples(small=15, wide=4000)
@given(st.data())
def test_a_change_touches_one_line(data: st.DataObject) -> None:
    header = ["name", *data.draw(st.lists(st.sampled_from(COLUMNS[1:]), max_size=4, unique=True))]
    names, end = data.draw(NAMES), data.draw(st.sampled_from(["\n", "\r\n"]))
    table = [[name, *(data.draw(CELL) for _ in header[1:])] for name in names]
    text = data.draw(st.sampled_from(["", "\ufeff"])) + "".join(as_line(row, end) for row in [header, *table])
    asset, column, value = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(COLUMNS[1:])), data.draw(CELL)
    changed = rows(with_cells(text, asset, {column: value}))
    whole = header + ([column] if value and column not in header else [])
    wanted = [row + [""] * (len(whole) - len(header)) for row in table]
    if column in whole:
        wanted[names.index(asset)][whole.index(column)] = value
    assert changed == [whole, *wanted]
    more = rows(with_line(text, {"name": "new", column: value}))
    assert (more[0], more[-1][0], len(more)) == (whole, "new", len(table) + 2)


@examples(small=15, wide=4000)
@given(st.one_of(CELL, st.text(st.sampled_from('serial,name;\n"=A1 '), max_size=60), st.binary(max_size=60)))
def test_a_list_is_read_or_refused(content: str | bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "liste.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            items = read_list(path)
        except Misused:
            return
        assert all(item["serial"].strip() == item["serial"] != "" for item in items)


@examples(small=15, wide=4000)
@given(st.lists(st.lists(CELL, max_size=16), max_size=4), st.binary(max_size=40))
def test_a_history_is_read_or_has_faults(lines: list[list[str]], tail: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "inventories/town/assets")
        place.mkdir(parents=True)
        text = as_line(HISTORY) + "".join(map(as_line, lines))
        (place / "history.csv").write_bytes(text.encode() + tail)
        faults = Faults()
        events = read_history(place.parent, Path(folder), faults)
        assert len(events) == 0
        assert bool(faults) or not (any(map(any, lines)) or tail.strip())
