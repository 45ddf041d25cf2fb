"""Slots, states and operations: places that are taken, objects removed or left alone."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.diff import diffs, summary
from piste.engine.converge.errors import Missing
from piste.engine.converge.normalise import declared
from piste.engine.converge.plan import Item, Plan, State, plan, project
from piste.engine.converge.resource import Field, Resource
from tests.unit.converge.inverse import invert
from tests.unit.converge.strategies import free, reset
from tests.unit.converge.tables import EMPTY, FIXED, SLOTS, THINGS, secret, vault

VAULT = vault(clef="valeur-longue")


def places(*names: str) -> dict[str, Item]:
    """Four places by key; an empty name leaves a place free."""
    places = {}
    for number in range(4):
        name = (names[number] if number < len(names) else "") or f"libre {number}"
        places[name] = {"name": name, "number": number, **EMPTY}
    return places


def make(resource: Resource, config: list[Any], live: dict[str, Item], state: State = "merged", **options: Any) -> Plan:
    desired = declared(resource, config, VAULT, "essai")
    return plan(resource, desired, live, owner="essai", state=state, free=free, reset=reset, **options)


def moves(planned: Plan) -> list[str]:
    return [f"{operation.action} {operation.place} → {operation.key}" for operation in planned.operations]


@pytest.mark.parametrize(
    ("live", "config", "absent", "expected", "notes"),
    [
        (places(), [{"name": "n", "number": 2}], [], ["update libre 2 → n"], []),
        (places(), [{"name": "n"}], [], ["update libre 0 → n"], []),
        (places("a"), [{"name": "n"}, {"name": "m"}], [], ["update libre 1 → n", "update libre 2 → m"], []),
        (places(), [{"name": "n"}, {"name": "m", "number": 0}], [], ["update libre 1 → n", "update libre 0 → m"], []),
        (
            places("a"), [{"name": "n", "number": 0}], [], ["update libre 1 → n"],
            ["place n : l’emplacement 0 n’est pas libre, 1 est pris"],
        ),
        (places("a", "b"), [{"name": "n", "number": 1}], ["b"], ["update b → n"], []),
        (places("a", "b", "c", "d"), [{"name": "n"}], ["c"], ["update c → n"], []),
        (places("a", "b", "c", "d"), [{"name": "n"}], ["c", "d"], ["update c → n", "reset d → d"], []),
        (
            places("a"), [{"name": "a", "number": 3, "title": "t"}], [], ["update a → a"],
            ["place a : « number » est fixé à la création (0 en place, 3 déclaré), rien n’est changé"],
        ),
    ],
)  # fmt: skip
def test_a_new_object_takes_its_place_or_the_first_one(
    live: dict[str, Item], config: list[Any], absent: list[str], expected: list[str], notes: list[str]
) -> None:
    planned = make(SLOTS, config, live, absent=absent)
    assert moves(planned) == expected
    assert list(planned.notes) == notes


def test_no_place_left_names_every_object_without_one() -> None:
    with pytest.raises(Missing) as caught:
        make(SLOTS, [{"name": "n"}, {"name": "a"}, {"name": "m"}, {"name": "o"}], places("a", "b", "c"))
    assert str(caught.value) == (
        "PISTE-E020 essai : aucun emplacement libre pour place « m », « o » (4 au plus). "
        "Retirez un objet inutile (absent: […]) puis relancez."
    )


def test_a_place_taken_over_keeps_nothing_of_the_former_object() -> None:
    live = places("a")
    live["a"] |= {"active": True, "tags": ["x"], "title": "ancien"}
    planned = make(SLOTS, [{"name": "n", "number": 0}], live, absent=["a"])
    assert project(planned, live)["n"] == {"name": "n", "number": 0, **EMPTY}
    assert summary(planned) == ["~ place n : name, active, title, tags"]


@pytest.mark.parametrize("state", ["replaced", "overridden"])
def test_a_place_taken_over_starts_whole_inside_documents_too(state: State) -> None:
    live = places("a")
    live["a"]["options"] = {"level": 5, "label": "x"}
    planned = make(SLOTS, [{"name": "n", "number": 0, "options": {}}], live, state, absent=["a"])
    assert project(planned, live)["n"]["options"] == {"level": 1, "label": None}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("merged", ["update a → a"]),
        ("replaced", ["update a → a"]),
        ("overridden", ["update a → a", "reset b → b"]),
        ("deleted", ["reset a → a"]),
    ],
)
def test_each_state_touches_what_it_says(state: State, expected: list[str]) -> None:
    live = places("a", "b")
    live["a"]["title"] = live["b"]["title"] = "ancien"
    planned = make(SLOTS, [{"name": "a", "limit": 3}], live, state)
    assert moves(planned) == expected
    after = project(planned, live)
    by_state = {"merged": ("ancien", 3), "replaced": ("", 3), "overridden": ("", 3), "deleted": ("", None)}
    assert (after["a"]["title"], after["a"]["limit"]) == by_state[state]
    assert after["b"]["title"] == ("" if state == "overridden" else "ancien")


def test_absent_removes_in_every_state_and_does_not_mind_what_is_not_there() -> None:
    live = {name: {"name": name, **EMPTY} for name in "abc"}
    assert moves(make(THINGS, [{"name": "a"}], live, absent=["c", "z"])) == ["delete c → c"]
    assert moves(make(THINGS, [{"name": "a"}], live, "deleted", absent=["c"])) == ["delete a → a", "delete c → c"]
    assert moves(make(THINGS, [{"name": "z"}], live, "deleted")) == []


def test_a_fixed_object_that_does_not_exist_is_an_error() -> None:
    live = {"Q1/1": {"box": "Q1", "port_id": "1", **EMPTY}}
    with pytest.raises(Missing) as caught:
        make(FIXED, [{"box": "q1", "port_id": "9"}, {"box": "q1", "port_id": "1"}, {"box": "q2", "port_id": "1"}], live)
    assert str(caught.value) == (
        "PISTE-E020 essai : n’existe pas : port Q1/9, port Q2/1. "
        "Vérifiez la déclaration (numéro, modèle) ou l’équipement."
    )


def test_an_operation_speaks_only_of_what_is_declared_and_what_changes_with_it() -> None:
    live = {"a": {"name": "a", **EMPTY, "title": "t", "options": {"level": 2, "depth": {"cold": True, "warm": 1}}}}
    (operation,) = make(THINGS, [{"name": "a", "limit": 1, "options": {"depth": {"warm": 2}}}], live).operations
    assert operation.before == {"name": "a", "limit": None, "options": {"depth": {"warm": 1}}}
    assert operation.after == {"name": "a", "limit": 1, "options": {"depth": {"warm": 2}}}


def test_null_clears_what_is_there_and_nothing_where_nothing_is() -> None:
    assert not make(THINGS, [{"name": "a", "limit": None}], {"a": {"name": "a"}})
    assert moves(make(THINGS, [{"name": "a", "limit": None}], {"a": {"name": "a", "limit": 5}})) == ["update a → a"]


def test_what_is_fixed_at_creation_is_never_an_update() -> None:
    live = {"a": {"name": "a", "kind": "petit"}, "b": {"name": "b"}}
    planned = make(THINGS, [{"name": "a", "kind": "grand"}, {"name": "b", "kind": "grand"}], live, "replaced")
    assert planned == Plan((), (
        "thing a : « kind » est fixé à la création (petit en place, grand déclaré), rien n’est changé",
    ))  # fmt: skip
    assert make(THINGS, [{"name": "c", "kind": "grand"}], {}).operations[0].after == {"name": "c", "kind": "grand"}


def test_two_plans_of_one_change_have_one_identity_and_a_rotation_another() -> None:
    live = {"a": {"name": "a", "key": vault().wrap("x", "ancienne-valeur")}}
    first, same = (make(THINGS, [{"name": "a", "key": secret("clef")}], live).operations[0] for _ in range(2))
    other = {"a": {"name": "a", "key": vault().wrap("x", "troisieme-valeur")}}
    assert first.identity() == same.identity()
    assert first.identity() != make(THINGS, [{"name": "a", "key": secret("clef")}], other).operations[0].identity()
    assert first.to_json()["fields"] == ["key"]


def test_a_diff_is_yaml_of_what_changes_with_french_letters() -> None:
    live = {"a": {"name": "a", **EMPTY, "title": "Été", "tags": ["été"]}}
    config = [{"name": "a", "title": "Noël", "tags": ["noël", "été"], "key": secret("clef")}, {"name": "b"}]
    update, create = diffs(make(THINGS, config, live))
    fingerprint = VAULT.get("clef").digest[:8]
    assert update == {
        "before_header": "thing a (modification)",
        "after_header": "thing a (modification)",
        "before": "title: Été\ntags:\n- été\n",
        "after": f"title: Noël\ntags:\n- noël\n- été\nkey: secret clef (empreinte {fingerprint})\n",
    }
    assert (create["before"], create["after"]) == ("", "name: b\n")


def test_a_name_cannot_forge_a_line_of_the_diff_or_speak_to_the_terminal() -> None:
    planned = make(THINGS, [{"name": "a\n+ thing b\x1b[2J\u202e", "title": "x\x1b[2J\u202e"}], {})
    assert summary(planned) == ["+ thing a\\u000A+ thing b\\u001B[2J\\u202E"]
    (entry,) = diffs(planned)
    assert entry["after_header"] == "thing a\\u000A+ thing b\\u001B[2J\\u202E (création)"
    assert 'title: "x\\e[2J\\u202E"' in entry["after"]


def test_a_taken_place_is_given_back_by_the_inverse() -> None:
    live = places("a")
    planned = make(SLOTS, [{"name": "n", "number": 0, "options": {"level": 3}}], live, absent=["a"])
    back = invert(planned)
    assert moves(back) == ["update n → a"]
    assert project(back, project(planned, live)) == live


def test_a_removed_object_is_created_again_by_the_inverse() -> None:
    live = {"a": {"name": "a", **EMPTY, "options": {"level": 3}}}
    back = invert(make(THINGS, [{"name": "b"}], live, "overridden"))
    assert moves(back) == ["create a → a", "delete b → b"]
    assert project(back, {"b": {"name": "b"}}) == live


def test_what_is_not_declared_of_an_exact_dict_goes_whatever_the_state() -> None:
    when = Field(
        "when", "When.", type="dict", exact=True,
        of=(
            Field("hour", "Hour.", type="int", nullable=True, default=None),
            Field("who", "Who.", type="list", default=[]),
        ),
    )  # fmt: skip
    rule = Resource("essai", "rule", "Règle", (Field("name", "Name."), when))
    live: dict[str, Item] = {"A": {"name": "A", "when": {"hour": 7, "who": ["x"]}}}
    (done,) = make(rule, [{"name": "A", "when": {"hour": 7}}], live).operations
    assert (done.before, done.after) == (live["A"], {"name": "A", "when": {"hour": 7, "who": []}})
    assert not make(rule, [{"name": "A"}], live)
    assert not make(rule, [{"name": "A", "when": {"hour": 7}}], {"A": {"name": "A", "when": {"hour": 7}}})
