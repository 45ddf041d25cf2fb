"""Supervision: what Zabbix watches, shows and says, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.plan import State
from piste.engine.converge.run import Params
from piste.engine.kind import Kind
from piste.runs.domains.domain import Domain, Task
from piste.runs.domains.everything import Everything
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.connection import SUPERVISION


class Supervision(Domain):
    name = "supervision"
    reached: Mapping[str, str] = {"zabbix": "piste_zabbix"}
    system = SUPERVISION

    def state_of(self, kind: Kind) -> State:
        """Give `overridden` for hosts: what is no longer declared is no longer watched."""
        return "overridden" if kind.name == "hosts" else "merged"

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        """Remove the services of classes that no host has: they would be available for ever."""
        return {"services": intent.get("idle_services", ())}

    def concerns(self, kind: Kind, task: Task) -> bool:
        """False where the town declares no supervision."""
        return bool(task.intent.get("watched"))

    def undeclared(self, connection: Zabbix, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.zabbix.orphans import undeclared

        return undeclared(connection, {kind.name: everything.keys(kind.name, *kind.table.key) for kind in self.kinds})


MODULES: Mapping[str, Module] = Supervision().modules()
