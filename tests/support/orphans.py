"""The search for what nobody declares, system by system, as the end of a drift does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.orphans import answer
from piste.engine.converge.run import Params, System
from piste.engine.converge.secrets import Vault
from piste.systems.forcepoint import orphans as smc
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.meraki import orphans as meraki
from piste.systems.meraki.connection import MERAKI
from piste.systems.nutanix import orphans as prism
from piste.systems.nutanix.connection import PRISM_CENTRAL
from piste.systems.windows import orphans as directory
from piste.systems.windows import print_orphans
from piste.systems.windows.connection import ACTIVE_DIRECTORY
from piste.systems.windows.nps import orphans as nps
from piste.systems.windows.nps.pair import NPS
from piste.systems.windows.print_queues import PRINT_SERVER


def module(name: str, system: System, find: Callable[[Any, Params], Iterable[Orphan]]) -> Module:
    """Make a module of a search: `find` is given an open connection and what is declared."""

    def run(params: Params, check: bool) -> dict[str, Any]:
        with system.connected(params, Vault(params.get("secrets") or {})) as connection:
            result = answer(name.partition("_")[0], lambda: find(connection, params))
        return {**result, "calls": dict(connection.calls)}

    return Module(name=name, options=system.options, run=run)


MODULES: Mapping[str, Module] = {
    "meraki_orphans": module("meraki_orphans", MERAKI, meraki.undeclared),
    "smc_orphans": module("smc_orphans", FORCEPOINT, smc.undeclared),
    "prism_orphans": module("prism_orphans", PRISM_CENTRAL, prism.undeclared),
    "ad_orphans": module("ad_orphans", ACTIVE_DIRECTORY, directory.undeclared),
    "nps_orphans": module("nps_orphans", NPS, nps.undeclared),
    "win_print_orphans": module("win_print_orphans", PRINT_SERVER, print_orphans.undeclared),
}
