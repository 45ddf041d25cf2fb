"""Collections of a network: objects with a key, which people create, change and remove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Ambiguous
from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import text
from piste.engine.converge.values import live_scalar
from piste.systems.meraki.batches import Write
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.driver import DIRECT, At, MerakiDriver


def in_list(path: str) -> At:
    """Endpoint of a collection: the list at `path`, each object under it by its id."""
    return At(path, path + "/{id}")


class Collection(MerakiDriver):
    """Base of the drivers of a collection: the table gives the path, a subclass its particulars.

    A kind that refers to another by name (`ref` of its table) reads the names with `names_in`.
    """

    of_template = True
    id_wire = "id"
    """The wire field that holds the id of an object."""
    batched = True
    """False where no source says for certain how a batch creates and removes an object."""

    def __init_subclass__(cls) -> None:
        cls.identifiers = (cls.id_wire,)

    @classmethod
    def documents(cls, dashboard: Dashboard, network_id: str) -> Sequence[Mapping[str, Any]]:
        """List the objects of a network that people manage, as the system gives them."""
        at: At = cls.resource.endpoint
        return dashboard.items(fill(at.read, {"network_id": network_id}))

    @classmethod
    def names_in(cls, dashboard: Dashboard, network: str, network_id: str) -> dict[str, str]:
        """Names by id of the objects of a network, planned or live; read once a run."""
        planned = {f"planned:{name}": name for name in dashboard.planned(cls.resource.name).get(network, ())}
        if not network_id:
            return planned
        known: dict[str, str] = dashboard.shared.once(
            cls._list(network_id), lambda: cls._names(cls.documents(dashboard, network_id))
        )
        return {**planned, **known}

    @classmethod
    def _list(cls, network_id: str) -> str:
        return f"names-{cls.resource.name}-{network_id}"

    @classmethod
    def _names(cls, documents: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        return {text(document[cls.id_wire]): cls._key(document) for document in documents}

    @classmethod
    def _key(cls, document: Mapping[str, Any]) -> str:
        """Key of a listed object, each part in the type and spelling of its field."""
        parts = [(part, document[part.wire_name]) for part in map(cls.resource.field, cls.resource.key)]
        return "/".join(
            str(live_scalar(part, part.type, text(value) if part.type == "str" else value)) for part, value in parts
        )

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read all objects of the network.

        A second object of the same name gets its id in its key. Raises `Ambiguous` where that name is declared.
        """
        nothing = not self.exists or (not desired and self.unanswered(self.resource.endpoint.read))
        documents = () if nothing else self.documents(self.dashboard, self.network_id)
        asked = {self.resource.key_of(item) for item in desired}
        items: dict[str, Item] = {}
        for document in documents:
            key = self._key(document)
            if key in items and key in asked:
                raise Ambiguous(
                    f"deux objets s’appellent « {key} » ({self.resource.doc})",
                    where=self.scope,
                    todo="Renommez-en un dans le Dashboard : ce nom est leur identité.",
                )
            if key in items:
                key = f"{key} ({text(document[self.id_wire])})"
            items[key] = self.canonical(key, document)
        if self.exists:
            self.dashboard.shared.put(self._list(self.network_id), self._names(documents))
        return items

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"network_id": self.network_id, "id": self.raw[key][self.id_wire]}

    def announce(self, planned: Plan) -> None:
        new = [operation.key for operation in planned.operations if operation.action == "create"]
        if new:
            self.dashboard.plan_object(self.resource.name, self.scope, new)

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        self.dashboard.shared.forget(self._list(self.network_id))
        super().apply(operations, progress)

    def created(self, operation: Operation) -> dict[str, Any]:
        """Body of the request that creates an object."""
        return to_wire(self.resource.fields, operation.after or {}, self.names())

    def writes(self, operation: Operation) -> Iterator[Write]:
        at: At = self.resource.endpoint
        if operation.action == "create":
            path, verb = fill(at.read, {"network_id": self.network_id}), "create" if self.batched else DIRECT
            yield Write(operation, path, self.created(operation), verb, "POST")
        elif operation.action == "delete":
            path, verb = fill(at.write, self.ids(operation.key, {})), "destroy" if self.batched else DIRECT
            yield Write(operation, path, {}, verb, "DELETE")
        else:
            yield from super().writes(operation)
