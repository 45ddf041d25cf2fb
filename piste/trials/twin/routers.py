"""Routers of the twin: the core and the firewall, as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from piste.systems.forcepoint.filtering import address_changes, filter_rules
from piste.town.model.flows.traffic import PRIVATE
from piste.trials.twin.filters import stateful
from piste.trials.twin.layout import FIREWALL, Direct, Layout, Plug, Relay, access, plain
from piste.trials.twin.readings import Item, Readings
from piste.trials.twin.switching import Switching, vlans_of

INTERNET = "internet"
_SPARE = ("spare0", "spare1")
"""A wire from a router to itself: it carries the gateways of VLANs where nothing stands."""
_LEASE = 3600


@dataclass(slots=True)
class Gateway:
    """An interface of a router in a VLAN."""

    vlan: int
    host: str
    interface: str
    address: IPv4Interface
    relays: tuple[str, ...] = ()


@dataclass(slots=True)
class Routers:
    """The routers of a twin, in `vlans`; `plugs` has that of the firewall.

    Those are the VLANs where something stands.
    """

    layout: Layout
    readings: Readings
    switching: Switching
    vlans: set[int]
    plugs: Mapping[tuple[str, str], Plug] = field(default_factory=dict)
    gateways: list[Gateway] = field(default_factory=list)
    firewall: str | None = None
    edge: str | None = None
    """Bridge of the interface of the firewall that carries VLANs."""

    def build(self) -> None:
        by_carrier: dict[str, list[Item]] = {}
        for item in self.readings.routed_interfaces:
            by_carrier.setdefault(str(item["carrier"]), []).append(item)
        for carrier, items in by_carrier.items():
            if carrier in self.switching.stacks:
                self._core(carrier, items)
        engines = {str(item["engine"]) for item in self.readings.engine_interfaces}
        if len(engines) > 1:
            self.layout.unsaid.append(f"plusieurs moteurs de pare-feu : seul {min(engines)} est au jumeau")
        if engines:
            self._engine(min(engines))
        else:
            self.layout.unsaid.append("pare-feu : aucune interface lue ; il n’y a ni pare-feu, ni Internet")
        self.layout.relays += [
            Relay(gateway.host, gateway.interface, str(gateway.address.ip), gateway.relays)
            for gateway in self.gateways
            if gateway.relays and gateway.vlan in self.vlans
        ]

    def gateway_of(self, vlan: int) -> Gateway | None:
        return next((gateway for gateway in self.gateways if gateway.vlan == vlan), None)

    def _add(self, gateway: Gateway, bridge: str | None) -> None:
        """Give a router an interface in a VLAN, by a port of its own where something stands there."""
        self.gateways.append(gateway)
        if bridge is not None and gateway.vlan in self.vlans:
            port = self.layout.port(bridge, access(gateway.vlan), label=f"{gateway.host} VLAN {gateway.vlan}")
            self.layout.plug(gateway.host, gateway.interface, port, [str(gateway.address)])
            return
        host = self.layout.host(gateway.host)
        if _SPARE[0] not in host.interfaces:
            self.layout.direct.append(Direct(gateway.host, _SPARE[0], gateway.host, _SPARE[1]))
            host.interfaces[_SPARE[1]] = []
        host.interfaces.setdefault(_SPARE[0], []).append(str(gateway.address))

    def _core(self, carrier: str, items: Sequence[Item]) -> None:
        name = plain(f"coeur-{carrier}")
        host = self.layout.host(name)
        host.settings |= {"ip_forward": "1"}
        for item in items:
            if not item.get("address"):
                self.layout.unsaid.append(f"{carrier} VLAN {item['vlan']} : interface sans adresse")
                continue
            network = IPv4Network(str(item["subnet"]))
            dhcp = item.get("dhcp") or {}
            relays = tuple(dhcp.get("relay_servers") or ()) if dhcp.get("mode") == "dhcpRelay" else ()
            if dhcp.get("mode") == "dhcpServer":
                self.layout.unsaid.append(f"{carrier} VLAN {item['vlan']} : DHCP du commutateur même")
            address = IPv4Interface(f"{item['address']}/{network.prefixlen}")
            gateway = Gateway(int(item["vlan"]), name, f"v{int(item['vlan'])}", address, relays)
            self._add(gateway, self.switching.stacks[carrier])
            if item.get("default_gateway"):
                host.routes.append(("default", str(item["default_gateway"])))
        for route in self.readings.static_routes:
            if str(route.get("carrier")) == carrier:
                via = route["next_hop"]
                host.routes.append((str(route["subnet"]), str(via)))

    def _engine(self, engine: str) -> None:
        name = plain(f"pare-feu-{engine.rpartition('/')[2]}")
        self.firewall = name
        host = self.layout.host(name)
        # Antispoofing follows from the routes of an engine: that is the strict filter of reverse paths.
        host.settings |= {"ip_forward": "1", "conf/all/rp_filter": "1", "conf/default/rp_filter": "1"}
        interfaces = [item for item in self.readings.engine_interfaces if str(item["engine"]) == engine]
        inside = {str(item["interface"]).partition(".")[0] for item in interfaces if "." in str(item["interface"])}
        vlans = {int(str(item["interface"]).partition(".")[2]) for item in interfaces if "." in str(item["interface"])}
        if inside:
            self.edge = self._cable(min(inside), vlans)
        routes = {
            str(destination): str(route["via"][0])
            for item in self.readings.engine_routes
            if str(item["engine"]) == engine
            for destination, route in (item.get("routes") or {}).items()
            if route and route.get("via")
        }
        outside: list[IPv4Interface] = []
        servers: dict[str, Item] = {}
        for item in interfaces:
            number, _, vlan = str(item["interface"]).partition(".")
            for address in _addresses(item):
                if vlan:
                    known = {f"{element['type']}/{element['name']}": element for element in self.readings.elements}
                    relays = tuple(
                        str(known[ref]["address"]) for ref in item.get("relay") or () if "address" in known.get(ref, {})
                    )
                    gateway = Gateway(int(vlan), name, f"f{int(number)}.{int(vlan)}", address, relays)
                    self._add(gateway, self.edge)
                    if item.get("dhcp_server"):
                        servers[gateway.interface] = item
                else:
                    outside.append(address)
                    host.interfaces.setdefault(f"f{int(number)}", []).append(str(address))
                    self._internet(name, f"f{int(number)}", address, routes.get("0.0.0.0/0"))
        host.routes += [("default" if dest == "0.0.0.0/0" else dest, via) for dest, via in routes.items()]
        self._serve(name, servers)
        self._filter(name, outside)

    def _cable(self, number: str, vlans: set[int]) -> str:
        """Plug the firewall into the core; no system says at which port it is."""
        edge = self.layout.bridge(f"pare-feu, interface {number}").name
        core = self.switching.core_bridge
        if core is None:
            self.layout.unsaid.append("cœur pas lu : le pare-feu n’y est pas branché")
            return edge
        plug = self.plugs.get(FIREWALL)
        key = (plug.serial, plug.port) if plug else self.switching.trunk_towards(core, vlans)
        live = vlans_of(self.switching.ports[key]) if key else None
        if key is None or live is None:
            self.layout.unsaid.append("aucun trunk du cœur ne porte les VLAN du pare-feu : il n’y est pas branché")
            return edge
        self.switching.used.add(key)
        self.layout.plugs[FIREWALL] = Plug(*key)
        label = self.switching.label(key)
        self.layout.taken.append(f"pare-feu branché en {label}, le trunk du cœur qui porte le plus de ses VLAN")
        self.switching.join(core, live, f"{label} ↔ pare-feu", edge)
        return edge

    def _internet(self, firewall: str, interface: str, address: IPv4Interface, router: str | None) -> None:
        if not router or IPv4Address(router) not in address.network:
            self.layout.unsaid.append(f"interface extérieure {address} : aucune route par défaut n’y mène")
            router = str(next(host for host in address.network.hosts() if host != address.ip))
        internet = self.layout.host(INTERNET)
        far = f"eth{len(internet.interfaces)}"
        internet.interfaces[far] = [f"{router}/{address.network.prefixlen}"]
        # Every other address is its own: it answers for all of Internet, except for what is never there.
        internet.commands = ["route add local 0.0.0.0/0 dev lo", *(f"route add blackhole {net}" for net in PRIVATE)]
        internet.answers = True
        self.layout.direct.append(Direct(firewall, interface, INTERNET, far))

    def _serve(self, name: str, servers: Mapping[str, Item]) -> None:
        """Run the DHCP service of the engine on its interfaces."""
        from piste.trials.twin.services import kea

        subnets = []
        for gateway in self.gateways:
            if gateway.host == name and (item := servers.get(gateway.interface)) and gateway.vlan in self.vlans:
                given = item["dhcp_server"]
                subnets.append({
                    "id": gateway.vlan,
                    "interface": gateway.interface,
                    "subnet": str(gateway.address.network),
                    "valid-lifetime": int(given.get("lease") or _LEASE),
                    "pools": [{"pool": text.replace("-", " - ")} for text in (given.get("ranges") or {}).values()],
                    "option-data": [
                        {"name": option, "data": data}
                        for option, data in (
                            ("routers", str(given.get("gateway") or "")),
                            ("domain-name-servers", ", ".join(given.get("dns") or ())),
                            ("domain-name", str(given.get("domain") or "")),
                        )
                        if data
                    ],
                })  # fmt: skip
        if subnets:
            kea(self.layout.host(name), [str(subnet["interface"]) for subnet in subnets], subnets, relayed=False)

    def _filter(self, name: str, outside: Iterable[IPv4Interface]) -> None:
        policy = policy_in_force(self.readings)
        if policy is None:
            self.layout.unsaid.append("politique installée inconnue : le pare-feu du jumeau ne laisse rien passer")
            rules, changes = [], []
        else:
            rules = filter_rules(self.readings.elements, self.readings.policies, policy)
            changes = address_changes(self.readings.elements, self.readings.policies, policy)
        own = [(gateway.interface, str(gateway.address.ip)) for gateway in self.gateways
               if gateway.host == name and gateway.vlan in self.vlans]  # fmt: skip
        ruleset, unsaid = stateful(rules, changes, own)
        self.layout.unsaid += [f"pare-feu : {text}" for text in unsaid]
        self.layout.taken.append("le pare-feu répond au ping sur l’interface de chaque segment (rien ne le lit)")
        self.layout.host(name).ruleset = ruleset


def policy_in_force(readings: Readings) -> str | None:
    """Name the policy that the firewall runs; None where nothing that was read says it."""
    policies = {str(item["name"]) for item in readings.policies if item.get("type") == "fw_policy"}
    installed = readings.installed or (next(iter(policies)) if len(policies) == 1 else None)
    return installed if installed in policies else None


def _addresses(item: Mapping[str, Any]) -> Iterable[IPv4Interface]:
    for entry in item.get("addresses") or ():
        nodes = entry.get("nodes") or {}
        address = entry.get("cluster") or next(iter(nodes.values()), None)
        if address and ":" not in str(address):
            yield IPv4Interface(f"{address}/{IPv4Network(entry['network']).prefixlen}")
