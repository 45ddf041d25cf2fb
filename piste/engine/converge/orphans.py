"""Modules that name what a system holds and nobody declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from piste.engine.converge.orphan import Orphan
from piste.engine.converge.reading import reading


def answer(where: str, find: Callable[[], Iterable[Orphan]]) -> dict[str, Any]:
    """Give the result of a task that names orphans.

    A system that answers something else is unknown, never empty.
    """
    with reading(where):
        orphans = list(find())
    warnings = [f"{orphan['kind']} {orphan['key']} : {orphan['why']}" for orphan in orphans]
    return {"changed": False, "orphans": orphans, "warnings": warnings}
