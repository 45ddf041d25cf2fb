"""Tables that people give: the same rows in every form, and any bytes read or refused."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from piste.engine import tables
from piste.engine.tables import Column, Form
from tests.support.fuzz import examples

FORM = Form((Column("number", required=True, titles=["Numéro"]), Column("site"), Column("place", titles=["Lieu"])))
TITLES = ["NUMÉRO", "Site ", "lieu"]
CELLS = st.text("aéèçœ’« »;,\t\"'=-1€", max_size=8)
FORMS = st.tuples(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]), st.sampled_from(";,\t"))


@examples(small=25, wide=5_000)
@given(st.permutations(TITLES), st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6), FORMS)
def test_the_same_rows_come_of_every_form(titles: list[str], rows: list[list[str]], form: tuple[str, str]) -> None:
    encoding, separator = form
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows([titles, *rows])
    table = tables.read(stream.getvalue().encode(encoding), FORM)
    assert table.faults == []
    columns = [{"NUMÉRO": "number", "Site ": "site", "lieu": "place"}[title] for title in titles]
    wanted = [dict(zip(columns, map(str.strip, row), strict=True)) for row in rows]
    assert [row.values for row in table.rows] == [row for row in wanted if any(row.values())]


@examples(small=25, wide=5_000)
@given(st.binary(max_size=60) | st.text('number,site;\t"\n\r=\u200bé', max_size=60))
def test_any_content_gives_rows_or_faults_with_a_line(content: bytes | str) -> None:
    for form in (FORM, Form(FORM.columns, titles=30, leaves=True), Form(FORM.columns, bare="number", declared=True)):
        table = tables.read(content, form)
        assert all(fault.line >= 1 and fault.message for fault in table.faults)
        assert all(row.values.keys() == {"number", "site", "place"} for row in table.rows)
        assert table.titles or table.faults
