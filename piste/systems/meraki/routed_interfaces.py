"""Routed interfaces of switches and stacks: the gateway of a VLAN, with its DHCP document.

Source: Dashboard API, `createDeviceSwitchRoutingInterface`, `updateDeviceSwitchRoutingInterfaceDhcp` and the same of a
stack. The first interface of a switch or stack, and no other, must have a default gateway [documented]; the uplink, see
`piste.systems.meraki.uplinks`. The list omits the DHCP of an interface: one read each, where it is declared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from piste.engine.converge.errors import Fault, Rejected
from piste.engine.converge.normalise import from_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import mapped, text, truth
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Vault, without_values
from piste.engine.converge.values import coerce
from piste.engine.converge.walk import export
from piste.systems.meraki.batches import Write, send
from piste.systems.meraki.carried import PLACE, Carried
from piste.systems.meraki.carriers import ALONE, Carrier
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.driver import At
from piste.systems.meraki.routed_dhcp import DHCP, DISABLED
from piste.systems.meraki.static_routes import prefix
from piste.systems.meraki.uplinks import by_subnet, is_host, uplink

_GATEWAY = "defaultGateway"
BESIDE = ("ipv6", "vrf", "loopback")
"""Parts of an interface that the table lacks: where they hold something, an export says so."""

ROUTED_INTERFACES = Resource(
    system="meraki",
    name="routed_interface",
    doc="Interface routée (passerelle d’un VLAN)",
    key=("network", "carrier", "vlan"),
    parents={"network": "network"},
    endpoint=At(f"{ALONE}/interfaces", f"{ALONE}/interfaces/{{id}}"),
    known=frozenset({"interfaceId", "mode", "serial", "switchPortId", "mtu", "uplinkV4", "uplinkV6", "ospfV3"}),
    initial={"multicast_routing": "disabled"},
    fields=(
        *PLACE,
        Field(
            "vlan",
            "VLAN of the interface; with the switch or stack, its identity.",
            type="int",
            wire="vlanId",
            required=True,
            create_only=True,
            minimum=1,
            maximum=4094,
        ),
        Field("name", "Name of the interface.", maximum=128),
        Field("subnet", "Prefix of the VLAN.", normalise=prefix, nullable=True),
        Field("address", "Address of the interface: the gateway of the VLAN.", wire="interfaceIp", nullable=True),
        Field(
            "default_gateway",
            "Next router of what has no other route; the first interface of a switch or stack must have it.",
            wire=_GATEWAY,
        ),
        Field(
            "multicast_routing",
            "What the interface does with multicast.",
            choices=("IGMP snooping querier", "disabled", "enabled"),
            default="disabled",
        ),
        Field(
            "ospf",
            "OSPF on the interface.",
            type="dict",
            wire="ospfSettings",
            of=(
                Field("area", "Area of the interface; C(disabled) for none.", default="disabled"),
                Field("cost", "Cost of the interface.", type="int", minimum=1, maximum=65535, default=1),
                Field("passive", "Whether it has no neighbour.", type="bool", wire="isPassiveEnabled", default=False),
            ),
        ),
        DHCP,
    ),
)


BEHIND = Field(
    "behind",
    "Why the firewall does not route yet, for each address that leaves for it; empty where it does. Until then the "
    "interface of that address is left alone. Without it a word alone is asked.",
    type="dict",
)


class RoutedInterfaces(Carried):
    resource = ROUTED_INTERFACES
    rests = (("meraki.default_gateway_moves", "default_gateway"),)
    limit = "interfaces"
    id_wire = "interfaceId"
    options = (*Carried.options, BEHIND)

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self._led: set[str] = set()
        """The carriers whose default gateway the task declares."""
        self._others: dict[str, set[str]] = defaultdict(set)
        """Interfaces of other modes, which no task declares, by carrier."""
        self._uplinks: dict[str, Mapping[str, Any]] = {}
        """The interface that holds the default gateway of each carrier, as the system gives it."""
        self._moved: dict[str, str] = {}
        """Addresses of the gateways that leave for the firewall, by key: another address is left alone."""
        self._behind: Mapping[str, str] = {}
        """Why the firewall does not route yet, by address; it may be read when it is asked, not before."""

    @classmethod
    def of(cls, connection: Dashboard, request: Request, params: Mapping[str, Any]) -> Self:
        driver = super().of(connection, request, params)
        if params.get("behind") is not None:
            driver._behind = params["behind"]
        return driver

    def asked_absent(self, names: Iterable[str]) -> list[str]:
        """Convert names to keys; `key=address` names an interface only while it has this address."""
        keys = []
        for name in super().asked_absent(names):
            key, _, address = str(name).rpartition("=")
            if key and "/" not in address:
                self._moved[key] = address
            keys.append(key if key in self._moved else name)
        return keys

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        self._led |= {f"{item['network']}/{item['carrier']}" for item in desired if item.get("default_gateway")}
        live = super().gather(desired, whole=whole, fresh=fresh)
        mine = {
            key: item for key, item in live.items() if self._moved.get(key, item.get("address")) == item.get("address")
        }
        early = {key: why for key in mine if key in self._moved and (why := self._behind.get(self._moved[key]))}
        name = self.resource.name
        self.stays = [*early]
        self.foreseen = [f"{name} {key} : reste au cœur, {why} (piste install d’abord)" for key, why in early.items()]
        return {key: item for key, item in mine.items() if key not in early}

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        """Faults of the declared addresses, which the system would refuse."""
        faults = super().check(desired)
        led = Counter(f"{item.get('network')}/{item.get('carrier')}" for item in desired if item.get("default_gateway"))
        faults += [
            Fault(f"config[{carrier}].default_gateway", f"{count} interfaces en ont une, pour une route par défaut")
            for carrier, count in led.items()
            if count > 1
        ]
        for item in desired:
            where = f"config[{item.get('carrier')}/{item.get('vlan')}]"
            address, subnet = item.get("address"), item.get("subnet")
            if address and subnet and not is_host(address, subnet):
                faults.append(Fault(f"{where}.address", f"« {address} » n’est pas une machine de {subnet}"))
            dhcp = item.get("dhcp") or {}
            if dhcp.get("mode") == "dhcpRelay" and not dhcp.get("relay_servers"):
                faults.append(Fault(f"{where}.dhcp.relay_servers", "un relais demande au moins un serveur"))
        return faults

    def items_of(self, carrier: Carrier, documents: Sequence[Any], asked: Mapping[str, Item]) -> dict[str, Item]:
        if holder := uplink(documents):
            self._uplinks[carrier.key] = holder
        else:
            self._uplinks.pop(carrier.key, None)
        return super().items_of(carrier, by_subnet(documents), asked)

    def key_in(self, carrier: Carrier, document: Mapping[str, Any]) -> str:
        """Key of an interface of a VLAN; empty for another mode (a routed port, a loopback)."""
        vlan = document.get("vlanId")
        if vlan is None and document.get("mode") not in (None, "vlan"):
            self._others[carrier.key].add(f"{carrier.name} ({text(document[self.id_wire])})")
            return ""
        return f"{carrier.key}/{coerce('int', vlan)}"

    def canonical(self, key: str, document: Mapping[str, Any]) -> Item:
        """Convert a document; what is empty of the parts that the table lacks is no unknown key."""
        return super().canonical(key, {name: value for name, value in document.items() if value or name not in BESIDE})

    def remarks(self) -> list[str]:
        if not self._others:
            return super().remarks()
        names = ", ".join(sorted(name for others in self._others.values() for name in others))
        return [*super().remarks(), f"interfaces qui ne sont pas d’un VLAN, laissées telles quelles : {names}"]

    def beside(self, carrier: Carrier) -> int:
        """Count the interfaces of other modes: the vendor's table counts interfaces of layer 3."""
        return len(self._others.get(carrier.key, ()))

    # planning

    def lacks(self, item: Item) -> str:
        """Say where an interface waits for the first, which must have the default gateway."""
        if waits := super().lacks(item):
            return waits
        carrier = self.carriers.named(item["network"], item["carrier"])
        assert carrier is not None
        if item.get("default_gateway") or self.there(carrier) or carrier.key in self._led:
            return ""
        return f"attend la première interface de « {carrier.name} », qui porte sa passerelle par défaut"

    @classmethod
    def follows(cls, operation: Operation, other: Operation) -> bool:
        """Also follow the interface with the default gateway, which a switch or stack has first."""
        leads = operation.action == other.action == "create" and bool((other.after or {}).get("default_gateway"))
        here, there = operation.key.rpartition("/")[0], other.key.rpartition("/")[0]
        return (leads and other.kind == cls.resource.name and here == there) or super().follows(operation, other)

    def rests_on(self, operation: Operation) -> Iterable[str]:
        """List the belief about a default gateway that moves: another interface has it."""
        carrier, _, vlan = operation.key.rpartition("/")
        holder = self._uplinks.get(carrier)
        return super().rests_on(operation) if holder and str(holder.get("vlanId")) != vlan else ()

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Make before break; the interface of the default gateway is made first and removed last."""

        def rank(operation: Operation) -> int:
            holds = bool((operation.after or operation.before or {}).get("default_gateway"))
            return {"create": 0 if holds else 1, "update": 2, "delete": 4 if holds else 3}[operation.action]

        return sorted(operations, key=rank)

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        self.check_models(operations)
        self._check_gateways(operations)
        self._check_removals(operations)
        return {word: why for operation in operations for word, why in self._words(operation, operations)}

    def _words(self, operation: Operation, operations: Sequence[Operation]) -> Iterator[tuple[str, str]]:
        before, after = operation.before or {}, operation.after or {}
        name, key = operation.name, operation.key
        if holder := self._moved_from(operation):
            here = f"VLAN {holder.get('vlanId')}, {holder['defaultGateway']}"
            yield f"default_gateway:{key}", f"{name} prend la route par défaut à une autre interface ({here})"
        if operation.action == "create":
            return
        if self._leaves(operation) and not self._elsewhere(operation, operations):
            why = f"{name} est la dernière passerelle de son VLAN : plus rien n’en sort"
            if address := self._moved.get(key):
                why += f" tant que le pare-feu n’y a pas {address}, installée"
            yield f"gateway:{key}", why
        if not holder and "default_gateway" in before and before["default_gateway"] != after.get("default_gateway"):
            yield f"default_gateway:{key}", f"{name} porte la route par défaut de son commutateur ou de sa pile"
        was, becomes = ((content.get("dhcp") or {}).get("mode", DISABLED) for content in (before, after))
        if operation.action == "update" and was not in (DISABLED, becomes):
            yield f"dhcp:{key}", f"les ordinateurs de {name} n’auraient plus d’adresse, si rien d’autre ne la donne"

    def _leaves(self, operation: Operation) -> bool:
        """True where the address of a gateway goes."""
        before, after = operation.before or {}, operation.after or {}
        return operation.action == "delete" or any(
            before.get(name) and before[name] != after.get(name) for name in ("address", "subnet")
        )

    def _elsewhere(self, operation: Operation, operations: Sequence[Operation]) -> bool:
        """True where another interface of the same subnet stays, or is made before."""
        live = self.lists[self._carrier[operation.key].key][operation.key]
        going = {other.key for other in operations if other.action == "delete"} | {operation.key}
        stay = [item for items in self.lists.values() for key, item in items.items() if key not in going]
        made = [other.after or {} for other in operations if other.action == "create"]
        return any(item.get("subnet") == live.get("subnet") for item in (*stay, *made))

    def _check_gateways(self, operations: Sequence[Operation]) -> None:
        """Refuse a default gateway outside the subnets of its carrier."""
        for carrier in {self.carrier_of(operation) for operation in operations}:
            mine = [operation for operation in operations if self.carrier_of(operation) == carrier]
            after = {key: {**item} for key, item in self.there(carrier).items()}
            for operation in mine:
                after[operation.key] = {**after.get(operation.key, {}), **(operation.after or {})}
            subnets = [str(item["subnet"]) for item in after.values() if item.get("subnet")]
            for operation in mine:
                gateway = (operation.after or {}).get("default_gateway")
                if gateway and not any(is_host(gateway, subnet) for subnet in subnets):
                    raise Rejected(
                        f"la passerelle par défaut {gateway} n’est dans le sous-réseau d’aucune interface",
                        where=carrier.key,
                        todo="Corrigez default_gateway, ou déclarez l’interface de ce sous-réseau.",
                    )

    def _check_removals(self, operations: Sequence[Operation]) -> None:
        """Refuse to remove the uplink of others, or a last interface that would stay."""
        removed = [operation for operation in operations if operation.action == "delete"]
        moved = {self.carrier_of(operation).key for operation in operations if self._moved_from(operation)}
        for carrier in {self.carrier_of(operation) for operation in removed}:
            holder, left = self._uplinks.get(carrier.key), self.left(carrier, operations)
            gone = {self.raw[known.key][self.id_wire] for known in removed if self.carrier_of(known) == carrier}
            if left and holder and holder[self.id_wire] in gone and carrier.key not in moved:
                raise Rejected(
                    f"l’interface du VLAN {holder.get('vlanId')} porte la route par défaut d’autres, qui restent",
                    where=carrier.key,
                    todo="Donnez d’abord default_gateway à une interface qui reste, ou retirez-les toutes.",
                )
            if not left and (fixed := self._fixed(carrier)):
                raise Rejected(
                    f"la dernière interface ne part pas : adresse d’administration fixe de {', '.join(fixed)}",
                    where=carrier.key,
                    why="Le Dashboard accepterait le retrait et garderait l’interface.",
                    todo="Passez leur adresse d’administration en DHCP (management_interface), puis relancez.",
                )

    def _fixed(self, carrier: Carrier) -> list[str]:
        """Switches of a carrier whose management has a fixed address."""
        path = "/devices/{serial}/managementInterface"
        documents = {serial: self.dashboard.get(fill(path, {"serial": serial})) for serial in carrier.serials}
        return [serial for serial, known in documents.items() if truth(mapped(known["wan1"])["usingStaticIp"])]

    def misfits(self, operations: Sequence[Operation]) -> Iterator[str]:
        """Yield the DHCP servers of carriers that relay alone."""
        for operation in operations:
            asked = ((operation.after or {}).get("dhcp") or {}).get("mode") == "dhcpServer"
            if asked and (room := self.carrier_of(operation).room) and not room["dhcp_server"]:
                yield f"{operation.name} : un serveur DHCP, que ce modèle n’a pas"

    def _moved_from(self, operation: Operation) -> Mapping[str, Any] | None:
        """Find the other interface that holds what an operation takes over."""
        before, after = operation.before or {}, operation.after or {}
        if "default_gateway" not in after or before.get("default_gateway") == after["default_gateway"]:
            return None
        holder = self._uplinks.get(self.carrier_of(operation).key)
        mine = self.raw.get(operation.key, {}).get(self.id_wire)
        return holder if holder and holder[self.id_wire] != mine else None

    def contents(self, key: str) -> dict[str, Any]:
        """Contents of an interface that its removal erases: its DHCP."""
        (item,) = export(self, self.owner, [ROUTED_INTERFACES.named(key)])
        known: dict[str, Any] = without_values({"meraki_routed_interfaces": {"config": [item]}})
        return known

    # writing

    def created(self, operation: Operation) -> dict[str, Any]:
        body = super().created(operation)
        if self._moved_from(operation):
            del body[_GATEWAY]
        elif _GATEWAY in body and self.carrier_of(operation).names_its_uplink:
            body["uplinkV4"] = True
        return body

    def body(self, operation: Operation) -> dict[str, Any]:
        body = super().body(operation)
        return {name: value for name, value in body.items() if name != _GATEWAY or not self._moved_from(operation)}

    def writes(self, operation: Operation) -> Iterator[Write]:
        """Yield the writes of an operation; of a creation, those that follow it."""
        asked, holder = operation, self._moved_from(operation)
        if operation.action == "create":
            made = {name: value for name, value in (operation.after or {}).items() if name != DHCP.name}
            made[DHCP.name] = from_wire(DHCP.of, DHCP.part.initial, self.vault, {}, {})
            operation = replace(operation, action="update", before=made)
        yield from super().writes(operation)
        if holder:
            ids = {**self.carrier_of(asked).ids, "id": holder[self.id_wire]}
            value = {_GATEWAY: (asked.after or {})["default_gateway"]}
            yield Write(asked, self.address(ROUTED_INTERFACES.endpoint.write, ids), value)

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Make the new interfaces, whose ids are needed at once, then write the rest."""
        self.forget(operations)
        for operation in operations:
            if operation.action == "create":
                self._create(operation, progress)
        pairs = [(operation, write) for operation in operations for write in self.writes(operation)]
        send(self.dashboard, [replace(write, operation=operation) for operation, write in pairs], progress, self.fresh)
        written = {id(operation) for operation, _ in pairs}
        for operation in operations:
            if id(operation) not in written:
                progress.done(operation)

    def _create(self, operation: Operation, progress: Progress) -> None:
        carrier = self.carrier_of(operation)
        path = self.address(ROUTED_INTERFACES.endpoint.read, carrier.ids)
        with progress.sending(operation):
            answer = self.dashboard.request("POST", path, body=self.created(operation)).mapping(self.id_wire)
        self.raw[operation.key], self._carrier[operation.key] = {self.id_wire: text(answer[self.id_wire])}, carrier
        progress.begun([operation])
