"""Printing: the queues of the print server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.run import Params
from piste.engine.kind import Kind
from piste.runs.domains.domain import Domain, Task, optional
from piste.runs.domains.everything import Everything
from piste.systems.windows.print_queues import OPTIONS, PRINT_SERVER, SERVER
from piste.systems.windows.winrm import Session


class Printing(Domain):
    name = "printing"
    reached: Mapping[str, str] = {"winrm": "piste_winrm"}
    system = PRINT_SERVER
    options = optional(SERVER, *OPTIONS)
    taken = ("server", "prefix")

    def concerns(self, kind: Kind, task: Task) -> bool:
        """A survey also looks for queues of a site that declares none."""
        return super().concerns(kind, task) or bool(task.options["server"] and task.params.get("survey"))

    def undeclared(self, connection: Session, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.windows.print_orphans import undeclared

        return undeclared(connection, {"queues": everything.keys("print_queues", "name")})


MODULES: Mapping[str, Module] = Printing().modules()
