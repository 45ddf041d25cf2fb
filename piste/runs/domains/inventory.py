"""Inventory: GLPI, which shows the town to the service desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.run import Params
from piste.runs.domains.domain import Domain
from piste.runs.domains.everything import Everything
from piste.systems.glpi.client import Glpi
from piste.systems.glpi.connection import GLPI_SYSTEM


class Inventory(Domain):
    name = "inventory"
    reached: Mapping[str, str] = {"glpi": "piste_glpi"}
    system = GLPI_SYSTEM

    def undeclared(self, connection: Glpi, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.glpi.orphans import undeclared

        names = {kind.name: everything.keys(kind.name, *kind.table.key) for kind in self.kinds}
        return undeclared(connection, {"items": everything.items("assets"), **names})


MODULES: Mapping[str, Module] = Inventory().modules()
