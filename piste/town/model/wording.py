"""French sentences for the errors of pydantic, and shared words of messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from piste.engine.converge.errors import Missing

from .paths import KeyPath
from .secrets import names_secret

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_KINDS = {
    "string_type": "un texte",
    "int_type": "un nombre entier",
    "bool_type": "true ou false",
    "list_type": "une liste",
    "dict_type": "un objet (clés et valeurs)",
    "model_type": "un objet (clés et valeurs)",
}
_BOUNDS = {
    "greater_than_equal": "« {value} » est trop petit : {ge} au moins",
    "less_than_equal": "« {value} » est trop grand : {le} au plus",
    "too_short": "la liste est trop courte : {min_length} au moins",
    "string_too_short": "le texte est trop court",
    "string_too_long": "« {value} » est trop long : {max_length} caractères au plus",
}


def closest(name: str, known: Iterable[str]) -> str:
    """Propose the nearest known name, as a sentence; empty when none is near."""
    nearest = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"Vouliez-vous dire « {nearest[0]} » ?" if nearest else ""


def choose[T](name: str, known: Mapping[str, T], not_known: str, todo: str = "") -> T:
    """Give what has a name. Raises `Missing` with the nearest name, else with `todo`."""
    if name not in known:
        raise Missing(f"« {name} » {not_known}", todo=closest(name, known) or todo)
    return known[name]


def explain(error: ErrorDetails, variable_type: Any) -> tuple[str, str, str]:
    """Say a pydantic error in French: rule id, message, advice (empty for the rule's own)."""
    kind, location, context = error["type"], error["loc"], error.get("ctx", {})
    name = location[-1] if location else ""
    value = error["input"]
    if kind == "extra_forbidden":
        return (
            "PISTE-M005",
            f"La clé « {name} » est inconnue",
            closest(str(name), fields_at(variable_type, location)),
        )
    if kind == "missing":
        return "PISTE-M006", f"La clé « {name} » manque", ""
    if kind in _KINDS:
        quoted = kind == "string_type" and isinstance(value, (bool, int, float))
        return "PISTE-M007", f"La valeur n’est pas {_KINDS[kind]}", _QUOTE if quoted else ""
    if kind == "literal_error":
        return _literal(value, str(context["expected"]))
    shown = "…" if isinstance(name, str) and names_secret(name) else value
    if kind in _BOUNDS:
        return "PISTE-M007", _sentence(_BOUNDS[kind].format(value=shown, **context)), ""
    if kind == "piste":
        return "PISTE-M007", _sentence(str(context["reason"])), ""
    form = f" ({context['pattern']})" if "pattern" in context else ""
    return "PISTE-M007", f"« {shown} » n’a pas, pour « {name} », la forme attendue{form}", ""


def first_fault(error: Exception, variable_type: Any) -> str:
    """Say the first fault of a value in French, with its place; the value is not quoted.

    An error of another kind says its own reason, and a file that does not open why.
    """
    from pydantic import ValidationError

    if isinstance(error, (OSError, UnicodeDecodeError)):
        from .source import unreadable_because  # Imported here: it parses YAML, which an everyday command does without.

        return unreadable_because(error)
    if not isinstance(error, ValidationError):
        return str(getattr(error, "why", "") or error)
    detail = error.errors(include_url=False)[0]
    where, cause = ".".join(map(str, detail["loc"])), detail.get("ctx", {}).get("error")
    said = str(cause) if isinstance(cause, ValueError) else explain({**detail, "input": "…"}, variable_type)[1]
    if where:
        return f"{where} : {said}"
    return said if isinstance(cause, ValueError) or detail["type"] in _KINDS else "sa forme n’est pas celle attendue"


_QUOTE = "Mettez la valeur entre guillemets : sans eux, YAML y lit un nombre ou un booléen."


def _literal(value: object, expected: str) -> tuple[str, str, str]:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    listed = ", ".join(choices)
    if isinstance(value, bool):
        quoted = _QUOTE if {"on", "off"} & set(choices) else ""
        return "PISTE-M007", f"La valeur, que YAML lit comme un booléen, n’est pas l’une de : {listed}", quoted
    shown = value if isinstance(value, (str, int)) else "…"
    return "PISTE-M007", f"« {shown} » n’est pas l’une de : {listed}", closest(str(shown), choices)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def fields_at(variable_type: Any, location: KeyPath) -> list[str]:
    """Name the keys that the form allows beside the last part of a location."""
    from pydantic import BaseModel  # Imported here, as in `first_fault`: an everyday command does without.

    current = _plain(variable_type)
    for part in location[:-1]:
        if isinstance(current, type) and issubclass(current, BaseModel) and part in (keys := _keys(current)):
            current = _plain(keys[str(part)].annotation)
        elif get_origin(current) in (dict, list):
            current = _plain(get_args(current)[-1])
        else:
            return []
    if isinstance(current, type) and issubclass(current, BaseModel):
        return list(_keys(current))
    return []


def _keys(form: type[BaseModel]) -> dict[str, FieldInfo]:
    """Give the fields of a form by the key that people write."""
    return {info.alias or name: info for name, info in form.model_fields.items()}


def _plain(annotation: Any) -> Any:
    """Strip `Annotated` and `| None` from a type."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(arm for arm in get_args(annotation) if arm is not type(None))
    return annotation
