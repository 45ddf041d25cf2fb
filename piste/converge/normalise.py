"""One canonical form for what people declare and for what a system returns, so that equal things compare equal.

Most "always changed" defects come from comparing two spellings of one value. Both sides pass here, field by field:
types, choices, order of sets, the field's own normaliser. Faults of a declaration are all collected before any is
raised; a live value that does not fit is kept as it is, since the system is right about itself.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from piste.converge.errors import Fault, InvalidConfig
from piste.converge.resource import UNSET, Field, Resource
from piste.converge.secrets import Secret, Vault

Names = Mapping[str, Mapping[str, str]]
"""For each kind of object that may be referred to: system id → name."""


class _Misfit(Exception):
    """A value does not have the type that its field asks for."""


def declared(resource: Resource, items: Iterable[Any], vault: Vault, owner: str = "") -> list[dict[str, Any]]:
    """Canonical form of a task's ``config``: a list of dicts with only the declared keys.

    Raises :class:`InvalidConfig` with every fault: unknown key (with the nearest known one), wrong type, value out
    of the choices, null where nothing can be cleared, missing key, two items of one name, a secret in clear.
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
            seen.add(key)
        result.append(clean)
    if faults:
        raise InvalidConfig(faults)
    return result


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
                faults.append(Fault(where, "clé obligatoire absente"))
            elif fill and field.default is not UNSET and field.readable:
                result[field.name] = field.default
            continue
        given = value[field.name]
        if given is None:
            if field.nullable:
                result[field.name] = None
            else:
                faults.append(Fault(where, "null n'est pas accepté ici : omettez la clé ou donnez une valeur"))
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
        faults.append(Fault(path, f"un secret ne s'écrit pas ici : mettez la référence {{secret: {expected}}}"))
        return UNSET
    if field.type == "dict":
        if not isinstance(value, Mapping):
            faults.append(Fault(path, f"un dictionnaire est attendu, reçu {_kind(value)}"))
            return UNSET
        return _declared_dict(field.of, value, path, faults, vault, context) if field.of else _plain(value)
    if field.type == "list":
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            faults.append(Fault(path, f"une liste est attendue, reçu {_kind(value)}"))
            return UNSET
        elements: list[Any] = []
        for position, element in enumerate(value):
            where = f"{path}[{position}]"
            if not field.of:
                elements.append(_scalar(field, field.elements, element, where, faults))
            elif isinstance(element, Mapping):
                elements.append(_declared_dict(field.of, element, where, faults, vault, context, fill=True))
            else:
                faults.append(Fault(where, f"un dictionnaire est attendu, reçu {_kind(element)}"))
        if UNSET in elements:
            return UNSET
        return _settle(field, elements)
    scalar = _scalar(field, field.type, value, path, faults)
    return scalar if scalar is UNSET else _settle(field, scalar)


def _scalar(field: Field, kind: str, value: Any, path: str, faults: list[Fault]) -> Any:
    try:
        result = coerce(kind, value)
    except _Misfit as misfit:
        faults.append(Fault(path, f"{misfit}, reçu {_kind(value)}"))
        return UNSET
    if field.choices and result not in field.choices:
        faults.append(Fault(path, f"« {result} » n'est pas admis ; valeurs : {', '.join(map(str, field.choices))}"))
        return UNSET
    low, high = field.minimum, field.maximum
    size = len(result) if isinstance(result, str) else result
    if (low is not None and size < low) or (high is not None and size > high):
        faults.append(Fault(path, f"{result} est hors des bornes ({_bound(low)} à {_bound(high)})"))
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
    """Canonical form of what a system returned, limited to the fields of the table.

    An absent key, or a null that a declaration could not ask for, stays absent: unknown is not a value.
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
        clean = _live_value(field, value, vault, names, inner)
        if clean is not UNSET:
            result[field.name] = clean
            inner[field.name] = clean
    return result


def _live_value(field: Field, value: Any, vault: Vault, names: Names, context: Mapping[str, Any]) -> Any:
    if field.secret:
        return vault.wrap(_fill(field.secret, context), value) if isinstance(value, str) and value else UNSET
    if field.ref:
        return names.get(field.ref, {}).get(str(value), str(value))
    if field.type == "dict" and isinstance(value, Mapping):
        return from_wire(field.of, value, vault, names, context) if field.of else _plain(value)
    if field.type == "list" and isinstance(value, Sequence) and not isinstance(value, str):
        if field.of:
            elements = [_live_element(field, element, vault, names, context) for element in value]
        else:
            elements = [_tolerant(field.elements, element) for element in value]
        return _settle(field, elements)
    return _settle(field, _tolerant(field.type, value))


def _live_element(field: Field, element: Any, vault: Vault, names: Names, context: Mapping[str, Any]) -> Any:
    if not isinstance(element, Mapping):
        return element
    clean = from_wire(field.of, element, vault, names, context)
    for inner in field.of:
        if inner.name not in clean and inner.default is not UNSET and inner.readable:
            clean[inner.name] = inner.default
    return clean


def to_wire(
    fields: Sequence[Field], value: Mapping[str, Any], names: Names, live: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The wire form of canonical fields. ``live`` is the wire document as it stands, from which the elements of a
    list that stay keep the ids that the system gave them. A secret that is not in hand is left out."""
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
        value = next((key for key, name in names.get(field.ref, {}).items() if name == value), value)
    elif field.type == "dict" and field.of:
        return to_wire(field.of, value, names, live if isinstance(live, Mapping) else None)
    elif field.is_list_of_dicts:
        return [_encode_element(field, element, names, live) for element in value]
    return field.encode(value) if field.encode else value


def _encode_element(field: Field, element: Mapping[str, Any], names: Names, live: Any) -> dict[str, Any]:
    encoded = to_wire(field.of, element, names)
    if field.element_id and isinstance(live, Sequence):
        keys = [inner.wire_name for inner in field.of if inner.name in field.identity]
        for known in live:
            if field.element_id in known and all(known.get(key) == encoded.get(key) for key in keys):
                encoded[field.element_id] = known[field.element_id]
                break
    return encoded


def coerce(kind: str, value: Any) -> Any:
    """The value in the type ``kind``, for the spellings that leave no doubt."""
    if kind == "str":
        if isinstance(value, str):
            return str(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise _Misfit("un texte est attendu")
    if kind == "bool":
        if isinstance(value, bool):
            return bool(value)
        raise _Misfit("vrai ou faux (true, false) est attendu")
    if kind == "int":
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value)
        if isinstance(value, str) and value.strip().lstrip("-").isdigit():
            return int(value)
        raise _Misfit("un nombre entier est attendu")
    if kind == "float":
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return int(value) if float(value).is_integer() else float(value)
        raise _Misfit("un nombre est attendu")
    return _plain(value)


def _tolerant(kind: str, value: Any) -> Any:
    try:
        return coerce(kind, value)
    except _Misfit:
        return value


def _settle(field: Field, value: Any) -> Any:
    normalise: Callable[[Any], Any] | None = field.normalise
    if isinstance(value, list):
        if normalise and not field.of:
            value = [normalise(element) for element in value]
        if field.unordered:
            unique = {stable(element): element for element in value}
            value = [unique[text] for text in sorted(unique)]
        return value
    return normalise(value) if normalise else value


def _plain(value: Any) -> Any:
    """A copy in plain Python types, whatever mapping or text subclass a caller used."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Sequence):
        return [_plain(inner) for inner in value]
    return value


def stable(value: Any) -> str:
    """One text for equal values, for sorting and digests. Secrets count by path and fingerprint."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=lambda other: other.to_json())


def _fill(template: str, context: Mapping[str, Any]) -> str:
    return template.format_map({key: value for key, value in context.items() if isinstance(value, (str, int))})


def _kind(value: Any) -> str:
    names: dict[type, str] = {bool: "un booléen", int: "un entier", float: "un nombre", str: "un texte"}
    if isinstance(value, Mapping):
        return "un dictionnaire"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "une liste"
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)
