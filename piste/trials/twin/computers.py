"""Computers of the twin: each population of a site has its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from piste.systems.meraki.filtering import client_vlan, ssid_rules
from piste.town.model.flows.traffic import PRIVATE
from piste.trials.twin.access import account_at, address_at
from piste.trials.twin.access import guard as access_guard
from piste.trials.twin.filters import RADIO, before_terms, of_client
from piste.trials.twin.layout import ALL, INTERFACE, Guard, Layout, Plug, Port, Portal, Vlans, access, plain
from piste.trials.twin.place import Place
from piste.trials.twin.readings import Item, Readings
from piste.trials.twin.switching import Key, Switching

_DOOR = "169.254.1.1/32"
_FIXED = 222
"""Rank of the address of a computer in a segment that no DHCP serves."""


class Computers:
    """The computers of a site; `addresses` are those of its switches, by serial number.

    `plugs` says where some already are, `sockets` are access ports that each have a computer.
    """

    def __init__(
        self,
        layout: Layout,
        readings: Readings,
        switching: Switching,
        name: str,
        site: Mapping[str, Any],
        addresses: Mapping[str, str],
        plugs: Mapping[tuple[str, str], Plug],
        sockets: Collection[Key],
    ) -> None:
        self._addresses, self._plugs, self._sockets = addresses, plugs, sockets
        self._layout, self._readings, self._switching, self._name, self._site = layout, readings, switching, name, site
        self._by_vlan = {segment["vlan"]: segment for segment in site["segments"].values()}
        self._profiles = {
            (device["serial"], str(port["port"])): port for device in site["devices"] for port in device["ports"]
        }

    def build(self) -> None:
        for profile, vlan, label in self._wired():
            self._computer(profile, self._by_vlan[vlan], label)
        self._wifi()
        standing = {place.segment for place in self._layout.places if place.site == self._name}
        for segment in self._site["segments"].values():
            if segment["key"] not in standing:
                self._computer(segment["key"], segment, segment["label"])
        self._at_sockets()

    def _wired(self) -> Iterator[tuple[str, int, str]]:
        """Yield the populations of the declared ports: profile, VLAN, label.

        A phone stands where a port has a voice VLAN.
        """
        seen: set[str] = set()
        for port in self._profiles.values():
            if port["mode"] != "access" or not port["enabled"]:
                continue
            if port["profile"] not in seen and port["vlan"] in self._by_vlan:
                seen.add(port["profile"])
                yield port["profile"], port["vlan"], port["name"]
            if port["voice_vlan"] in self._by_vlan and "telephone" not in seen:
                seen.add("telephone")
                yield "telephone", port["voice_vlan"], "Téléphone"

    def _computer(self, profile: str, segment: Mapping[str, Any], label: str) -> None:
        vlan, name = segment["vlan"], self._named(profile, segment)
        if plug := self._plugs.get((self._name, name)):
            self._stand(name, segment, label, plug, f"le port {plug.serial}/{plug.port} est éteint")
            return
        live = self._switching.live(device["serial"] for device in self._site["devices"])
        elsewhere = {plug[:2] for plug in self._plugs.values()} | (set(self._sockets) if self._plugs else set())
        candidates = [(key, vlans) for key, _, vlans in live if key not in elsewhere and self._fits(vlans, vlan)]
        best = min(
            candidates,
            key=lambda entry: self._preferred(entry[0], entry[1], profile, vlan),
            default=None,
        )
        free = Plug(*best[0], tagged=best[1].tag != vlan) if best else None
        why = f"aucun port en service ne porte le VLAN {vlan} ({segment['key']})"
        self._stand(name, segment, label, free, why)

    def _preferred(self, key: Key, vlans: Vlans, profile: str, vlan: int) -> tuple[bool, ...]:
        """Rank a port for a population, the best first; a phone leaves a socket to its computer."""
        tagged = vlans.tag != vlan
        return self._profiles.get(key, {}).get("profile") != profile, tagged, tagged and key in self._sockets

    def _stand(self, name: str, segment: Mapping[str, Any], label: str, plug: Plug | None, why: str) -> None:
        """Stand a computer at a port; unplugged where that is off, and `why`."""
        live = {key: (item, vlans) for key, item, vlans in self._switching.live([plug.serial])} if plug else {}
        known = live.get((plug.serial, plug.port)) if plug else None
        place = self._place(name, segment, label, wired_port=f"{plug.serial}/{plug.port}" if plug and known else None)
        host = self._layout.host(place.namespace)
        host.answers = True
        if plug is None or known is None:
            host.interfaces[INTERFACE] = []
            self._layout.unsaid.append(f"{self._name} : {why} : « {place.name} » est débranché")
            return
        self._layout.plugs[self._name, place.name] = plug
        item, vlans = known
        guard = self._guard((plug.serial, plug.port), item)
        self._plug(place, plug, segment["vlan"], guard)
        if guard is not None and vlans.tag == segment["vlan"]:
            self._admissible(place, guard, segment["vlan"])

    def _at_sockets(self) -> None:
        """Stand a computer at each socket where none is yet."""
        for device in self._site["devices"]:
            for serial, port in sorted(self._sockets):
                live = self._switching.ports.get((serial, port))
                if serial != device["serial"] or live is None or live.get("type") != "access":
                    continue
                if (serial, port) not in self._switching.used:
                    declared = self._profiles.get((serial, port), {}).get("vlan")
                    segment = self._by_vlan.get(live.get("vlan")) or self._by_vlan.get(declared)
                    name = f"prise {device['name']}/{port}"
                    if segment is None:
                        self._layout.unsaid.append(f"{self._name} : {name} n’est d’aucun segment du site")
                    else:
                        self._stand(name, segment, name, Plug(serial, port), "le port est éteint")

    def _fits(self, vlans: Vlans, vlan: int) -> bool:
        """True for a port where a computer is in a VLAN, untagged, or a phone tagged."""
        return vlans.tag == vlan or (vlans.mode == "native-untagged" and vlans.trunks == (vlan,))

    def _guard(self, key: Key, item: Item) -> Guard | None:
        """Describe the access policy of a live port; a port that nothing can guard is named."""
        if item.get("access_policy_type", "Open") == "Open":
            return None
        label, name = self._switching.label(key), item.get("access_policy")
        policies = self._readings.networks[self._name].get("access_policies", ())
        policy = next((policy for policy in policies if policy["name"] == name), None)
        if policy is None or key[0] not in self._addresses:
            self._layout.unsaid.append(f"{label} : contrôle d’accès « {name} » non rejoué")
            return None
        return access_guard(policy, item, self._addresses[key[0]], f"gestion-{self._name}", label)

    def _admissible(self, place: Place, guard: Guard, vlan: int) -> None:
        """Give a computer what its port admits: a test account, or an address that is let in."""
        account = account_at(self._readings, vlan, guard.address) if guard.eap else None
        mac = address_at(self._readings, vlan, guard.address) if guard.mac else None
        if mac:
            self._layout.host(place.namespace).commands.append(f"link set dev {INTERFACE} address {mac}")
        elif account:
            self._layout.places[self._layout.places.index(place)] = replace(place, account=account.name)
        else:
            what = f"rien de ce qui a été lu n’admet « {place.name} » au VLAN {vlan}"
            self._layout.unsaid.append(f"{guard.label} : {what}")

    def _plug(self, place: Place, plug: Plug, vlan: int, guard: Guard | None) -> None:
        port = self._switching.take((plug.serial, plug.port), guarded=guard is not None)
        if not plug.tagged:
            self._layout.plug(place.namespace, INTERFACE, port)
            if guard is not None:
                self._layout.guards.append(replace(guard, port=port.name))
            return
        # A phone tags its frames itself: it is a switch of its own.
        phone = self._layout.bridge(f"{self._name} {place.name}").name
        self._layout.patch(port, self._layout.port(phone, Vlans(None, (vlan,), "trunk")))
        self._layout.plug(place.namespace, INTERFACE, self._layout.port(phone, access(vlan)))

    def _named(self, name: str, segment: Mapping[str, Any]) -> str:
        known = {place.name for place in self._layout.places if place.site == self._name}
        return name if name not in known else f"{name}-{segment['key']}"

    def _place(
        self,
        name: str,
        segment: Mapping[str, Any],
        label: str,
        *,
        wired_port: str | None = None,
        ssid: str | None = None,
    ) -> Place:
        name = self._named(name, segment)
        address = gateway = None
        if not segment["dhcp"]:
            network = IPv4Network(segment["subnet"])
            rank = min(_FIXED, network.num_addresses - 3)
            address, gateway = f"{network[rank]}/{network.prefixlen}", segment["gateway"]
        own = self._namespace(name)
        place = Place(self._name, name, segment["key"], ssid, label, own, INTERFACE, wired_port, address, gateway)
        self._layout.places.append(place)
        return place

    def _namespace(self, name: str) -> str:
        """Name a namespace of the site; live names that look the same there get a number."""
        own, rank = plain(self._name, name), 1
        while own in self._layout.hosts:
            own, rank = plain(self._name, f"{name}-{rank}"), rank + 1
        return own

    def _wifi(self) -> None:
        """Stand an access point at a live port of one, with a computer on each SSID that is live."""
        ssids = [ssid for ssid in self._readings.networks.get(self._name, {}).get("ssids", ()) if ssid.get("enabled")]
        if not ssids:
            return
        serials = [device["serial"] for device in self._site["devices"] if device["kind"] == "switch"]
        points = {device["serial"] for device in self._site["devices"] if device["kind"] == "access_point"}
        heard = {(str(cable["serial"]), str(cable["port"])) for cable in self._readings.cables if cable["to"] in points}
        trunks = [
            key
            for key, item, _ in self._switching.live(serials)
            if item.get("type") == "trunk" and not self._profiles.get(key, {}).get("uplink")
        ]
        key = next((key for key in trunks if key in heard), next(iter(trunks), None))
        radio = self._layout.bridge(f"{self._name} Wi-Fi")
        radio.flows += RADIO
        if key is None:
            self._layout.unsaid.append(f"{self._name} : aucun port de borne en service, son Wi-Fi est débranché")
        else:
            self._layout.patch(self._switching.take(key), self._layout.port(radio.name, ALL, label="borne"))
        for ssid in ssids:
            self._client(radio.name, ssid)

    def _client(self, radio: str, ssid: Item) -> None:
        name, vlan = str(ssid["name"]), client_vlan(ssid)
        if not vlan:
            self._layout.unsaid.append(f"{self._name} : SSID {name} hors d’un VLAN ({ssid.get('ip_assignment_mode')})")
            return
        declared = next((known for known in self._site["ssids"] if known["name"] == name), None)
        wanted = (declared or {}).get("segment")
        # The segment is the one that the SSID is for; its VLAN is the live one, right or wrong.
        segment = self._site["segments"].get(wanted) or self._by_vlan.get(vlan)
        if segment is None:
            self._layout.unsaid.append(f"{self._name} : SSID {name} sur le VLAN {vlan}, d’aucun segment du site")
            return
        place = self._place(name, segment, (declared or {}).get("purpose") or name, ssid=name)
        port = self._layout.port(radio, access(vlan), label=name, protected=bool(ssid.get("lan_isolation_enabled")))
        self._layout.plug(place.namespace, INTERFACE, port)
        self._layout.host(place.namespace).answers = True
        flows, unsaid = of_client(ssid_rules(ssid), port.number)
        self._layout.bridges[radio].flows += flows
        self._layout.unsaid += [f"{self._name} : {text}" for text in unsaid]
        self._portal(radio, ssid, port)

    def _portal(self, radio: str, ssid: Item, port: Port) -> None:
        """Stand the captive portal of an SSID between its client and all else."""
        splash = str(ssid.get("splash_page") or "None")
        if splash == "None":
            return
        if splash != "Click-through splash page":
            self._layout.unsaid.append(f"{self._name} : SSID {ssid['name']}, page d’accueil « {splash} » non rejouée")
            return
        name, vlan = self._namespace(f"portail-{ssid['name']}"), int(ssid["default_vlan_id"])
        door = self._layout.port(radio, access(vlan), label=f"portail {ssid['name']}")
        address = f"02:00:00:00:{door.number // 256:02x}:{door.number % 256:02x}"
        everything = bool((ssid.get("splash") or {}).get("block_all_traffic_before_sign_on"))
        self._layout.bridges[radio].flows += before_terms(port.number, door.number, address, everything=everything)
        self._layout.plug(name, INTERFACE, door, [_DOOR])
        # It is whatever address a page is asked of, and answers clients on its own wire.
        self._layout.host(name).commands += [
            f"link set dev {INTERFACE} address {address}",
            "route add local 0.0.0.0/0 dev lo",
            *(f"route add {prefix} dev {INTERFACE}" for prefix in PRIVATE),
        ]
        self._layout.portals.append(Portal(name, radio, port.number))
