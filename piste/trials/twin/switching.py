"""Switches of the twin: their ports as live, the cables between them.

A cable is where a switch hears its neighbour. Where no switch hears any, the declared premises say where it lies, and
the layout names it among what it assumes: VLANs are always those of the live ports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from piste.trials.twin.filters import of_switch
from piste.trials.twin.layout import ALL, NOWHERE, Layout, Port, Vlans, access
from piste.trials.twin.readings import Item, Readings

Key = tuple[str, str]
"""A port: serial number of its switch, its number."""


def vlans_of(port: Item) -> Vlans | None:
    """VLANs of a live port of a Meraki switch; None where it is disabled."""
    if not port.get("enabled", True):
        return None
    native, voice = port.get("vlan"), port.get("voice_vlan")
    if port.get("type") == "access":
        if native is None:
            return None
        return Vlans(native, (voice,), "native-untagged") if voice else access(native)
    allowed = numbers(str(port.get("allowed_vlans") or "all"))
    if native is None or (allowed and native not in allowed):
        return Vlans(None, allowed, "trunk")
    return Vlans(native, allowed, "native-untagged")


def numbers(text: str) -> tuple[int, ...]:
    """Read a list of VLANs, `1,150-155`; empty for all of them."""
    if text.strip().lower() == "all":
        return ()
    parts = [part.strip().partition("-") for part in text.split(",") if part.strip()]
    return tuple(number for first, _, last in parts for number in range(int(first), int(last or first) + 1))


def _guards(network: Mapping[str, list[Item]]) -> Iterator[str]:
    """Name the guards of switches that the twin leaves out."""
    for settings in network.get("network_settings", ()):
        policy = settings.get("dhcp_server_policy") or {}
        if policy.get("default_policy") == "block":
            yield "serveurs DHCP étrangers non arrêtés"
        if (policy.get("arp_inspection") or {}).get("enabled"):
            yield "inspection de l’ARP non rejouée"


class Switching:
    """The switches of some sites and the core, as bridges of a layout."""

    def __init__(
        self,
        layout: Layout,
        readings: Readings,
        sites: Mapping[str, Mapping[str, Any]],
        core: Mapping[str, Any],
    ) -> None:
        self._layout, self._readings, self._sites, self._core = layout, readings, sites, core
        self.ports: dict[Key, Item] = {}
        self.used: set[Key] = set()
        self.names: dict[str, str] = {}
        """Serial numbers by the name of a device."""
        self._of: dict[str, str] = {}
        """Bridge of each switch."""
        self._islands: dict[str, str] = {}
        """Another bridge of the same island of cables, by bridge."""
        self._aggregates: dict[Key, str] = {}
        self.stacks: dict[str, str] = {}
        """Bridge of each carrier of routes: a stack by its name, a switch by name or serial number."""

    def build(self) -> None:
        # A switch that nobody has named yet is found by its declared name.
        self.names = {device["name"]: device["serial"] for site in self._sites.values() for device in site["devices"]}
        for site in self._readings.networks:
            self._read(site, self._readings.networks[site])
        for cable in self._readings.cables:
            self._heard(cable)
        self._assumed()
        for name in self._sites:
            root, core = self.root(name), self.core_bridge
            if root and core and not self.joined(root, core):
                self._layout.unsaid.append(f"{name} : aucune liaison connue vers le cœur ; le site est coupé")

    def _read(self, site: str, network: Mapping[str, list[Item]]) -> None:
        declared = self._sites.get(site, {})
        switches = [device["serial"] for device in declared.get("devices", ()) if device["kind"] == "switch"]
        wanted = set(self._core["serials"]) if site == self._core["site"] and declared.get("apart") else None
        live = {str(port["serial"]) for port in network.get("switch_ports", ())}
        flows, unsaid = of_switch(
            [
                rule
                for settings in network.get("network_settings", ())
                for rule in (settings.get("access_lists") or {}).get("rules") or ()
            ]
        )
        self._layout.unsaid += [f"{site} : {text}" for text in (*unsaid, *_guards(network))]
        self.names |= {str(device["name"]): str(device["serial"]) for device in network.get("devices", ())}
        names = {serial: name for name, serial in self.names.items()}
        for stack in network.get("switch_stacks", ()):
            members = [serial for serial in stack["members"] if serial in live]
            if members and (wanted is None or wanted & set(members)):
                bridge = self._bridge(str(stack["name"]), flows)
                self._of |= dict.fromkeys(members, bridge)
                self.stacks[str(stack["name"])] = bridge
        for serial in [*switches, *sorted(live - set(switches))]:
            if serial in live and serial not in self._of and (wanted is None or serial in wanted):
                self._of[serial] = self._bridge(names.get(serial, serial), flows)
                self.stacks |= {serial: self._of[serial], names.get(serial, serial): self._of[serial]}
        self._layout.unsaid += [f"{site} : commutateur {serial} pas lu" for serial in switches if serial not in live]
        for port in network.get("switch_ports", ()):
            self.ports[str(port["serial"]), str(port["port_id"])] = port
        for aggregate in network.get("link_aggregations", ()):
            for text in str(aggregate.get("ports") or "").split("+"):
                serial, _, number = text.rpartition("/")
                self._aggregates[serial, number] = str(aggregate["ports"])

    def _bridge(self, label: str, flows: Iterable[str]) -> str:
        bridge = self._layout.bridge(label)
        bridge.flows += flows
        return bridge.name

    def root(self, site: str) -> str | None:
        """Bridge of the first switch of a site."""
        devices = self._sites[site]["devices"]
        return next((self._of[device["serial"]] for device in devices if device["serial"] in self._of), None)

    @property
    def core_bridge(self) -> str | None:
        return next((self._of[serial] for serial in self._core["serials"] if serial in self._of), None)

    def links(self, site: str) -> list[tuple[str, str]]:
        """List the ports where a cable leaves the switches of a site, with those at its other end."""
        own = {self._of[device["serial"]] for device in self._sites[site]["devices"] if device["serial"] in self._of}
        bridges = {port.name: port.bridge for port in self._layout.ports}
        others = set(self._of.values()) - own
        return [(port.name, port.peer) for port in self._layout.ports
                if port.bridge in own and port.peer and bridges[port.peer] in others]  # fmt: skip

    def bridge_of(self, serial: str) -> str | None:
        return self._of.get(serial)

    def _heard(self, cable: Item) -> None:
        other = self.names.get(str(cable["to"]), str(cable["to"]))
        near, far = (str(cable["serial"]), str(cable["port"])), (other, str(cable["to_port"]))
        known = near[0] in self._of and far[0] in self._of
        # Two switches of a stack are one.
        if known and self._of[near[0]] != self._of[far[0]] and not {near, far} & self.used:
            self._cable(near, far)

    def _assumed(self) -> None:
        """Lay the cables that no switch hears, from the declared premises."""
        for name, site in self._sites.items():
            if not (root := self.root(name)):
                continue
            switches = [device["serial"] for device in site["devices"] if device["serial"] in self._of]
            for serial in switches[1:]:
                if self._island(self._of[serial]) != self._island(root) and not site.get("apart"):
                    near = self._spare([serial], site, self._names_of(switches[0], site))
                    far = self._spare([switches[0]], site, self._names_of(serial, site))
                    self._take(near, far, f"{name} : {serial} relié au premier commutateur du site")
            for link in (site.get("premises") or {}).get("links", ()):
                device, _, number = str(link.get("far_port") or "").rpartition("/")
                far = (self.names.get(device, ""), number)
                if far[0] not in self._of or self._island(self._of[far[0]]) == self._island(root):
                    continue
                self._take(self._spare(switches, site), far, f"{name} : liaison {link['name']} sur {device}/{number}")

    @staticmethod
    def _names_of(serial: str, site: Mapping[str, Any]) -> set[str]:
        """Give the names by which a declared port leads to a switch: its own, that of its stack."""
        own = {str(device["name"]) for device in site["devices"] if device["serial"] == serial}
        stacks = site.get("stacks", ())
        return own | {str(each["name"]) for each in stacks if own & {member["name"] for member in each["members"]}}

    def _spare(self, serials: Iterable[str], site: Mapping[str, Any], ends: Collection[str] = ()) -> Key | None:
        """First uplink without a cable, of those declared to lead to these ends, else nowhere."""
        free: list[tuple[Key, str | None]] = []
        for device in site["devices"]:
            for port in device["ports"] if device["serial"] in serials else ():
                key = (device["serial"], str(port["port"]))
                if port["uplink"] and key not in self.used and vlans_of(self.ports.get(key, {"enabled": False})):
                    free.append((key, port.get("far_end")))
        declared = [key for key, end in free if end in ends]
        return next(iter([*declared, *(key for key, end in free if not end)]), None)

    def _take(self, near: Key | None, far: Key | None, text: str) -> None:
        if near is None or far is None or far in self.used:
            self._layout.unsaid.append(f"{text} : aucun port libre, liaison absente")
            return
        if self._cable(near, far):
            self._layout.taken.append(f"{text} (câble déclaré, qu’aucun commutateur n’entend)")

    def _cable(self, near: Key, far: Key) -> bool:
        """Lay a cable; False where it stays blocked, being a way round, or a port is disabled."""
        ends = [self._of[key[0]] for key in (near, far)]
        self.used |= {near, far}
        labels = [self.label(key) for key in (near, far)]
        if self._island(ends[0]) == self._island(ends[1]):
            if not (near in self._aggregates and far in self._aggregates):
                self._layout.taken.append(f"{' ↔ '.join(labels)} : liaison de secours, coupée par l’arbre recouvrant")
            return False
        live = [vlans_of(self.ports[key]) if key in self.ports else None for key in (near, far)]
        if None in live:
            self._layout.unsaid.append(f"{' ↔ '.join(labels)} : un port est éteint ou inconnu, liaison coupée")
            return False
        first, second = (
            self._layout.port(bridge, vlans or ALL, label=label)
            for bridge, vlans, label in zip(ends, live, labels, strict=True)
        )
        self._layout.patch(first, second)
        self._join(*ends)
        return True

    def label(self, key: Key) -> str:
        """Name a port by its switch."""
        names = {serial: name for name, serial in self.names.items()}
        return f"{names.get(key[0], key[0])}/{key[1]}"

    def _join(self, first: str, second: str) -> None:
        self._islands[self._island(first)] = self._island(second)

    def _island(self, bridge: str) -> str:
        while bridge in self._islands:
            bridge = self._islands[bridge]
        return bridge

    def join(self, bridge: str, vlans: Vlans, label: str, other: str, others: Vlans = ALL) -> None:
        """Cable a bridge to a device that is no switch of Meraki, itself a bridge."""
        self._layout.patch(self._layout.port(bridge, vlans, label=label), self._layout.port(other, others, label=label))
        self._join(bridge, other)

    def joined(self, bridge: str, other: str) -> bool:
        return self._island(bridge) == self._island(other)

    def trunk_towards(self, bridge: str, vlans: set[int]) -> Key | None:
        """Free trunk of a bridge whose explicit list has the most of some VLANs."""

        def shared(key: Key) -> int:
            known = vlans_of(self.ports[key])
            return len(vlans & set(known.trunks)) if known else 0

        candidates = [
            key
            for key, port in self.ports.items()
            if self._of.get(key[0]) == bridge and key not in self.used and port.get("type") == "trunk"
        ]
        best = max(candidates, key=shared, default=None)
        return best if best and shared(best) else None

    def take(self, key: Key, *, guarded: bool = False) -> Port:
        """Take a live port for a computer; guarded, it leads nowhere before an admission."""
        self.used.add(key)
        port = self.ports[key]
        isolated = bool(port.get("isolation_enabled"))
        vlans = vlans_of(port) or ALL
        if guarded:
            vlans = vlans._replace(tag=NOWHERE)
        return self._layout.port(self._of[key[0]], vlans, label=self.label(key), protected=isolated)

    def live(self, serials: Iterable[str]) -> Iterator[tuple[Key, Item, Vlans]]:
        """Yield the enabled ports of some switches where no cable lies."""
        wanted = set(serials)
        for key, port in self.ports.items():
            if key[0] in wanted and key not in self.used and key[0] in self._of and (vlans := vlans_of(port)):
                yield key, port, vlans
