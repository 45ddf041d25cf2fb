"""Routing: what switches and stacks route, on the Meraki Dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.run import Params
from piste.runs.domains.domain import Domain, Task
from piste.runs.domains.everything import Everything
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard


class Routing(Domain):
    name = "routing"
    reached: Mapping[str, str] = {"dashboard": "piste_meraki"}
    system = MERAKI
    taken = ("models",)

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        return {"routed_interfaces": intent["moved"]}

    def prepare(self, task: Task) -> None:
        """Limit a reading for an owner to what it declares: several owners share a switch."""
        if task.state == "gathered" and task.intent:
            for kind in self.kinds:
                task.config[kind.name] = [
                    {name: item[name] for name in kind.table.key} for item in task.intent[kind.part]
                ]

    def undeclared(self, connection: Dashboard, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.meraki.routing_orphans import undeclared

        names = {kind.name: everything.keys(kind.name, *kind.table.key) for kind in self.kinds}
        return undeclared(connection, names)


MODULES: Mapping[str, Module] = Routing().modules()
