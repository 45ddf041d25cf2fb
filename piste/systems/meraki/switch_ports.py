"""Switch ports, read for many switches at once or switch by switch; uplinks are guarded.

Source: Dashboard API, `getDeviceSwitchPorts`, `updateDeviceSwitchPort`, `getOrganizationSwitchPortsBySwitch`. The
organization-wide list omits fifteen of the updatable fields, the access policy among them. It serves to see that
nothing is to do; a change is planned, checked again and read back from the switch's own list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Self

from piste.engine.converge.errors import Missing
from piste.engine.converge.normalise import Names
from piste.engine.converge.overlay import overlay
from piste.engine.converge.plan import Item, Operation, Plan, changed_fields
from piste.engine.converge.reading import listed, text
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Vault
from piste.engine.converge.values import stable
from piste.engine.words import agreed
from piste.systems.meraki.access_policies import AccessPolicies
from piste.systems.meraki.collection import Collection
from piste.systems.meraki.connection import NETWORK
from piste.systems.meraki.dashboard import SWITCHES_A_PAGE, Dashboard, fill
from piste.systems.meraki.driver import LazyNames, MerakiDriver, defaults, retry_fresh
from piste.systems.meraki.link_aggregations import ports_of
from piste.systems.meraki.neighbours import UPLINK, bare, cut_off, facing
from piste.systems.meraki.port_schedules import PortSchedules
from piste.systems.meraki.replaced import REPLACED, heirs, inherit, same_model
from piste.systems.meraki.switch_port_table import CUSTOM, OVERVIEW, SWITCH_PORTS
from piste.systems.meraki.vlans import ALL, keeps

_GUARDED = frozenset(entry.name for entry in SWITCH_PORTS.fields if entry.guard)
_MODULES = {"access_policy": "meraki_access_policies", "port_schedule": "meraki_port_schedules"}
_LEFT = (
    ("left_policy", "accessPolicyNumber", {"access_policy", "access_policy_type"}),
    ("left_port_schedule", "portScheduleId", {"port_schedule"}),
)
"""Objects that a port may leave: their name in check mode, the wire field of their id, the fields that change it."""
PAGES = 2
"""Most pages of the overview of ports that the tasks of a run read to share them."""
Ports = list[dict[str, Any]]
HOLDER = Field("holder", "Site whose network it is, where it is not the owner's: the name of each port says so.")


class SwitchPorts(MerakiDriver):
    resource = SWITCH_PORTS
    options = (NETWORK, REPLACED, HOLDER)
    product_type = "switch"

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        kinds = {"access_policy": AccessPolicies, "port_schedule": PortSchedules}
        self._names = LazyNames({name: partial(self._named, kind) for name, kind in kinds.items()})
        self._suffix = ""
        self._labels: dict[str, str] = {}
        self._located: dict[str, dict[str, Any]] = {}
        """Switches of the network, by serial, that the overview has located where the run has not read the lists."""
        self._facing: dict[str, tuple[str, str]] = {}
        """Guard word and reason of the ports asked about and of uplinks; empty for a port that faces nothing."""

    @classmethod
    def of(cls, connection: Dashboard, request: Request, params: Mapping[str, Any]) -> Self:
        driver = super().of(connection, request, params)
        driver._suffix = f" ({params['holder']})" if params.get("holder") else ""
        return driver

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the ports of the switches that the task names, or of all switches of the network."""
        named: dict[str, list[Item]] = {}
        for item in desired:
            named.setdefault(item["serial"], []).append(item)
        overview: dict[str, Ports] = {}
        if self.only_declared and not whole and (self.new_place if fresh else not self.fresh()):
            overview = self._overview(named, fresh=fresh)
        switches = self._located or self._switches()
        serials = list(named) or (list(switches) if whole else [])
        strangers = [serial for serial in serials if serial not in switches]
        if strangers:
            raise Missing(
                f"{agreed(len(strangers), 'commutateur(s) absent(s)')} du réseau : {', '.join(strangers)}",
                where=self.scope,
                todo="Affectez-les d’abord (tâche meraki_devices), ou corrigez le numéro de série.",
            )
        live: dict[str, Item] = {}
        closely: list[str] = []
        for serial in serials:
            if switches[serial]["planned"]:
                live |= {SWITCH_PORTS.key_of(item): self._planned(item) for item in named[serial]}
            elif ports := self._settled(serial, overview.get(serial), named.get(serial, ())):
                live |= ports
            else:
                closely.append(serial)
        for serial, listing in zip(closely, self.dashboard.transport.map(self._read, closely), strict=True):
            live |= self._ports(serial, listing)
        self._labels = {serial: switches[serial]["name"] or serial for serial in serials}
        self._check_names(desired, "access_policy", "politique(s) d’accès inexistante(s)", "les politiques")
        self._check_names(desired, "port_schedule", "horaire(s) de ports inexistant(s)", "les horaires")
        return live

    @cached_property
    def _heirs(self) -> Mapping[str, str]:
        return heirs(self)

    def inherited(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Sequence[Item]:
        """Give the declared ports of a new switch the live settings of the same ports of the old."""
        named = {item["serial"] for item in desired}
        pairs = {new: old for new, old in self._heirs.items() if new in named}
        old = {key: port for serial in pairs.values() for key, port in self._ports(serial, self._read(serial)).items()}
        # A speed that a model knows may be unknown to another.
        return inherit(self, desired, old, () if same_model(self, pairs) else ("link_negotiation",)) if old else desired

    def _ports(self, serial: str, ports: Ports) -> dict[str, Item]:
        items: dict[str, Item] = {}
        for port in ports:
            port_id = text(port["portId"])
            key = f"{serial}/{port_id}"
            item = self.canonical(key, {k: v for k, v in port.items() if k != "portId"})
            items[key] = {"serial": serial, "port_id": port_id, **item}
        return items

    def _overview(self, named: Mapping[str, Sequence[Item]], *, fresh: bool) -> dict[str, Ports]:
        """Ports in the organization-wide list, by serial; empty where it is not worth its call.

        All tasks of a run share the list of all switches, where it is not longer than some pages. Else it is worth its
        call for several switches, if it has all their declared fields; and where the run has read neither networks nor
        devices, since it shows in one call that the switches work in the task's network.
        """
        located = self.dashboard.located
        asked = [serial for serial, items in named.items() if not located or _is_shown(items)]
        if not asked:
            return {}
        shared = located and not fresh and self._is_short()
        if located and not shared and len(asked) == 1:
            return {}
        known = self.dashboard.ports(() if shared else asked)
        switches = [known[serial] for serial in asked if serial in known]
        by_serial = {serial: listed(known[serial]["ports"]) for serial in asked if serial in known}
        if not located:
            networks = {(text(switch["network"]["id"]), text(switch["network"]["name"])) for switch in switches}
            if by_serial.keys() != set(asked) or [name for _, name in networks] != [self.scope]:
                return {}  # the lists will show what is wrong
            self.network_id = next(identifier for identifier, _ in networks)
            self._located = {switch["serial"]: {"name": _name(switch), "planned": False} for switch in switches}
        return by_serial

    def _is_short(self) -> bool:
        """True where the ports of all switches of the organization are on few pages."""
        switches = [device for device in self.dashboard.devices() if device.get("productType") == self.product_type]
        return len(switches) <= PAGES * SWITCHES_A_PAGE

    def _settled(self, serial: str, ports: Ports | None, desired: Sequence[Item]) -> dict[str, Item]:
        """Ports of a switch in the overview, if it shows all declared fields, as declared."""
        if ports is None or serial in self._heirs or not _is_shown(desired):
            return {}
        live = self._ports(serial, ports)
        for item in desired:
            known = live.get(SWITCH_PORTS.key_of(item), {})
            if stable(overlay(SWITCH_PORTS.fields, known, item, whole=False)) != stable(known):
                return {}
        return live

    def _planned(self, desired: Item) -> Item:
        """Build the port of a switch that check mode has planned, as the claim will make it."""
        names = {name: desired[name] for name in SWITCH_PORTS.key}
        # Only the declaration knows the model of a switch that the organization has not claimed yet.
        model = self._models.get(desired["serial"])
        powered = {"poe_enabled": model.endswith("P") if model else "poe_enabled" in desired}
        return {**names, **defaults(SWITCH_PORTS.fields), **SWITCH_PORTS.initial, **powered}

    @cached_property
    def _models(self) -> dict[str, str]:
        return {device["serial"]: str(device["model"]) for device in self.dashboard.inventory()}

    @cached_property
    def _awaited(self) -> set[str]:
        """Policies that the network would have if their secret were known."""
        return set(self.dashboard.planned("withheld_policy").get(self.scope, ()))

    def lacks(self, item: Item) -> str:
        name = item.get("access_policy")
        return f"attend la politique d’accès « {name} », à qui manque un secret" if name in self._awaited else ""

    def _check_names(self, desired: Sequence[Item], field: str, what: str, kind: str) -> None:
        """Refuse a name that the network does not have; `field` is also the kind that it names."""
        asked = {str(item[field]) for item in desired if item.get(field) is not None} - self._awaited
        unknown = sorted(asked - set(self._names[field].values())) if asked else []
        if unknown:
            raise Missing(
                f"{agreed(len(unknown), what)} : {', '.join(unknown)}",
                where=self.scope,
                todo=f"Convergez d’abord {kind} (tâche {_MODULES[field]}), ou corrigez leur nom.",
            )

    def _switches(self) -> dict[str, dict[str, Any]]:
        """Switches of the network, those planned by check mode included."""
        known = {
            device["serial"]: {"name": device.get("name"), "planned": False}
            for device in self.dashboard.devices()
            if self.exists
            and device.get("networkId") == self.network_id
            and device.get("productType") == self.product_type
        }
        for serial, device in self.dashboard.planned("device").items():
            if device["network"] == self.scope:
                known.setdefault(serial, {"name": None, "planned": device["new"]})
                known[serial]["name"] = device["item"].get("name", known[serial]["name"])
        return known

    def _read(self, serial: str) -> Any:
        return retry_fresh(self, lambda: self.dashboard.items(fill(SWITCH_PORTS.endpoint.read, {"serial": serial})))

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        serial, _, port_id = key.partition("/")
        return {"serial": serial, "port_id": port_id}

    def label(self, key: str, item: Item) -> str:
        serial, _, port_id = key.partition("/")
        return f"{self._labels.get(serial, serial)}/{port_id}{self._suffix}"

    def strays(self, desired: Sequence[Item]) -> Iterator[tuple[str, str]]:
        """Yield the declared ports whose speed somebody has set, which no declaration says."""
        left = {self.resource.key_of(item) for item in desired if "link_negotiation" not in item}
        for key in sorted(left & self.raw.keys()):
            speed = self.raw[key].get("linkNegotiation")
            if speed and speed != SWITCH_PORTS.field("link_negotiation").default:
                yield self.label(key, {}), f"débit imposé : {speed}"

    def names(self) -> Names:
        """Access policies by number and schedules by id, read once and only where a port needs them."""
        return self._names

    def _named(self, kind: type[Collection]) -> dict[str, str]:
        return kind.names_in(self.dashboard, self.scope, self.network_id)

    def announce(self, planned: Plan) -> None:
        """Announce the policies and schedules that ports will leave, so that those may be removed."""
        for kind, wire, fields in _LEFT:
            left = {
                operation.key: str(known)
                for operation in planned.operations
                if (known := self.raw.get(operation.key, {}).get(wire)) and fields & set(changed_fields(operation))
            }
            if left:
                before = self.dashboard.planned(kind).get(self.scope, {})
                self.dashboard.plan_object(kind, self.scope, {**before, **left})

    def reset(self, key: str, item: Item) -> Item:
        return {name: value for name, value in defaults(SWITCH_PORTS.fields).items() if name in item}

    @classmethod
    def relies(cls, operation: Operation, waiting: Operation) -> bool:
        """Also let the ports of an aggregation wait with it: they are a single link."""
        ports = {*ports_of(waiting.key), *ports_of(waiting.place)} if waiting.kind == "link_aggregation" else ()
        return super().relies(operation, waiting) or operation.key in ports

    def rests_on(self, operation: Operation) -> Sequence[str]:
        return ["meraki.link_vlans"] if operation.key in self.raw and is_first_list(operation) else []

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Guards of the ports that face the rest of the network, as the switches themselves report."""
        candidates = [operation for operation in operations if self._cuts(operation)]
        self._faces([operation.key for operation in candidates])
        candidates += self._isolating(operations)
        return {
            f"{word}:{operation.key}": f"{operation.name} {why}"
            for operation in candidates
            for word, why in [self._facing[operation.key]]
            if word
        }

    def _isolating(self, operations: Sequence[Operation]) -> list[Operation]:
        """Find the first lists of trunks that leave out a VLAN by which somebody manages a switch."""
        first = {
            operation.key: operation
            for operation in operations
            if operation.key in self.raw and is_first_list(operation) and _lets_pass(operation)
        }
        lists = {key: str((operation.after or {})["allowed_vlans"]) for key, operation in first.items()}
        # A switch out of its box is managed by the native VLAN.
        cut = retry_fresh(self, lambda: cut_off(self.dashboard, lists)) if lists and not self.fresh() else {}
        self._facing |= {key: (UPLINK, why) for key, why in cut.items()}
        return [first[key] for key in cut]

    def _cuts(self, operation: Operation) -> bool:
        """True for a change of a live port that cuts off what is behind it if the change is wrong."""
        return operation.key in self.raw and "uplink" in self.guards_of(operation) and not _lets_pass(operation)

    def _faces(self, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        unknown = [key for key in keys if key not in self._facing]
        if unknown:
            reported = retry_fresh(self, lambda: facing(self.dashboard, unknown))
            self._facing |= dict.fromkeys(unknown, ("", "")) | reported
        return self._facing

    def last(self, operation: Operation) -> bool:
        known = self._faces([operation.key]) if self._cuts(operation) else self._facing
        word, _ = known.get(operation.key, ("", ""))
        return word == UPLINK

    def body(self, operation: Operation) -> dict[str, Any]:
        """Body of a change; the Dashboard wants the policy number and the custom type together."""
        body = super().body(operation)
        after = operation.after or {}
        if "accessPolicyNumber" in body:
            body["accessPolicyType"] = after.get("access_policy_type", CUSTOM)
        return body


def is_first_list(operation: Operation) -> bool:
    """True for a trunk as the system made it, which gets its first list of VLANs."""
    before, after = (str((content or {}).get("allowed_vlans")) for content in (operation.before, operation.after))
    return before == ALL and after != ALL


def _lets_pass(operation: Operation) -> bool:
    """True where a trunk only gets another list of VLANs, which keeps what somebody has chosen."""
    if set(changed_fields(operation)) & _GUARDED != {"allowed_vlans"}:
        return False
    before, after = (content or {} for content in (operation.before, operation.after))
    return keeps(str(before.get("allowed_vlans", "")), str(after.get("allowed_vlans", "")))


def _is_shown(desired: Sequence[Item]) -> bool:
    """True where the overview shows all declared fields of these ports.

    A port that is only named is to be reset whole, hence not shown.
    """
    return all(
        OVERVIEW.issuperset(fields) and fields for item in desired for fields in [item.keys() - set(SWITCH_PORTS.key)]
    )


def _name(switch: Mapping[str, Any]) -> str | None:
    """Name of a switch in the overview; without a name it shows its MAC address.

    This is [belief meraki.unnamed_switch].
    """
    name = text(switch["name"])
    return None if bare(name) == bare(text(switch["mac"])) else name
