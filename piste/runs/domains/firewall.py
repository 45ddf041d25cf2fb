"""The firewall: elements and policies of the SMC, and their installation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.runs.domains.domain import Domain, Task
from piste.runs.domains.everything import Everything
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.forcepoint.engine_table import INTERFACES
from piste.systems.forcepoint.smc import Smc


class Firewall(Domain):
    name = "firewall"
    reached: Mapping[str, str] = {"smc": "piste_smc"}
    system = FORCEPOINT
    options = (
        Field(
            "adopt",
            "Also write into the comments the ids by which rules without one are called.",
            type="bool",
            default=False,
        ),
        Field(
            "keep",
            "Ids or names of the rules that let administration in, where the declaration does not say them.",
            type="list",
        ),
    )
    steps = ("installation",)

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        """VPNs of the town that are not open."""
        return {"elements": ended} if (ended := intent.get("ended")) else {}

    def prepare(self, task: Task) -> None:
        if task.by_rule:
            task.of_kind = {
                "elements": {"keep": task.intent["kept"]},
                "policies": {"keep": task.intent["keep"]},
                "installations": {"policies": task.intent["installed"]},
            }
        elif task.options.get("keep"):
            task.of_kind = {"policies": {"keep": task.options.pop("keep")}}
        if task.state == "gathered" and task.intent:
            names = ("type", "name", "scope")
            task.config["policies"] = [{name: item[name] for name in names} for item in task.intent["policies"]]
            interfaces = task.intent["engine_interfaces"]
            task.config["engine_interfaces"] = [{name: item[name] for name in INTERFACES.key} for item in interfaces]

    def undeclared(self, connection: Smc, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.forcepoint.orphans import undeclared

        return undeclared(
            connection,
            {
                "elements": everything.keys("elements", "type", "name"),
                "whole_elements": everything.items("elements"),
                "policies": everything.town["installed"],
                "installations": everything.items("installations"),
                "engine_interfaces": everything.keys("engine_interfaces", "interface", "engine"),
                "engine_routes": everything.items("engine_routes"),
                "log_servers": everything.items("log_servers"),
            },
        )


MODULES: Mapping[str, Module] = Firewall().modules()
