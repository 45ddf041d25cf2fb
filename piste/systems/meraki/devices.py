"""Devices: assigned to a network, named, addressed; released only when asked.

Source: Dashboard API, `claimNetworkDevices`, `removeNetworkDevices`, `updateDevice`,
`updateDeviceManagementInterface`. The vendor's description and its SDK disagree on the batch forms of claim and
remove, so both are sent directly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from piste.engine.converge.errors import Conflict, Missing, Rejected
from piste.engine.converge.normalise import exported
from piste.engine.converge.orphan import Orphan, abandoned
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Vault, without_values
from piste.engine.converge.values import stable
from piste.engine.converge.walk import export
from piste.engine.words import agreed
from piste.systems import kinds
from piste.systems.meraki.batches import Write, send
from piste.systems.meraki.connection import CARRIED, NETWORK
from piste.systems.meraki.dashboard import DEVICE_KEYS, Dashboard
from piste.systems.meraki.driver import At, MerakiDriver, retry_fresh
from piste.systems.meraki.replaced import REPLACED, heirs, inherit, online
from piste.systems.meraki.switch_stacks import LEAST, SwitchStacks

WAN1 = (
    Field("using_static_ip", "True for a fixed address, false for DHCP.", type="bool", carries=("static_",)),
    Field("static_ip", "Fixed IPv4 address."),
    Field("static_gateway_ip", "Gateway of the fixed address."),
    Field("static_subnet_mask", "Mask of the fixed address, dotted."),
    Field("static_dns", "Name servers, two at most, in order of use.", type="list"),
    Field("vlan", "Management VLAN; null for untagged.", type="int", nullable=True, minimum=1, maximum=4094),
)

DEVICES = Resource(
    system="meraki",
    name="device",
    doc="Équipement (commutateur, borne Wi-Fi)",
    key=("serial",),
    parents={"network": ""},
    endpoint=At("", "/devices/{serial}"),
    known=frozenset({"model", "mac", "networkId", "productType", "firmware"}),
    initial={"name": None, "tags": [], "address": "", "notes": None},
    fields=(
        Field("serial", "Serial number; the device's identity.", required=True, normalise=str.upper, path_only=True),
        Field(
            "replaces",
            "Serial number of the device whose place it took.",
            normalise=str.upper,
            create_only=True,
            path_only=True,
        ),
        Field("name", "Name of the device.", nullable=True),
        Field("tags", "Tags of the device.", type="list", unordered=True, default=[], normalise=str.strip),
        Field("address", "Street address, shown on the Dashboard's map.", nullable=True),
        Field("lat", "Latitude, degrees.", type="float"),
        Field("lng", "Longitude, degrees.", type="float"),
        Field("notes", "Notes, 255 characters at most.", nullable=True, default=None, maximum=255),
        Field(
            "management_interface",
            "Address by which the device reaches the Dashboard. A mistake here cuts the device off, hence the guard.",
            type="dict",
            part=At("/devices/{serial}/managementInterface"),
            guard="management",
            of=(Field("wan1", "The only interface of switches and access points.", type="dict", of=WAN1),),
        ),
    ),
)


CLAIMED: Item = {**DEVICES.initial, "management_interface": {"wan1": {"using_static_ip": False, "vlan": None}}}
"""State of a device once claimed: its release has erased everything, its address included."""


def _as_claimed(operation: Operation) -> Operation:
    return replace(operation, before=CLAIMED) if operation.action == "create" else operation


class Devices(MerakiDriver):
    resource = DEVICES
    options = (NETWORK, REPLACED, CARRIED)
    sees_all = False

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self._addresses: dict[str, Any] = {}
        """Management interface of the replaced device, by the serial number of the new."""

    @cached_property
    def _heirs(self) -> Mapping[str, str]:
        return heirs(self)

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the devices of the network, with the parts that the task declares."""
        live = {document["serial"]: self.canonical(document["serial"], document) for document in self._list(fresh)}
        for item in desired:
            if item["serial"] in live and "replaces" in item:
                live[item["serial"]]["replaces"] = item["replaces"]
        named = {item["serial"] for item in desired}
        couples = {serial for new, old in self._heirs.items() if new in named for serial in (new, old)}
        desired = [{"management_interface": None, **item} if item["serial"] in couples else item for item in desired]
        planned = {
            item["serial"]: self._planned(item)
            for item in desired
            if item["serial"] not in live and self.dashboard.planned_in("device", self.scope, item["serial"])
        }
        asked = {serial: {"management_interface": None} for serial in couples}
        self.read_parts(live, asked | {item["serial"]: item for item in desired}, whole=whole, fresh=fresh)
        return {**live, **planned}

    def inherited(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Sequence[Item]:
        """Give a new device the place and the address of the device that it replaces."""
        old = {serial: live[serial] for serial in self._heirs.values() if serial in live}
        self._addresses = {
            new: old[serial].get("management_interface") for new, serial in self._heirs.items() if serial in old
        }
        # The system puts a device without an address at coordinates of its own.
        unplaced = {new for new, serial in self._heirs.items() if serial in old and not old[serial].get("address")}
        completed = inherit(self, desired, old, ("name",))
        return [
            {name: value for name, value in item.items() if name not in ("lat", "lng")}
            if item["serial"] in unplaced
            else item
            for item in completed
        ]

    def _list(self, fresh: bool) -> list[dict[str, Any]]:
        if not self.exists:
            return []
        network_id = self.network_id
        if not fresh:
            return [item for item in self.dashboard.devices() if item.get("networkId") == network_id]
        path = f"/organizations/{self.dashboard.organization}/devices"
        return [
            self.dashboard.learn("devices", "serial", document, DEVICE_KEYS)
            for document in self.dashboard.pages(path, 1000, {"networkIds[]": [network_id]})
        ]

    def _planned(self, desired: Item) -> Item:
        """Build the state, before this task, of a device that check mode has planned."""
        item = {**DEVICES.initial, **self.dashboard.planned_in("device", self.scope, desired["serial"])}
        if "management_interface" in desired:
            item["management_interface"] = CLAIMED["management_interface"]
        return item

    def _check_available(self, serials: Sequence[str]) -> None:
        """Refuse serials in service in another network: to move a device is a person's decision."""
        if not serials:
            return
        places = {item["serial"]: item.get("networkId") for item in self.dashboard.inventory()}
        names = {network["id"]: network["name"] for network in self.dashboard.networks()}
        elsewhere = [
            f"{serial} ({names.get(places[serial] or '', 'réseau inconnu')})"
            for serial in serials
            if places.get(serial)
        ]
        if elsewhere:
            raise Conflict(
                f"{agreed(len(elsewhere), 'équipement(s) déjà affecté(s)')} à un autre réseau : {', '.join(elsewhere)}",
                where=self.scope,
                todo="Si c’est le réseau du site sous un autre nom, donnez ce nom (« formerly » du réseau, "
                "network_formerly du rôle) : il sera renommé. Sinon retirez-les-en d’abord (state: deleted dans sa "
                "tâche), ou corrigez le numéro de série.",
            )

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"serial": key}

    def label(self, key: str, item: Item) -> str:
        return str(item.get("name") or key)

    def subjects(self, operation: Operation) -> Iterable[str]:
        """Also name the device whose address an operation takes."""
        return (*super().subjects(operation), *filter(None, [self._heirs.get(operation.key)]))

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        self._check_available([operation.key for operation in operations if operation.action == "create"])
        self._check_models([operation.key for operation in operations if operation.action == "create"])
        needed: dict[str, str] = {}
        addressed: list[Operation] = []
        for operation in operations:
            if operation.action == "delete":
                needed[f"release:{operation.key}"] = f"retirer {operation.name} du réseau efface sa configuration"
            elif self._takes_the_address(operation):
                addressed.append(operation)
            elif "management" in self.guards_of(_as_claimed(operation)):
                needed[f"management:{operation.key}"] = (
                    f"une erreur d’adresse d’administration rend {operation.name} injoignable"
                )
        needed |= self._gateways_lost([operation.key for operation in operations if operation.action == "delete"])
        answering = online(self.dashboard, [self._heirs[operation.key] for operation in addressed])
        return needed | {
            f"online:{old}": f"il répond encore : {operation.key} aurait la même adresse d’administration que lui"
            for operation in addressed
            if (old := self._heirs[operation.key]) in answering
        }

    def abandoned(self, desired: Sequence[Item]) -> Iterator[Orphan]:
        """Yield the devices of the network that nobody declares."""
        declared = {*(item["serial"] for item in desired), *self._heirs.values()}
        for serial, device in self.raw.items():
            if serial not in declared:
                key = f"{serial} ({device['name']})" if device.get("name") else serial
                yield abandoned("device", key, "redéclarez-le (switches, access_points), ou retirez-le au Dashboard")

    def _gateways_lost(self, leaving: Sequence[str]) -> dict[str, str]:
        """Find the replaced switches that route alone what their replacement does not route yet."""
        lost: dict[str, str] = {}
        for pair in self.replaced:
            if pair["serial"] in leaving and (vlans := self._routed(pair["serial"]) - self._routed(pair["by"])):
                lost[f"gateway:{pair['serial']}"] = (
                    f"il porte {agreed(len(vlans), 'passerelle(s)')} que {pair['by']} n’a pas (domaine routing) : VLAN "
                    + ", ".join(map(str, sorted(vlans)))
                )
        return lost

    def _routed(self, serial: str) -> set[int]:
        """VLANs that a switch routes alone, those planned by check mode included."""
        kind = kinds.BY_MODULE["meraki_routed_interfaces"]
        driver = kind.driver_class(self.dashboard, self.vault, self.owner, "")
        live = [int(item["vlan"]) for item in driver.of_carrier(self.scope, serial)]
        planned = self.dashboard.planned(kind.table.name)
        return {*live, *(int(key.rpartition("/")[2]) for key in planned if key.startswith(f"{self.scope}/{serial}/"))}

    def _takes_the_address(self, operation: Operation) -> bool:
        """True where a new device gets the address of the device that it replaces."""
        if operation.key not in self._addresses or "management" not in self.guards_of(_as_claimed(operation)):
            return False
        return stable(self._addresses[operation.key]) == stable((operation.after or {})["management_interface"])

    def _check_models(self, serials: Sequence[str]) -> None:
        """Refuse a new device that is of another model than the declaration says."""
        wanted = {pair["by"]: pair["model"] for pair in self.replaced if pair.get("model") and pair["by"] in serials}
        known = {item["serial"]: str(item.get("model") or "") for item in self.dashboard.inventory()} if wanted else {}
        others = [
            f"{serial} est un {known[serial]}, déclaré {model}"
            for serial, model in wanted.items()
            if known.get(serial) and not known[serial].startswith(model)
        ]
        if others:
            raise Conflict(
                f"le matériel n’est pas celui de la déclaration : {', '.join(others)}",
                where=self.scope,
                todo="Corrigez le modèle (model) ou le numéro de série, puis relancez.",
            )

    def contents(self, key: str) -> dict[str, Any]:
        """Contents of a device that its release erases: all that it is part of."""
        item = self.gather([{"serial": key, "management_interface": None}], whole=False, fresh=False)[key]
        holds = {"meraki_devices": {"config": [exported(DEVICES.fields, item, {"owner": self.owner})]}}
        for kind in kinds.within("meraki_devices"):
            if kind.driver_class.product_type == self.raw[key]["productType"]:
                driver = kind.driver_class(self.dashboard, self.vault, self.owner, self.scope)
                holds[kind.module] = {"config": export(driver, self.owner, [{"serial": key}])}
        if self.raw[key]["productType"] == "switch":
            holds |= self._shared(key)
        known: dict[str, Any] = without_values(holds)
        return known

    def _shared(self, serial: str) -> dict[str, dict[str, Any]]:
        """Stacks and aggregations that a switch is part of, and what it routes alone."""
        holds: dict[str, dict[str, Any]] = {}
        for module, field in (("meraki_switch_stacks", "members"), ("meraki_link_aggregations", "ports")):
            driver = kinds.BY_MODULE[module].driver_class(self.dashboard, self.vault, self.owner, self.scope)
            items = [item for item in export(driver, self.owner) if serial in item[field]]
            holds |= {module: {"config": items}} if items else {}
        for module in ("meraki_routed_interfaces", "meraki_static_routes"):
            driver = kinds.BY_MODULE[module].driver_class(self.dashboard, self.vault, self.owner, "")
            if items := driver.of_carrier(self.scope, serial):
                holds[module] = {"config": items}
        return holds

    def announce(self, planned: Plan) -> None:
        known = self.dashboard.planned("device")
        for operation in planned.operations:
            if operation.action != "delete":
                after, before = operation.after or {}, known.get(operation.key) or {"new": False, "item": {}}
                content = {name: after[name] for name in ("serial", "name") if name in after}
                new = operation.action == "create" or before["new"]
                entry = {"network": self.scope, "new": new, "item": {**before["item"], **content}}
                self.dashboard.plan_object("device", operation.key, entry)

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        try:
            self._apply(operations, progress)
        except BaseException:
            self.dashboard.shared.forget("devices")  # no reading back will bring the list of the run up to date
            raise

    def _apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        new = [operation for operation in operations if operation.action == "create"]
        if new:
            with progress.sending(*new):
                refused = self._claim([operation.key for operation in new])
            progress.begun(operation for operation in new if operation.key not in refused)
            self._check_claimed(refused)
        send(
            self.dashboard,
            [write for operation in operations if operation.action != "delete" for write in self.writes(operation)],
            progress,
            self.fresh,
        )
        for operation in operations:
            if operation.action == "delete":
                with progress.sending(operation):
                    self._leave_stack(operation.key)
                    self.dashboard.request(
                        "POST", f"/networks/{self.network_id}/devices/remove", body={"serial": operation.key}
                    )
                self.dashboard.unlearn("devices", "serial", operation.key)
                self.dashboard.shared.forget("inventory")
                progress.done(operation)
            elif not list(self.writes(operation)):
                progress.done(operation)

    def _leave_stack(self, serial: str) -> None:
        """Take a switch out of its stack, which stays one without it, before it leaves the network.

        Nothing public says what a network does with a stack whose member leaves; the smallest stack goes with it.
        """
        if self.raw[serial].get("productType") != "switch":
            return
        for stack in SwitchStacks.documents(self.dashboard, self.network_id):
            if serial in stack["members"] and len(stack["members"]) > LEAST:
                path = f"/networks/{self.network_id}/switch/stacks/{stack['id']}/remove"
                self.dashboard.request("POST", path, body={"serial": serial})
                self.dashboard.shared.forget(f"stacks-{self.network_id}")

    def _claim(self, serials: Sequence[str]) -> dict[str, list[str]]:
        """Claim devices into the network; return the reasons, by serial, for those that are refused."""
        known = {item["serial"] for item in self.dashboard.inventory()}
        unknown = [serial for serial in serials if serial not in known]
        if unknown:
            try:
                path = f"/organizations/{self.dashboard.organization}/inventory/claim"
                self.dashboard.request("POST", path, body={"serials": unknown})
            except Rejected as error:
                raise Missing(
                    f"{agreed(len(unknown), 'numéro(s) de série que Meraki refuse')} d’acquérir : {', '.join(unknown)}",
                    where=self.scope,
                    why=error.why,
                    todo="Vérifiez l’étiquette de l’équipement et la commande.",
                ) from error
            self.dashboard.shared.forget("inventory")
            self._check_models(unknown)
        try:
            path = f"/networks/{self.network_id}/devices/claim"
            answer = self.dashboard.request("POST", path, body={"serials": list(serials)}).mapping()
        finally:
            # If the answer is lost, the claim may be done: later requests to these devices need patience.
            now = self.dashboard.clock.time()
            self.dashboard.shared.update("claimed", lambda claimed: {**(claimed or {}), self.scope: now})
        errors = listed(answer.get("errors"))
        return {text(entry["serial"]): [str(error) for error in listed(entry.get("errors"))] for entry in errors}

    def _check_claimed(self, refused: Mapping[str, Sequence[str]]) -> None:
        if refused:
            raise Rejected(
                "affectation refusée pour " + ", ".join(refused),
                where=self.scope,
                why=" ; ".join(error for errors in refused.values() for error in errors),
            )

    def writes(self, operation: Operation) -> Iterator[Write]:
        yield from super().writes(_as_claimed(operation))

    def read_parts(
        self, items: dict[str, Item], desired: Mapping[str, Mapping[str, Any]], *, whole: bool, fresh: bool
    ) -> None:
        retry_fresh(self, lambda: super(Devices, self).read_parts(items, desired, whole=whole, fresh=fresh))
