"""What a system answered, held to what its reader relies on: anything else is unknown, never empty, never a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from piste.converge.errors import Unreadable
from piste.converge.values import Misfit, coerce, kind_of

FAULTS = (ArithmeticError, AttributeError, LookupError, Misfit, RecursionError, TypeError, ValueError)
"""What Python raises where a value is absent or of another kind than the code that reads it relies on."""


@contextmanager
def reading(where: str) -> Iterator[None]:
    """Around what reads answers. Raises `Unreadable` where they are not what it relies on."""
    try:
        yield
    except FAULTS as error:
        raise unreadable(where, error) from error


def unreadable(where: str, error: Exception) -> Unreadable:
    return Unreadable("a répondu autre chose que ce qui se lit", where=where, why=why(error), todo=WAY_OUT)


def why(error: Exception) -> str:
    """What an answer lacks, or holds in place of what was expected."""
    if isinstance(error, KeyError):
        return f"Il y manque « {error.args[0] if error.args else '?'} »."
    said = str(error) or type(error).__name__
    return said if isinstance(error, Misfit) else f"{type(error).__name__} : {said}"


WAY_OUT = (
    "Rien n'en est déduit. Vérifiez qu'aucun mandataire ni portail ne répond à la place du système, et sa version, "
    "puis relancez."
)


def listed(value: Any) -> list[Any]:
    """A list of an answer; empty for null and for an absent one. Raises `Misfit` for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Misfit(f"une liste est attendue, reçu {kind_of(value)}")
    return value


def mapped(value: Any) -> Mapping[str, Any]:
    """An object of an answer; empty for null and for an absent one. Raises `Misfit` for anything else."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Misfit(f"un dictionnaire est attendu, reçu {kind_of(value)}")
    return value


def text(value: Any) -> str:
    """A name or an identifier. Raises `Misfit` for what is no text: one that was made up would name nothing."""
    if not isinstance(value, str):
        raise Misfit(f"un texte est attendu, reçu {kind_of(value)}")
    return value


def optional[T](read: Callable[[Any], T], value: Any) -> T | None:
    """What an answer may leave out or give as null, read by `read` where it is there."""
    return None if value is None else read(value)


def truth(value: Any) -> bool:
    """Yes or no; no for null. Raises `Misfit` for anything else."""
    return value is not None and bool(coerce("bool", value))


def amount(value: Any) -> float:
    """A number; 0 for null and for an absent one. Raises `Misfit` for anything else."""
    return 0.0 if value is None else float(coerce("float", value))


def number(value: Any) -> int:
    """A whole number; 0 for null and for an absent one. Raises `Misfit` for anything else."""
    return 0 if value is None else int(coerce("int", value))
