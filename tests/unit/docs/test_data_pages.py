"""The page of the keys and tables of other pages are those of the model and the readings."""

from __future__ import annotations

import pytest

from scripts.data_pages import data_page, pages


def test_the_pages_are_those_of_the_model_and_of_the_table() -> None:
    stale = [page.name for page, text in pages().items() if page.read_text("utf-8") != text]
    assert stale == [], "lancez make docs"


def test_a_page_without_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match="Les variables"):
        data_page("# Les données\n\n## Les variables\n\nRien.\n")
