"""The layout of a twin, from what the systems hold and the declared places."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from piste.engine.converge.values import Misfit
from piste.systems.nexus.configuration import Line, tree
from piste.trials.probe.exchanges import exchanges
from piste.trials.probe.services import offered, tried
from piste.trials.twin import services, trunks
from piste.trials.twin.access import serve as serve_access
from piste.trials.twin.computers import Computers
from piste.trials.twin.layout import Layout, Page, Plug, Vlans, access
from piste.trials.twin.readings import Readings
from piste.trials.twin.routers import INTERNET, Gateway, Routers
from piste.trials.twin.switching import Key, Switching, numbers
from piste.trials.twin.watched import polled, stand

if TYPE_CHECKING:
    from piste.town.model.applications import Application
    from piste.town.model.derived import Derived


def build(
    readings: Readings,
    town: Derived,
    sites: Sequence[str],
    *,
    watched: bool = False,
    plugs: Mapping[tuple[str, str], Plug] | None = None,
    sockets: Collection[Key] = (),
) -> Layout:
    """Lay out the twin of some sites, with the core, the firewall and the servers of the town.

    `watched` adds the server of the supervision and what it polls, at their declared addresses. `plugs` are those of
    another layout, where computers stay; `sockets` are access ports that have a computer besides those of populations.
    The declaration gives places, populations and cables that no system knows; VLANs, addresses, routes and rules are
    those that were read.
    """
    assert town.commune is not None
    core: Mapping[str, Any] = town.commune["core"] or {"site": "", "serials": []}
    layout = Layout(unsaid=list(readings.missing))
    known: dict[str, dict[str, Any]] = {name: {**town.sites[name]} for name in sites}
    if core["site"] and core["site"] not in known:
        known[core["site"]] = {**town.sites[core["site"]], "apart": True}
    switching = Switching(layout, readings, known, core)
    switching.build()
    by_themselves = polled(town, sites) if watched else set()
    stand_in = [address for name in sites for address in _others(town, name, sites)]
    far = dict.fromkeys([*_servers(readings, known.values(), _elsewhere(town, known)), *stand_in])
    servers = [address for address in far if str(address) not in by_themselves]
    routed = _networks(readings)
    by_vlan: dict[int, list[IPv4Address]] = {}
    for address in servers:
        vlan = next((vlan for vlan, network in routed if address in network), None)
        if vlan is not None:
            by_vlan.setdefault(vlan, []).append(address)
    standing = {segment["vlan"] for name in sites for segment in town.sites[name]["segments"].values()}
    plugs = plugs or {}
    routers = Routers(layout, readings, switching, standing | set(by_vlan) | _transit(readings), plugs)
    routers.build()
    fabric = _Fabric(layout, readings, switching, town.commune.get("nexus") or {})
    fabric.build()
    for vlan, addresses in by_vlan.items():
        if gateway := routers.gateway_of(vlan):
            _far_end(layout, readings, fabric, gateway, addresses)
    if INTERNET in layout.hosts:
        services.unbound(layout.hosts[INTERNET], services.outside_names(readings.zones))
    for name in sites:
        if name in readings.networks:
            guarding = _switches(layout, readings, switching, routers, name, known[name])
            Computers(layout, readings, switching, name, known[name], guarding, plugs, sockets).build()
    layout.ways = trunks.ways(layout, known, routers.gateways, switching.core_bridge)
    layout.labels = {"/".join(key): switching.label(key) for key in sorted(switching.used)}
    layout.links = {name: switching.links(name) for name in sites}
    if watched:
        stand(layout, readings, fabric.plug, switching, routers.gateways, town, sites)
    _pages(
        layout, town.commune["applications"], {str(at): _servers_of(vlan) for vlan in by_vlan for at in by_vlan[vlan]}
    )
    used = {place.account for place in layout.places if place.account}
    for vlan, addresses in by_vlan.items():
        if layout.guards and set(map(str, addresses)) & set(_radius(readings)):
            layout.accounts = serve_access(layout.host(_servers_of(vlan)), readings, used, layout.unsaid)
    return layout


def _pages(layout: Layout, applications: Iterable[Application], hosts: Mapping[str, str]) -> None:
    """Serve the page of each service that has one, where its machine stands, or in Internet."""
    for entry in tried(applications):
        parts = urlsplit(entry["url"] or "")
        machine = next((host["address"] for host in entry["hosts"]), "")
        host = hosts.get(machine) if entry["hosting"] == "on_premise" else INTERNET
        if not parts.hostname or offered(entry) or host not in layout.hosts:
            continue
        page = Page(host, parts.port or 443, parts.hostname, entry["shows"] or entry["label"])
        layout.host(host).free.add(page.port)
        layout.pages.append(page)
    if layout.pages:
        layout.taken.append("les pages des services sont du jumeau, sous un certificat à lui")


def _servers_of(vlan: int) -> str:
    return f"serveurs-{vlan}"


def _transit(readings: Readings) -> set[int]:
    return {int(item["vlan"]) for item in readings.routed_interfaces if item.get("default_gateway")}


def _networks(readings: Readings) -> list[tuple[int, IPv4Network]]:
    """List the networks of the gateways that were read, by VLAN."""
    known = [(int(item["vlan"]), IPv4Network(str(item["subnet"]))) for item in readings.routed_interfaces]
    for item in readings.engine_interfaces:
        _, _, vlan = str(item["interface"]).partition(".")
        known += [
            (int(vlan), IPv4Network(str(entry["network"])))
            for entry in item.get("addresses") or ()
            if vlan and ":" not in str(entry["network"])
        ]
    return known


def _elsewhere(town: Derived, known: Container[str]) -> list[IPv4Network]:
    """List the networks of the sites that are not there: their hosts stand with them."""
    sites = (site for name, site in town.sites.items() if name not in known)
    return [IPv4Network(segment["subnet"]) for site in sites for segment in site["segments"].values()]


def _others(town: Derived, site: str, sites: Container[str]) -> Iterator[IPv4Address]:
    """Yield machines of sites without a computer there, which a site may reach."""
    elsewhere = _elsewhere(town, sites)
    for segment in town.sites[site]["segments"].values():
        for _, ends in exchanges(town, site, segment["subnet"]):
            addresses = (IPv4Address(somebody.address) for somebody in ends)
            yield from (address for address in addresses if any(address in network for network in elsewhere))


def _servers(
    readings: Readings, sites: Iterable[Mapping[str, Any]], elsewhere: Sequence[IPv4Network]
) -> list[IPv4Address]:
    """List the far ends: hosts of the firewall, servers that systems name, reservations."""
    hosts = (str(element.get("address")) for element in readings.elements if element.get("type") == "host")
    texts = [text for text in hosts if (live := _address(text)) and not any(live in network for network in elsewhere)]
    texts += _named(readings)
    for site in sites:
        for segment in site["segments"].values():
            if not segment["dhcp"]:
                texts += segment["reservations"].values()
    addresses = dict.fromkeys(address for text in texts if text and (address := _address(text)))
    own = {_address(str(item.get("address"))) for item in readings.routed_interfaces}
    return [address for address in addresses if address not in own]


def _named(readings: Readings) -> Iterable[str]:
    for item in readings.routed_interfaces:
        yield from (item.get("dhcp") or {}).get("relay_servers") or ()
    for element in readings.elements:
        if element.get("type") == "dhcp_server":
            yield str(element.get("address"))
    for scope in readings.scopes:
        options = scope.get("options") or {}
        yield from (*(options.get("dns") or ()), *(options.get("ntp") or ()))
    yield from _radius(readings)


def _radius(readings: Readings) -> Iterator[str]:
    for network in readings.networks.values():
        for item in (*network.get("access_policies", ()), *network.get("ssids", ())):
            yield from (str(server["host"]) for server in item.get("radius_servers") or ())


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except (AddressValueError, ValueError):
        return None


def _far_end(
    layout: Layout, readings: Readings, fabric: _Fabric, gateway: Gateway, addresses: Sequence[IPv4Address]
) -> None:
    """Stand the servers of a VLAN in a namespace, with the services that were read."""
    name = _servers_of(gateway.vlan)
    host = layout.host(name)
    host.answers = True
    length = gateway.address.network.prefixlen
    fabric.plug(name, gateway.vlan, [f"{address}/{length}" for address in addresses if address != gateway.address.ip])
    host.routes.append(("default", str(gateway.address.ip)))
    here = set(map(str, addresses))
    relayed = [(item.get("dhcp") or {}).get("relay_servers") or () for item in readings.routed_interfaces]
    relays = {server for servers in relayed for server in servers}
    relays |= {str(element["address"]) for element in readings.elements if element.get("type") == "dhcp_server"}
    if relays & here and readings.scopes:
        interfaces = [f"eth0/{address}" for address in sorted(relays & here)]
        services.kea(host, interfaces, services.subnets_of(readings.scopes, layout.unsaid), relayed=True)
    resolvers = {server for scope in readings.scopes for server in (scope.get("options") or {}).get("dns") or ()}
    if resolvers & here and readings.records:
        local = services.local_data(readings.zones, readings.records, layout.unsaid)
        # The firewall knows resolvers by their own addresses.
        ahead = [f"outgoing-interface: {min(resolvers & here)}", f"forward-addr: {services.OUTSIDE_RESOLVER}"]
        services.unbound(host, [*local, *ahead])
        layout.taken.append(f"les serveurs de noms demandent ceux d’Internet à {services.OUTSIDE_RESOLVER}")


def _switches(
    layout: Layout, readings: Readings, switching: Switching, routers: Routers, name: str, site: Mapping[str, Any]
) -> dict[str, str]:
    """Stand the addresses of the switches of a site that guard ports; they ask from there."""
    network = readings.networks[name]
    guarding = {str(port["serial"]) for port in network.get("switch_ports", ()) if port.get("access_policy")}
    live = {
        str(device["serial"]): ((device.get("management_interface") or {}).get("wan1") or {}).get("static_ip")
        for device in network.get("devices", ())
    }
    addresses: dict[str, str] = {}
    for device in site["devices"]:
        if device["kind"] == "switch" and device["serial"] in guarding and switching.bridge_of(device["serial"]):
            if not (address := live.get(device["serial"])):
                address = device["address"]
                layout.taken.append(f"{device['name']} : adresse déclarée, {address} ; aucune n’est fixée")
            addresses[device["serial"]] = str(address)
    root = switching.root(name)
    first = _address(min(addresses.values(), default=""))
    gateway = next((each for each in routers.gateways if first in each.address.network), None) if first else None
    if gateway is None or root is None:
        return {}
    length = gateway.address.network.prefixlen
    port = layout.port(root, access(gateway.vlan), label=f"gestion-{name}")
    standing = [str(IPv4Interface(f"{address}/{length}")) for address in addresses.values()]
    layout.plug(f"gestion-{name}", "eth0", port, standing)
    layout.host(f"gestion-{name}").routes.append(("default", str(gateway.address.ip)))
    return addresses


class _Fabric:
    """The Nexus switches between the core and the servers, where they were read."""

    def __init__(self, layout: Layout, readings: Readings, switching: Switching, declared: Mapping[str, Any]) -> None:
        self._layout, self._readings, self._switching = layout, readings, switching
        self._declared = {switch["name"]: switch for switch in declared.get("switches", ())}
        self._bridges: dict[str, str] = {}
        self._host: str | None = None
        self._vlans: set[int] = set()

    def build(self) -> None:
        trees: dict[str, Line] = {}
        for name, text in self._readings.nexus.items():
            try:
                trees[name] = tree(text)
            except Misfit as error:
                self._layout.unsaid.append(f"Nexus {name} : {error}")
        self._bridges = {name: self._layout.bridge(name).name for name in trees}
        for name, root in trees.items():
            for link in self._declared.get(name, {}).get("links", ()):
                self._link(name, root, link)

    def _link(self, name: str, root: Line, link: Mapping[str, Any]) -> None:
        label = f"{name}/{link['name']}"
        vlans = _trunk(root, str(link["name"]))
        if vlans is None:
            self._layout.unsaid.append(f"{label} : absent ou éteint")
            return
        here, switching = self._bridges[name], self._switching
        far = switching.stacks.get(link["to"])
        other = self._bridges.get(link["to"])
        if far is not None and not switching.joined(here, far):
            self._layout.taken.append(f"{label} ↔ {link['to']} : port du cœur inconnu, supposé tout laisser passer")
            switching.join(here, vlans, f"{label} ↔ {link['to']}", far)
        elif other is not None and not switching.joined(here, other):
            switching.join(here, vlans, f"{label} ↔ {link['to']}", other)
        elif far is None and other is None and self._host is None:
            self._host = self._layout.bridge(str(link["to"])).name
            self._vlans = set(link["vlans"])
            switching.join(here, vlans, f"{label} ↔ {link['to']}", self._host)

    def plug(self, host: str, vlan: int, addresses: Iterable[str]) -> None:
        """Stand a host in a VLAN: behind the Nexus switches that are to carry it, or at the core."""
        bridge = self._host if vlan in self._vlans else self._switching.core_bridge
        if bridge is None:
            self._layout.unsaid.append(f"{host} : ni Nexus ni cœur lu, débranché")
            self._layout.host(host).interfaces["eth0"] = list(addresses)
            return
        if bridge != self._host:
            self._layout.taken.append(f"serveurs du VLAN {vlan} branchés au cœur, que nul Nexus ne porte")
        self._layout.plug(host, "eth0", self._layout.port(bridge, access(vlan), label=host), addresses)


def _trunk(root: Line, name: str) -> Vlans | None:
    """VLANs of an interface of a Nexus; None where it is absent or shut."""
    block = next((line for line in root.starting("interface ") if line.text == f"interface {name}"), None)
    if block is None or block.says("shutdown"):
        return None
    if not block.says("switchport mode trunk"):
        vlan = block.rest("switchport access vlan ")
        return access(int(vlan) if vlan and vlan.isdecimal() else 1)
    allowed = block.rest("switchport trunk allowed vlan ")
    native = block.rest("switchport trunk native vlan ")
    made = {vlan for line in root.starting("vlan ") for vlan in numbers(line.text.removeprefix("vlan "))}
    listed = [vlan for vlan in (numbers(allowed) if allowed else sorted(made)) if vlan in made]
    return Vlans(int(native) if native and native.isdecimal() else 1, tuple(listed), "native-untagged")
