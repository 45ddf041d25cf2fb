"""The running configuration of each Nexus, as text without secrets: for the bag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.systems.nexus.configuration import masked
from piste.systems.nexus.connection import DECLARED, NEXUS, SWITCHES
from piste.systems.nexus.fleet import Fleet, refused
from piste.systems.nexus.state import read


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    fleet = Fleet(params["nexus"], params["declared"], params.get("switches"))
    texts: dict[str, str] = {}
    errors: list[PisteError] = []
    for switch, answer in fleet.each(lambda shell, switch: masked(read(shell).text)):
        if isinstance(answer, PisteError):
            errors.append(answer)
        else:
            texts[switch["name"]] = answer
    if errors:
        error = refused(errors)
        error.calls, error.earlier = fleet.calls, {"configurations": texts}
        raise error
    return {"changed": False, "configurations": texts, "calls": fleet.calls}


MODULES: Mapping[str, Module] = {
    "nexus_configurations": Module(name="nexus_configurations", options=(NEXUS, DECLARED, SWITCHES), run=_run),
}
