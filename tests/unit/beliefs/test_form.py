"""The beliefs as data: each is whole, and what it names exists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from piste.readings.table import named
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


def cited(text: str) -> set[str]:
    """List the beliefs that a text names, and only those of a system."""
    ids = {first or second for first, second in CITED.findall(text)}
    return {id_ for id_ in ids if f"[belief {id_}]" in text or id_ in beliefs()}


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
    assert not belief.relies or id_ in set().union(*map(cited, CODE.values()))


def test_the_code_names_no_belief_that_is_not_data() -> None:
    unknown = {f"{name}: {id_}" for name, text in CODE.items() for id_ in cited(text) - beliefs().keys()}
    assert unknown == set()


def test_few_beliefs_ask_for_a_word() -> None:
    asking = {id_: belief for id_, belief in beliefs().items() if belief.asks}
    assert len(asking) <= MOST_ASKED
    assert {belief.harm for belief in asking.values()} <= {*GRAVE}
    assert all(belief.relies for belief in asking.values()), "the driver that asks"


@pytest.mark.parametrize("id_", [id_ for id_, belief in beliefs().items() if belief.asks])
def test_a_belief_that_asks_says_what_is_believed_what_it_costs_and_from_where(id_: str) -> None:
    assert " ; sinon" in beliefs()[id_].belief
    assert beliefs()[id_].source


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
