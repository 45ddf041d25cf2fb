"""Recovery plans: the order and the networks in which machines start again elsewhere.

A plan has stages and network mappings, objects of their own that Piste converges with it. A system before v4.2 of the
namespace has no plan. Source: datapolicies v4 `config/recovery-plans`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Any

from piste.engine.converge.errors import Fault, Misused, Rejected
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, mapped, number, optional, text
from piste.engine.converge.resource import Field, Resource, camel
from piste.engine.transport.http import segment
from piste.systems.nutanix.connection import CLUSTER
from piste.systems.nutanix.documents import At, references, seconds, unwrapped
from piste.systems.nutanix.driver import PrismDriver, changed
from piste.systems.nutanix.prism import RECOVERY_PLANS, SUBNETS, Collection, says_reused
from piste.systems.nutanix.tasks import FailedTask, Script

SINCE = (4, 2)
"""First version of the namespace with recovery plans [documented]."""
_DELAY = "datapolicies.v4.config.DelayAction"
_HERE = {"network": "primaryNetwork", "test": "primaryTestNetwork"}
"""Networks of the machines' own cluster, known there by id."""
_THERE = {"recovery": "recoveryNetwork", "recovery_test": "recoveryTestNetwork"}
"""Networks of the other cluster, known by name: this Prism Central may not list them."""
PARTS = {"stages": "stages", "mappings": "network-mappings"}
"""Folder of the parts of a plan, by their field."""


RESOURCE = Resource(
    system="prism",
    name="recovery_plan",
    doc="Plan de reprise",
    endpoint=At(RECOVERY_PLANS, frozenset({"ownerExtId", "numStages", "numNetworkMappings"})),
    known=frozenset(
        {
            "primaryLocation",
            "recoveryLocation",
            "witness",
            "witnessConfiguration",
            "isProtectionPausedPostFailover",
            "projectExtId",
        }
    ),
    fields=(
        Field("name", "Name of the plan; its identity.", required=True, maximum=256),
        Field("formerly", "Names that it bore before: it is renamed.", type="list", path_only=True),
        Field("description", "Description; null clears it.", nullable=True, default=None, maximum=1000),
        Field("clusters", "Clusters of the machines.", type="list", unordered=True, ref="cluster"),
        Field("recovery_cluster", "Cluster where they start again, of this Prism Central.", ref="cluster"),
        Field(
            "stages",
            "Machines in the order of their start; a stage waits for the one before.",
            type="list",
            of=(
                Field(
                    "categories",
                    "Machines of the stage, by category, C(key:value).",
                    type="list",
                    unordered=True,
                    ref="category",
                    default=[],
                ),
                Field("machines", "Machines of the stage, by name.", type="list", unordered=True, ref="vm", default=[]),
                Field("delay", "Seconds to wait after it.", type="int", minimum=0, default=0),
            ),
        ),
        Field(
            "mappings",
            "Network that replaces each, in a recovery and in a test.",
            type="list",
            identity=("network",),
            unordered=True,
            of=(
                Field("network", "Network of the machines.", ref="subnet", required=True),
                Field("recovery", "Network where they start again, by its name there.", required=True),
                Field(
                    "test",
                    "Isolated network, for a test at their own place.",
                    ref="subnet",
                    nullable=True,
                    default=None,
                ),
                Field("recovery_test", "Isolated network for a test, by its name there.", nullable=True, default=None),
            ),
        ),
    ),
)


class RecoveryPlans(PrismDriver):
    resource = RESOURCE
    options = (CLUSTER, *PrismDriver.options)

    def listed(self, fresh: bool) -> list[dict[str, Any]]:
        """List the plans, each with its parts; none where the system is too old for them."""
        if self.prism.version(RECOVERY_PLANS.namespace) < SINCE:
            return []
        return [self._whole(plan, fresh) for plan in self.prism.all(RECOVERY_PLANS, fresh=fresh)]

    def _whole(self, plan: Mapping[str, Any], fresh: bool) -> dict[str, Any]:
        parts = {
            name: self.prism.all(_part(text(plan["extId"]), folder), fresh=fresh) for name, folder in PARTS.items()
        }
        return {**plan, **parts}

    def read_again(self, document: Mapping[str, Any]) -> dict[str, Any] | None:
        plan = super().read_again(document)
        return plan and self._whole(plan, True)

    def ours(self, document: Mapping[str, Any]) -> bool:
        return True

    def plain(self, document: Mapping[str, Any], desired: Item) -> dict[str, Any]:
        plain = {name: value for name, value in unwrapped(document).items() if name not in PARTS}
        primary, recovery = (mapped(plain.get(name)) for name in ("primaryLocation", "recoveryLocation"))
        plain["clusters"] = _clusters(primary)
        if there := _clusters(recovery):
            plain["recoveryCluster"] = there[0]
        stages = sorted(listed(document.get("stages")), key=lambda stage: number(stage.get("priority", 1)))
        plain["stages"] = [_stage(unwrapped(stage)) for stage in stages]
        plain["mappings"] = [self._mapping(mapping) for mapping in listed(document.get("mappings"))]
        return plain

    def wire(self, content: Item, document: Mapping[str, Any]) -> dict[str, Any]:
        """Body of the plan itself, without its parts."""
        wire = super().wire(content, document)
        for name in PARTS:
            wire.pop(name, None)
        clusters, there = wire.pop("clusters", None), wire.pop("recoveryCluster", None)
        if clusters is not None:
            wire["primaryLocation"] = self._location(document.get("primaryLocation"), clusters)
        if there is not None:
            wire["recoveryLocation"] = self._location(document.get("recoveryLocation"), [there])
        return wire

    def _location(self, live: Any, clusters: Sequence[str]) -> dict[str, Any]:
        domain = mapped(live).get("domainManagerExtId") or self.known.central_id
        return {"domainManagerExtId": domain, "clusters": references(clusters)}

    def sent_back(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().sent_back(document).items() if name not in PARTS}

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        if desired and (spoken := self.prism.version(RECOVERY_PLANS.namespace)) < SINCE:
            raise Misused(
                f"ce Prism Central ne connaît pas les plans de reprise (API datapolicies v{spoken[0]}.{spoken[1]})",
                where=self.prism.host,
                todo="Mettez Prism Central à jour (pc.7.5 ou suivante), ou retirez les plans (hosting_recovery).",
            )
        faults = [*super().check(desired)]
        for item in desired:
            for rank, stage in enumerate(item.get("stages", ())):
                if not stage["categories"] and not stage["machines"]:
                    faults.append(Fault(f"config[{item.get('name')}].stages[{rank}]", "n’a ni catégorie ni machine"))
        return faults

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        return [
            f"{operation.name} : dites de quelles grappes (clusters) et vers laquelle (recovery_cluster)"
            for operation in operations
            if operation.action == "create" and not {"clusters", "recovery_cluster"} <= set(operation.after or {})
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"recovery_plan:{operation.key}": "supprimer un plan de reprise : l’ordre de démarrage s’y perd"
            for operation in operations
            if operation.action == "delete"
        }

    # writing

    def create(self, operation: Operation) -> Script:
        yield from super().create(operation)
        plan = self.raw[operation.key]
        yield from self._converge_parts({**plan, "stages": [], "mappings": []}, operation.after or {})

    def update(self, operation: Operation) -> Script:
        document, content = self.current(operation), changed(operation)
        if set(content) - set(PARTS):
            yield from self.send("PUT", document, body=self.replaced(document, content))
        yield from self._converge_parts(document, content)

    def _converge_parts(self, plan: Mapping[str, Any], content: Item) -> Script:
        """Make, change, then remove the parts of a plan."""
        ext_id = text(plan["extId"])
        if "stages" in content:
            live = sorted(listed(plan["stages"]), key=lambda stage: number(stage.get("priority", 1)))
            bodies = [self._stage_body(rank, stage) for rank, stage in enumerate(content["stages"], 1)]
            place = _part(ext_id, PARTS["stages"])
            yield from self._converge(place, enumerate(live), enumerate(bodies), _stage_content)
        if "mappings" in content:
            known = {text(mapping["primaryNetwork"].get("subnetExtId") or ""): mapping for mapping in plan["mappings"]}
            asked = {self.known.id_of("subnet", entry["network"]): entry for entry in content["mappings"]}
            new = {key: self._mapping_body(entry) for key, entry in asked.items()}
            yield from self._converge(_part(ext_id, PARTS["mappings"]), known.items(), new.items(), self._mapping)

    def _converge(
        self,
        place: Collection,
        live: Iterable[tuple[Any, Mapping[str, Any]]],
        desired: Iterable[tuple[Any, dict[str, Any]]],
        seen: Callable[[Mapping[str, Any]], Any],
    ) -> Script:
        known, bodies = dict(live), dict(desired)
        for key, body in bodies.items():
            if key not in known:
                yield from self._part_made(place, f"{key}", body, seen)
            elif seen(known[key]) != seen(body) and (answer := self.prism.read(place, text(known[key]["extId"]))):
                document, etag = answer
                kept = self.sent_back(document)
                whole = {name: value for name, value in kept.items() if name not in _OWNED} | body
                yield from self._sent(self.prism.write("PUT", place, text(document["extId"]), body=whole, etag=etag))
        for key, document in known.items():
            if key not in bodies and (answer := self.prism.read(place, text(document["extId"]))):
                yield from self._sent(self.prism.write("DELETE", place, text(document["extId"]), etag=answer[1]))

    def _part_made(
        self, place: Collection, key: str, body: dict[str, Any], seen: Callable[[Mapping[str, Any]], Any]
    ) -> Script:
        """Create a part under a request id made from its content, as `made` does for an object.

        So the creation of a killed run is not done twice. An answer that concerns an older demand is worth what is
        there.
        """
        for attempt in count():
            asked, older = self.prism.now(), False
            try:
                request_id = self.prism.id_of_creation(place, key, body, attempt)
                task = yield self.prism.write("POST", place, body=body, request_id=request_id)
                older = seconds(str(task.get("createdTime") or ""), asked) < asked - 1
            except FailedTask as failure:
                if seconds(failure.created, asked) >= asked - 1:
                    raise
                continue
            except Rejected as refusal:
                if not says_reused(refusal):
                    raise
                older = True
            # A part that was made and removed within the second has an answer that looks young.
            if any(seen(part) == seen(body) for part in self.prism.all(place, fresh=True)) or (attempt and not older):
                return

    def _sent(self, task: str) -> Script:
        if task:
            yield task

    def _stage_body(self, rank: int, stage: Item) -> dict[str, Any]:
        ids = {kind: [self.known.id_of(kind, name) for name in stage[part]] for kind, part in _MEMBERS.items()}
        body: dict[str, Any] = {"entityType": "VM", "priority": rank, "categoryExtIds": ids["category"]}
        body["entities"] = references(ids["vm"])
        if stage["delay"]:
            body["postActions"] = [{"config": {"$objectType": _DELAY, "delaySecs": stage["delay"]}}]
        else:
            body["postActions"] = []
        return body

    def _mapping_body(self, entry: Item) -> dict[str, Any]:
        named = {wire: entry[name] for name, wire in _HERE.items() if entry[name]}
        here = {wire: {"subnetExtId": self.known.id_of("subnet", name)} for wire, name in named.items()}
        return here | {wire: {"subnetName": entry[name]} for name, wire in _THERE.items() if entry[name]}

    def _mapping(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """Convert a mapping to the `mappings` of the table, in wire names: ids here, names there."""
        shown = {name: mapped(mapping.get(wire)).get("subnetExtId") for name, wire in _HERE.items()}
        for name, wire in _THERE.items():
            network = mapped(mapping.get(wire))
            ext_id = network.get("subnetExtId")
            said = optional(text, network.get("subnetName"))
            shown[camel(name)] = said or (ext_id and self._everywhere.get(ext_id, ext_id))
        return shown

    @cached_property
    def _everywhere(self) -> Mapping[str, str]:
        """Names of the subnets of all clusters, by id."""
        return {text(subnet["extId"]): text(subnet["name"]) for subnet in self.prism.all(SUBNETS)}


_OWNED = frozenset({*_HERE.values(), *_THERE.values(), "entities", "categoryExtIds", "postActions"})
"""Wire names of what the table says of a part: what it leaves out goes."""
_MEMBERS = {"category": "categories", "vm": "machines"}


def _part(plan: str, folder: str) -> Collection:
    return Collection(f"{folder}-{segment(plan)}", "datapolicies", f"config/recovery-plans/{segment(plan)}/{folder}")


def _clusters(location: Mapping[str, Any]) -> list[str]:
    """Ids of the clusters of an unwrapped location."""
    return [text(cluster) for cluster in listed(location.get("clusters"))]


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an unwrapped stage to the `stages` of the table."""
    delays = [mapped(action.get("config")).get("delaySecs") for action in listed(stage.get("postActions"))]
    return {
        "categories": [text(ext_id) for ext_id in listed(stage.get("categoryExtIds"))],
        "machines": [text(ext_id) for ext_id in listed(stage.get("entities"))],
        "delay": sum(number(delay) for delay in delays if delay is not None),
    }


def _stage_content(stage: Mapping[str, Any]) -> dict[str, Any]:
    return _stage(unwrapped(stage)) | {"priority": stage.get("priority", 1)}
