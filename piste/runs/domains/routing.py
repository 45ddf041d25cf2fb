"""Routing: what switches and stacks route, on the Meraki Dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.run import Params
from piste.runs.domains.domain import Domain, Task, optional
from piste.runs.domains.everything import Everything
from piste.systems.forcepoint.connection import SMC
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard
from piste.town.derived import derived


class _Behind(Mapping[str, str]):
    """Reasons for which the firewall does not route yet, by address; empty where it does.

    The SMC is read once, and only where a gateway is about to leave the core.
    """

    def __init__(self, smc: Mapping[str, Any] | None, engine: Mapping[str, Any] | None, policy: str) -> None:
        self._smc, self._engine, self._policy = smc, engine, policy

    @cached_property
    def _read(self) -> tuple[str, set[str]]:
        """Say why the firewall runs nothing for certain, empty where it does; list its addresses."""
        # Imported here: few runs move a gateway.
        from piste.systems.forcepoint.engine_intent import ENGINES
        from piste.systems.forcepoint.living import uninstalled
        from piste.systems.forcepoint.routers import read
        from piste.systems.forcepoint.smc import Smc

        if self._engine is None or not self._smc:
            return "le pare-feu n’a pas été lu : cet environnement ne dit pas où est le SMC (piste_smc)", set()
        name = self._engine["name"]
        try:
            with closing(Smc(self._smc)) as smc:
                faces = read(smc, f"{ENGINES[self._engine['kind']]}/{name}", name)["interfaces"]
                addresses = {address for face in faces for address in face["addresses"]}
                return uninstalled(smc, name, self._policy), addresses
        except PisteError as error:
            return f"le pare-feu n’a pas été lu : {error.what}", set()

    def __getitem__(self, address: str) -> str:
        why, addresses = self._read
        return why or ("" if address in addresses else f"le pare-feu n’a pas l’adresse {address}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._read[1])

    def __len__(self) -> int:
        return len(self._read[1])


class Routing(Domain):
    name = "routing"
    reached: Mapping[str, str] = {"dashboard": "piste_meraki"}
    system = MERAKI
    options = optional(SMC)
    variables: Mapping[str, str] = {"smc": "piste_smc"}
    taken = ("models",)

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        return {"routed_interfaces": intent["moved"]}

    def prepare(self, task: Task) -> None:
        """Limit a reading for an owner to what it declares: several owners share a switch."""
        if task.by_rule and task.absent.get("routed_interfaces"):
            site = derived(task.params["site"])
            behind = _Behind(task.params.get("smc"), site.get("engine"), f"fw_policy/{site['firewall']['policy']}")
            task.of_kind["routed_interfaces"] = {"behind": behind}
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
