"""JSON Schemas of the data of a bag, from its tables, and the check of data against them.

The subset written is the subset checked: type, properties, required, additionalProperties, items; $ref, anyOf, enum and
const of the schemas of documents. An export keeps values beyond the known choices: choices are described, not enforced.
"""

from __future__ import annotations

import reprlib
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.bounded import Unreadable
from piste.engine.converge.resource import Field, Resource
from piste.exports.bag.kinds import Kind
from piste.exports.bag.table import Table

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES: Mapping[str, str] = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "object",
    "map": "object",
    "list": "array",
}
REFERENCE: Schema = {
    "type": "object",
    "properties": {"secret": {"type": "string"}},
    "required": ["secret"],
    "additionalProperties": False,
}


def of_kind(kind: Kind) -> Schema:
    """Make the schema of a file with the objects of a kind under its name."""
    return _document(kind.title, {kind.name: of_objects(kind.resource)})


def of_site(kinds: Sequence[Kind]) -> Schema:
    """Make the schema of the file of a site: its network's name, then the objects of each kind."""
    parts: dict[str, Schema] = {kind.name: of_objects(kind.resource) for kind in kinds}
    return _document("Le réseau d’un site", {"network": {"type": "string"}, **parts})


def of_table(table: Table) -> Schema:
    """Make the schema of a table as JSON: a list of rows.

    Its CSV has the same columns, empty for null.
    """
    columns: dict[str, Schema] = {
        column.name: {"type": [column.type, "null", "array", "object"], "description": column.doc}
        if column.type == "string"
        else {"type": [column.type, "null"], "description": column.doc}
        for column in table.columns
    }
    row = {"type": "object", "properties": columns, "required": list(columns), "additionalProperties": False}
    return {"$schema": DIALECT, "title": table.doc, "type": "array", "items": row}


def _document(title: str, properties: dict[str, Schema], optional: Sequence[str] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    closed = {"required": required, "additionalProperties": False}
    return {"$schema": DIALECT, "title": title, "type": "object", "properties": properties, **closed}


def of_objects(resource: Resource) -> Schema:
    return {"type": "array", "items": _object(resource.fields)}


def _object(fields: Sequence[Field]) -> Schema:
    """Make the schema of an object; a path of this machine is no data, and comes from no export."""
    fields = [field for field in fields if field.type != "path"]
    schema: Schema = {"type": "object", "properties": {field.name: _of(field) for field in fields}}
    if required := [field.name for field in fields if field.required]:
        schema["required"] = required
    return {**schema, "additionalProperties": False}


def _of(field: Field) -> Schema:
    if field.secret:
        return {**REFERENCE, "description": field.doc}
    schema: Schema = {"description": field.doc}
    kind = TYPES.get(field.type)
    if kind:
        schema["type"] = [kind, "null"] if field.nullable else kind
    if field.choices:
        schema["examples"] = list(field.choices)
    if field.type == "map":
        schema["additionalProperties"] = _object(field.of) if field.of else {}
    elif field.type == "list":
        inner = TYPES.get(field.elements)
        schema["items"] = _object(field.of) if field.of else {"type": inner} if inner else {}
    elif field.of:
        schema |= {name: value for name, value in _object(field.of).items() if name != "type"}
    return schema


_PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
SHOWN = 80
"""Most characters of a name or value in a fault."""
STEPS, LEVELS = 3_000_000, 250
"""Most comparisons of a document with its schema, and their depth."""


def unsound(schema: Any, where: str = "") -> Iterator[str]:
    """List the parts of a foreign schema outside the checked subset: it judges nothing."""
    root = schema.get("$defs", {}) if isinstance(schema, Mapping) else {}
    if not isinstance(root, Mapping):
        yield "/$defs : object attendu"
        return
    yield from _unsound(schema, where, {f"#/$defs/{name}" for name in root if "/" not in name})


def _unsound(schema: Any, where: str, defined: Container[str]) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        yield f"{where or '/'} : schéma attendu"
        return
    for name in {"properties", "$defs"} & schema.keys():
        inner = schema[name]
        if not isinstance(inner, Mapping):
            yield f"{where}/{name} : object attendu"
            continue
        for key, part in inner.items():
            yield from _unsound(part, f"{where}/{name}/{str(key)[:SHOWN]}", defined)
    several = schema.get("anyOf", [True])
    if not isinstance(several, list) or not several:
        yield f"{where}/anyOf : liste attendue"
        several = []
    inside = {f"anyOf/{rank}": part for rank, part in enumerate(several)}
    inside |= {name: schema[name] for name in ("items", "additionalProperties") if name in schema}
    for name, part in inside.items():
        if not isinstance(part, bool):
            yield from _unsound(part, f"{where}/{name}", defined)
    types = schema.get("type", [])
    if not set(map(str, types if isinstance(types, list) else [types])) <= _PYTHON.keys():
        yield f"{where}/type : type inconnu"
    for name, of in (("required", str), ("enum", object)):
        if not isinstance(inner := schema.get(name, []), list) or not all(isinstance(part, of) for part in inner):
            yield f"{where}/{name} : liste attendue"
    if "$ref" in schema and str(schema["$ref"]) not in defined:
        yield f"{where}/$ref : ne mène nulle part"


def faults(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    """List the misfits of a value: place and reason. Raises `Unreadable` if it takes too long."""
    yield from _Judge(schema).faults(schema, value, "", 0)


class _Judge:
    """A comparison of a document with its schema, in bounded time: a schema may refer to itself."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root, self.left = root, STEPS

    def faults(self, schema: Any, value: Any, where: str, level: int) -> Iterator[str]:
        lists = (schema.get(name) for name in ("enum", "type", "required")) if isinstance(schema, Mapping) else ()
        self.left -= 1 + sum(len(part) for part in lists if isinstance(part, list))
        if self.left <= 0 or level > LEVELS:
            raise Unreadable((0, "trop long à comparer à son schéma"))
        if not isinstance(schema, Mapping):
            yield from () if schema else (f"{where or '/'} : rien n’est permis ici",)
            return
        if "$ref" in schema:
            yield from self.faults(self.root["$defs"][schema["$ref"].rpartition("/")[2]], value, where, level + 1)
            return
        if "anyOf" in schema:
            misfits = [list(self.faults(choice, value, where, level + 1)) for choice in schema["anyOf"]]
            yield from min(misfits, key=len)
            return
        allowed = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if allowed is not None and value not in allowed:
            yield f"{where or '/'} : {reprlib.repr(value)[:SHOWN]} n’est pas l’une des valeurs permises"
            return
        types = schema.get("type")
        names = [types] if isinstance(types, str) else types
        if names and not any(_is(name, value) for name in names):
            yield f"{where or '/'} : {' ou '.join(names)} attendu, {type(value).__name__} trouvé"
            return
        if isinstance(value, dict):
            yield from self._of_object(schema, value, where, level)
        elif isinstance(value, list) and "items" in schema:
            for rank, inner in enumerate(value):
                yield from self.faults(schema["items"], inner, f"{where}/{rank}", level + 1)

    def _of_object(self, schema: Mapping[str, Any], value: Mapping[str, Any], where: str, level: int) -> Iterator[str]:
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        yield from (f"{where}/{name} : absent" for name in schema.get("required", ()) if name not in value)
        for name, inner in value.items():
            if name in known:
                yield from self.faults(known[name], inner, f"{where}/{name[:SHOWN]}", level + 1)
            elif others is False:
                yield f"{where}/{name} : inconnu du schéma"
            elif isinstance(others, Mapping):
                yield from self.faults(others, inner, f"{where}/{name[:SHOWN]}", level + 1)


def _is(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _PYTHON[name])


_TEXT: Schema = {"type": "string"}
MANIFEST: Schema = _document(
    "Ce que le sac contient : versions, dépôt, genres comptés",
    {
        "format": {"type": "integer"},
        "environment": _TEXT,
        "read_at": _TEXT,
        "commit": _TEXT,
        "clean": {"type": "boolean"},
        "declaration": _TEXT,
        "versions": {"type": "object", "additionalProperties": _TEXT},
        "kinds": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"domain": _TEXT, "kind": _TEXT, "state": _TEXT, "count": {"type": "integer"}},
                "required": ["domain", "kind", "state", "count"],
                "additionalProperties": False,
            },
        },
        "unread": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": _TEXT}},
        "tables": {"type": "object", "additionalProperties": {"type": "integer"}},
        "admitted": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"file": _TEXT, "sha256": _TEXT, "reason": _TEXT},
                "required": ["file", "sha256", "reason"],
                "additionalProperties": False,
            },
        },
    },
    optional=("admitted",),
)
_PLACE: Schema = {
    "type": "object",
    "properties": {
        "kind": _TEXT,
        "key": _TEXT,
        "devices": {"type": "array", "items": _TEXT},
        "models": {"type": "object", "additionalProperties": _TEXT},
    },
    "required": ["kind", "key", "devices", "models"],
    "additionalProperties": False,
}
PLACES: Schema = _document(
    "Les réseaux du Dashboard et leurs équipements", {"places": {"type": "array", "items": _PLACE}}
)
