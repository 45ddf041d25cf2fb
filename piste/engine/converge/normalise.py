"""One normal form of what people declare and systems return: equal things compare equal.

Most "always changed" defects come from comparing two spellings of one value. Both sides pass here, field by field:
types, choices, order of sets, the field's own normaliser. All faults of a declaration are collected before any is
raised. A live value that does not fit is kept as it is, since the system is right about itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault, InvalidConfig, PisteError
from piste.engine.converge.overlay import without_removals
from piste.engine.converge.resource import UNSET, Field, Resource
from piste.engine.converge.secrets import Secret, Vault
from piste.engine.converge.values import (
    Misfit,
    canonical,
    canonical_key,
    coerce,
    kind_of,
    live_scalar,
    plain,
    settle,
    tolerant,
    tolerant_key,
)

Names = Mapping[str, Mapping[str, str]]
"""For each kind of object that may be referred to: system id → name."""
LACKS_KEY = "clé obligatoire absente"


Check = Callable[[Sequence[dict[str, Any]]], Sequence[Fault]]


def declared(
    resource: Resource,
    items: Iterable[Any],
    vault: Vault,
    owner: str = "",
    check: Check = lambda items: (),
) -> list[dict[str, Any]]:
    """Normalise a task's `config`: a list of dicts with only the declared keys.

    Raises `InvalidConfig` with every fault: unknown key (with the nearest known key), wrong type, value out of the
    choices, null where nothing can be cleared, missing key, two items of one name, a secret in clear. `check` adds the
    faults that only the kind can see; it is given what the table accepts, of faulty items too.
    """
    faults: list[Fault] = []
    result: list[dict[str, Any]] = []
    seen: set[str] = set()
    for position, item in enumerate(items):
        path = f"config[{_label(resource, item, position)}]"
        if not isinstance(item, Mapping):
            faults.append(Fault(path, "un dictionnaire est attendu"))
            continue
        clean = _declared_dict(resource.fields, item, path, faults, vault, {"owner": owner})
        if all(part in clean for part in resource.key):
            key = resource.key_of(clean)
            if key in seen:
                faults.append(Fault(path, f"« {key} » est déclaré deux fois"))
            faults += [Fault(f"{path}.{part}", "ne peut pas être vide") for part in resource.key if clean[part] == ""]
            seen.add(key)
        result.append(clean)
    try:
        faults += check(result)
    except PisteError:
        if not faults:
            raise
    if faults:
        raise InvalidConfig(faults)
    return result


def declared_keys(resource: Resource, names: Iterable[Any]) -> list[str]:
    """Spell the keys that a task names as the objects' own keys."""
    parts = {name: resource.field(name) for name in resource.key}
    return [
        "/".join(str(tolerant(parts[part], parts[part].type, text)) for part, text in resource.named(str(key)).items())
        for key in names
    ]


def _label(resource: Resource, item: Any, position: int) -> str:
    if isinstance(item, Mapping) and all(item.get(part) is not None for part in resource.key):
        return resource.key_of(item)
    return str(position)


def _declared_dict(
    fields: Sequence[Field],
    value: Mapping[str, Any],
    path: str,
    faults: list[Fault],
    vault: Vault,
    context: Mapping[str, Any],
    *,
    fill: bool = False,
) -> dict[str, Any]:
    by_name = {field.name: field for field in fields}
    for name in value:
        if name not in by_name:
            near = difflib.get_close_matches(str(name), by_name, n=1)
            hint = f", vouliez-vous dire « {near[0]} » ?" if near else f" ; clés connues : {', '.join(by_name)}"
            faults.append(Fault(f"{path}.{name}", f"clé inconnue{hint}"))
    inner = {**context, **value}
    result: dict[str, Any] = {}
    for field in fields:
        where = f"{path}.{field.name}"
        if field.name not in value:
            if field.required:
                faults.append(Fault(where, LACKS_KEY))
            elif fill and field.default is not UNSET and field.readable:
                result[field.name] = field.default
            continue
        given = value[field.name]
        if given is None:
            if field.nullable:
                result[field.name] = None
            else:
                faults.append(Fault(where, "null n’est pas accepté ici : omettez la clé ou donnez une valeur"))
            continue
        clean = _declared_value(field, given, where, faults, vault, inner)
        if clean is not UNSET:
            result[field.name] = clean
    return result


def _declared_value(
    field: Field, value: Any, path: str, faults: list[Fault], vault: Vault, context: Mapping[str, Any]
) -> Any:
    if field.secret:
        if isinstance(value, Mapping) and set(value) == {"secret"} and isinstance(value["secret"], str):
            return vault.get(value["secret"])
        expected = _fill(field.secret, context)
        faults.append(Fault(path, f"un secret ne s’écrit pas ici : mettez la référence {{secret: {expected}}}"))
        return UNSET
    if field.type == "dict":
        if not isinstance(value, Mapping):
            faults.append(Fault(path, f"un dictionnaire est attendu, reçu {kind_of(value)}"))
            return UNSET
        return _declared_dict(field.of, value, path, faults, vault, context) if field.of else plain(value)
    if field.type == "map":
        return _declared_map(field, value, path, faults, vault, context)
    if field.type == "list":
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            faults.append(Fault(path, f"une liste est attendue, reçu {kind_of(value)}"))
            return UNSET
        if field.of:
            return settle(field, _declared_elements(field, value, path, faults, vault, context))
        elements = [_scalar(field, field.elements, item, f"{path}[{at}]", faults) for at, item in enumerate(value)]
        return UNSET if UNSET in elements else settle(field, elements)
    return _scalar(field, field.type, value, path, faults)


def _declared_map(
    field: Field, value: Any, path: str, faults: list[Fault], vault: Vault, context: Mapping[str, Any]
) -> Any:
    if not isinstance(value, Mapping):
        faults.append(Fault(path, f"un dictionnaire est attendu, reçu {kind_of(value)}"))
        return UNSET
    entries: dict[str, Any] = {}
    seen: set[str] = set()
    for key, entry in value.items():
        where = f"{path}[{key}]"
        try:
            name = canonical_key(field, str(key))
        except Misfit as misfit:
            faults.append(Fault(where, str(misfit)))
            continue
        identity = name.casefold() if field.caseless else name
        if identity in seen:
            faults.append(Fault(where, f"« {name} » est déclaré deux fois"))
        elif entry is None:
            entries[name] = None
        elif not field.of:
            entries[name] = _scalar(field, field.elements, entry, where, faults)
        elif isinstance(entry, Mapping):
            clean = _declared_dict(field.of, entry, where, faults, vault, {**context, "key": name}, fill=True)
            entries[name] = without_removals(field.of, clean)
        else:
            faults.append(Fault(where, f"un dictionnaire est attendu, reçu {kind_of(entry)}"))
        seen.add(identity)
    return {name: entry for name, entry in entries.items() if entry is not UNSET}


def _declared_elements(
    field: Field, value: Sequence[Any], path: str, faults: list[Fault], vault: Vault, context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    defaults = {inner.name: inner.default for inner in field.of}
    elements: list[dict[str, Any]] = []
    seen: set[str] = set()
    for position, element in enumerate(value):
        if not isinstance(element, Mapping):
            faults.append(Fault(f"{path}[{position}]", f"un dictionnaire est attendu, reçu {kind_of(element)}"))
            continue
        known = {**defaults, **element}
        named = field.identity and all(known.get(name, UNSET) is not UNSET for name in field.identity)
        label = field.identity_of(known) if named else str(position)
        clean = _declared_dict(field.of, element, f"{path}[{label}]", faults, vault, context, fill=True)
        elements.append(without_removals(field.of, clean))
        if named:
            identity = field.identity_of(clean)
            if identity in seen:
                faults.append(Fault(f"{path}[{label}]", f"« {identity} » est déclaré deux fois"))
            seen.add(identity)
    return elements


def _scalar(field: Field, kind: str, value: Any, path: str, faults: list[Fault]) -> Any:
    try:
        result = canonical(field, kind, value)
    except Misfit as misfit:
        faults.append(Fault(path, str(misfit)))
        return UNSET
    if field.choices and result not in field.choices:
        faults.append(Fault(path, f"« {result} » n’est pas admis ; valeurs : {', '.join(map(str, field.choices))}"))
        return UNSET
    low, high = field.minimum, field.maximum
    size = len(result) if isinstance(result, str) else result
    if (low is not None and size < low) or (high is not None and size > high):
        what = f"un texte de {size} caractères" if isinstance(result, str) else result
        faults.append(Fault(path, f"{what} est hors des bornes ({_bound(low)} à {_bound(high)})"))
        return UNSET
    return result


def _bound(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"


def from_wire(
    fields: Sequence[Field],
    document: Mapping[str, Any],
    vault: Vault,
    names: Names,
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Normalise what a system returned, limited to the fields of the table.

    An absent key, or a null that a declaration could not ask for, stays absent: unknown is not a value. Raises `Misfit`
    for a value of another type than its field's. A value of that type in another spelling stays as it is.
    """
    result: dict[str, Any] = {}
    inner = {**context}
    for field in fields:
        if field.wire_name not in document:
            continue
        value = document[field.wire_name]
        if value is None:
            if field.nullable:
                result[field.name] = None
            continue
        try:
            clean = _live_value(field, value, vault, names, inner)
        except Misfit as misfit:
            raise Misfit(f"{field.wire_name} : {misfit}") from misfit
        if clean is not UNSET:
            result[field.name] = clean
            inner[field.name] = clean
    return result


def _live_value(field: Field, value: Any, vault: Vault, names: Names, context: Mapping[str, Any]) -> Any:
    if field.secret:
        text = coerce("str", value)
        return vault.wrap(_fill(field.secret, context), text) if text else UNSET
    if field.type in ("dict", "map") and not isinstance(value, Mapping):
        raise Misfit(f"un dictionnaire est attendu, reçu {kind_of(value)}")
    if field.type == "list" and (not isinstance(value, Sequence) or isinstance(value, str)):
        raise Misfit(f"une liste est attendue, reçu {kind_of(value)}")
    if field.ref:
        known = names.get(field.ref, {})
        if field.type == "list":
            return settle(field, [known.get(id_, id_) for id_ in (coerce("str", element) for element in value)])
        id_ = coerce("str", value)
        return known.get(id_, id_)
    if field.type == "dict":
        return from_wire(field.of, value, vault, names, context) if field.of else plain(value)
    if field.type == "map":
        return {
            tolerant_key(field, key): _live_element(field, entry, vault, names, {**context, "key": key})
            if field.of
            else live_scalar(field, field.elements, entry)
            for key, entry in value.items()
        }
    if field.type == "list":
        if field.of:
            elements = [_live_element(field, element, vault, names, context) for element in value]
        else:
            elements = [live_scalar(field, field.elements, element) for element in value]
        return settle(field, elements)
    return live_scalar(field, field.type, value)


def _live_element(field: Field, element: Any, vault: Vault, names: Names, context: Mapping[str, Any]) -> Any:
    if not isinstance(element, Mapping):
        raise Misfit(f"un dictionnaire est attendu, reçu {kind_of(element)}")
    clean = from_wire(field.of, element, vault, names, context)
    for inner in field.of:
        if inner.name not in clean and inner.default is not UNSET and not inner.unreliable:
            clean[inner.name] = inner.default
    return clean


def exported(fields: Sequence[Field], item: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Add to a live item a reference for each secret that the system never gives back.

    A replay supplies their values.
    """
    result = dict(item)
    inner = {**context, **item}
    for field in fields:
        value = item.get(field.name)
        if field.secret and not field.readable:
            result.setdefault(field.name, Secret(_fill(field.secret, inner)))
        elif field.type == "dict" and isinstance(value, Mapping):
            result[field.name] = exported(field.of, value, inner)
        elif field.type == "map" and field.of and isinstance(value, Mapping):
            result[field.name] = {key: exported(field.of, entry, {**inner, "key": key}) for key, entry in value.items()}
        elif field.is_list_of_dicts and isinstance(value, list):
            result[field.name] = [
                exported(field.of, element, inner) if isinstance(element, Mapping) else element for element in value
            ]
    return result


def to_wire(
    fields: Sequence[Field], value: Mapping[str, Any], names: Names, live: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Convert canonical fields to their wire form.

    `live` is the wire document as it stands: the elements of a list that stay keep the ids that the system gave them. A
    secret without a value is left out.
    """
    result: dict[str, Any] = {}
    for field in fields:
        if field.name not in value or field.part is not None:
            continue
        encoded = _encode(field, value[field.name], names, (live or {}).get(field.wire_name))
        if encoded is not UNSET:
            result[field.wire_name] = encoded
    return result


def _encode(field: Field, value: Any, names: Names, live: Any) -> Any:
    if isinstance(value, Secret):
        return UNSET if value.value is None else value.value
    if value is None:
        return None
    if field.ref:
        ids = {name: key for key, name in names.get(field.ref, {}).items()}
        value = [ids.get(name, name) for name in value] if field.type == "list" else ids.get(value, value)
    elif field.type == "dict" and field.of:
        return to_wire(field.of, value, names, live if isinstance(live, Mapping) else None)
    elif field.type == "map":
        return {
            key: to_wire(field.of, entry, names) if field.of else entry
            for key, entry in value.items()
            if entry is not None
        }
    elif field.is_list_of_dicts:
        return [_encode_element(field, element, names, live) for element in value]
    return field.encode(value) if field.encode else value


def _encode_element(field: Field, element: Mapping[str, Any], names: Names, live: Any) -> dict[str, Any]:
    encoded = to_wire(field.of, element, names)
    if field.element_id and isinstance(live, Sequence):
        for known in live:
            if field.element_id in known and _live_identity(field, known) == field.identity_of(element):
                encoded[field.element_id] = known[field.element_id]
                break
    return encoded


def _live_identity(field: Field, element: Mapping[str, Any]) -> str:
    parts = [inner for inner in field.of if inner.name in field.identity]
    return field.identity_of(
        {part.name: tolerant(part, part.type, element.get(part.wire_name, part.default)) for part in parts}
    )


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def _fill(template: str, context: Mapping[str, Any]) -> str:
    """Fill the path of a secret; unknown parts stay in angle brackets, for an error to show."""
    # `{word}` is the `{key}` of a map with the characters that a path has.
    known = {key: value for key, value in context.items() if isinstance(value, (str, int))}
    if "key" in known:
        known["word"] = re.sub(r"[^a-z0-9._-]", "", str(known["key"]).casefold())
    return template.format_map(_Known(known))
