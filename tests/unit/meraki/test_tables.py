"""Tables of the product beside the simulator's, that follow the vendor's description."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from lab.fields import Field as Wire
from lab.fields import Type
from lab.meraki.operations import route
from piste.engine.converge.resource import UNSET, Field, Resource
from piste.systems.meraki.driver import At
from tests.support.inprocess import MODULES

KINDS = {"str": "s", "bool": "b", "int": "i", "float": "n", "list": "list", "dict": "object", "raw": "x"}


def documents(resource: Resource) -> Iterator[tuple[str, tuple[Field, ...], str]]:
    """Yield each document of a resource: its dotted name, its fields, the path of its writes."""
    if resource.endpoint.target:
        yield resource.name, resource.body, resource.endpoint.target
    for part in resource.parts:
        at: At = part.part
        yield f"{resource.name}.{part.name}", part.of[0].of if at.listed else part.of, at.target


DOCUMENTS = [
    pytest.param(*document, id=document[0])
    for module in MODULES.values()
    if module.resource
    for document in documents(module.resource)
]


def faults(where: str, fields: tuple[Field, ...], table: Type) -> Iterator[str]:
    assert table.fields is not None
    for field in fields:
        name = f"{where}.{field.name}"
        if field.path_only or field.create_only:
            continue
        wire = table.fields.get(field.wire_name)
        if wire is None:
            yield f"{name}: the system has no {field.wire_name}"
        else:
            yield from differences(name, field, wire)


def differences(name: str, field: Field, wire: Wire) -> Iterator[str]:
    if field.nullable != wire.nullable:
        yield f"{name}: nullable {field.nullable}, for the system {wire.nullable}"
    kind = wire.type
    if field.ref:
        return
    if kind.kind == "enum":
        refused = set(field.choices) - set(kind.values)
        if not field.choices or refused:
            yield f"{name}: the system refuses {sorted(map(str, refused)) or 'most texts'}"
        return
    if KINDS[field.type] != kind.kind:
        yield f"{name}: {field.type}, for the system {kind.kind}"
    if field.type == "dict":
        yield from faults(name, field.of, kind)
    if field.is_list_of_dicts and kind.item is not None:
        yield from faults(name, field.of, kind.item)
    if field.secret or field.choices or field.type == "list":
        return
    low, high = kind.low, kind.high
    if low is not None and (field.minimum is None or field.minimum < low) and field.type != "str":
        yield f"{name}: the system wants {low:g} at least"
    if high is not None and (field.maximum is None or field.maximum > high):
        yield f"{name}: the system wants {high:g} at most"


@pytest.mark.parametrize(("where", "fields", "path"), DOCUMENTS)
def test_every_field_is_one_that_the_system_takes(where: str, fields: tuple[Field, ...], path: str) -> None:
    operation = route("PUT", re.sub(r"{\w+}", "1", path))
    assert operation is not None, path
    assert operation[0].body is not None
    assert list(faults(where, fields, operation[0].body)) == []


@pytest.mark.parametrize(("where", "fields", "path"), DOCUMENTS)
def test_every_default_is_a_value_that_may_be_declared(where: str, fields: tuple[Field, ...], path: str) -> None:
    wrong = [
        f"{where}.{field.name}"
        for field in fields
        if field.default is not UNSET
        and not (field.choices and field.default in field.choices)
        and not (field.default is None and field.nullable)
        and not (not field.choices and isinstance(field.default, (str, bool, int, float, list)))
    ]
    assert wrong == []
