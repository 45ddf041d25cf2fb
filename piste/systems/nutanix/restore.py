"""A machine from its recovery point: another name, an isolated network, then removed.

Sources: dataprotection v4 `config/recovery-points/{extId}/$actions/restore`, vmm v4 `ahv/config/vms`. Before v4.2 a
restore takes no other name and no other network: both are changed while the machine is off.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from piste.engine.converge.errors import Conflict, Diverged, Missing, PisteError
from piste.engine.converge.reading import listed, mapped, optional, reading, text, truth
from piste.systems.nutanix import power
from piste.systems.nutanix.documents import memory, reference
from piste.systems.nutanix.names import Names, clusters_of
from piste.systems.nutanix.prism import HOSTS, RECOVERY_POINTS, SUBNETS, SWITCHES, VMS, Prism
from piste.systems.nutanix.room import GIB, room
from piste.systems.nutanix.subnets import subnet_of
from piste.systems.nutanix.tasks import Task, Wait, detailed, follow
from piste.systems.nutanix.trial_machine import (
    Trial,
    addresses,
    carries_more,
    description,
    foreign,
    just_made,
    moved,
    same_wire,
    sent_back,
)
from piste.systems.nutanix.vm_categories import ids, rearrange

NAMED_SINCE = (4, 2)
"""First version of the namespace whose restore takes a name, categories and networks [documented]."""
OPERATION = "vmExtIds"
"""Completion detail of the task of a restore: the new machines [recorded]."""
LOOK = 2.0
"""Seconds between two looks at a machine that starts."""
ATTEMPTS = 5
"""Removals of a machine that changes meanwhile."""


class NotStarted(PisteError):
    """A restored machine has not started."""

    code = "PISTE-E133"


class NoSign(PisteError):
    """A restored machine runs, and nothing says that its system has started."""

    code = "PISTE-E134"
    kind = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """The isolated network of restored machines, on its cluster.

    `virtual_switch` None: the cluster's own. `category` marks the restored machines, C(key:value). `witness` names the
    machine that may be there too, from which they are asked. `declared` are names of the town, which no test removes.
    """

    cluster: str
    network: str
    vlan: int
    virtual_switch: str | None
    category: str
    cvm_bytes: int
    witness: str = ""
    declared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Copied:
    """A recovery point of a machine: their ids, the name and the id of the source."""

    point: str
    machine: str
    source: str
    name: str


class Restorer:
    """Restores machines on one isolated network."""

    def __init__(self, prism: Prism, place: Place) -> None:
        self.prism, self.place = prism, place
        self.known = Names(prism, place.cluster)

    # before anything is made

    def faults(self) -> Iterator[str]:
        """List why the network is not isolated, from a fresh reading: nothing may be restored there."""
        subnets = self.prism.all(SUBNETS, fresh=True)
        with reading(f"{self.prism.host} {SUBNETS.path}"):
            here = [subnet for subnet in subnets if self._ours(subnet)]
            named = [subnet for subnet in here if subnet["name"] == self.place.network]
            if len(named) != 1:
                yield f"{len(named) or 'aucun'} sous-réseau nommé « {self.place.network} » sur {self.place.cluster}"
                return
            (subnet,) = named
            yield from self._exits(subnet)
            twins = [text(other["name"]) for other in here if other is not subnet and same_wire(other, subnet)]
            if twins:
                yield f"le VLAN {self.place.vlan} est aussi celui de : {', '.join(sorted(twins))}"
            if others := sorted(self._neighbours(text(subnet["extId"]))):
                yield f"d’autres machines sont sur « {self.place.network} » : {', '.join(others[:5])}"
        if not self.category:
            yield f"la catégorie {self.place.category} n’existe pas : convergez d’abord l’hébergement"

    def _ours(self, subnet: Mapping[str, Any]) -> bool:
        places = clusters_of(subnet)
        return not places or self.known.cluster_id in places

    def _exits(self, subnet: Mapping[str, Any]) -> Iterator[str]:
        name = self.place.network
        if text(subnet["subnetType"]) != "VLAN" or subnet.get("vpcReference"):
            yield f"« {name} » n’est pas un VLAN"
        elif subnet.get("networkId") != self.place.vlan:
            yield f"« {name} » a le VLAN {subnet.get('networkId')}, et non {self.place.vlan}"
        for config in listed(subnet.get("ipConfig")):
            if gateway := mapped(mapped(config.get("ipv4")).get("defaultGatewayIp")).get("value"):
                yield f"« {name} » a une passerelle, {gateway}"
        for key, what in (("isExternal", "est externe"), ("isNatEnabled", "a une traduction d’adresses")):
            if truth(subnet.get(key)):
                yield f"« {name} » {what}"
        if subnet.get("layer2StretchReference"):
            yield f"« {name} » est étendu à un autre site"

    def _neighbours(self, subnet: str) -> Iterator[str]:
        """Name the machines of the network that no restore test has made, the witness left out."""
        for machine in self.prism.all(VMS, fresh=True):
            here = any(subnet_of(nic) == subnet for nic in listed(machine.get("nics")))
            if here and self.category not in ids(machine) and machine["name"] != self.place.witness:
                yield text(machine["name"])

    @property
    def category(self) -> str:
        return self.known.id_of("category", self.place.category)

    @property
    def subnet(self) -> str:
        return self.known.id_of("subnet", self.place.network)

    def how(self) -> str:
        """Say why the network leads nowhere."""
        if self.uplinks():
            return f"{self.place.network}, le VLAN {self.place.vlan} qu’aucun port déclaré ne porte, sans passerelle"
        return f"{self.place.network}, un réseau sans carte physique"

    def uplinks(self) -> bool:
        """True unless the virtual switch of the network is known to have no physical card."""
        subnet = next(subnet for subnet in self.prism.all(SUBNETS) if subnet["extId"] == self.subnet)
        for switch in self.prism.all(SWITCHES):
            if switch["extId"] == subnet.get("virtualSwitchReference"):
                hosts = [host for cluster in listed(switch.get("clusters")) for host in listed(cluster.get("hosts"))]
                return any(listed(host.get("hostNics")) for host in hosts) or not hosts
        return True

    def lacking(self, copied: Copied) -> Iterator[str]:
        """Say what memory is lacking for the machine once the largest node is lost."""
        machines = self.prism.all(VMS)
        source = next((machine for machine in machines if machine["extId"] == copied.source), None)
        if source is None:
            return
        cluster = self.known.cluster_id
        nodes = [memory(host) for host in self.prism.all(HOSTS) if text(host["cluster"]["uuid"]) == cluster]
        free = room(machines, nodes, self.place.cvm_bytes)["free_gib"]
        if (wanted := -(-memory(source) // GIB)) > free:
            yield f"il manque de la mémoire : {wanted} Gio à démarrer, {max(0, free)} libres quand un nœud est perdu"

    # the restore

    def restored(self, copied: Copied, name: str, until: str, request: str) -> Task:
        """Ask for the machine; return the ended task. A request is done once, if asked again.

        Raises `Missing` where the copy has gone.
        """
        answer = self.prism.read(RECOVERY_POINTS, copied.point)
        if answer is None:
            todo = "Relancez l’essai : il en choisira un autre."
            raise Missing("le point de restauration n’existe plus", where=copied.point, todo=todo)
        chosen: dict[str, Any] = {"vmRecoveryPointExtId": copied.machine}
        if self._names():
            chosen["vmOverrideSpec"] = {
                "$objectType": "dataprotection.v4.config.AhvVmOverrideSpec",
                "name": name,
                "description": description(copied.name, until),
                "categories": [reference(self.category)],
            }
        body = {"clusterExtId": self.known.cluster_id, "vmRecoveryPointRestoreOverrides": [chosen]}
        task = self.prism.write(
            "POST", RECOVERY_POINTS, copied.point, "$actions", "restore", body=body, etag=answer[1], request_id=request
        )
        self.prism.shared.forget(VMS.name)
        return follow(self.prism, task)

    def _names(self) -> bool:
        return self.prism.version(RECOVERY_POINTS.namespace) >= NAMED_SINCE

    def isolate(self, ext_id: str, name: str, said: str) -> None:
        """Give a restored machine, off, its name, category and network; check it by a reading.

        Raises `Diverged` where it is not as it should: it must not start.
        """
        machine, _ = power.read(self.prism, ext_id)
        if text(machine["powerState"]) != "OFF":
            played(self.prism, power.cut(self.prism, ext_id))
        played(self.prism, rearrange(self.prism, ext_id, lambda machine: {self.category}))
        machine, etag = power.read(self.prism, ext_id)
        if machine["name"] != name:
            body = sent_back(machine) | {"name": name, "description": said}
            self._sent(self.prism.write("PUT", VMS, ext_id, body=body, etag=etag))
        for nic in listed(machine.get("nics")):
            if subnet_of(nic) != self.subnet or carries_more(nic):
                _, etag = power.read(self.prism, ext_id)
                body = moved(nic, self.subnet)
                self._sent(self.prism.write("PUT", VMS, ext_id, "nics", text(nic["extId"]), body=body, etag=etag))
        self.check(ext_id, name, "OFF")

    def check(self, ext_id: str, name: str, state: str) -> dict[str, Any]:
        """Read that a machine is alone on the isolated network. Raises `Diverged`."""
        machine, _ = power.read(self.prism, ext_id)
        with reading(f"{self.prism.host} {ext_id}"):
            nics = listed(machine.get("nics"))
            elsewhere = [nic for nic in nics if subnet_of(nic) != self.subnet or carries_more(nic)]
            wrong = [
                *(["n’a pas son nom"] if machine["name"] != name else []),
                *(["n’a pas sa catégorie"] if self.category not in ids(machine) else []),
                *(["a une carte sur un autre réseau"] if elsewhere else []),
                *([f"est {machine['powerState']}"] if machine["powerState"] != state else []),
            ]
        if wrong:
            what = f"la machine restaurée {name} {', '.join(wrong)} : elle ne sera pas démarrée"
            raise Diverged(what, where=self.prism.host)
        return machine

    def start(self, ext_id: str, name: str) -> None:
        """Start a machine, if still isolated. Raises `Diverged`, `NotStarted`."""
        if faults := [*self.faults()]:
            raise Diverged("le réseau n’est plus isolé : " + " ; ".join(faults), where=self.prism.host)
        self.check(ext_id, name, "OFF")
        try:
            played(self.prism, power.start(self.prism, ext_id))
        except PisteError as error:
            if error.kind == "unknown":
                raise
            raise NotStarted(f"{name} ne démarre pas", where=self.prism.host, why=error.sentence()) from error

    def sign(self, ext_id: str, name: str, patience: float) -> dict[str, Any]:
        """Wait for a sign of the system of a machine. Raises `NotStarted`, `NoSign`.

        The hypervisor sees a machine that runs, not its system: an address that the system has announced, or its tools,
        are the signs [belief prism.boot_sign].
        """
        deadline = self.prism.clock.monotonic() + patience
        while True:
            machine, _ = power.read(self.prism, ext_id)
            if text(machine["powerState"]) != "ON":
                raise NotStarted(f"{name} s’est arrêtée d’elle-même ({machine['powerState']})", where=self.prism.host)
            if addresses(machine) or truth(mapped(machine.get("guestTools")).get("isReachable")):
                return machine
            if self.prism.clock.monotonic() >= deadline:
                raise NoSign(
                    f"{name} tourne, et n’a donné aucun signe en {patience:g} s",
                    where=self.prism.host,
                    todo="Refaites l’essai en ouvrant sa console (Prism Central) : elle dit où le démarrage s’arrête.",
                )
            self.prism.clock.sleep(LOOK)

    # the end

    def remove(self, ext_id: str, trial: Trial) -> None:
        """Remove the machine of a test, known by its name and its description.

        A machine that has not got them yet gets them first. Raises `Diverged` for another machine, which stays.
        """
        for left in reversed(range(ATTEMPTS)):
            answer = self.prism.read(VMS, ext_id)
            if answer is None:
                return
            machine, etag = answer
            try:
                if ext_id != trial.source and self._unnamed(machine, trial):
                    body = sent_back(machine) | {"name": trial.name, "description": trial.description}
                    self._sent(self.prism.write("PUT", VMS, ext_id, body=body, etag=etag))
                    continue
                proven = machine["name"] == trial.name and machine.get("description") == trial.description
                if ext_id == trial.source or not proven or trial.name in self.place.declared:
                    raise foreign(machine, trial)
                if text(machine["powerState"]) != "OFF":
                    played(self.prism, power.cut(self.prism, ext_id))
                    etag = power.read(self.prism, ext_id)[1]
                self._sent(self.prism.write("DELETE", VMS, ext_id, etag=etag))
            except Conflict:
                # What a killed test had asked still goes on.
                if not left:
                    raise
                self.prism.clock.sleep(LOOK)

    def _unnamed(self, machine: Mapping[str, Any], trial: Trial) -> bool:
        """True for a machine as a restore before v4.2 makes it: off, just made.

        It is named after its source, which is there beside it. The form of that name is [belief prism.restored_name].
        """
        if not text(machine["name"]).startswith(trial.of) or not just_made(machine, trial.since):
            return False
        source = self.prism.read(VMS, trial.source)
        return source is not None and source[0]["name"] == trial.of

    def elsewhere(self, ext_id: str) -> set[str]:
        """Addresses that other machines have, from a fresh reading."""
        machines = self.prism.all(VMS, fresh=True)
        return {address for machine in machines if machine["extId"] != ext_id for address in addresses(machine)}

    def named(self, name: str) -> list[str]:
        """Ids of the machines of tests with that name, from a fresh reading."""
        machines = self.prism.all(VMS, fresh=True)
        alike = [machine for machine in machines if machine["name"] == name]
        return [text(machine["extId"]) for machine in alike if self.category in ids(machine)]

    def there(self, ext_id: str) -> bool:
        """True where a machine still exists."""
        return self.prism.read(VMS, ext_id) is not None

    def name_of(self, copied: Mapping[str, Any]) -> str:
        """Name of the live machine of a copy; empty where it has none, or shares its name."""
        machines = self.prism.all(VMS)
        name = next((machine["name"] for machine in machines if machine["extId"] == copied.get("vmExtId")), "")
        return name if sum(machine["name"] == name for machine in machines) == 1 else ""

    def _sent(self, task: str) -> None:
        if task:
            follow(self.prism, task)


def made(task: Task) -> list[str]:
    """Ids of the machines that the task of a restore has made."""
    return detailed(task, OPERATION)


def seconds(task: Task) -> float | None:
    """Seconds that a task took, by the system's own clock; None where it does not say."""
    begun, ended = optional(text, task.get("createdTime")), optional(text, task.get("completedTime"))
    if begun is None or ended is None:
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()


def played(prism: Prism, script: Generator[Wait, Any, Any]) -> None:
    """Play a script alone, to its end."""
    move: Callable[[Any], Wait] = script.send
    given: Any = None
    while True:
        try:
            waits = move(given)
        except StopIteration:
            return
        try:
            move, given = script.send, _waited(prism, waits)
        except PisteError as error:
            move, given = script.throw, error


def _waited(prism: Prism, waits: Wait) -> Any:
    if isinstance(waits, str):
        return follow(prism, waits)
    prism.clock.sleep(waits)
    return None
