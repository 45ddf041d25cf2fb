"""The access list of a network in its settings: what switches hold, rules that leave."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from typing import Any, Self

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.request import Request
from piste.engine.converge.secrets import Vault
from piste.engine.words import some
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.driver import MerakiDriver
from piste.systems.meraki.traffic import (
    ACCESS_LISTS,
    LIST_LENGTHS,
    WITHDRAWN,
    drops_widely,
    leaving,
    refuse_rules,
    without,
)


class SwitchLists(MerakiDriver, ABC):
    """Base of the driver of the settings, for their access list."""

    options = (*MerakiDriver.options, WITHDRAWN, LIST_LENGTHS)

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self.withdrawn: Sequence[Mapping[str, Any]] = ()
        self.lengths: Mapping[str, int] = {}
        self._others: list[str] = []
        """Rules of others, which stay in a list that loses its own."""

    @classmethod
    def of(cls, connection: Dashboard, request: Request, params: Mapping[str, Any]) -> Self:
        driver = super().of(connection, request, params)
        driver.withdrawn = params.get("withdrawn") or ()
        driver.lengths = params.get("list_lengths") or {}
        return driver

    def inherited(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Sequence[Item]:
        """Keep the rules of others in a list whose own rules leave."""
        if not self.withdrawn:
            return desired
        rules = without(((live.get(self.scope) or {}).get(ACCESS_LISTS.name) or {}).get("rules", ()), self.withdrawn)
        self._others = [rule["comment"] or "sans commentaire" for rule in rules]
        return [
            {**item, ACCESS_LISTS.name: {"rules": rules}} if item["network"] == self.scope else item for item in desired
        ]

    def remarks(self) -> list[str]:
        left = f"{self.scope} : ses commutateurs ne filtrent pas encore ; règles d’accès que personne ne déclare, "
        named = [f"{left}laissées : {some(self._others, 5)}"] if self._others else []
        return [*super().remarks(), *named]

    def words_of_lists(self, operations: Sequence[Operation]) -> dict[str, str]:
        """List the words that a change asks. Raises `Rejected` for what a switch does not hold."""
        refuse_rules(operations, self.scope, self._models, self.lengths)
        wide = "une règle écarte ce qui vient de partout, ou y va, dans tout le réseau ; l’administration peut en être"
        needed: dict[str, str] = {}
        for operation in operations:
            if gone := leaving(operation, withdrawn=bool(self.withdrawn)):
                needed[f"access_lists:{operation.key}"] = f"des règles quittent la liste d’accès : {some(gone, 5)}"
            if drops_widely(operation):
                needed[f"access_lists:{operation.key}"] = wide
        return needed

    def _models(self) -> set[str]:
        """Give the models of the switches of the network."""
        here = [device for device in self.dashboard.devices() if device.get("networkId") == self.network_id]
        models = {str(device.get("model")) for device in here if device.get("productType", "switch") == "switch"}
        return {model for model in models if not model.startswith(("MR", "CW"))} if self.exists else set()
