"""Modules that name what a system holds and nobody declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params, System
from piste.engine.converge.secrets import Vault


def answer(where: str, find: Callable[[], Iterable[Orphan]]) -> dict[str, Any]:
    """Give the result of a task that names orphans.

    A system that answers something else is unknown, never empty.
    """
    with reading(where):
        orphans = list(find())
    warnings = [f"{orphan['kind']} {orphan['key']} : {orphan['why']}" for orphan in orphans]
    return {"changed": False, "orphans": orphans, "warnings": warnings}


def module(
    name: str, system: System, options: tuple[Field, ...], find: Callable[[Any, Params], Iterable[Orphan]]
) -> Module:
    """Make a module that only names orphans.

    `find` is given an open connection and what the task declares.
    """

    def run(params: Params, check: bool) -> dict[str, Any]:
        with system.connected(params, Vault(params.get("secrets") or {})) as connection:
            result = answer(name.partition("_")[0], lambda: find(connection, params))
        return {**result, "calls": dict(connection.calls)}

    return Module(name=name, options=(*system.options, *options), run=run)
