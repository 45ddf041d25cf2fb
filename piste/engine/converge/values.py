"""Single values in their canonical spelling: types, normalisers, order of sets."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Secret


class Misfit(Exception):
    """A value that its field cannot hold; the text says what is expected."""


def coerce(kind: str, value: Any) -> Any:
    """Convert a value to the type `kind`, for the spellings that leave no doubt."""
    if kind == "str":
        if isinstance(value, str):
            return str(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise Misfit(f"un texte est attendu, reçu {kind_of(value)}")
    if kind == "bool":
        if isinstance(value, bool):
            return bool(value)
        raise Misfit(f"vrai ou faux (true, false) est attendu, reçu {kind_of(value)}")
    if kind == "int":
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value)
        if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,18}\s*", value):
            return int(value)
        raise Misfit(f"un nombre entier est attendu, reçu {kind_of(value)}")
    if kind == "float":
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return int(value) if float(value).is_integer() else float(value)
        raise Misfit(f"un nombre est attendu, reçu {kind_of(value)}")
    return plain(value)


def canonical(field: Field, kind: str, value: Any) -> Any:
    result = coerce(kind, value)
    if field.normalise is None:
        return result
    try:
        return field.normalise(result)
    except ValueError as error:
        raise Misfit(f"« {value} » n’a pas la forme attendue") from error


def tolerant(field: Field, kind: str, value: Any) -> Any:
    try:
        return canonical(field, kind, value)
    except Misfit:
        return plain(value)


def live_scalar(field: Field, kind: str, value: Any) -> Any:
    """Convert a live value to its field's type; keep another spelling. Raises `Misfit`."""
    if kind == "int" and isinstance(value, float) and value.is_integer():
        value = int(value)
    value = coerce(kind, value)
    return value if field.normalise is None else tolerant(field, kind, value)


def canonical_key(field: Field, key: str) -> str:
    """Spell a map's key as its field does."""
    try:
        return field.normalise_key(key) if field.normalise_key else key
    except ValueError as error:
        raise Misfit(f"le nom « {key} » n’a pas la forme attendue") from error


def tolerant_key(field: Field, key: str) -> str:
    """Spell a live key as its field does; keep a key that does not fit."""
    try:
        return canonical_key(field, key)
    except Misfit:
        return key


def settle(field: Field, elements: list[Any]) -> list[Any]:
    """Sort a list whose order means nothing, without duplicates.

    Elements with an identity are sorted by it: what one side cannot read must not move them.
    """
    if not field.unordered:
        return elements
    unique = {stable(element): element for element in elements}
    if not field.identity:
        return [unique[text] for text in sorted(unique)]
    return [unique[text] for text in sorted(unique, key=lambda text: (field.identity_of(unique[text]), text))]


def plain(value: Any) -> Any:
    """Copy to plain Python types, whatever mapping or text subclass a caller used."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Sequence):
        return [plain(inner) for inner in value]
    return value


def stable(value: Any) -> str:
    """Write equal values as one text, for sorting and comparison in memory.

    Secrets count by their value.
    """
    # Most values are words, numbers or nothing, and each of a town is compared: an encoder a value costs more than it.
    if value is None or value is True or value is False:
        return _WORDS[value]
    return _ENCODER.encode(value)


def _text(value: Any) -> str:
    return value.token if isinstance(value, Secret) else str(value)


_WORDS = {None: "null", True: "true", False: "false"}
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_text)


def kind_of(value: Any) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {bool: "un booléen", int: "un entier", float: "un nombre", str: "un texte"}
    if isinstance(value, Mapping):
        return "un dictionnaire"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "une liste"
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)
