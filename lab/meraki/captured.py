"""An organization made of the answers of a real organization.

Configuration becomes state, so that writes change it. What only the system knows (statuses, neighbours, histories) is
served as it was answered. Fields that the simulator does not have are joined to its answers. What cannot be taken is
listed: each captured answer is compared with that of the simulator at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from lab.beyond import Captured, missing, with_secrets
from lab.clock import Clock
from lab.meraki import firmware, ports, radio, settings, ssids
from lab.meraki.as_answered import AS_ANSWERED, PAGING, asked, identity
from lab.meraki.operations import Operation, route
from lab.meraki.simulator import MerakiSimulator
from lab.meraki.world import ORGANIZATION_ID, Json, World, public
from lab.seeds import unassigned
from lab.seeds.inventory import Inventory

KINDS = {"switch": "switch", "wireless": "access_point"}
_OURS = frozenset({"url", "organizationId", "claimedAt"})
"""Fields that name the lab itself, or its own moments."""
_SYNTHETIC = ("Wireless clients accessing LAN", "Default rule")
_PORTS = 512
"""Most ports of a switch: a capture from elsewhere makes no larger one."""
_MOST = 200
"""Most lines of what could not be taken."""


class Heard(NamedTuple):
    """The answer to an operation on some ids, its pages joined; `whole`: without a filter."""

    operation: Operation
    ids: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    content: Any
    whole: bool


def world_of(
    answers: Iterable[Captured], inventory: Inventory, clock: Clock, secrets: Mapping[str, str]
) -> tuple[World, list[str]]:
    """Build the state of an organization from its answers; list what could not be taken."""
    maker = _Maker(World(), inventory, clock, secrets)
    return maker.world, maker.made([*answers])


class _Maker:
    def __init__(self, world: World, inventory: Inventory, clock: Clock, secrets: Mapping[str, str]) -> None:
        self.world, self._clock, self._secrets = world, clock, secrets
        self._declared = {entry["serial"]: entry for entry in inventory}
        self._heard: dict[tuple[Any, ...], Heard] = {}
        self._left: list[str] = []

    def made(self, answers: list[Captured]) -> list[str]:
        for answer in answers:
            self._hear(answer)
        for network in self._all("getOrganizationNetworks"):
            self._network(network)
        for device in self._all("getOrganizationInventoryDevices"):
            self._device(device)
        for device in self._all("getOrganizationDevices"):
            self._device(device)
        for serial, entry in self._declared.items():
            # What the town declares and the capture does not have is on the shelf.
            if serial not in self.world.devices:
                self.world.data.setdefault("released", {})[serial] = unassigned(entry, self._clock)
        for take in (self._stack, self._settings, self._lists, self._of_device, self._layer3):
            for heard in self._heard.values():
                take(heard)
        self._overview()
        self._compare()
        more = len(self._left) - _MOST
        return [*self._left[:_MOST], *([f"et {more} autres"] if more > 0 else [])]

    # what was heard

    def _hear(self, answer: Captured) -> None:
        path = answer.path
        if path.startswith("/organizations/"):
            _, _, organization, *rest = path.split("/")
            path = "/".join(["/organizations", ORGANIZATION_ID, *rest]) if organization else path
        routed = route("GET", path)
        if routed is None:
            self._left.append(f"{answer.path} : le laboratoire n’a pas cette lecture")
            return
        if answer.status != 200:
            return
        operation, ids = routed
        query = tuple(sorted(pair for pair in answer.query if pair[0] not in PAGING))
        key = (operation.name, *ids.values(), *(query if operation.name in AS_ANSWERED else ()))
        content = _items(operation, with_secrets(answer.answer, self._secrets))
        former = self._heard.get(key)
        whole = not query or bool(former and former.whole)
        if former is not None and isinstance(content, list) and operation.page is not None:
            content = list({identity(item): item for item in [*former.content, *content]}.values())
        self._heard[key] = Heard(operation, ids, query, content, whole)

    def _all(self, name: str) -> list[Json]:
        return [item for heard in self._heard.values() if heard.operation.name == name for item in heard.content]

    # networks and devices

    def _network(self, shown: Json) -> None:
        names = ("id", "name", "productTypes", "timeZone", "tags", "notes", "enrollmentString")
        empty: Json = {name: {} for name in ("settings", "ssids", "policies", "port_schedules", "rf_profiles")}
        kept = {"timeZone": "Europe/Paris", "tags": [], "notes": None, "enrollmentString": None}
        kept |= {name: shown[name] for name in names if name in shown}
        bound = {"bound": True} if shown.get("isBoundToConfigTemplate") else {}
        self.world.networks[shown["id"]] = {**kept, **bound, **empty, "next_policy": 1}

    def _device(self, shown: Json) -> None:
        serial, known = shown["serial"], self.world.devices.get(shown["serial"])
        kind = KINDS.get(shown.get("productType", ""))
        if kind is None:
            self._left.append(f"{serial} : le laboratoire n’a pas d’équipement « {shown.get('productType')} »")
            return
        if known is None:
            numbers = self._port_numbers(serial)
            made = {
                "serial": serial, "site": "", "ports": max(numbers, default=0), "copper": max(numbers, default=0),
                "uplink_port": str(max(numbers, default=1)), "neighbours": {}, "cabled": {}, "clients": [],
            }  # fmt: skip
            known = unassigned(self._declared.get(serial, made), self._clock)
            self.world.devices[serial] = known
        known |= {"kind": kind} | {name: shown[name] for name in ("model", "mac", "networkId") if name in shown}
        known |= {name: shown[name] for name in ("claimedAt", "firmware", "lanIp") if shown.get(name)}
        names = ("name", "tags", "lat", "lng", "address", "notes")
        known["config"] |= {name: shown[name] for name in names if name in shown}

    def _port_numbers(self, serial: str) -> list[int]:
        switches = [switch for switch in self._all("getOrganizationSwitchPortsBySwitch") if switch["serial"] == serial]
        listed = [port for switch in switches for port in switch["ports"]]
        listed += [port for heard in self._of("getDeviceSwitchPorts", serial) for port in heard.content]
        numbers = [str(port["portId"]) for port in listed if str(port["portId"]).isdecimal()]
        for number in numbers:
            if len(number) > len(str(_PORTS)) or not 1 <= int(number) <= _PORTS:
                raise ValueError(f"{serial} : port {number:.20}, alors qu’un commutateur en a de 1 à {_PORTS}")
        return [int(number) for number in numbers]

    def _of(self, name: str, *ids: str) -> list[Heard]:
        return [heard for key, heard in self._heard.items() if key[: 1 + len(ids)] == (name, *ids)]

    # the parts of a network

    def _stack(self, heard: Heard) -> None:
        """Take the stacks first: aggregations and layer 3 lie on them."""
        if heard.operation.name == "getNetworkSwitchStacks" and (network := self._network_of(heard)) is not None:
            stacks = {stack["id"]: {name: stack[name] for name in ("id", "name", "serials")} for stack in heard.content}
            network["stacks"] = stacks

    def _network_of(self, heard: Heard) -> Json | None:
        return self.world.networks.get(heard.ids.get("networkId", ""))

    def _settings(self, heard: Heard) -> None:
        name, network = heard.operation.name.removeprefix("get"), self._network_of(heard)
        if network is None:
            return
        if name in settings.OF_NETWORK:
            network["settings"][name] = _stored(name, heard.content)
        elif name in settings.OF_SSID:
            every = network.setdefault("ssid_settings", {})
            every.setdefault(heard.ids["number"], {})[name] = _stored(name, heard.content)

    def _lists(self, heard: Heard) -> None:
        name, network, content = heard.operation.name, self._network_of(heard), heard.content
        if name == "getOrganizationDevicesSyslogServersByNetwork":
            for entry in content:
                if entry["network"]["id"] in self.world.networks:
                    self.world.networks[entry["network"]["id"]]["settings"]["syslog"] = entry["servers"]
        if network is None:
            return
        if name in ("getNetworkWirelessSsids", "getNetworkWirelessSsid"):
            for ssid in content if isinstance(content, list) else [content]:
                first = ssids.initial(ssid["number"])
                changed = {k: v for k, v in ssid.items() if k not in first or first[k] != v}
                network["ssids"][str(ssid["number"])] = changed
        elif name == "getNetworkSwitchAccessPolicies":
            for policy in content:
                self._policy(network, policy)
        elif name == "getNetworkSwitchPortSchedules":
            network["port_schedules"] = _by(content, "id", "networkId")
        elif name == "getNetworkWirelessRfProfiles":
            own = [profile for profile in content if profile["id"] not in radio.BUILT_IN]
            network["rf_profiles"] = _by(own, "id", "networkId")
        elif name == "getNetworkSwitchLinkAggregations":
            network["aggregations"] = {entry["id"]: entry["switchPorts"] for entry in content}
        elif name == "getNetworkFirmwareUpgrades":
            firmware.captured(network, content)
        elif name == "getNetworkSwitchQosRules":
            network["qos"] = _by(content, "id")
        elif name.endswith("TrustedServers"):
            network["trusted"] = _by(content, "trustedServerId")

    def _policy(self, network: Json, shown: Json) -> None:
        number = str(shown["accessPolicyNumber"])
        kept = {key: value for key, value in shown.items() if key not in ("accessPolicyNumber", "counts")}
        for name in ("radiusServers", "radiusAccountingServers"):
            servers = kept.get(name) or []
            kept[name] = [{**server, "_secret": self.world.seal("inconnu")} for server in servers]
        network["policies"][number] = {"guestPortBouncing": False, **kept}
        network["next_policy"] = max(network["next_policy"], int(number) + 1)

    # the parts of a device

    def _of_device(self, heard: Heard) -> None:
        name, device = heard.operation.name, self.world.devices.get(heard.ids.get("serial", ""))
        if name == "getOrganizationWirelessRfProfilesAssignmentsByDevice":
            for entry in heard.content:
                known = self.world.devices.get(entry["serial"])
                if known is not None and entry["rfProfile"]["id"] not in radio.BUILT_IN:
                    known["radio"].setdefault("rfProfileId", entry["rfProfile"]["id"])
        if device is None:
            return
        if name == "getDevice":
            self._device({"productType": next(k for k, v in KINDS.items() if v == device["kind"]), **heard.content})
        elif name == "getDeviceManagementInterface":
            device["wan"] = dict(heard.content.get("wan1") or {})
        elif name == "getDeviceWirelessRadioSettings":
            device["radio"] = {key: value for key, value in heard.content.items() if key != "serial"}
        elif name in ("getDeviceSwitchPorts", "getDeviceSwitchPort"):
            for port in heard.content if isinstance(heard.content, list) else [heard.content]:
                first = ports.initial(device, port["portId"]) if port["portId"].isdecimal() else {}
                device["port"][port["portId"]] = {k: v for k, v in port.items() if k not in first or first[k] != v}

    def _overview(self) -> None:
        """Take from the overview of all switches the ports that nothing shows whole."""
        for switch in self._all("getOrganizationSwitchPortsBySwitch"):
            device = self.world.devices.get(switch["serial"])
            for port in switch["ports"] if device else ():
                if port["portId"] not in device["port"] and port["portId"].isdecimal():
                    first = ports.initial(device, port["portId"])
                    changed = {key: value for key, value in port.items() if first.get(key, value) != value}
                    if changed:
                        device["port"][port["portId"]] = changed

    def _layer3(self, heard: Heard) -> None:
        name, content = heard.operation.name, heard.content
        if "Routing" not in name or not name.startswith(("getDeviceSwitch", "getNetworkSwitchStack")):
            return
        network = self._network_of(heard)
        holder = self.world.devices.get(heard.ids.get("serial", ""))
        if network is not None:
            holder = network.get("stacks", {}).get(heard.ids.get("switchStackId", ""))
        if holder is None:
            return
        empty: Json = {"interfaces": {}, "routes": {}, "gateway": ""}
        routing = holder.setdefault("routing", empty)
        if name.endswith(("Interfaces", "Interface")):
            for shown in content if isinstance(content, list) else [content]:
                gone = ("interfaceId", "serial", "uplinkV4", "uplinkV6", "defaultGateway")
                kept = {key: value for key, value in shown.items() if key not in gone}
                known = routing["interfaces"].get(shown["interfaceId"], {"dhcp": {"dhcpMode": "dhcpDisabled"}})
                routing["interfaces"][shown["interfaceId"]] = {**known, **kept}
                if shown.get("defaultGateway"):
                    routing |= {"gateway": shown["defaultGateway"], "uplink": shown["interfaceId"]}
        elif name.endswith("InterfaceDhcp"):
            routing["interfaces"].setdefault(heard.ids["interfaceId"], {})["dhcp"] = content
        elif name.endswith(("StaticRoutes", "StaticRoute")):
            for shown in content if isinstance(content, list) else [content]:
                if shown["subnet"] != "0.0.0.0/0" or shown["staticRouteId"] != "0":
                    kept = {key: value for key, value in shown.items() if key != "staticRouteId"}
                    routing["routes"][shown["staticRouteId"]] = kept

    # what the simulator would not show

    def _compare(self) -> None:
        simulator = MerakiSimulator("", world=self.world, clock=self._clock)
        extras: Json = {}
        for key, heard in self._heard.items():
            where = f"{heard.operation.path.format_map(_Ids(heard.ids))}"
            if heard.operation.name in AS_ANSWERED:
                self.world.answers["\n".join(asked(heard.operation.name, heard.ids, heard.query))] = heard.content
                continue
            try:
                shown = public(simulator.perform(heard.operation, heard.ids, {}, {}))
            except Exception as fault:  # the state is what a real system answered: any rule of ours may not fit it
                self._left.append(f"{where} : le laboratoire ne le redit pas ({type(fault).__name__} : {fault})")
                continue
            more = missing(
                heard.content, shown, where, self._left.append, named=identity, ours=_OURS, whole=heard.whole
            )
            if more:
                extras["\n".join(map(str, key))] = more
        self.world.data["extras"] = extras


class _Ids(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _items(operation: Operation, answer: Any) -> Any:
    """Give the list of an answer, out of its envelope."""
    if operation.within and isinstance(answer, Mapping):
        return answer
    if operation.envelope:
        answer = answer[0] if operation.enlisted and isinstance(answer, list) and answer else answer
        return answer.get("items", []) if isinstance(answer, Mapping) else answer
    return answer


def _by(items: Iterable[Json], key: str, *gone: str) -> dict[str, Json]:
    left = (key, *gone)
    return {str(item[key]): {name: value for name, value in item.items() if name not in left} for item in items}


def _stored(name: str, shown: Json) -> Json:
    """Give the state of an object that exists once, without what the system adds to an answer."""
    kept = dict(shown)
    if name.endswith(("AccessControlLists", "L3FirewallRules")):
        kept["rules"] = [rule for rule in kept.get("rules", ()) if rule.get("comment") not in _SYNTHETIC]
    elif name == "NetworkSwitchDhcpServerPolicy":
        inspection = kept.get("arpInspection") or {}
        kept["arpInspection"] = {key: value for key, value in inspection.items() if key != "unsupportedModels"}
    elif name == "NetworkWirelessSsidSplashSettings":
        kept = {key: value for key, value in kept.items() if key not in ("ssidNumber", "splashPage")}
    return kept
