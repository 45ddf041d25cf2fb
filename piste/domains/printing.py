"""Printing: the queues of the print server."""

from __future__ import annotations

from collections.abc import Mapping

from piste.converge.module import Module
from piste.converge.run import System
from piste.domains.domain import Domain, Task, optional
from piste.kinds import Kind
from piste.windows.print_queues import OPTIONS, SERVER
from piste.windows.winrm import Session
from piste.windows.winrm_access import WINRM, Access


class Printing(Domain):
    name = "printing"
    system = System(
        (WINRM, SERVER), lambda params, vault: Session(Access.of(params["winrm"]), str(params["server"]))
    )
    connection = (WINRM,)
    options = optional(SERVER, *OPTIONS)
    taken = ("server", "prefix")

    def concerns(self, kind: Kind, task: Task) -> bool:
        """A survey also looks for queues of a site that declares none."""
        return super().concerns(kind, task) or bool(task.options["server"] and task.params.get("survey"))


MODULES: Mapping[str, Module] = Printing().modules()
