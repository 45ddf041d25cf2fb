"""The page of the keys and the tables of the page of the data equal the model."""

from __future__ import annotations

import pytest

from scripts.data_pages import DATA, KEYS, data_page, keys_page


def test_the_page_of_the_keys_is_that_of_the_model() -> None:
    assert KEYS.read_text(encoding="utf-8") == keys_page(), "lancez make docs"


def test_the_tables_of_the_page_of_the_data_are_those_of_the_model() -> None:
    text = DATA.read_text(encoding="utf-8")
    assert text == data_page(text), "lancez make docs"


def test_a_page_without_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match="Les variables"):
        data_page("# Les données\n\n## Les variables\n\nRien.\n")
