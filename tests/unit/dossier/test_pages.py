"""The layout of a PDF: no word is cut, what belongs together is on one page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from piste.papers.dossier.blocks import (
    MISSING,
    Cell,
    Column,
    Drawing,
    Row,
    Section,
    Signatures,
    Steps,
    Table,
    Text,
    printed,
)
from piste.papers.dossier.layout import INSET, PAGE, lay_out
from piste.papers.drawings.text import width


def table(*rows: list[str], weights: tuple[float, ...] = (1, 9)) -> Table:
    columns = [Column(str(rank), "Titre", weight) for rank, weight in enumerate(weights)]
    return Table("t", "Table", columns, [Row("r", [Cell(text) for text in row]) for row in rows])


def laid_out(*blocks: Any) -> dict[str, Any]:
    section = printed(Section("s", "Section", blocks))
    lay_out([section])
    return section


def test_a_column_is_as_wide_as_its_longest_word() -> None:
    (made,) = laid_out(table(["décommissionnée", "court " * 40]))["blocks"]
    assert made["widths"][0] >= width("décommissionnée", 9) * 0.8 + INSET
    assert sum(made["widths"]) == pytest.approx(PAGE, abs=1)
    assert (made["hyphens"], made["size"]) == (False, 9)


def test_tables_of_the_same_columns_have_the_same_widths() -> None:
    short, long, other = table(["a", "b"]), table(["décommissionnée", "court " * 40]), table(["a"], weights=(1,))
    first, second, third = laid_out(short, long, other)["blocks"]
    assert first["widths"] == second["widths"] != laid_out(short)["blocks"][0]["widths"]
    assert len(third["widths"]) == 1


def test_a_column_of_code_has_letters_of_one_size() -> None:
    code = Table("t", "T", [Column("a", "A", 1), Column("b", "B", 9, code=True)],
                 [Row("r", [Cell("1"), Cell("cd")]), Row("s", [Cell("2"), Cell("x" * 41)])])  # fmt: skip
    (made,) = laid_out(code)["blocks"]
    assert [column["small"] for column in made["columns"]] == [False, True]
    assert not laid_out(replace(code, rows=code.rows[:1]))["blocks"][0]["columns"][1]["small"]


@pytest.mark.parametrize(
    ("cells", "number"),
    [
        (["7", "14,3", "−12,4", "inconnu", "—"], True),
        (["176 000", "9 412"], True),
        (["15,0 ms", "4,0 ms"], True),
        (["100 %", "✗ 8,3 %"], True),
        (["100 %", "1 incident"], False),
        (["1–4", "8"], False),
        (["28/11/2026", "—"], False),
        (["3-2-1"], False),
        (["10.93.0.1"], False),
        (["01 00 00 00 00"], False),
        (["inconnu", "—"], False),
    ],
)
def test_numbers_of_a_unit_are_under_each_other_to_the_right(cells: list[str], number: bool) -> None:
    made = printed(Section("s", "S", [table(*(["1", cell] for cell in cells))]))
    assert [column["number"] for column in made["blocks"][0]["columns"]] == [False, number]


def test_what_is_missing_is_written_whole() -> None:
    missing = Table("t", "Table", [Column("a", "A", 1), Column("b", "B", 30)],
                    [Row("r", [Cell(MISSING, "missing"), Cell("long " * 60)])])  # fmt: skip
    (made,) = laid_out(missing)["blocks"]
    assert made["widths"][0] >= width(MISSING, 9) * 0.9 + INSET


def test_too_many_long_words_are_smaller_and_what_has_no_end_is_cut() -> None:
    (made,) = laid_out(table(["aménagements-durables"] * 7, weights=(1,) * 7))["blocks"]
    assert made["size"] < 9
    (made,) = laid_out(table(["x" * 400, "y"]))["blocks"]
    assert made["hyphens"]
    assert made["widths"][1] >= width("Titre", 9) * 0.8 + INSET


def test_few_drawings_have_a_place_that_depends_on_what_is_before() -> None:
    drawing = Drawing("d", "<svg/>", "D.", "D", (10, 10))
    every = [printed(Section(f"s{rank}", "S", [drawing, Text("a")])) for rank in range(4)]
    alone = printed(Section("alone", "S", [drawing]))
    lay_out([alone, *every])
    assert [section["placed"] for section in (alone, *every)] == [False, True, True, False, False]


def test_small_tables_signatures_and_last_lines_stay_on_their_page() -> None:
    small, large = table(["a", "b"]), table(*[["a", "b"]] * 60)
    assert [block["whole"] for block in laid_out(small, large)["blocks"]] == [True, False]
    assert all(row["whole"] for row in laid_out(large)["blocks"][0]["rows"])
    assert not laid_out(table(["a", "mot " * 2000]))["blocks"][0]["rows"][0]["whole"]
    assert laid_out(Steps(["Oui", "Non"], ordered=False), Signatures(["Pour la Ville"]))["whole"]
    assert not laid_out(large, Signatures(["Pour la Ville"]))["whole"]
    end = printed(Section("origin", "Provenance", [Text("Date")]))
    assert lay_out([printed(Section("s", "S", [small])), end]) == 2
    assert lay_out([printed(Section("s", "S", [large])), end]) == 1
    assert lay_out([end]) == 1
