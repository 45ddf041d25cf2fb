"""Maps: free keys whose entries are declared, changed and removed separately."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import Conflict, InvalidConfig
from piste.engine.converge.normalise import declared
from piste.engine.converge.plan import Item, Operation, Plan, State, plan, project
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Vault
from piste.engine.converge.spec import argument_spec, documentation
from piste.runs.plans import undo
from tests.unit.converge.fake import System, operations, run
from tests.unit.converge.strategies import quick
from tests.unit.converge.tables import OWNER, THINGS


def key(text: str) -> str:
    if "!" in text:
        raise ValueError(text)
    return text.lower()


DRIVE = (Field("path", "Path.", required=True), Field("persistent", "Kept.", type="bool", default=True))
SIDE = (
    Field("on", "On.", type="bool", default=True),
    Field("levels", "Levels.", type="map", elements="int", maximum=9, normalise_key=key),
    Field("drives", "Drives.", type="map", of=DRIVE),
)
POLICY = Resource(
    "essai", "policy", "Stratégie", (
        Field("name", "Name.", required=True),
        Field("side", "Side.", type="dict", of=SIDE),
        Field("exclusive", "Exact.", type="bool"),
    ),
    exclusive="exclusive",
    repairs="defects",
)  # fmt: skip


def operate(live: Item, desired: dict[str, Any], state: State = "merged") -> tuple[Operation, ...]:
    clean = declared(POLICY, [{"name": "P", **desired}], Vault(), OWNER)
    return plan(POLICY, clean, {"P": {"name": "P", **live}}, owner=OWNER, state=state).operations


LIVE: Item = {"side": {"on": False, "levels": {"a": 1, "b": 2}, "drives": {"H": {"path": "x", "persistent": True}}}}


def test_an_entry_is_declared_without_touching_its_neighbours() -> None:
    (done,) = operate(LIVE, {"side": {"levels": {"A": 5, "c": 3}}})
    assert done.before == {"name": "P", "side": {"levels": {"a": 1}}}
    assert done.after == {"name": "P", "side": {"levels": {"a": 5, "c": 3}}}


def test_null_takes_an_entry_away_and_is_nothing_where_there_is_none() -> None:
    (done,) = operate(LIVE, {"side": {"levels": {"a": None, "z": None}}})
    assert (done.before, done.after) == (
        {"name": "P", "side": {"levels": {"a": 1}}},
        {"name": "P", "side": {"levels": {}}},
    )
    assert operate(LIVE, {"side": {"levels": {"z": None}, "drives": {}}}) == ()
    assert operate({}, {"side": {"levels": {"z": None}, "drives": {}}}) == ()


def test_an_entry_is_a_value_with_the_defaults_of_its_kind() -> None:
    assert operate(LIVE, {"side": {"drives": {"H": {"path": "x"}}}}) == ()
    (done,) = operate(
        {"side": {"drives": {"H": {"path": "x", "persistent": False}}}}, {"side": {"drives": {"H": {"path": "x"}}}}
    )
    assert done.after == {"name": "P", "side": {"drives": {"H": {"path": "x", "persistent": True}}}}


@pytest.mark.parametrize(("state", "on"), [("replaced", True), ("overridden", True)])
def test_replaced_makes_declared_maps_exact(state: State, on: bool) -> None:
    (done,) = operate(LIVE, {"side": {"levels": {"a": 1}}}, state)
    assert done.after == {"name": "P", "side": {"on": on, "levels": {"a": 1}}}
    assert done.before == {"name": "P", "side": {"on": False, "levels": {"a": 1, "b": 2}}}


def test_an_exclusive_item_makes_its_declared_maps_exact_and_resets_nothing() -> None:
    (done,) = operate(LIVE, {"exclusive": True, "side": {"levels": {"a": 1}}})
    assert done.after == {"name": "P", "side": {"levels": {"a": 1}}}
    assert done.before == {"name": "P", "side": {"levels": {"a": 1, "b": 2}}}
    assert operate(LIVE, {"exclusive": False, "side": {"levels": {"a": 1}}}) == ()


def test_what_a_live_object_lacks_is_repaired_whatever_is_declared_of_it() -> None:
    assert operate({**LIVE, "defects": []}, {"side": {"on": False}}) == ()
    (done,) = operate({**LIVE, "defects": ["cassé"]}, {"side": {"on": False}})
    assert done.before == {"name": "P", "side": {"on": False}, "defects": ["cassé"]}
    assert done.after == {"name": "P", "side": {"on": False}, "defects": []}
    (made,) = plan(POLICY, [{"name": "N"}], {}, owner=OWNER).operations
    assert made.after == {"name": "N"}


def test_a_new_object_has_no_entry_that_is_to_go() -> None:
    clean = declared(POLICY, [{"name": "P", "exclusive": True, "side": {"levels": {"a": None, "b": 1}}}], Vault())
    (done,) = plan(POLICY, clean, {}, owner=OWNER).operations
    assert done.after == {"name": "P", "side": {"levels": {"b": 1}}}


def test_faults_are_named_by_entry() -> None:
    side = {
        "levels": {"a": "x", "b": 10, "c!": 1, "D": 1, "d": 2},
        "drives": {"H": {"persistent": 1, "pat": "x"}, "P": "x"},
    }
    with pytest.raises(InvalidConfig) as caught:
        declared(POLICY, [{"name": "P", "side": side}, {"name": "Q", "side": {"levels": [1]}}], Vault())
    assert [str(fault) for fault in caught.value.faults] == [
        "config[P].side.levels[a] : un nombre entier est attendu, reçu un texte",
        "config[P].side.levels[b] : 10 est hors des bornes (… à 9)",
        "config[P].side.levels[c!] : le nom « c! » n’a pas la forme attendue",
        "config[P].side.levels[d] : « d » est déclaré deux fois",
        "config[P].side.drives[H].pat : clé inconnue, vouliez-vous dire « path » ?",
        "config[P].side.drives[H].path : clé obligatoire absente",
        "config[P].side.drives[H].persistent : vrai ou faux (true, false) est attendu, reçu un entier",
        "config[P].side.drives[P] : un dictionnaire est attendu, reçu un texte",
        "config[Q].side.levels : un dictionnaire est attendu, reçu une liste",
    ]


def test_an_entry_that_somebody_changes_before_it_is_taken_away_is_a_conflict() -> None:
    system = System(THINGS, [{"name": "un", "levels": {"a": 1, "b": 2}}])
    config = [{"name": "un", "levels": {"a": None}}]
    assert operations(run(system, config, Vault(), check=True)) == ["update un"]
    system.before_fresh_read = lambda: system.documents[1]["levels"].update(a=7)
    with pytest.raises(Conflict, match="modifié par quelqu’un d’autre"):
        run(system, config, Vault())
    assert system.writes == []


def test_an_entry_that_is_already_gone_hinders_no_other_change() -> None:
    """The look before the write is about the plan, not about undeclared entries."""
    system = System(THINGS, [{"name": "un", "levels": {"a": 1}}])
    done = run(system, [{"name": "un", "limit": 5, "levels": {"z": None}}], Vault())
    assert operations(done) == ["update un"]
    assert system.named("un")["levels"] == {"a": 1}


def test_the_spec_that_ansible_gets_of_a_map() -> None:
    assert argument_spec(SIDE, defaults=False)["drives"] == {"type": "dict"}
    assert documentation(SIDE, defaults=False)["drives"] == {
        "description": [
            "Drives.",
            "The keys are free; null takes an entry away.",
            "C(path) (str, required) Path.",
            "C(persistent) (bool, default true) Kept.",
        ],
        "type": "dict",
    }


levels = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2))
drives = st.dictionaries(st.sampled_from("HP"), st.fixed_dictionaries({"path": st.sampled_from("xy")}))
wanted_levels = st.dictionaries(st.sampled_from("ABC"), st.none() | st.integers(0, 2))
wanted_drives = st.dictionaries(
    st.sampled_from("HP"),
    st.none() | st.fixed_dictionaries({"path": st.sampled_from("xy")}, optional={"persistent": st.booleans()}),
)


@pytest.mark.parametrize("state", ["merged", "replaced"])
@given(
    st.fixed_dictionaries({}, optional={"levels": levels, "drives": drives}),
    st.fixed_dictionaries({}, optional={"levels": wanted_levels, "drives": wanted_drives}),
    st.booleans(),
)
@quick
def test_the_undo_gives_every_entry_back(state: State, live: Item, desired: dict[str, Any], exclusive: bool) -> None:
    there = {"P": {"name": "P", "side": live}}
    done = operate({"side": live}, {"side": desired, "exclusive": exclusive}, state)
    after = project(Plan(done), there)
    with pytest.MonkeyPatch.context() as patch:
        essai = SimpleNamespace(module="essai_policies", table=POLICY, renewed="", unreturned="")
        table = SimpleNamespace(
            of_object={"policy": essai}.__getitem__, BY_MODULE={"essai_policies": essai}, within=lambda module: ()
        )
        patch.setattr(undo, "kinds", table)
        tasks, lost = undo.inverse([operation.to_json() for operation in done])
    assert lost == []
    for task in tasks.get(OWNER, {undo.RETURNED: {}})[undo.RETURNED].values():
        back = declared(POLICY, task["config"], Vault(), OWNER)
        after = project(plan(POLICY, back, after, owner=OWNER), after)
    assert full(after["P"]) == full(there["P"])


def full(item: Item) -> Item:
    """A live item, without empty maps and with the defaults of its entries."""
    (clean,) = declared(POLICY, [item], Vault(), OWNER)
    return {**clean, "side": {name: value for name, value in clean["side"].items() if value not in ({}, None)}}


def test_a_caseless_map_keeps_the_spelling_that_is_there_and_refuses_two_of_one_name() -> None:
    table = Resource(
        "essai", "policy", "Stratégie",
        (
            Field("name", "Name.", required=True),
            Field("values", "Values.", type="map", elements="int", caseless=True),
        ),
    )  # fmt: skip
    live: Item = {"name": "P", "values": {"Soft!A": 1, "Soft!B": 2}}

    def planned(values: dict[str, Any]) -> tuple[Operation, ...]:
        clean = declared(table, [{"name": "P", "values": values}], Vault(), OWNER)
        return plan(table, clean, {"P": live}, owner=OWNER).operations

    assert planned({"SOFT!a": 1}) == ()
    (done,) = planned({"SOFT!a": 5, "soft!b": None})
    assert done.before == {"name": "P", "values": {"Soft!A": 1, "Soft!B": 2}}
    assert done.after == {"name": "P", "values": {"Soft!A": 5}}
    with pytest.raises(InvalidConfig, match=r"values\[soft!a\] : « soft!a » est déclaré deux fois"):
        planned({"Soft!A": 1, "soft!a": 2})
