"""Variables of the town, a value changed: an editor refuses nothing that the model accepts."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import ValidationError

from piste.commands.editor.forms import document, of_levels
from piste.town.model.faults import Faults
from piste.town.model.inventory import read_inventory
from piste.town.model.variables import HINTS, LEVEL_OF, adapter
from tests.support.fuzz import examples
from tests.unit.repository.tree import ROOT

type Path = tuple[str | int, ...]


@cache
def declared() -> list[tuple[str, Any, list[Path]]]:
    """List the variables of the town: name, value, places inside."""
    tree = read_inventory(ROOT / "inventories/town", Faults())
    scopes = [*tree.group_vars.values(), *tree.host_vars.values()]
    variables = [variable for scope in scopes for variable in scope.values() if variable.name in HINTS]
    # `true` is 1 to Python, and to `piste_model`.
    variables = [variable for variable in variables if variable.name != "piste_model"]
    return [(variable.name, variable.value, [*places(variable.value, ())]) for variable in variables]


def places(value: Any, path: Path) -> Iterator[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from places(part, (*path, key))


@cache
def schema(name: str) -> Draft7Validator:
    variables, definitions = of_levels((LEVEL_OF[name],), {}, whole=False)
    return Draft7Validator(document(name, variables["properties"][name], definitions))


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 70_000), st.floats(-2, 2), st.text(max_size=4), st.just([]), st.just({}),
    st.sampled_from(["off", "pilot", "dot1x", "trunk", "2027-06-30", "07:30", "10.93.47.0/24", "surete", "VLB-x"]),
)  # fmt: skip


@examples(small=38, wide=20_000)
@given(st.data())
def test_what_the_model_accepts_has_its_schema(data: st.DataObject) -> None:
    name, value, inside = data.draw(st.sampled_from(declared()))
    changed = {"root": deepcopy(value)}
    *above, last = ("root", *data.draw(st.sampled_from(inside or [()])))
    parent: Any = changed
    for key in above:
        parent = parent[key]
    if last != "root" and data.draw(st.booleans()):
        del parent[last]
    else:
        parent[last] = data.draw(st.one_of(VALUES, st.sampled_from([entry for _, entry, _ in declared()])))
    try:
        adapter(name).validate_python(changed["root"])
    except ValidationError:
        return
    assert [error.message for error in schema(name).iter_errors(changed["root"])] == []
