"""Checks of what a system answered.

An answer that its reader cannot rely on is unknown: never empty, never a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from piste.engine.converge.errors import Rejected, Unreadable
from piste.engine.converge.values import Misfit, coerce, kind_of

FAULTS = (ArithmeticError, AttributeError, LookupError, Misfit, RecursionError, TypeError, ValueError)
"""Errors that Python raises where a value is absent, or of another type than its reader expects."""


@contextmanager
def reading(where: str) -> Iterator[None]:
    """Wrap the reading of answers. Raises `Unreadable` where they are not what it relies on."""
    try:
        yield
    except FAULTS as error:
        raise unreadable(where, error) from error


def in_parts(where: str, reads: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Read a system part by part; `unread` gives the reason for each refused or unreadable part.

    A part without an answer is absent, never empty. Raises `Unreachable` where the system does not answer.
    """
    parts: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for name, read in reads.items():
        try:
            with reading(where):
                parts[name] = read()
        except (Rejected, Unreadable) as error:
            unread[name] = " : ".join(part for part in (error.what, error.why) if part)
    return {**parts, "unread": unread}


def unreadable(where: str, error: Exception) -> Unreadable:
    return Unreadable("a répondu autre chose que ce qui se lit", where=where, why=why(error), todo=WAY_OUT)


def why(error: Exception) -> str:
    """Say what an answer lacks, or what it has in place of what was expected."""
    if isinstance(error, KeyError):
        return f"Il y manque « {error.args[0] if error.args else '?'} »."
    said = str(error) or type(error).__name__
    return said if isinstance(error, Misfit) else f"{type(error).__name__} : {said}"


WAY_OUT = (
    "Rien n’en est déduit. Vérifiez qu’aucun mandataire ni portail ne répond à la place du système, et sa version, "
    "puis relancez."
)


def listed(value: Any) -> list[Any]:
    """Check a list of an answer; null and absent give an empty list. Raises `Misfit`."""
    return [] if value is None else whole(value)


def whole(value: Any) -> list[Any]:
    """Check a list that an answer always has. Raises `Misfit`, for null too."""
    if not isinstance(value, list):
        raise Misfit(f"une liste est attendue, reçu {kind_of(value)}")
    return value


def mapped(value: Any) -> Mapping[str, Any]:
    """Check an object of an answer; null and absent give an empty mapping. Raises `Misfit`."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Misfit(f"un dictionnaire est attendu, reçu {kind_of(value)}")
    return value


def text(value: Any) -> str:
    """Check a name or an identifier. Raises `Misfit` for what is not text.

    A text that was made up would name nothing.
    """
    if not isinstance(value, str):
        raise Misfit(f"un texte est attendu, reçu {kind_of(value)}")
    return value


def optional[T](read: Callable[[Any], T], value: Any) -> T | None:
    """Read with `read` a value that an answer may leave out or give as null."""
    return None if value is None else read(value)


def truth(value: Any) -> bool:
    """Check a boolean; null is false. Raises `Misfit`."""
    return value is not None and bool(coerce("bool", value))


def amount(value: Any) -> float:
    """Check a number; null and absent are 0. Raises `Misfit`."""
    return 0.0 if value is None else float(coerce("float", value))


def number(value: Any) -> int:
    """Check a whole number; null and absent are 0. Raises `Misfit`."""
    return 0 if value is None else int(coerce("int", value))
