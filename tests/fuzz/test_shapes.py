"""Texts of the declaration: an editor never refuses what the model accepts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

import piste.town.model.new_site  # noqa: F401  its shapes too
from piste.town.model.values import SHAPES
from tests.support.fuzz import examples

CHECKS = sorted(SHAPES, key=lambda check: SHAPES[check].pattern)
LOOKING_AHEAD = re.compile(r"^\(\?[=!](?:[^()\\]|\\.)*\)")
"""A condition before a pattern: Hypothesis would draw most texts in vain."""
WRITTEN = (
    "2026-W01-1", "20261124", "2026-12-19 00:00", "2026-12-19T00:00", "2026-11-24", "10.93.40.0/24", "10.93.41.254",
    "2001:db8::/32", "::1", "10.1", "1", "443", "1024-65535", "07:30", "hdv-dc1", "invites@here", "QZZZ-0005-0001",
    "ad.ville.example", "radius/ccas", "https://x.example/a", "*@lebourget.example", "Ville", "a", "02:93:05:00:00:60",
)  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: SHAPES[check].pattern[:30])
@examples(small=15, wide=4000)
@given(st.data())
def test_what_a_check_accepts_has_its_shape(check: object, data: st.DataObject) -> None:
    shape = SHAPES[check]  # type: ignore[index]
    near = st.sampled_from(WRITTEN).flatmap(
        lambda text: st.tuples(st.integers(0, len(text)), st.text(max_size=2)).map(
            lambda edit: text[: edit[0]] + edit[1] + text[edit[0] + len(edit[1]) :]
        )
    )
    shaped = st.from_regex(LOOKING_AHEAD.sub("", shape.pattern), fullmatch=True)
    text = data.draw(st.one_of(shaped, st.text(), st.sampled_from(WRITTEN), near))
    try:
        check(text)  # type: ignore[operator]
    except PydanticCustomError:
        return
    assert re.search(f"^(?:{shape.pattern})$", text, re.DOTALL)


def test_a_text_that_is_not_its_pattern_is_refused_in_its_words() -> None:
    for check in CHECKS:
        with pytest.raises(PydanticCustomError):
            check("\n")
