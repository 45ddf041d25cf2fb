"""Virtual machines, known by name: created once, grown in place, stopped only if declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from piste.engine.converge.errors import Fault, PisteError, Rejected
from piste.engine.converge.overlay import restrict
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.reading import listed, mapped, number, text
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.converge.spec import REHEARSE
from piste.engine.converge.values import stable
from piste.systems.nutanix import power, vm_categories, vm_wire
from piste.systems.nutanix.connection import CLUSTER
from piste.systems.nutanix.documents import memory, references, runs, unwrapped, without_nulls
from piste.systems.nutanix.driver import PrismDriver, changed
from piste.systems.nutanix.foreign import FOREIGN
from piste.systems.nutanix.names import GONE, clusters_of
from piste.systems.nutanix.prism import HOSTS, RECOVERY_POINTS, Prism
from piste.systems.nutanix.quantities import in_bytes, spelt
from piste.systems.nutanix.room import GIB, room
from piste.systems.nutanix.tasks import Script
from piste.systems.nutanix.vm_table import COLD, RESOURCE

RPO_HOURS = 24
OPTIONS = (
    Field(
        "rpo_hours",
        "How old, in hours, the last recovery point of a machine may be where it is to be removed, by its name; 24 for "
        "those that are not named.",
        type="dict",
        default={},
    ),
    Field(
        "cvm_memory",
        "Memory that the controller of each node takes, C(32 GiB): no plan gives machines more than the nodes hold "
        "where the largest of them is lost.",
    ),
    Field("grace", "Seconds that a guest is given to shut down.", type="float", default=power.GRACE),
)
_PARTS = ("disks", "nics")
_SKEW = 300.0
"""Seconds by which two clocks may differ."""
_AT_CREATION = {"container", "image", "mac"}
"""Origins of a disk or a card: they never change, and the system may not give them back."""


class Vms(PrismDriver):
    resource = RESOURCE
    options = (CLUSTER, FOREIGN, *OPTIONS, REHEARSE)
    rpo_hours: Mapping[str, Any] = {}
    grace: float = power.GRACE
    cvm_bytes = 0
    rehearsing = False
    """True where writes follow in the same run: what is planned to go is still there for them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fixed: dict[str, None] = {}
        """Remarks on declared origins that differ from those of live disks and cards; the keys are a set in order."""

    @classmethod
    def of(cls, connection: Prism, request: Request, params: Mapping[str, Any]) -> Self:
        driver = super().of(connection, request, params)
        driver.rpo_hours = params.get("rpo_hours") or {}
        driver.grace = float(params.get("grace") or power.GRACE)
        driver.rehearsing = request.rehearsal
        driver.cvm_bytes = in_bytes(params["cvm_memory"]) if params.get("cvm_memory") else 0
        return driver

    # reading

    def plain(self, document: Mapping[str, Any], desired: Item) -> dict[str, Any]:
        return {**unwrapped(document), **vm_wire.plain(document, self.known)}

    def canonical(self, document: Mapping[str, Any], desired: Item) -> Item:
        """Canonical machine; a declared disk or card has its declared fields only.

        Disks and cards are compared whole, and their other fields belong to nobody.
        """
        item = super().canonical(document, desired)
        for part in _PARTS:
            for key, asked in (desired.get(part) or {}).items():
                live = item[part].get(key)
                if live is None or asked is None:
                    continue
                fixed = {name: asked[name] for name in sorted(_AT_CREATION & set(asked))}
                self.fixed |= {
                    f"{self.resource.name} {item['name']} : « {name} » de {part}[{key}] est fixé à la création "
                    f"({live[name]} en place, {value} déclaré), rien n’est changé": None
                    for name, value in fixed.items()
                    if live.get(name) not in (None, value)
                }
                item[part][key] = {name: value for name, value in live.items() if name in asked} | fixed
        return item

    def remarks(self) -> list[str]:
        return [*super().remarks(), *self.fixed]

    # before the first write

    @classmethod
    def references(cls, item: Item) -> Iterator[tuple[str, str, str]]:
        yield from super().references(item)
        for key, values in (item.get("categories") or {}).items():
            for value in (values or "").split(", "):
                if value:
                    yield f"categories[{key}]", "category", f"{key}:{value}"
        for card, entry in (item.get("nics") or {}).items():
            if entry is not None:
                yield f"nics[{card}]", "subnet", vm_wire.subnet_named(card)

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        faults = [*super().check(desired)]
        for item in desired:
            for address, entry in (item.get("disks") or {}).items():
                if entry is not None and not {"size", "image"} & set(entry):
                    faults.append(Fault(f"config[{item.get('name')}].disks[{address}]", "dites sa taille ou son image"))
        return faults

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        reasons = [f"{operation.name} : {why}" for operation in operations for why in self._impossible(operation)]
        return reasons + self._too_much(operations)

    def _too_much(self, operations: Sequence[Operation]) -> list[str]:
        """Refuse memory beyond the room of the cluster after the loss of a node.

        Nodes are read only where memory is added.
        """
        added = sum(self._added(operation) for operation in operations)
        if added <= 0 or not self.cvm_bytes:
            return []
        cluster = self.known.cluster_id
        hosts = [host for host in self.prism.all(HOSTS) if text(host["cluster"]["uuid"]) == cluster]
        machines = [machine for machine in self.listed(False) if cluster in clusters_of(machine)]
        left = room(machines, [memory(host) for host in hosts], self.cvm_bytes)["free_gib"]
        if added <= left * GIB:
            return []
        return [f"{spelt(added)} de mémoire en plus, il en reste {max(0, left)} GiB sur la grappe si un nœud est perdu"]

    def _added(self, operation: Operation) -> int:
        """Bytes of memory that an operation takes; all those of the machine if it is turned on."""
        if operation.action not in ("create", "update"):
            return 0
        after, before = operation.after or {}, operation.before or {}
        live = self.raw.get(operation.place) or {}
        allotted = number(live.get("memorySizeBytes"))
        desired = in_bytes(after["memory"]) if after.get("memory") else allotted
        on = bool(live) and runs(live)
        turned_on = after.get("power") == "running" and before.get("power") != "running"
        return desired if live and not on and turned_on else desired - allotted

    def _impossible(self, operation: Operation) -> Iterator[str]:
        after, before = operation.after or {}, operation.before or {}
        if operation.action == "create":
            missing = [name for name in ("num_sockets", "memory") if name not in after]
            if missing:
                yield f"une nouvelle machine demande aussi {' et '.join(missing)}"
            return
        for address, disk in (after.get("disks") or {}).items():
            old = (before.get("disks") or {}).get(address) or {}
            if "size" in disk and "size" in old and in_bytes(disk["size"]) < in_bytes(old["size"]):
                yield f"le disque {address} fait {old['size']}, il ne peut pas devenir plus petit ({disk['size']})"

    def announce(self, planned: Plan) -> None:
        super().announce(planned)
        for operation in planned.operations:
            if operation.action == "delete" and not self.rehearsing:
                self.prism.shared.plan_object(GONE, self.raw[operation.key]["extId"], {})

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        words: dict[str, str] = {}
        for operation in operations:
            if operation.action == "delete":
                words |= self._guards_of_removal(operation)
                continue
            for address in self._lost_disks(operation):
                words[f"disk:{operation.key}/{address}"] = "retirer un disque perd ce qu’il contient"
            reasons = self.needs_a_stop(operation)
            if reasons and (operation.after or {}).get("stop", "never") == "never":
                words[f"stop:{operation.key}"] = f"la machine sera arrêtée ({', '.join(reasons)})"
        return words

    def _guards_of_removal(self, operation: Operation) -> dict[str, str]:
        hours = float(self.rpo_hours.get(operation.key, RPO_HOURS))
        words = {f"vm:{operation.key}": "supprimer une machine perd ses disques"}
        age = self._age_of_recovery_point(str(self.raw[operation.key]["extId"]))
        if age is None or age > hours * 3600:
            last = "aucun" if age is None else f"le dernier a {age / 3600:.0f} h"
            words[f"unprotected:{operation.key}"] = f"pas de point de restauration de moins de {hours:g} h ({last})"
        return words

    def _age_of_recovery_point(self, ext_id: str) -> float | None:
        """Seconds since the last complete recovery point of a machine; None without any.

        An expired point is going, and the age of a point of the future is not known.
        """
        now = self.prism.now()
        ages = [
            now - _seconds(point["creationTime"])
            for point in self.prism.all(RECOVERY_POINTS)
            if point.get("status") == "COMPLETE" and point.get("creationTime")
            if not point.get("expirationTime") or _seconds(point["expirationTime"]) > now
            for machine in listed(point.get("vmRecoveryPoints"))
            if machine.get("vmExtId") == ext_id
        ]
        return min((max(0.0, age) for age in ages if age > -_SKEW), default=None)

    def _lost_disks(self, operation: Operation) -> list[str]:
        after = (operation.after or {}).get("disks") or {}
        return [address for address in (operation.before or {}).get("disks") or {} if address not in after]

    def needs_a_stop(self, operation: Operation) -> list[str]:
        """Reasons for which a machine must stop for an operation; empty where it need not."""
        if operation.action != "update" or not runs(self.raw[operation.place]):
            return []
        before, content = operation.before or {}, changed(operation)
        reasons = [label for name, label in COLD.items() if name in content]
        if "memory" in content and in_bytes(content["memory"]) < in_bytes(before["memory"]):
            reasons.append("mémoire en baisse")
        if "num_sockets" in content:
            if content["num_sockets"] < before["num_sockets"]:
                reasons.append("processeurs en baisse")
            elif not self.raw[operation.place].get("isCpuHotplugEnabled", True):
                reasons.append("processeurs sans ajout à chaud")
        moved = {address for address, _, _ in _differences(operation, "disks") if address.startswith(("IDE", "SATA"))}
        reasons += [f"disque {address}" for address in sorted(moved)]
        return reasons + (["arrêt demandé"] if content.get("power") == "stopped" else [])

    # writing

    def wire(self, content: Item, document: Mapping[str, Any]) -> dict[str, Any]:
        """Main document of a machine; disks and cards of a live machine are written by themselves."""
        special = {"vtpm", "boot", "categories", "disks", "nics", "guest", "power"}
        wire = super().wire({name: value for name, value in content.items() if name not in special}, document)
        if "vtpm" in content:
            wire["vtpmConfig"] = {**mapped(document.get("vtpmConfig")), "isVtpmEnabled": content["vtpm"]}
        if "boot" in content:
            wire["bootConfig"] = vm_wire.boot(content["boot"], document, self.known)
        if document:
            return wire
        if "categories" in content:
            wire["categories"] = references(sorted(vm_wire.categories(content["categories"], {}, self.known)))
        wire["cluster"] = {"extId": self.known.cluster_id}
        wire["disks"] = [vm_wire.new_disk(at, disk, self.known) for at, disk in (content.get("disks") or {}).items()]
        wire["nics"] = [vm_wire.new_nic(card, nic, self.known) for card, nic in (content.get("nics") or {}).items()]
        if "guest" in content:
            wire["guestCustomization"] = vm_wire.guest(content["guest"])
        return wire

    def create(self, operation: Operation) -> Script:
        """Create a machine, which the system always makes stopped [documented], then start it."""
        after = operation.after or {}
        try:
            machine = yield from self.made(operation, without_nulls(self.wire(after, {})), self.at.collection)
        except Rejected as refusal:
            refusal.todo = refusal.todo or _left_open(after)
            raise
        if after.get("power") == "running":
            yield from power.start(self.prism, machine["extId"])

    def update(self, operation: Operation) -> Script:
        """Change a machine; if stopped for the change, it runs again, even if the change is refused."""
        document, desired = self.current(operation), changed(operation).get("power")
        ext_id = text(document["extId"])
        if not self.needs_a_stop(operation):
            yield from self._change(operation, document)
            if desired == "running":
                yield from power.start(self.prism, ext_id)
            return
        yield from self._stop(operation, ext_id)
        try:
            yield from self._change(operation, self._still(operation, ext_id))
        except PisteError:
            yield from power.start(self.prism, ext_id)
            raise
        if desired != "stopped":
            yield from power.start(self.prism, ext_id)

    def _change(self, operation: Operation, document: dict[str, Any]) -> Script:
        content, ext_id = changed(operation), text(document["extId"])
        main = {name: value for name, value in content.items() if name not in (*_PARTS, "categories", "power")}
        if main:
            yield from self.send("PUT", document, body=self.replaced(document, main))
        if "categories" in content:
            keys = dict.fromkeys((operation.before or {}).get("categories") or {}) | content["categories"]
            goal = lambda machine: vm_wire.categories(keys, machine, self.known)  # noqa: E731
            yield from vm_categories.rearrange(self.prism, ext_id, goal)
        for part, write in (("disks", self._disk), ("nics", self._nic)):
            for key, old, new in _differences(operation, part):
                yield from write(self._again(operation, ext_id), key, old, new)

    def _stop(self, operation: Operation, ext_id: str) -> Script:
        try:
            yield from power.shut_down(self.prism, ext_id, self.grace)
        except power.StillRunning:
            if (operation.after or {}).get("stop") != "forced":
                raise
            yield from power.cut(self.prism, ext_id)

    def _still(self, operation: Operation, ext_id: str) -> dict[str, Any]:
        """Read the stopped machine again. Raises `Conflict` if somebody has changed it meanwhile."""
        document = self._again(operation, ext_id)
        before = {name: value for name, value in (operation.before or {}).items() if name != "power"}
        if stable(restrict(self.canonical(document, before), before)) != stable(before):
            raise self._moved(operation)
        return document

    def _again(self, operation: Operation, ext_id: str) -> dict[str, Any]:
        document = self.read_again({"extId": ext_id})
        if document is None:
            raise self._moved(operation)
        return document

    def _disk(self, document: dict[str, Any], address: str, old: Item | None, new: Item | None) -> Script:
        there = dict(vm_wire.disks(document)).get(address)
        if new is None:
            if there:
                yield from self.send("DELETE", document, "disks", there["extId"])
        elif there is None:
            yield from self.send("POST", document, "disks", body=vm_wire.new_disk(address, new, self.known))
        elif "size" in new:
            yield from self.send("PUT", document, "disks", there["extId"], body=vm_wire.grown_disk(there, new["size"]))

    def _nic(self, document: dict[str, Any], card: str, old: Item | None, new: Item | None) -> Script:
        there = dict(vm_wire.nics(document, self.known)).get(card)
        if new is None:
            if there:
                yield from self.send("DELETE", document, "nics", there["extId"])
        elif there is None:
            yield from self.send("POST", document, "nics", body=vm_wire.new_nic(card, new, self.known))
        else:
            yield from self.send("PUT", document, "nics", there["extId"], body=vm_wire.changed_nic(there, new))


def _left_open(item: Item) -> str:
    """Advice on a refused creation: what the declaration leaves to the system's choice."""
    free = [at for at, disk in (item.get("disks") or {}).items() if "container" not in (disk or {})]
    advice = "Piste ne nomme aucun projet : là où il en faut un, donnez au compte des droits sur toute la grappe."
    return f"Déclarez le conteneur (container) de {', '.join(free)}. {advice}" if free else advice


def _differences(operation: Operation, part: str) -> Iterator[tuple[str, Item | None, Item | None]]:
    """Yield each disk or card that comes, changes or goes; those that go are last."""
    before, after = ((side or {}).get(part) or {} for side in (operation.before, operation.after))
    for key in sorted({*before, *after}, key=lambda key: (key not in after, key)):
        if stable(before.get(key)) != stable(after.get(key)):
            yield key, before.get(key), after.get(key)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
