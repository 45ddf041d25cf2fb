"""The module that reads the declared supplies of a place by NUT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.systems.ups.judgment import trial
from piste.systems.ups.nut import PORT, Nut
from piste.town.model.dates import today

Read = dict[str, Mapping[str, str] | PisteError]


def _all(option: Mapping[str, Any], names: list[str]) -> Read:
    """Read each supply in a connection of its own: a supply that hangs hides no other."""
    read: Read = {}
    called = option.get("names") or {}
    for name in names:
        try:
            with Nut(
                str(option["address"]),
                int(option.get("port") or PORT),
                str(option.get("ca_file") or ""),
                float(option.get("timeout") or 10),
            ) as server:
                read[name] = server.variables(str(called.get(name) or name))
        except PisteError as error:
            read[name] = error
    return read


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    declared = params["declared"]
    read = _all(params["nut"], [ups["name"] for ups in declared])
    trials, supplies = [], {}
    for ups in declared:
        answer = read[ups["name"]]
        if isinstance(answer, PisteError):
            why = " : ".join(part for part in (answer.what, answer.why) if part)
            trials.append(trial(ups, None, today(), why))
        else:
            supplies[ups["name"]] = dict(answer)
            trials.append(trial(ups, answer, today()))
    return {
        "changed": False,
        "trials": trials,
        "supplies": supplies,
        "calls": {"reads": len(declared), "writes": 0},
    }


MODULES: Mapping[str, Module] = {
    "ups_tests": Module(
        name="ups_tests",
        options=(
            Field(
                "nut",
                "Server of Network UPS Tools that knows the supplies.",
                type="dict",
                required=True,
                of=(
                    Field("address", "Its name or address.", required=True),
                    Field("port", "Its TCP port.", type="int", default=PORT),
                    Field("ca_file", "Its authority: TLS is then due. A server with TLS needs it.", type="path"),
                    Field("names", "Name of a supply for NUT, where it is not the declared name.", type="dict"),
                    Field("timeout", "Seconds to wait for an answer.", type="float", default=10.0),
                ),
            ),
            Field(
                "declared",
                "Supplies as C(piste_site) gives them (C(premises.ups)).",
                type="list",
                elements="dict",
                required=True,
            ),
        ),
        run=_run,
    ),
}
