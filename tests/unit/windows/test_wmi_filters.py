"""Attribute of a WMI filter: lengths and texts, which read back whatever the texts hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.systems.windows.wmi_filters import read, written

TEXTS = st.text(st.sampled_from("aé;3WQL'\" "), min_size=1, max_size=20)
QUERIES = st.lists(st.fixed_dictionaries({"namespace": TEXTS, "query": TEXTS}), min_size=1, max_size=4)


@given(QUERIES)
def test_queries_are_read_as_they_were_written(queries: list[dict[str, str]]) -> None:
    assert read(written(queries)) == queries


def test_the_console_s_own_form_is_written() -> None:
    """Form of MS-GPOL 2.2.5: count; for each query, lengths, language, namespace and text."""
    query = "Select * from Win32_OperatingSystem"
    assert written([{"namespace": "root\\CIMv2", "query": query}]) == f"1;3;10;{len(query)};WQL;root\\CIMv2;{query};"


@pytest.mark.parametrize(
    "text", ["", "x", "1;3;10;5;WQL;root\\CIMv2;trop long;", "2;3;1;1;WQL;a;b;", "1;3;1;1;WQL;a;b;c"]
)
def test_another_form_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read(text)
