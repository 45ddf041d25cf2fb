"""The engine as a router, read for a trace: interfaces, static routes, antispoofing.

Antispoofing is on unless a node of its tree says otherwise; the SMC derives it from interfaces and routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.systems.forcepoint.connection import SMC
from piste.systems.forcepoint.engine_intent import ENGINES
from piste.systems.forcepoint.engine_interfaces import EngineInterfaces
from piste.systems.forcepoint.engines import Engines
from piste.systems.forcepoint.route_tree import routes, unusual
from piste.systems.forcepoint.smc import Smc
from piste.town.model.routing.trace import Face, Leads, Router, router, unread


def read(smc: Smc, engine: str, name: str) -> Router:
    """Read an engine; where the SMC has no such engine, a router that leads nowhere.

    Raises where the SMC is silent.
    """
    engines = Engines(smc)
    if engines.document(engine) is None:
        return router(name)
    with reading(engine):
        driver = EngineInterfaces(smc, Request(state="gathered"))
        interfaces = [item for item in driver.every(engine) if item["addresses"]]
        static, others = routes(engines.routing(engine))
        loose = [place for place, why in unusual(engines.antispoofing(engine)) if "enable" in why]
        made = router(name, verifies_sources=not loose)
        made["interfaces"] = [_face(item["interface"], entry) for item in interfaces for entry in item["addresses"]]
        via: dict[str, list[str]] = {}
        for route in static:
            via.setdefault(route.destination, []).append(route.gateway)
        made["routes"] = [Leads(destination=destination, via=hops) for destination, hops in via.items()]
        made["others"] = others
        return made


def _face(number: str, entry: Mapping[str, Any]) -> Face:
    shared = [entry["cluster"]] if entry.get("cluster") else []
    return Face(name=number, subnet=entry["network"], addresses=[*shared, *(entry.get("nodes") or {}).values()])


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    engine, smc = params["engine"], None
    try:
        smc = Smc(params["smc"])
        readings = [read(smc, f"{ENGINES[engine['kind']]}/{engine['name']}", engine["name"])]
    except PisteError as error:
        readings = [unread(engine["name"], error.what)]
    finally:
        calls = smc.calls if smc else {"reads": 0, "writes": 0}
        if smc:
            smc.close()
    return {"changed": False, "routers": readings, "calls": calls}


_ENGINE = Field(
    "engine",
    "The engine that routes.",
    type="dict",
    required=True,
    of=(
        Field("name", "Its name.", required=True),
        Field("kind", "A single engine or a cluster.", choices=("single", "cluster"), required=True),
    ),
)

MODULES: Mapping[str, Module] = {"smc_routers": Module(name="smc_routers", options=(SMC, _ENGINE), run=_run)}
