"""The writes of the OpenAPI documents, from the tables of the kinds: made, changed, removed.

The Dashboard and GLPI take the fields of the table; Prism Central and the SMC take the object as it was read, so that
its body has the form of the reading. What a driver does by an action of its own (power, installation, claim of a
device, order of rules) has no table, and is not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from piste.engine.converge.resource import Field, Resource, Shape
from piste.exports.bag.schemas import TYPES, Schema
from piste.systems.forcepoint.driver import MANAGED
from piste.systems.glpi.items import ASSETS, LISTS, PARTS
from piste.systems.glpi.names import LINKS
from piste.systems.kinds import KINDS
from piste.systems.meraki.carriers import ALONE, STACKED
from piste.systems.nutanix.affinity import KINDS as AFFINITY
from piste.systems.nutanix.documents import READ_ONLY

NETWORKS = "/organizations/{organization_id}/networks"
CLAIMED = "device"
"""The kind of the Dashboard whose objects are claimed and released by actions."""
SERIAL: Schema = {"type": "string"}
OWN: Mapping[str, Mapping[str, Schema]] = {
    "switch_stack": {
        "post": {"serials": {"type": "array", "items": SERIAL}},
        "put": {"members": {"type": "array", "items": {"type": "object", "properties": {"serial": SERIAL}}}},
    }
}
"""Properties that a driver of the Dashboard writes in a form of its own: made by a list, changed by objects."""
ITEMTYPES: Mapping[str, Sequence[str]] = {"asset": ASSETS, "list_entry": LISTS}
"""The itemtypes of the kinds of GLPI whose key has it."""


class Write(NamedTuple):
    """A request that writes: its method, its path, what it writes, the schema of its body."""

    method: str
    path: str
    what: str
    body: Schema | None = None


def writes(system: str, reads: Mapping[str, Schema]) -> Iterator[Write]:
    """Yield the writes of a system; `reads` has the schema of each answer, by path."""
    tables = [kind.table for kind in KINDS if kind.system == system]
    if system == "meraki":
        yield from chain.from_iterable(map(_of_dashboard, tables))
    elif system == "glpi":
        yield from chain.from_iterable(map(_of_glpi, tables))
    elif system == "prism":
        yield from chain.from_iterable(_of_prism(table, reads) for table in tables)
    elif system == "smc":
        for name in sorted(MANAGED):
            path = f"/{{}}/elements/{name}"
            yield from _whole(path, "Élément ou politique du SMC", reads.get(f"{path}/{{}}", {}))


def _of_dashboard(table: Resource) -> Iterator[Write]:
    at = table.endpoint
    create = at.read or NETWORKS if table.shape is Shape.COLLECTION and table.name != CLAIMED else ""
    documents = [(at, table.body, create)] if at.target else []
    for at, fields, create in (*documents, *((part.part, part.of, "") for part in table.parts)):
        if at.listed:
            (rules,) = fields
            fields, create = rules.of, at.read
        alone, own = at.target.startswith(ALONE), OWN.get(table.name)
        body, changed = _object(fields), _object([field for field in fields if not field.create_only])
        if own:
            body["properties"] = {"name": {"type": "string"}, **own["post"]}
            changed["properties"] |= own["put"]
        for base in (ALONE, STACKED) if alone else ("",):
            create, target = (path.replace(ALONE, base, 1) if alone else path for path in (create, at.target))
            if create:
                yield Write("post", create, table.doc, body)
                yield Write("delete", target, table.doc)
            yield Write("put", target, table.doc, changed)


def _of_glpi(table: Resource) -> Iterator[Write]:
    for itemtype in ITEMTYPES.get(table.name, [table.endpoint] if table.endpoint in PARTS else ()):
        path = f"/api.php/{{}}/{PARTS[itemtype]}/{itemtype}"
        fields = [field for field in table.fields if not field.path_only]
        # A reference is the id of what is named; 0 takes it away.
        body = _object(fields, {name: {"type": ["object", "integer"]} for name in LINKS})
        yield Write("post", path, table.doc, body)
        yield Write("patch", f"{path}/{{}}", table.doc, body)


def _of_prism(table: Resource, reads: Mapping[str, Schema]) -> Iterator[Write]:
    at = table.endpoint
    for collection in AFFINITY.values() if at.collection in AFFINITY.values() else [at.collection]:
        path = f"/api/{collection.namespace}/{{}}/{collection.path}"
        answer = reads.get(f"{path}/{{}}") or reads[path]
        data = answer["properties"]["data"]
        without = ", ".join(sorted(at.read_only | READ_ONLY))
        yield from _whole(path, f"{table.doc} ; ne sont pas renvoyés : {without}", data.get("items", data))


def _whole(path: str, what: str, body: Schema) -> Iterator[Write]:
    yield Write("post", path, what, body)
    yield Write("put", f"{path}/{{}}", what, body)
    yield Write("delete", f"{path}/{{}}", what)


def _object(fields: Sequence[Field], known: Mapping[str, Schema] | None = None) -> Schema:
    sent = [field for field in fields if field.part is None and not field.path_only and field.type != "path"]
    properties = {field.wire_name: (known or {}).get(field.wire_name) or _of(field) for field in sent}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _of(field: Field) -> Schema:
    """Write a field as it goes on the wire; a value that its kind encodes is of any type."""
    kind = TYPES.get(field.type)
    schema: Schema = {}
    if kind and not (field.encode or field.ref):
        schema["type"] = [kind, "null"] if field.nullable else kind
    if field.secret:
        return {"type": "string", "format": "password", "writeOnly": True}
    if field.type == "map":
        schema["additionalProperties"] = _object(field.of) if field.of else {}
    elif field.type == "list":
        inner = TYPES.get(field.elements)
        plain = {"type": inner} if inner and not (field.encode or field.ref) else {}
        schema["items"] = {**_object(field.of), "additionalProperties": bool(field.element_id)} if field.of else plain
    elif field.of:
        schema |= {name: value for name, value in _object(field.of).items() if name != "type"}
    if field.choices and not field.encode:
        (schema["items"] if field.type == "list" else schema)["examples"] = list(field.choices)
    return schema
