"""Networks of the organization: one a site, known by name.

Source: Dashboard API, `createOrganizationNetwork`, `updateNetwork`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from piste.engine.converge.errors import Ambiguous, Rejected
from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import without_values
from piste.engine.converge.walk import export
from piste.systems import kinds
from piste.systems.meraki.connection import CARRIED
from piste.systems.meraki.dashboard import NETWORK_KEYS
from piste.systems.meraki.driver import MADE, At, MerakiDriver, changed
from piste.systems.meraki.ssids import first_name

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
        Field(
            "formerly",
            "Names under which the network was made by hand. Where it still bears one of them it is renamed, which "
            "keeps the configuration of its devices; moving them to a new network would erase it.",
            type="list",
            path_only=True,
        ),
        Field(
            "devices",
            "Serial numbers of the site's devices. Where no network bears a known name, the one in which they work, "
            "alone, is the site's, which somebody has renamed.",
            type="list",
            unordered=True,
            create_only=True,
            path_only=True,
        ),
        Field(
            "others",
            "Names of other sites' networks, which are never taken for it.",
            type="list",
            unordered=True,
            create_only=True,
            path_only=True,
        ),
        Field("time_zone", "Time zone, a name of the tz database."),
        Field("tags", "Tags of the network.", type="list", unordered=True, default=[], normalise=str.strip),
        Field("notes", "Notes; null clears them.", nullable=True, default=None),
    ),
)


class Networks(MerakiDriver):
    resource = NETWORKS
    options = (CARRIED,)
    states = ("merged", "replaced", "deleted", "gathered")
    sees_all = False

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the networks that the task names; all of them for an export that names none."""
        asked = {item["name"]: item for item in desired}
        documents = self.dashboard.networks(fresh=fresh)
        renamed = {old: name for name, item in asked.items() for old in item.get("formerly", ())}
        known = {renamed.get(document["name"], document["name"]) for document in documents}
        lost = [item for name, item in asked.items() if name not in known and item.get("devices")]
        renamed |= self._traced(lost, {document["id"]: document["name"] for document in documents})
        live: dict[str, Item] = {}
        for document in documents:
            name = renamed.get(document["name"], document["name"])
            if name in asked or (whole and not asked):
                if name in live:
                    raise self._ambiguous(live[name]["name"], document["name"])
                live[name] = self.canonical(name, document)
                if "formerly" in asked.get(name, {}):
                    live[name]["formerly"] = asked[name]["formerly"]
        return live

    def _traced(self, lost: Sequence[Item], names: Mapping[str, str]) -> dict[str, str]:
        """Declared name, by live name, of each network that somebody has renamed.

        Such a network holds devices of the site only, and no device of the site works elsewhere.
        """
        devices = self.dashboard.devices() if lost else []
        placed = [(str(device["serial"]), str(device.get("networkId") or "")) for device in devices]
        traced: dict[str, str] = {}
        for item in lost:
            serials = {serial.upper() for serial in item["devices"]}
            places = {place for serial, place in placed if serial in serials and place in names}
            strangers = [serial for serial, place in placed if place in places and serial not in serials]
            if len(places) == 1 and not strangers and (name := names[places.pop()]) not in item.get("others", ()):
                traced[name] = item["name"]
        return traced

    def _ambiguous(self, first: str, second: str) -> Ambiguous:
        if first == second:
            return self.dashboard.two_networks(first, 2)
        return Ambiguous(
            f"les réseaux « {first} » et « {second} » existent, alors que l’un est l’ancien nom de l’autre (formerly)",
            where=self.owner,
            todo="Gardez celui qui porte les équipements : supprimez l’autre dans le Dashboard, ou retirez formerly.",
        )

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"network_id": self.raw[key]["id"]}

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"network:{operation.key}": "supprimer un réseau efface la configuration de tous ses équipements"
            for operation in operations
            if operation.action == "delete"
        }

    def contents(self, key: str) -> dict[str, Any]:
        """Contents of a network: all that the modules manage in it.

        A module that the system refuses is left out, and what no undo gives back. A network without switches or Wi-Fi
        holds nothing of theirs.
        """
        holds: dict[str, dict[str, Any]] = {}
        for kind in (kind for kind in kinds.within("meraki_networks") if not kind.unreturned):
            with suppress(Rejected):
                driver = kind.driver_class(self.dashboard, self.vault, self.owner, key)
                holds[kind.module] = {"config": export(driver, self.owner)}
        ssids = holds.get("meraki_ssids") if "wireless" in self.raw[key]["productTypes"] else None
        if ssids and all(ssid["name"] != first_name(key) for ssid in ssids["config"]):
            ssids["absent"] = [first_name(key)]
        known: dict[str, Any] = without_values(holds)
        return known

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.action == "create":
                self.dashboard.plan_object("network", operation.key, {})
            elif operation.action == "update":
                self.dashboard.plan_object("network", operation.key, {"id": self.raw[operation.key]["id"]})

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Write each network directly: networks are few, and their ids are needed at once."""
        for operation in operations:
            with progress.sending(operation):
                self._write(operation)
            progress.done(operation)

    def _write(self, operation: Operation) -> None:
        if operation.action == "create":
            self._create(operation)
        elif operation.action == "delete":
            network_id = self.raw[operation.key]["id"]
            self.dashboard.request("DELETE", f"/networks/{network_id}")
            self.dashboard.unlearn("networks", "id", network_id)
        else:
            for write in self.writes(operation):
                answer = self.dashboard.request("PUT", write.path, body=dict(write.body)).mapping("id", "name")
                self.dashboard.learn("networks", "id", answer, NETWORK_KEYS)

    def _create(self, operation: Operation) -> None:
        content = changed(self.resource.fields, {}, operation.after or {})
        content = {name: value for name, value in content.items() if value not in (None, [])}
        path = f"/organizations/{self.dashboard.organization}/networks"
        answer = self.dashboard.request("POST", path, body=to_wire(self.resource.fields, content, {}))
        made = self.dashboard.learn("networks", "id", answer.mapping("id", "name"), NETWORK_KEYS)
        self.dashboard.shared.update(MADE, lambda known: [*(known or ()), made["id"]])
