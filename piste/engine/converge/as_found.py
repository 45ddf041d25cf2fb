"""Live settings kept as they were at adoption, laid over what the declaration derives.

For one system they are `{kind: {key: entry}}`. An entry holds only what differs from the rule: fields with the value
that was live, and `without` for the fields of the rule that the object lacks. An entry marked `undeclared` is a whole
object that no rule declares; `absent` marks an object that the rule wants and that is not there. All are applied in one
place, before a task plans, whatever the system: to delete an entry is to give the object back to the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.normalise import LACKS_KEY, declared, declared_keys, exported
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Secret, Vault, is_described
from piste.engine.converge.values import stable

ABSENT = "absent"
WITHOUT = "without"
UNDECLARED = "undeclared"
RESERVED = frozenset({ABSENT, UNDECLARED, WITHOUT})

Kinds = Mapping[str, Mapping[str, Any]]
"""What is kept of one system: by kind, then by key."""


def is_nowhere(resource: Resource, as_found: Kinds, scope: str) -> bool:
    """True where the container of all objects of a task, `scope`, is kept absent."""
    return _gone(as_found, {kind: scope for kind, field in resource.parents.items() if not field})


def is_absent(entry: Mapping[str, Any] | None) -> bool:
    return bool(entry and entry.get(ABSENT))


def lay_over(
    resource: Resource, config: Iterable[Any], absent: Iterable[str], as_found: Kinds
) -> tuple[list[Any], list[str], list[str]]:
    """Lay what is kept as found over the `config` and `absent` of a task.

    Returns both, and the keys of partial entries that no rule declares any more: there is nothing to lay these over.
    """
    kept = {_spelt(resource, key): entry for key, entry in (as_found.get(resource.name) or {}).items()}
    result: list[Any] = []
    for item in config:
        entry = kept.pop(_key(resource, item), None)
        if is_absent(entry) or _gone(as_found, _parents(resource, item)):
            continue
        result.append(item if entry is None else laid(resource.fields, item, entry))
    others = {key: entry for key, entry in kept.items() if entry.get(UNDECLARED)}
    result += [{**resource.named(key), **laid(resource.fields, {}, entry)} for key, entry in others.items()]
    return (
        result,
        [name for name in absent if _spelt(resource, name) not in others],
        [key for key in kept if key not in others],
    )


def laid(fields: Sequence[Field], rule: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Lay an entry over a rule, inside dicts too, without the fields that the entry leaves out.

    Lists and maps are values: they are replaced whole.
    """
    left_out = entry.get(WITHOUT) or ()
    result = {name: value for name, value in rule.items() if name not in left_out}
    for name, value in entry.items():
        if name in RESERVED:
            continue
        inner, of = rule.get(name), _inside(fields, name)
        if of and isinstance(value, Mapping):
            value = laid(of, inner if isinstance(inner, Mapping) else {}, value)
        result[name] = value
    return result


def _inside(fields: Sequence[Field], name: str) -> tuple[Field, ...]:
    """Give the fields of a dict; none for a value of another type."""
    return next((field.of for field in fields if field.name == name and field.type == "dict"), ())


def taken(
    tables: Mapping[tuple[str, str], Resource],
    operations: Iterable[Mapping[str, Any]],
    surveys: Iterable[Mapping[str, Any]],
    owner: str,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Collect the entries that make the plan of `owner` empty: `{system: {kind: {key: entry}}}`.

    They come from the operations of that plan and from the surveys of its tasks, both in their JSON form, and are
    sorted. `tables` holds the table of each system and kind.
    """
    result: dict[str, dict[str, dict[str, Any]]] = {}

    def kind(described: Mapping[str, Any]) -> tuple[Resource, dict[str, Any]]:
        resource = tables[described["system"], described["kind"]]
        return resource, result.setdefault(resource.system, {}).setdefault(resource.name, {})

    for described in operations:
        if described["owner"] != owner or described["action"] in ("delete", "reset"):
            continue  # the survey holds, whole, what a task would remove
        resource, entries = kind(described)
        before = described["content"]["before"]
        if before is None or "slot" in described:
            entries[described["key"]] = {ABSENT: True}
        elif entry := _entry(resource, before, described, owner):
            entries[described["key"]] = entry
    for survey in surveys:
        if survey["owner"] == owner:
            for item in survey["undeclared"]:
                resource, entries = kind(survey)
                bare = {name: value for name, value in item["content"].items() if name not in resource.key}
                entries[item["key"]] = {UNDECLARED: True, **_referred(bare, frozenset(), owner)}
    return {system: whole for system, kinds in sorted(result.items()) if (whole := _rooted(tables, system, kinds))}


def misfits(resource: Resource, key: str, entry: Any, owner: str) -> list[Fault]:
    """List what the table refuses in an entry.

    An entry is a part of its object, so no field is required.
    """
    try:
        declared(resource, [{**resource.named(key), **laid(resource.fields, {}, entry)}], Vault(), owner)
    except InvalidConfig as error:
        return [fault for fault in error.faults if fault.message != LACKS_KEY]
    return []


def count(as_found: Mapping[str, Kinds]) -> int:
    """Count the values kept as found: fields, fields left out, objects absent or undeclared."""
    entries = [entry for kinds in as_found.values() for keys in kinds.values() for entry in keys.values()]
    return sum(_size(entry) for entry in entries)


def _size(entry: Mapping[str, Any]) -> int:
    if entry.get(UNDECLARED) or is_absent(entry):
        return 1
    return sum(len(value) if name == WITHOUT else 1 for name, value in entry.items())


def _entry(resource: Resource, before: Mapping[str, Any], described: Mapping[str, Any], owner: str) -> dict[str, Any]:
    after = described["content"]["after"]
    before = {name: value for name, value in before.items() if name != resource.repairs}  # the mend must stay planned
    entry = _difference(resource.fields, before, after)
    for name in described["fields"]:
        if name in before and name not in entry:  # equal but for secrets, which nothing here compares
            entry[name] = before[name]
    known = frozenset(_known_secrets(after))
    filled = _filled(resource.fields, entry, {"owner": owner, **before})
    referred: dict[str, Any] = _referred(filled, known, owner)
    return referred


def _difference(fields: Sequence[Field], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for name, value in before.items():
        other, of = after.get(name), _inside(fields, name)
        if name in after and stable(value) == stable(other):
            continue
        nested = of and isinstance(value, Mapping) and isinstance(other, Mapping)
        entry[name] = _difference(of, value, other) if nested else value  # type: ignore[arg-type]
    if left_out := sorted(name for name in after if name not in before):
        entry[WITHOUT] = left_out
    return entry


def _filled(fields: Sequence[Field], entry: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Add a reference for each secret that no system gives back, inside lists and maps too."""
    result = dict(entry)
    for field in fields:
        value = entry.get(field.name)
        if field.is_list_of_dicts and isinstance(value, list):
            result[field.name] = [
                exported(field.of, element, context) if isinstance(element, Mapping) else element for element in value
            ]
        elif field.type == "map" and field.of and isinstance(value, Mapping):
            result[field.name] = {key: exported(field.of, each, {**context, "key": key}) for key, each in value.items()}
        elif field.type == "dict" and field.of and isinstance(value, Mapping):
            result[field.name] = _filled(field.of, value, context)
    return result


def _known_secrets(value: Any) -> Iterable[tuple[str, str]]:
    """List path and fingerprint of each secret whose value is known."""
    if is_described(value):
        if value["fingerprint"] != Secret("").to_json()["fingerprint"]:
            yield value["secret"], value["fingerprint"]
    elif isinstance(value, (Mapping, list)):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _known_secrets(inner)


def _referred(value: Any, known: frozenset[tuple[str, str]], owner: str) -> Any:
    """Write a value as a declaration does, with references for its secrets.

    A secret that is not the vault's gets a path of its own, where its value may be put one day. Until then the object
    keeps it, unverified.
    """
    if isinstance(value, Secret):
        return {"secret": _path(value.path, owner)}
    if is_described(value):
        same = (value["secret"], value["fingerprint"]) in known
        return {"secret": value["secret"] if same else _path(value["secret"], owner)}
    if isinstance(value, Mapping):
        return {name: _referred(inner, known, owner) for name, inner in value.items()}
    return [_referred(inner, known, owner) for inner in value] if isinstance(value, list) else value


def _path(path: str, owner: str) -> str:
    return "/".join(("as-found", owner, *(_segment(part) for part in path.split("/") if part)))


def _segment(text: str) -> str:
    """Sanitise a path segment; add a digest if characters were dropped."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-")
    return plain if plain == text else f"{plain}-{sha256(text.encode()).hexdigest()[:6]}".lstrip("-")


def _rooted(tables: Mapping[tuple[str, str], Resource], system: str, kinds: Kinds) -> dict[str, dict[str, Any]]:
    """Sort `kinds`, without the objects inside an absent object: they went with it."""
    absent = {kind for kind, keys in kinds.items() if any(map(is_absent, keys.values()))}
    result: dict[str, dict[str, Any]] = {}
    for kind, keys in sorted(kinds.items()):
        resource = tables[system, kind]
        if absent & {parent for parent, field in resource.parents.items() if not field}:
            continue
        kept = {
            key: keys[key]
            for key in sorted(keys, key=_as_counted)
            if not _gone(kinds, _parents(resource, resource.named(key)))
        }
        if kept:
            result[kind] = kept
    return result


def _as_counted(key: str) -> list[tuple[int, str]]:
    """Sort key that puts port 2 before port 10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", key)]


def _gone(as_found: Kinds, parents: Mapping[str, str]) -> bool:
    return any(is_absent((as_found.get(kind) or {}).get(key)) for kind, key in parents.items())


def _parents(resource: Resource, item: Any) -> dict[str, str]:
    named = item if isinstance(item, Mapping) else {}
    return {kind: str(named.get(field)) for kind, field in resource.parents.items() if field}


def _key(resource: Resource, item: Any) -> str:
    complete = isinstance(item, Mapping) and all(item.get(part) is not None for part in resource.key)
    return _spelt(resource, resource.key_of(item)) if complete else ""


def _spelt(resource: Resource, key: str) -> str:
    (spelt,) = declared_keys(resource, [key])
    return spelt
