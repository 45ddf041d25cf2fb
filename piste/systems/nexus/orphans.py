"""Departures of the Nexus switches from the declaration, as the end of a drift names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.orphan import DEPARTURE, Orphan
from piste.engine.converge.reading import reading
from piste.systems.nexus.connection import DECLARED, NEXUS, SWITCHES
from piste.systems.nexus.fleet import Fleet, refused
from piste.systems.nexus.judge import judge
from piste.systems.nexus.state import read


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    fleet = Fleet(params["nexus"], params["declared"], params.get("switches"))
    orphans: list[Orphan] = []
    errors: list[PisteError] = []
    for switch, answer in fleet.each(lambda shell, switch: read(shell).state):
        if isinstance(answer, PisteError):
            errors.append(answer)
            continue
        with reading(switch["name"]):
            for departure in judge(switch, fleet.town, answer):
                orphan = {"kind": departure.kind, "key": departure.key, "why": departure.why}
                orphans.append(orphan if departure.orphan else {**orphan, "said": DEPARTURE})
    warnings = [f"{orphan['kind']} {orphan['key']} : {orphan['why']}" for orphan in orphans]
    if errors:
        error = refused(errors)
        error.calls, error.earlier = fleet.calls, {"orphans": orphans, "warnings": warnings}
        raise error
    return {"changed": False, "orphans": orphans, "warnings": warnings, "calls": fleet.calls}


MODULES: Mapping[str, Module] = {
    "nexus_orphans": Module(name="nexus_orphans", options=(NEXUS, DECLARED, SWITCHES), run=_run),
}
