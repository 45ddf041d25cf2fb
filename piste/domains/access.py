"""Access control: the pair of NPS servers."""

from __future__ import annotations

from collections.abc import Mapping

from piste.converge.module import Module
from piste.converge.plan import State
from piste.converge.resource import Field
from piste.converge.run import System
from piste.domains.domain import Domain, Task, optional
from piste.kinds import Kind
from piste.windows.domain import DOMAIN
from piste.windows.nps.pair import Pair
from piste.windows.nps.tables import PREFIX, SERVERS
from piste.windows.winrm_access import WINRM

_POLICIES = ("network_policies", "connection_request_policies")


class Access(Domain):
    name = "access"
    system = System((WINRM, SERVERS), Pair)
    connection = (WINRM, DOMAIN)
    options = (
        *optional(SERVERS, PREFIX),
        Field("probe", "Address from which this environment tests the servers; empty where it does not."),
    )
    taken = ("servers", "prefix")
    environment = ("probe",)

    def prepare(self, task: Task) -> None:
        if task.by_rule:
            task.of_kind = {name: {"prefix": task.intent["policy_prefix"]} for name in _POLICIES}

    def state_of(self, kind: Kind) -> State:
        return "overridden"

    def concerns(self, kind: Kind, task: Task) -> bool:
        return bool(task.intent["policy_prefix"] if kind.name in _POLICIES else task.options["servers"])


MODULES: Mapping[str, Module] = Access().modules()
