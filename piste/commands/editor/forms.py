"""JSON Schemas of the forms of the model, with French descriptions.

Draft 07, which every YAML language server reads. A schema knows the keys, types, bounds, shapes of texts and names in
use; the rules between several values stay with `piste validate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema as core

from piste.commands.editor.descriptions import described
from piste.town.model import values, variables
from piste.town.model.forms import NAME_IN

Schema = dict[str, Any]
Names = Mapping[str, Mapping[str, str]]
"""The names in use, by variable, each with its label."""
DIALECT = "http://json-schema.org/draft-07/schema#"


class _Generator(GenerateJsonSchema):
    """Pydantic's schemas, with our descriptions in place of docstrings and titles."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core.ModelSchema) -> Schema:
        made, form = super().model_schema(schema), schema["cls"]
        made.pop("title", None)
        made.pop("description", None)
        for key, value in made.get("properties", {}).items():
            value["description"] = described(form, key)
        return made

    def function_after_schema(self, schema: core.AfterValidatorFunctionSchema) -> Schema:
        made = super().function_after_schema(schema)
        shape = values.SHAPES.get(cast("Any", schema["function"]["function"]))
        if shape is None:
            return made
        return {**made, "pattern": f"^(?:{shape.pattern})$", "patternErrorMessage": f"Attendu : {shape.words}."}

    def dict_schema(self, schema: core.DictSchema) -> Schema:
        made = super().dict_schema(schema)
        # Keys with a pattern would leave all other keys open.
        for pattern, inner in made.pop("patternProperties", {}).items():
            made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": inner}
        return made

    def default_schema(self, schema: core.WithDefaultSchema) -> Schema:
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made


def of_form(form: type[BaseModel], title: str, names: Names) -> Schema:
    """Make the schema of a file whose root is a form."""
    made = TypeAdapter(form).json_schema(by_alias=True, schema_generator=_Generator)
    return document(title, _named(made, names))


def of_levels(levels: Iterable[type[Any]], names: Names, *, whole: bool) -> tuple[Schema, Schema]:
    """Make the schema of a file with the variables of some levels, and its definitions.

    `whole`: the file has all variables of the first level that have no default.
    """
    declaring = {name: level for level in levels for name in level.__annotations__}
    made, shared = TypeAdapter.json_schemas(
        [(name, "validation", variables.adapter(name)) for name in declaring],
        by_alias=True, schema_generator=_Generator,
    )  # fmt: skip
    properties = {
        name: {**made[name, "validation"], "description": described(level, name)} for name, level in declaring.items()
    }
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if whole:
        first = next(iter(declaring.values()))
        schema["required"] = sorted(variables.required(first))
    return _named(schema, names), _named(shared.get("$defs", {}), names)


def document(title: str, schema: Schema, definitions: Schema | None = None) -> Schema:
    """Make a whole schema from its parts."""
    return {"$schema": DIALECT, "title": title, **schema, **({"$defs": definitions} if definitions else {})}


def _named(schema: Any, names: Names) -> Any:
    """Put the names in use where a text or a key is such a name; without any, it stays open."""
    if isinstance(schema, list):
        return [_named(item, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _named(value, names) for key, value in schema.items() if key not in (NAME_IN, "propertyNames")}
    known = names.get(schema.get(NAME_IN, ""), {})
    if known:
        made |= {"enum": [*known], "enumDescriptions": [*known.values()]}
    keys = schema.get("propertyNames")
    if keys:
        used = names.get(keys.get(NAME_IN, ""), {})
        if used:
            inner = made["additionalProperties"]
            made["properties"] = {name: {**inner, "description": label} for name, label in used.items()}
            made["additionalProperties"] = False
        else:
            made["propertyNames"] = {key: value for key, value in keys.items() if key != NAME_IN}
    return made
