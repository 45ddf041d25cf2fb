"""Networks: one a site, known by name. Source: Dashboard API, ``createOrganizationNetwork``, ``updateNetwork``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from piste.converge.normalise import to_wire
from piste.converge.plan import Item, Operation, Plan
from piste.converge.resource import Field, Resource, Shape
from piste.meraki.dashboard import NETWORK_KEYS
from piste.meraki.driver import At, MerakiDriver

PRODUCTS = (
    "appliance",
    "camera",
    "campusGateway",
    "cellularGateway",
    "secureConnect",
    "sensor",
    "switch",
    "systemsManager",
    "wireless",
    "wirelessController",
)

NETWORKS = Resource(
    system="meraki",
    name="network",
    doc="Réseau du Dashboard",
    shape=Shape.COLLECTION,
    key=("name",),
    endpoint=At("", "/networks/{network_id}"),
    known=frozenset({"id", "isBoundToConfigTemplate"}),
    initial={"tags": [], "notes": None},
    fields=(
        Field("name", "Name of the network; its identity.", required=True),
        Field(
            "product_types",
            "Kinds of devices that the network holds. Fixed at creation.",
            type="list",
            choices=PRODUCTS,
            unordered=True,
            create_only=True,
        ),
        Field("time_zone", "Time zone, a name of the tz database."),
        Field("tags", "Tags of the network.", type="list", unordered=True, default=[], normalise=str.strip),
        Field("notes", "Notes; null clears them.", nullable=True, default=None),
    ),
)


class Networks(MerakiDriver):
    resource = NETWORKS

    def gather(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Networks that the task names; all those of the organization for an export that names none."""
        names = {item["name"] for item in wanted}
        found: dict[str, Item] = {}
        for document in self.dashboard.networks(fresh=fresh):
            name = document["name"]
            if name in names or name == self.scope or (whole and not names):
                if name in found:
                    self.dashboard.network(name)  # says how to get out of two networks of one name
                found[name] = self.canonical(name, document)
        return found

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"network_id": self.raw[key]["id"]}

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"network:{operation.key}": "supprimer un réseau efface la configuration de tous ses équipements"
            for operation in operations
            if operation.action == "delete"
        }

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.action == "create":
                self.dashboard.plan_object("network", operation.key, {})

    def apply(self, operations: Sequence[Operation], done: Callable[[Operation], None]) -> None:
        """Networks are few and their ids are needed at once: each is written directly."""
        for operation in operations:
            if operation.action == "create":
                self._create(operation)
            elif operation.action == "delete":
                network_id = self.raw[operation.key]["id"]
                self.dashboard.request("DELETE", f"/networks/{network_id}")
                self.dashboard.unlearn("networks", "id", network_id)
            else:
                for write in self.writes(operation):
                    answer = self.dashboard.request("PUT", write.path, body=dict(write.body)).json()
                    self.dashboard.learn("networks", "id", answer, NETWORK_KEYS)
            done(operation)

    def _create(self, operation: Operation) -> None:
        content = {name: value for name, value in (operation.after or {}).items() if value not in (None, [])}
        path = f"/organizations/{self.dashboard.organization}/networks"
        answer = self.dashboard.request("POST", path, body=to_wire(self.resource.fields, content, {})).json()
        self.dashboard.learn("networks", "id", answer, NETWORK_KEYS)
