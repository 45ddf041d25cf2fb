"""Access control: the pair of NPS servers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.plan import State
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.kind import Kind
from piste.runs.domains.domain import Domain, Task, optional
from piste.runs.domains.everything import Everything
from piste.systems.windows.domain import DOMAIN
from piste.systems.windows.nps.intent import PROBE
from piste.systems.windows.nps.pair import NPS, Pair
from piste.systems.windows.nps.tables import PREFIX, SERVERS
from piste.town.derived import owners

_POLICIES = ("network_policies", "connection_request_policies")


class Access(Domain):
    name = "access"
    reached: Mapping[str, str] = {"winrm": "piste_winrm", "domain": "piste_ad"}
    system = NPS
    others = (DOMAIN,)
    options = (
        *optional(SERVERS, PREFIX),
        Field("probe", "Address from which this environment tests the servers; empty where it does not."),
    )
    taken = ("servers", "prefix")
    environment = ("probe",)

    def prepare(self, task: Task) -> None:
        if task.by_rule:
            task.of_kind = {name: {"prefix": task.intent["policy_prefix"]} for name in _POLICIES}
        if task.state == "gathered":
            named = {name: owner["access"]["prefixes"] for name, owner in owners().items() if "radius" in owner}
            task.of_kind = {"radius_clients": {"owners": {**named, PROBE: [f"{PROBE}-"]}}}

    def state_of(self, kind: Kind) -> State:
        return "overridden"

    def concerns(self, kind: Kind, task: Task) -> bool:
        return bool(task.intent["policy_prefix"] if kind.name in _POLICIES else task.options["servers"])

    def admits(self, task: Task, owners: Collection[str]) -> bool:
        """The clients of a site admit its devices, and the policies of the town those of all."""
        return bool(owners if task.intent["policy_prefix"] else task.params["site"] in owners)

    def undeclared(self, connection: Pair, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.windows.nps.orphans import undeclared

        return undeclared(
            connection,
            {
                "clients": everything.keys("radius_clients", "name"),
                **{name: everything.keys(name, "name") for name in _POLICIES},
            },
        )


MODULES: Mapping[str, Module] = Access().modules()
