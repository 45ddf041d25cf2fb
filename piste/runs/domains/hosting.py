"""Hosting: the machines of the Nutanix cluster and what they depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.run import Params
from piste.runs.domains.domain import Domain, optional
from piste.runs.domains.everything import Everything
from piste.systems.nutanix.connection import CLUSTER, PRISM_CENTRAL
from piste.systems.nutanix.foreign import FOREIGN
from piste.systems.nutanix.prism import Prism
from piste.systems.nutanix.vms import OPTIONS


class Hosting(Domain):
    name = "hosting"
    reached: Mapping[str, str] = {"prism": "piste_prism"}
    system = PRISM_CENTRAL
    options = optional(CLUSTER, FOREIGN, *OPTIONS)
    taken = ("cluster", "apart", "rpo_hours", "cvm_memory")
    rehearses = True

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        return {"vms": intent["retired"]}

    def undeclared(self, connection: Prism, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.nutanix.orphans import undeclared

        names = {kind.name: everything.keys(kind.name, *kind.table.key) for kind in self.kinds}
        return undeclared(connection, {**everything.options(("cluster", "apart")), **names})


MODULES: Mapping[str, Module] = Hosting().modules()
