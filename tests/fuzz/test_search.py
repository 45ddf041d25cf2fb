"""Any word has an answer: `piste find` refuses nothing and fails on nothing."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from piste.sites.search import Answer, search
from piste.town import declared
from piste.town.model.derived import Derived
from tests.support.fuzz import examples

ADDRESSES = st.builds(
    lambda parts, length: ".".join(map(str, parts)) + length,
    st.lists(st.integers(0, 260), min_size=1, max_size=5),
    st.sampled_from(["", "/", "/0", "/21", "/24", "/32", "/33"]),
)
WORDS = st.one_of(st.text(max_size=40), ADDRESSES, st.from_regex(r"[0-9a-f:.-]{1,20}", fullmatch=True))


@cache
def town() -> Derived:
    return declared.rule()


@examples(small=5, wide=2000)
@given(word=WORDS)
def test_any_word_has_an_answer(word: str) -> None:
    answer = search(town(), word)
    assert isinstance(answer, Answer)
    assert not (answer.matches and answer.near)
