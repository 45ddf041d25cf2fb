"""Addressing: the DHCP servers of the town, their scopes and their relation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.run import Params
from piste.engine.kind import Kind
from piste.runs.domains.domain import Domain, Task, optional
from piste.runs.domains.everything import Everything
from piste.systems.windows.dhcp.relation import DHCP, FAILOVER, SERVER, Servers
from piste.systems.windows.dhcp.scopes import OPTIONS
from piste.systems.windows.dhcp.settings import SERVERS


class Addressing(Domain):
    name = "addressing"
    reached: Mapping[str, str] = {"winrm": "piste_winrm"}
    system = DHCP
    options = optional(SERVER, FAILOVER, SERVERS, *OPTIONS)
    taken = ("server", "failover", "servers", "within")

    def concerns(self, kind: Kind, task: Task) -> bool:
        """A survey also looks for scopes of a site that declares none, never of the town."""
        placed = kind.name == "scopes" and task.options["server"] and task.options.get("within")
        return super().concerns(kind, task) or bool(placed and task.params.get("survey"))

    def undeclared(self, connection: Servers, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.windows.dhcp.orphans import undeclared, unfit

        declared = {str(item["subnet"]): set(item["reservations"]) for item in everything.items("scopes")}
        for intent in everything.intents.values():
            for subnet, waiting in intent["waiting"].items():
                declared.setdefault(subnet, set()).update(waiting)
        for key, kept in everything.kept("scopes").items():
            declared.setdefault(key, set()).update((kept or {}).get("reservations") or ())
        yield from undeclared(connection, declared, everything.keys("relations", "name"))
        # Without declared settings no server is judged: its settings would be read for that alone.
        if everything.keys("settings", "name"):
            yield from unfit(connection, params["servers"], everything.town["update_account"])


MODULES: Mapping[str, Module] = Addressing().modules()
