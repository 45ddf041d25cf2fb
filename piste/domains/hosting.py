"""Hosting: machines of the Nutanix cluster, and what they stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.converge.module import Module
from piste.converge.run import System
from piste.domains.domain import Domain, optional
from piste.nutanix.apart import APART
from piste.nutanix.connection import CLUSTER, PRISM
from piste.nutanix.prism import Prism
from piste.nutanix.vms import OPTIONS


class Hosting(Domain):
    name = "hosting"
    system = System((PRISM,), lambda params, vault: Prism(params["prism"]))
    options = optional(CLUSTER, APART, *OPTIONS)
    taken = ("cluster", "apart", "rpo_hours", "cvm_memory")
    rehearses = True

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        return {"vms": intent["retired"]}


MODULES: Mapping[str, Module] = Hosting().modules()
