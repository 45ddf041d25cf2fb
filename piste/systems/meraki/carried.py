"""Base of the drivers of what switches and stacks carry: interfaces and routes.

Several owners declare objects of one carrier: a task reads the whole list, and gives only what it was asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, Self

from piste.engine.converge.errors import Ambiguous, Fault, Missing, Rejected
from piste.engine.converge.normalise import exported, to_wire
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import text
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Vault
from piste.systems.meraki import batches
from piste.systems.meraki.carriers import MODELS, Carrier, Carriers, path_for, spelt
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.driver import MADE, At, MerakiDriver, changed, retry_fresh

PLACE = (
    Field("network", "Name of the network of the switch or stack.", required=True, path_only=True),
    Field(
        "carrier",
        "Switch by its serial number, or stack by its name.",
        required=True,
        path_only=True,
        normalise=spelt,
    ),
)
"""The fields that say where such an object is: the beginning of its key."""


class Carried(MerakiDriver):
    """Base of the drivers of one list of each carrier."""

    options: tuple[Field, ...] = (MODELS,)
    limit: Literal["interfaces", "static_routes"]
    """Name of the limit of a model on the objects of the kind."""
    states = ("merged", "replaced", "deleted", "gathered")
    sees_all = False
    of_template = False
    id_wire = ""
    """The wire field that holds the id of an object."""

    def __init_subclass__(cls) -> None:
        cls.identifiers = (cls.id_wire,)

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self.carriers = Carriers(dashboard)
        self._networks: set[str] = set()
        self._carrier: dict[str, Carrier] = {}
        """The carrier of each live object, by key."""
        self.lists: dict[str, Mapping[str, Item]] = {}
        """All live objects of each carrier that was read, of any owner, by key."""

    @classmethod
    def of(cls, connection: Dashboard, request: Request, params: Mapping[str, Any]) -> Self:
        driver = super().of(connection, request, params)
        driver.carriers = Carriers(connection, params.get("models"))
        return driver

    # a task

    def asked(self, config: Iterable[Any]) -> list[Any]:
        items = super().asked(config)
        self._networks |= {str(item["network"]) for item in items if isinstance(item, Mapping) and item.get("network")}
        return items

    def asked_absent(self, names: Iterable[str]) -> list[str]:
        names = super().asked_absent(names)
        self._networks |= {str(name).partition("/")[0] for name in names}
        return names

    def locks(self) -> Sequence[str]:
        return [f"meraki {self.dashboard.root} {network}" for network in sorted(self._networks)]

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        return [
            Fault(f"config[{item.get('carrier')}].{name}", "un nom de réseau ou de pile n’a pas de « / »")
            for item in desired
            for name in ("network", "carrier")
            if "/" in str(item.get(name))
        ]

    def fresh(self) -> bool:
        claimed = self.dashboard.shared.get("claimed") or {}
        now = self.dashboard.clock.time()
        return any(now - float(claimed.get(network, 0)) < batches.READY for network in self._networks)

    @cached_property
    def new_place(self) -> bool:  # type: ignore[override]
        """True where this run has made the networks of all carriers of the task."""
        made = self.dashboard.shared.get(MADE) or ()
        names = {network["name"] for network in self.dashboard.networks() if network["id"] in made} if made else set()
        return bool(self._networks) and self._networks <= names

    # reading

    def key_in(self, carrier: Carrier, document: Mapping[str, Any]) -> str:
        """Key of a listed object; empty for an object that the kind leaves alone."""
        raise NotImplementedError

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the lists of the carriers that the task names, or of all for an export."""
        asked = {self.resource.key_of(item): item for item in desired}
        if whole and not asked:
            live = self.everything(fresh=fresh)
        else:
            named = dict.fromkeys((str(item["network"]), str(item["carrier"])) for item in desired)
            carriers = [carrier for name in named if (carrier := self.carriers.named(*name)) and carrier.exists]
            live = {key: item for key, item in self._all(carriers, asked, fresh=fresh).items() if key in asked}
        self.read_parts(live, asked, whole=whole, fresh=fresh)
        return live

    def everything(self, *, fresh: bool = False) -> dict[str, Item]:
        """Read the lists of all carriers of the organization, without the documents that they omit."""
        return self._all(list(self.carriers.everywhere()), {}, fresh=fresh)

    def of_carrier(self, network: str, name: str) -> list[Item]:
        """Read all that a switch or stack carries, whole, in the form of `config`."""
        carrier = self.carriers.named(network, name)
        if carrier is None or not carrier.exists or carrier.never_asked or self.carriers.stacked(carrier):
            return []
        live = self._all([carrier], {}, fresh=False)
        self.read_parts(live, {}, whole=True, fresh=False)
        return [exported(self.resource.fields, item, {"owner": self.owner}) for item in live.values()]

    def documents(self, carriers: Sequence[Carrier], *, fresh: bool = False) -> dict[Carrier, list[Any]]:
        """Read the list of each carrier, as the system gives it."""

        def read(carrier: Carrier) -> list[Any]:
            return self._listed(carrier, fresh=fresh)

        return dict(zip(carriers, self.dashboard.transport.map(read, carriers), strict=True))

    def _all(self, carriers: Sequence[Carrier], asked: Mapping[str, Item], *, fresh: bool) -> dict[str, Item]:
        items: dict[str, Item] = {}
        for carrier, documents in self.documents(carriers, fresh=fresh).items():
            items |= self.items_of(carrier, documents, asked)
        return items

    def _listed(self, carrier: Carrier, *, fresh: bool) -> list[Any]:
        path = self.address(self.resource.endpoint.read, carrier.ids)

        def fetch() -> list[Any]:
            listed: list[Any] = retry_fresh(self, lambda: self.dashboard.items(path))
            return listed

        if not fresh:
            known: list[Any] = self.dashboard.shared.once(self._list(carrier), fetch)
            return known
        documents = fetch()
        self.dashboard.shared.put(self._list(carrier), documents)
        return documents

    def _list(self, carrier: Carrier) -> str:
        return f"{self.resource.name}-" + "-".join(carrier.ids.values())

    def items_of(self, carrier: Carrier, documents: Sequence[Any], asked: Mapping[str, Item]) -> dict[str, Item]:
        """Items of a list by key; a second object of one key gets its id in its own."""
        items: dict[str, Item] = {}
        place = {"network": carrier.network, "carrier": carrier.name}
        for document in documents:
            key = self.key_in(carrier, document)
            if not key:
                continue
            if key in items and key in asked:
                raise Ambiguous(
                    f"deux objets s’appellent « {key} » ({self.resource.doc})",
                    where=carrier.key,
                    todo="Supprimez-en un dans le Dashboard.",
                )
            if key in items:
                key = f"{key} ({text(document[self.id_wire])})"
            items[key] = {**place, **self.canonical(key, document)}
            self._carrier[key] = carrier
        self.lists[carrier.key] = items
        return items

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._carrier[key].ids, "id": self.raw[key][self.id_wire]}

    def address(self, template: str, ids: Mapping[str, Any]) -> str:
        return fill(path_for(template, ids), ids)

    # planning

    def lacks(self, item: Item) -> str:
        """Say where an object waits for its switch or stack, which another site may declare."""
        network, name = str(item["network"]), str(item["carrier"])
        if self.carriers.named(network, name) is None:
            return f"attend « {name} », que le réseau « {network} » n’a pas"
        return ""

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Make before break: what comes, then what changes, then what goes."""
        return sorted(operations, key=lambda operation: ("create", "update", "delete").index(operation.action))

    @classmethod
    def relies(cls, operation: Operation, waiting: Operation) -> bool:
        """Also let wait what a stack that waits carries."""
        place = operation.after or operation.before or {}
        carried = waiting.kind == "switch_stack" and place.get("carrier") == waiting.key
        return carried or super().relies(operation, waiting)

    def carrier_of(self, operation: Operation) -> Carrier:
        """Find the carrier of an operation. Raises `Missing`."""
        place = operation.after or operation.before or {}
        carrier = self.carriers.named(str(place["network"]), str(place["carrier"]))
        if carrier is None:
            raise Missing(
                f"ni commutateur ni pile « {place['carrier']} »",
                where=str(place["network"]),
                todo="Convergez d’abord le réseau qui l’a (domaine network), ou corrigez le nom.",
            )
        return carrier

    def there(self, carrier: Carrier) -> dict[str, Any]:
        """Objects of a carrier, live or planned by check mode."""
        planned = self.dashboard.planned(self.resource.name)
        mine = {key: item for key, item in planned.items() if key.rpartition("/")[0] == carrier.key}
        return {**self.lists.get(carrier.key, {}), **mine}

    def left(self, carrier: Carrier, operations: Sequence[Operation]) -> set[str]:
        """Keys of the objects of a carrier after the operations."""
        mine = [operation for operation in operations if self.carrier_of(operation) == carrier]
        made, gone = ({known.key for known in mine if known.action == action} for action in ("create", "delete"))
        return ({*self.there(carrier)} | made) - gone

    def check_models(self, operations: Sequence[Operation]) -> None:
        """Refuse to make what the model of a switch does not carry."""
        making = {self.carrier_of(operation) for operation in operations if operation.action == "create"}
        faults = [fault for carrier in making for fault in self._of_model(carrier, operations)]
        faults += self.misfits(operations)
        if faults:
            raise Rejected(
                "le modèle ne le porte pas, rien n’a été écrit",
                where=self.owner,
                why=" ; ".join(sorted(faults)),
                todo="Portez-le au cœur ou au pare-feu. Un modèle que Piste ne connaît pas se déclare avec ses limites "
                "et leur source (hardware, routing).",
            )

    def _of_model(self, carrier: Carrier, operations: Sequence[Operation]) -> Iterator[str]:
        if carrier.cannot_route:
            yield f"{carrier.name} est sans routage, à ce que Piste sait ({', '.join(carrier.cannot_route)})"
            return
        count = len(self.left(carrier, operations)) + self.beside(carrier)
        if (room := carrier.room) and count > room[self.limit]:
            said = f"{self.resource.doc} : {count} pour {room[self.limit]} au plus"
            yield f"{carrier.name} ({', '.join(sorted({*carrier.models} - {''}))}), {said}"

    def beside(self, carrier: Carrier) -> int:
        """Count what the limit of a carrier counts and no task declares."""
        return 0

    def misfits(self, operations: Sequence[Operation]) -> Iterable[str]:
        """List what else the models of the carriers refuse."""
        return ()

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.action == "create":
                self.dashboard.plan_object(self.resource.name, operation.key, operation.after)

    # writing

    def created(self, operation: Operation) -> dict[str, Any]:
        """Body of the request that creates an object."""
        return to_wire(self.resource.body, changed(self.resource.fields, {}, operation.after or {}), self.names())

    def writes(self, operation: Operation) -> Iterator[batches.Write]:
        at: At = self.resource.endpoint
        if operation.action == "create":
            path = self.address(at.read, self.carrier_of(operation).ids)
            yield batches.Write(operation, path, self.created(operation), "create", "POST")
        elif operation.action == "delete":
            path = self.address(at.write, self.ids(operation.key, {}))
            yield batches.Write(operation, path, {}, "destroy", "DELETE")
        else:
            yield from super().writes(operation)

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        self.forget(operations)
        super().apply(operations, progress)

    def forget(self, operations: Sequence[Operation]) -> None:
        """Forget the lists that the operations change."""
        for name in {self._list(self.carrier_of(operation)) for operation in operations}:
            self.dashboard.shared.forget(name)
