"""Stacks of switches, known by name; their members are the switches of one network.

Source: Dashboard API, `createNetworkSwitchStack`, `updateNetworkSwitchStack`. Batches take the update alone. What
happens to the ports and routed interfaces of a switch that enters or leaves a stack is documented nowhere. The update
takes the members [documented]; the vendor's own Terraform provider adds and removes them one by one, and so do we where
the update leaves them as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault, Missing, Rejected
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Vault
from piste.engine.words import agreed
from piste.systems.meraki import batches
from piste.systems.meraki.collection import Collection
from piste.systems.meraki.connection import CARRIED, NETWORK
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.driver import At, retry_fresh
from piste.systems.meraki.replaced import REPLACED, heirs

LEAST, MOST = 2, 8
"""Switches of a stack."""

SWITCH_STACKS = Resource(
    system="meraki",
    name="switch_stack",
    doc="Pile de commutateurs",
    parents={"network": ""},
    endpoint=At(
        "/networks/{network_id}/switch/stacks", "/networks/{network_id}/switch/stacks/{id}", "stacks/actions/update"
    ),
    known=frozenset({"id", "serials", "isMonitorOnly", "virtualMac"}),
    fields=(
        Field("name", "Name of the stack; its identity.", required=True),
        Field(
            "members",
            "Serial numbers of its switches, 2 to 8.",
            type="list",
            unordered=True,
            normalise=str.upper,
        ),
    ),
)


class SwitchStacks(Collection):
    resource = SWITCH_STACKS
    rests = (("meraki.stack_made", "members"),)
    options = (NETWORK, REPLACED, CARRIED)
    batched = False
    product_type = "switch"

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self._one_by_one: set[str] = set()
        """Stacks whose members the update did not change."""

    @classmethod
    def documents(cls, dashboard: Dashboard, network_id: str) -> Sequence[Mapping[str, Any]]:
        """List the stacks of a network, their members by serial number; read once a run."""
        known: list[dict[str, Any]] = dashboard.shared.once(
            f"stacks-{network_id}", lambda: [*cls._read(dashboard, network_id)]
        )
        return known

    @classmethod
    def _read(cls, dashboard: Dashboard, network_id: str) -> Iterator[dict[str, Any]]:
        for stack in super().documents(dashboard, network_id):
            members = [text(serial) for serial in listed(stack["serials"])]
            yield {**stack, "id": text(stack["id"]), "name": text(stack["name"]), "members": members}

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        """Faults of the declared stacks that the system would refuse."""
        faults = [
            Fault(f"config[{item.get('name')}].name", "un nom de pile n’a pas de « / »")
            for item in desired
            if "/" in str(item.get("name"))
        ]
        for item in desired:
            count = len(item.get("members") or ())
            if "members" in item and not LEAST <= count <= MOST:
                where = f"config[{item.get('name')}].members"
                faults.append(Fault(where, f"{agreed(count, 'commutateur(s)')}, alors qu’une pile en a 2 à 8"))
        return faults

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        if fresh:
            self.dashboard.shared.forget(f"stacks-{self.network_id}")
        return super().gather(desired, whole=whole, fresh=fresh)

    def inherited(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Sequence[Item]:
        """Keep a replaced member beside the new until it leaves the network.

        The links that it shares with other members are moved meanwhile. A full stack has no place for both.
        """
        pairs = heirs(self)
        completed = []
        for item in desired:
            members = item.get("members") or []
            there = live.get(str(item.get("name")), {}).get("members", [])
            leaving = [pairs[serial] for serial in members if pairs.get(serial) in there]
            fits = len(members) + len(leaving) <= MOST
            completed.append({**item, "members": sorted([*members, *leaving])} if leaving and fits else item)
        return completed

    def traced(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Mapping[str, str]:
        """Find the stacks that somebody has renamed: they have the declared members."""
        wanted = {self.resource.key_of(item): {*item.get("members", ())} for item in desired}
        others = {key: {*item["members"]} for key, item in live.items() if key not in wanted}
        return {
            name: next(key for key, there in others.items() if there == members)
            for name, members in wanted.items()
            if name not in live and members in others.values()
        }

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Ask for a word where a stack in service changes or goes, or takes in a switch that routes."""
        self._check_members(operations)
        why = "un commutateur qui entre dans une pile, ou en sort, s’interrompt ; ce qu’il routait est à refaire"
        return {f"stack:{operation.key}": why for operation in operations if self._moves(operation)}

    def _moves(self, operation: Operation) -> bool:
        before, after = (content or {} for content in (operation.before, operation.after))
        if operation.action == "create":
            return any(map(self._routes, sorted({*after.get("members", ())} - self._new())))
        return operation.action == "delete" or before.get("members") != after.get("members")

    def _routes(self, serial: str) -> bool:
        """True for a switch with an interface of its own, without which it has no route either."""
        path = fill("/devices/{serial}/switch/routing/interfaces", {"serial": serial})
        return bool(retry_fresh(self, lambda: self.dashboard.items(path)))

    def _new(self) -> set[str]:
        """Switches that check mode has planned to claim."""
        planned = self.dashboard.planned("device")
        return {serial for serial, device in planned.items() if device["network"] == self.scope and device["new"]}

    def _check_members(self, operations: Sequence[Operation]) -> None:
        """Refuse members that are not switches of the network, or that another stack has."""
        asked = {serial for operation in operations for serial in (operation.after or {}).get("members", ())}
        there = {
            device["serial"]
            for device in self.dashboard.devices()
            if self.exists and device.get("networkId") == self.network_id and device.get("productType") == "switch"
        }
        if strangers := sorted(asked - there - self._new()):
            raise Missing(
                f"{agreed(len(strangers), 'commutateur(s) absent(s)')} du réseau : {', '.join(strangers)}",
                where=self.scope,
                todo="Affectez-les d’abord (tâche meraki_devices), ou corrigez le numéro de série.",
            )
        after = {key: stack["members"] for key, stack in self.raw.items()}
        for operation in operations:
            members = after.pop(operation.place, [])
            if operation.after is not None:
                after[operation.key] = operation.after.get("members", members)
        members = [serial for stack in after.values() for serial in stack]
        if twice := sorted({serial for serial in members if members.count(serial) > 1}):
            raise Rejected(
                f"{agreed(len(twice), 'commutateur(s)')} dans deux piles : {', '.join(twice)}",
                where=self.scope,
                todo="Retirez d’abord le commutateur de l’autre pile (members, ou absent).",
            )

    def created(self, operation: Operation) -> dict[str, Any]:
        after = operation.after or {}
        return {"name": after["name"], "serials": list(after.get("members", ()))}

    def body(self, operation: Operation) -> dict[str, Any]:
        body = super().body(operation)
        if "members" in body:
            body["members"] = [{"serial": serial} for serial in body["members"]]
        return body

    def announce(self, planned: Plan) -> None:
        """Announce the stacks that are made or renamed to what they carry; the former have no id."""
        new = {
            operation.key: {
                "id": text(self.raw[operation.place]["id"]) if operation.place in self.raw else "",
                "members": list(after.get("members") or self.raw[operation.place]["members"]),
            }
            for operation in planned.operations
            if (after := operation.after) and (operation.action == "create" or operation.slot)
        }
        if new:
            self.dashboard.plan_object(self.resource.name, self.scope, new)

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        self.dashboard.shared.forget(f"stacks-{self.network_id}")
        for operation in operations:
            before, after = operation.before or {}, operation.after or {}
            if operation.action == "update" and before.get("members") != after.get("members"):
                self._change_members(operation, progress)
            else:
                super().apply([operation], progress)

    def _change_members(self, operation: Operation, progress: Progress) -> None:
        path = fill(SWITCH_STACKS.endpoint.write, self.ids(operation.place, {}))
        wanted = {*(operation.after or {})["members"]}
        self.dashboard.shared.forget(self._list(self.network_id))

        def change() -> None:
            self.dashboard.request("PUT", path, body=self.body(operation))
            there = {text(serial) for serial in listed(self.dashboard.get(path)["serials"])}
            if there != wanted:
                self._one_by_one.add(operation.name)
            for verb, serials in (("add", wanted - there), ("remove", there - wanted)):
                for serial in sorted(serials):
                    self.dashboard.request("POST", f"{path}/{verb}", body={"serial": serial})

        with progress.sending(operation):
            batches.patiently(change, self.fresh, self.dashboard.clock)
        progress.begun([operation])
        progress.done(operation)

    def remarks(self) -> list[str]:
        names = ", ".join(sorted(self._one_by_one))
        said = [f"le Dashboard n’a pas changé les membres de {names} d’un seul coup : ajoutés et retirés un à un"]
        return [*super().remarks(), *(said if names else [])]
