"""A cell is text to every spreadsheet, and reads unchanged where it was harmless."""

from __future__ import annotations

import pytest

from piste.engine.cells import cell
from piste.engine.converge.text import as_cell


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
        ("  @SUM(A1)", "  '@SUM(A1)"),
        ("+33 1", "'+33 1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\n-1\t=2\r@3", "a\n'-1\t'=2\r'@3"),
        ("\uff1dHYPERLINK()", "'\uff1dHYPERLINK()"),
        ("\ufeff=1", "\ufeff'=1"),
        (" \u200b\0 =1", " \u200b\0 '=1"),
        ("", ""),
        ("a=b, -c", "a=b, -c"),
        ("10.0.0.0/8", "10.0.0.0/8"),
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str, safe: str) -> None:
    assert as_cell(text) == cell(text) == safe


def test_a_number_stays_one_and_a_list_is_looked_at_as_a_whole() -> None:
    assert [cell(value) for value in (-1, -2.5, True, None, ["=a", "b"], {"=a": 1})] == [
        "-1", "-2.5", "true", "", "'=a, b", "'=a=1",
    ]  # fmt: skip


def test_a_long_text_of_blanks_takes_no_time() -> None:
    assert as_cell("\n" * 200_000 + " " * 200_000) == "\n" * 200_000 + " " * 200_000
