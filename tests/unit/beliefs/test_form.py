"""The beliefs as data: each is whole, and what it names exists."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from piste.readings.subject import named
from piste.systems.beliefs.form import FOLDER, GRAVE, Belief, beliefs, systems
from tests.unit.repository.tree import ROOT, tracked

MOST_ASKED = 30
"""Beliefs that may ask for a word: with more, the word becomes a habit."""
CITED = re.compile(r"\[belief ([a-z]+\.[a-z0-9_]+)\]|\"([a-z]+\.[a-z0-9_]+)\"")
CODE = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in tracked("piste/*.py")
    if path.parent != FOLDER
}
RESTING = re.findall(r"^(?:    rests|RESTS)\b.*?(?:\)$|^\))", "\n".join(CODE.values()), re.MULTILINE | re.DOTALL)


def cited(text: str) -> set[str]:
    """List the beliefs that a text names, and only those of a system."""
    ids = {first or second for first, second in CITED.findall(text)}
    return {id_ for id_ in ids if f"[belief {id_}]" in text or id_ in beliefs()}


@cache
def everywhere() -> frozenset[str]:
    return frozenset().union(*map(cited, CODE.values()))


def source(place: str) -> str:
    module = place.partition(":")[0].replace(".", "/")
    return next(text for name, text in CODE.items() if name in (f"{module}.py", f"{module}/__init__.py"))


@pytest.mark.parametrize("id_", beliefs())
def test_what_a_belief_names_exists_and_names_it(id_: str) -> None:
    belief = beliefs()[id_]
    for place in belief.relies:
        module, _, name = place.partition(":")
        assert named(f"{module}:{name.partition('.')[0]}") is not None
        assert id_ in source(place), f"{place}: say [belief {id_}]"
    if belief.shows:
        assert callable(named(belief.shows))
    assert not belief.relies or id_ in everywhere()


def test_the_code_names_no_belief_that_is_not_data() -> None:
    unknown = {f"{name}: {id_}" for name, text in CODE.items() for id_ in cited(text) - beliefs().keys()}
    assert unknown == set()


def test_few_beliefs_ask_for_a_word() -> None:
    asking = {id_: belief for id_, belief in beliefs().items() if belief.asks}
    assert len(asking) <= MOST_ASKED
    assert {belief.harm for belief in asking.values()} <= {*GRAVE}
    assert all(belief.relies for belief in asking.values()), "the driver that asks"


def test_a_belief_is_a_sentence_with_its_cost_and_its_source() -> None:
    short = [id_ for id_, belief in beliefs().items() if not re.search(r"^\S.{25,} ; sinon, .{12,}$", belief.belief)]
    assert short == []
    assert [id_ for id_, belief in beliefs().items() if len(belief.source) < 8] == []


def test_what_a_write_rests_on_asks_where_its_harm_is_grave() -> None:
    resting = {id_ for id_ in re.findall(r"\(\"([a-z]+\.[a-z0-9_]+)\", ", "\n".join(RESTING)) if id_ in beliefs()}
    assert resting
    assert {id_ for id_ in resting if beliefs()[id_].harm in GRAVE and not beliefs()[id_].asks} == set()
    silent = {id_: belief for id_, belief in beliefs().items() if belief.harm in GRAVE and not belief.asks}
    assert {id_ for id_, belief in silent.items() if belief.check == "pilot"} == set(), "a first write that cuts"


def test_what_no_stop_would_show_names_the_code_that_relies_on_it() -> None:
    """A refused write is seen where it is; what is lost, cut or falsely green, in code alone."""
    assert [id_ for id_, belief in beliefs().items() if belief.harm != "stop" and not belief.relies] == []


def test_a_belief_is_the_belief_of_its_system() -> None:
    for name, system in systems().items():
        assert all(id_.startswith(f"{name}.") for id_ in system.beliefs)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"harm": "stop", "writes": "les ports"}, "writes"),
        ({"harm": None}, "harm"),
        ({"check": "read"}, "questions"),
        ({"check": "capture"}, "shows"),
        ({"check": "read", "questions": ["GET /networks"]}, "shows"),
        ({"check": "pilot"}, "undo"),
        ({"proof": "non"}, "Extra inputs"),
    ],
)
def test_a_belief_that_does_not_hold_together_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Belief.model_validate(
            {"section": "s", "belief": "b", "harm": "stop", "how": "h", "expected": "e", "questions": (), **wrong},
            strict=False,
        )
