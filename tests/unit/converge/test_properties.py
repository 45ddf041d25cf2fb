"""Properties of every plan and every canonical form, whatever is declared and live."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from piste.engine.converge.diff import diffs, summary
from piste.engine.converge.errors import Missing
from piste.engine.converge.memory import Memory, recall
from piste.engine.converge.normalise import declared, exported, from_wire, to_wire
from piste.engine.converge.overlay import without_removals
from piste.engine.converge.plan import Item, Plan, State, plan, project
from piste.engine.converge.resource import Resource
from piste.engine.converge.secrets import Secret, as_references
from piste.engine.converge.text import as_yaml
from piste.engine.converge.values import stable
from tests.unit.converge.inverse import invert
from tests.unit.converge.strategies import VAULT, canonical, configs, free, items, lives, quick, reset, resources
from tests.unit.converge.tables import GROUPS, OWNER

STATES: tuple[State, ...] = ("merged", "replaced", "overridden", "deleted")
World = tuple[Resource, dict[str, Item], list[Item]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A kind of object, its live objects, and what is declared."""
    resource = draw(resources)
    return resource, draw(lives(resource)), canonical(resource, draw(configs(resource)))


def planned(resource: Resource, desired: list[Item], live: dict[str, Item], state: State) -> Plan:
    known = {resource.key_of(item): item for item in desired}
    forgetful = Memory(None, VAULT)
    there = {
        key: recall(resource.fields, item, known.get(key, {}), forgetful, VAULT, key) for key, item in live.items()
    }
    return plan(resource, desired, there, owner=OWNER, state=state, free=free, reset=reset)


def possible(resource: Resource, desired: list[Item], live: dict[str, Item], state: State) -> Plan:
    try:
        return planned(resource, desired, live, state)
    except Missing:
        assume(False)
        raise


@pytest.mark.parametrize("state", ["merged", "replaced", "overridden"])
@given(st.data())
@quick
def test_what_is_there_as_declared_gives_no_operation(state: State, data: st.DataObject) -> None:
    resource = data.draw(resources)
    live = data.draw(lives(resource))
    desired = [item for key, item in live.items() if not free(key, item)]
    assert planned(resource, desired, live, state).operations == ()


@pytest.mark.parametrize("state", STATES)
@given(worlds())
@quick
def test_a_plan_applied_leaves_nothing_to_plan(state: State, world: World) -> None:
    resource, live, desired = world
    after = project(possible(resource, desired, live, state), live)
    assert planned(resource, desired, after, state).operations == ()


@pytest.mark.parametrize("state", STATES)
@given(worlds())
@quick
def test_a_plan_and_its_inverse_give_back_what_was_there(state: State, world: World) -> None:
    resource, live, desired = world
    known = {resource.key_of(item): item for item in desired}
    memory = Memory(None, VAULT)
    live = {key: recall(resource.fields, item, known.get(key, {}), memory, VAULT, key) for key, item in live.items()}
    done = possible(resource, desired, live, state)
    assert project(invert(done), project(done, live)) == live


@given(worlds())
@quick
def test_merged_touches_only_declared_objects(world: World) -> None:
    resource, live, desired = world
    done = possible(resource, desired, live, "merged")
    keys = {resource.key_of(item) for item in desired}
    assert {operation.key for operation in done.operations} <= keys
    untouched = {key: item for key, item in live.items() if key not in keys and not free(key, item)}
    assert untouched.items() <= project(done, live).items() or not untouched
    assert all(project(done, live)[key] == item for key, item in untouched.items())


@given(st.data())
@quick
def test_what_is_exported_then_replaced_changes_nothing(data: st.DataObject) -> None:
    resource = data.draw(resources)
    live = {key: item for key, item in data.draw(lives(resource)).items() if not free(key, item)}
    export = as_references([exported(resource.fields, item, {"owner": OWNER}) for item in live.values()])
    desired = [_with_known_values(item, live) for item in declared(resource, export, VAULT, OWNER)]
    assert planned(resource, desired, live, "replaced").operations == ()


def _with_known_values(item: Item, live: dict[str, Item]) -> Item:
    """The item as if the vault had, under the exported path, the value that the system gave."""
    known = {secret.path: secret for content in live.values() for secret in _secrets(content) if secret.value}
    return {name: known.get(value.path, value) if isinstance(value, Secret) else value for name, value in item.items()}


def _secrets(value: Any) -> list[Secret]:
    if isinstance(value, Secret):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [secret for element in inner for secret in _secrets(element)]


@given(st.data())
@quick
def test_what_is_written_reads_back_equal(data: st.DataObject) -> None:
    resource = data.draw(resources)
    (item,) = canonical(resource, [data.draw(items(resource, full=True))])
    body = {name: value for name, value in item.items() if name != "extra"}
    body = without_removals(resource.fields, body)
    document = json.loads(json.dumps(to_wire(resource.fields, body, GROUPS)))
    assert from_wire(resource.fields, document, VAULT, GROUPS, {"owner": OWNER}) == body


@given(st.data())
@quick
def test_canonical_forms_are_their_own_canonical_form(data: st.DataObject) -> None:
    resource = data.draw(resources)
    once = canonical(resource, [data.draw(items(resource))])
    assert stable(canonical(resource, as_references(once))) == stable(once)


@given(worlds())
@quick
def test_any_name_survives_the_plan_as_json_and_as_a_diff(world: World) -> None:
    resource, live, desired = world
    done = possible(resource, desired, live, "overridden")
    described = [operation.to_json() for operation in done.operations]
    assert json.loads(json.dumps(described, ensure_ascii=False)) == described
    for operation, entry in zip(done.operations, diffs(done), strict=True):
        assert entry["before_header"].isprintable()
        for side, item in (("before", operation.before), ("after", operation.after)):
            shown = yaml.safe_load(entry[side]) if item is not None else None
            assert (shown is None) == (item is None)
            assert item is None or all(shown[name] == item[name] for name in {"name", "title"} & shown.keys())
    assert all(line.isprintable() for line in summary(done))


@given(st.data())
@quick
def test_any_name_survives_the_export(data: st.DataObject) -> None:
    resource = data.draw(resources)
    (item,) = canonical(resource, [data.draw(items(resource, full=True))])
    export = as_references(item)
    text = as_yaml(export)
    assert yaml.safe_load(text) == export
    assert text.replace("\n", "").isprintable()
