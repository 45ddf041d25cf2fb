"""The forms of a subject of `piste_read`: open its system, read it or judge it, close it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params, System
from piste.engine.converge.secrets import Vault
from piste.engine.finding import Finding
from piste.engine.transport.probe import silence


def subject(
    name: str, system: System, read: Callable[[Any, Params], Mapping[str, Any]], *options: Field
) -> dict[str, Module]:
    """Make the module of a subject: `read` gives its part of the result, over a connection."""

    def run(params: Params, check: bool) -> dict[str, Any]:
        with system.connected(params, Vault()) as connection, reading(_place(name)):
            answer = read(connection, params)
        return {"changed": False, **answer, "calls": dict(connection.calls)}

    return {name: Module(name=name, options=(*system.options, *options), run=run)}


def checked(
    name: str, system: System, judge: Callable[[Any, Params], Iterable[Finding]], *options: Field
) -> dict[str, Module]:
    """Make the module of a check: a system that cannot be reached is a finding too."""

    def run(params: Params, check: bool) -> dict[str, Any]:
        try:
            connection = system.connect(params, Vault())
        except PisteError as error:
            return {"changed": False, "findings": [silence(_place(name), error).to_json()]}
        try:
            findings = [finding.to_json() for finding in judge(connection, params)]
        finally:
            connection.close()
        return {"changed": False, "findings": findings, "calls": dict(connection.calls)}

    return {name: Module(name=name, options=(*system.options, *options), run=run)}


def _place(name: str) -> str:
    return name.partition("_")[0]
