"""The page of the named policies equals their table."""

from __future__ import annotations

from scripts.policies_page import PAGE, page


def test_the_page_is_that_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "lancez make docs"
