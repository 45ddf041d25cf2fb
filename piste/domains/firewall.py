"""The firewall: elements and policies of the SMC, and their installation."""

from __future__ import annotations

from collections.abc import Mapping

from piste.converge.module import Module
from piste.converge.resource import Field
from piste.converge.run import System
from piste.domains.domain import Domain, Task
from piste.forcepoint.connection import SMC
from piste.forcepoint.smc import Smc


class Firewall(Domain):
    name = "firewall"
    system = System((SMC,), lambda params, vault: Smc(params["smc"]))
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

    def prepare(self, task: Task) -> None:
        if task.by_rule:
            task.of_kind = {
                "elements": {"keep": task.intent["kept"]},
                "policies": {"keep": task.intent["keep"]},
                "installations": {"policies": task.intent["installed"]},
            }
        elif task.options.get("keep"):
            task.of_kind = {"policies": {"keep": task.options.pop("keep")}}


MODULES: Mapping[str, Module] = Firewall().modules()
