"""Affinity policies: machines that must not share a node, or that must stay on some nodes.

Both name machines by category. Older rules, which list machines, can only be read and removed: they are left alone.
Source: vmm v4 `ahv/policies`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.resource import Field, Resource
from piste.systems.nutanix.documents import At, references
from piste.systems.nutanix.driver import PrismDriver
from piste.systems.nutanix.prism import ANTI_AFFINITY, HOST_AFFINITY, Collection
from piste.systems.nutanix.tasks import Script

KINDS: Mapping[str, Collection] = {"vm_anti_affinity": ANTI_AFFINITY, "host_affinity": HOST_AFFINITY}
_NAMED_BY = {"vm_anti_affinity": {"categories"}, "host_affinity": {"vm_categories", "host_categories"}}
_ADDED = frozenset(
    {
        "createTime",
        "updateTime",
        "createdBy",
        "updatedBy",
        "lastUpdatedBy",
        "numCompliantVms",
        "numNonCompliantVms",
        "numPendingVms",
        "numVms",
        "numHosts",
    }
)


def _categories(name: str, doc: str) -> Field:
    return Field(name, doc, type="list", unordered=True, ref="category", encode=references)


RESOURCE = Resource(
    system="prism",
    name="affinity_policy",
    doc="Politique d’affinité",
    endpoint=At(ANTI_AFFINITY, _ADDED),
    known=frozenset({"projectExtId"}),
    fields=(
        Field("name", "Name of the policy; its identity.", required=True, maximum=80),
        Field("formerly", "Names that it bore before: it is renamed.", type="list", path_only=True),
        Field(
            "kind",
            "C(vm_anti_affinity) keeps machines apart from each other, C(host_affinity) keeps them on some nodes.",
            choices=tuple(KINDS),
            default="vm_anti_affinity",
            create_only=True,
        ),
        Field("description", "Description; null clears it.", nullable=True, default=None),
        _categories("categories", "Machines that do not share a node, by category, C(key:value)."),
        _categories("vm_categories", "Machines that stay on some nodes, by category."),
        _categories("host_categories", "Those nodes, by category."),
    ),
)


class AffinityPolicies(PrismDriver):
    resource = RESOURCE

    def collection(self, item: Mapping[str, Any]) -> Collection:
        return KINDS[item.get("kind") or "vm_anti_affinity"]

    def listed(self, fresh: bool) -> list[dict[str, Any]]:
        """List the policies of both kinds, each with its `kind`."""
        return [
            {**policy, "kind": kind}
            for kind, collection in KINDS.items()
            for policy in self.prism.all(collection, fresh=fresh)
        ]

    def place_of(self, document: Mapping[str, Any]) -> Collection:
        return KINDS[document["kind"]]

    def read_again(self, document: Mapping[str, Any]) -> dict[str, Any] | None:
        policy = super().read_again(document)
        return policy and {**policy, "kind": document["kind"]}

    def create(self, operation: Operation) -> Script:
        yield from super().create(operation)
        self.raw[operation.key]["kind"] = (operation.after or {}).get("kind") or "vm_anti_affinity"

    def sent_back(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().sent_back(document).items() if name != "kind"}

    def wire(self, content: Item, document: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().wire(content, document).items() if name != "kind"}

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        faults = [*super().check(desired)]
        for item in desired:
            kind = item.get("kind") or "vm_anti_affinity"
            others = {"categories", "vm_categories", "host_categories"} - _NAMED_BY[kind]
            for name in sorted(others & set(item)):
                faults.append(Fault(f"config[{item.get('name')}].{name}", f"n’a pas de sens pour {kind}"))
        return faults

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"affinity_policy:{operation.key}": "supprimer une politique : ses machines pourront se retrouver ensemble"
            for operation in operations
            if operation.action == "delete"
        }
