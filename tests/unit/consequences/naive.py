"""A second, naive computation of who reaches what: packets followed by hand, one by one.

Nothing of the product is used here: options of tasks are plain data, addresses those of the standard library, and the
first rule that matches decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, ip_address
from ipaddress import ip_network as parsed
from typing import Any, NamedTuple

Item = Mapping[str, Any]
ip_network = lru_cache(maxsize=None)(parsed)
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


class Packet(NamedTuple):
    target: IPv4Address
    protocol: str
    port: int


class Population(NamedTuple):
    """A segment of a site by wire, or what an SSID of the site puts somewhere."""

    site: str
    segment: str
    ssid: str = ""


class World:
    """The options of a town, as plain data: `objects` by module, owner and key.

    `lending` are the addresses of what lends addresses.
    """

    def __init__(
        self,
        sites: Mapping[str, Any],
        core: str,
        objects: Mapping[str, Mapping[tuple[str, str], Item]],
        lending: Collection[str],
    ) -> None:
        self.sites, self.core, self.objects = sites, core, objects
        self.elements = {f"{item['type']}/{item['name']}": item for item in objects["smc_elements"].values()}
        self.vlans = {
            segment["vlan"]: segment for site in sites.values() for segment in site["segments"].values()
        }  # fmt: skip
        self._known: dict[tuple[Any, ...], bool] = {}
        self._rules = [
            rule for policy in objects["smc_policies"].values() for rule in policy.get("ipv4_access") or ()
        ]  # fmt: skip
        self._about: dict[int, list[Item]] = {}
        self.lending = lending
        self._of_core = {face["address"] for face in objects["meraki_routed_interfaces"].values()}
        self._faces = self._of_core | {
            entry["cluster"] for face in objects["smc_engine_interfaces"].values() for entry in face["addresses"]
        }

    def passes(self, population: Population, packet: Packet) -> bool:
        """Tell whether a packet of a computer of a population arrives."""
        ssid, vlan = None, self.sites[population.site]["segments"][population.segment]["vlan"]
        if population.ssid:
            ssid = self.objects["meraki_ssids"].get((population.site, population.ssid))
            if ssid is None or not ssid["enabled"]:
                return False
            vlan = ssid["default_vlan_id"]
        segment = self.vlans.get(vlan)
        if segment is None or packet.target in ip_network(segment["subnet"]):
            return False
        source = computer(segment["subnet"])
        there = next((known for known in self.vlans.values() if packet.target in ip_network(known["subnet"])), None)
        if not self._carried(segment) or not self._routed(segment):
            return False
        if there is not None and not (self._carried(there) and self._routed(there)):
            return False
        if ssid is not None and not self._by_ssid(ssid, packet):
            return False
        sites = {population.site, self.core, *(self._site_of(there) if there else ())}
        if any(self._dropped(source, packet, site) for site in sites):
            return False
        if there is not None and {segment["gateway_device"], there["gateway_device"]} == {"core"}:
            return True
        return self._led(source, segment) and self._led(packet.target, there) and self._admitted(source, packet)

    def beside(self, population: Population, target: IPv4Address, packet: Packet | None = None) -> bool | None:
        """Tell whether a device reaches another of its segment; None where the other is not there.

        The other is at the same access point, or elsewhere for a `packet`: rules are about what leaves the point.
        """
        ssid, segment = None, self.sites[population.site]["segments"][population.segment]
        if population.ssid:
            ssid = self.objects["meraki_ssids"].get((population.site, population.ssid))
            if ssid is None or not ssid["enabled"]:
                return None
            segment = self.vlans[ssid["default_vlan_id"]]
        if target not in ip_network(segment["subnet"]):
            return None
        if ssid and (ssid.get("lan_isolation_enabled") or (packet and not self._by_ssid(ssid, packet))):
            return False
        return packet is None or not self._dropped(computer(segment["subnet"]), packet, population.site)

    def _led(self, address: IPv4Address, segment: Item | None) -> bool:
        """Tell whether the firewall's best route to an address leads where it is."""
        if segment is not None and segment["gateway_device"] != "core":
            return True
        routes = {ip_network(text): route["via"] for item in self.objects["smc_engine_routes"].values()
                  for text, route in item["routes"].items() if ":" not in text}  # fmt: skip
        known = [network for network in routes if address in network]
        best = routes[max(known, key=lambda network: network.prefixlen)] if known else ()
        return any((via in self._of_core) is (segment is not None) for via in best)

    def lends(self, segment: Item) -> bool:
        """Tell whether a computer of a segment gets an address, from a gateway or by its relay."""
        servers = set(self.lending)
        for face in self.objects["meraki_routed_interfaces"].values():
            dhcp = face.get("dhcp") or {}
            if face["vlan"] == segment["vlan"] and dhcp.get("mode") == "dhcpRelay":
                return bool(servers & {*dhcp["relay_servers"]})
        for face in self.objects["smc_engine_interfaces"].values():
            if face["interface"].endswith(f".{segment['vlan']}"):
                named = [self.elements[f"dhcp_server/{name.rpartition('/')[2]}"] for name in face.get("relay") or ()]
                return bool(face.get("dhcp_server")) or bool(servers & {item["address"] for item in named})
        return False

    def _site_of(self, segment: Item) -> Iterator[str]:
        yield from (name for name, site in self.sites.items() if segment in site["segments"].values())

    def _carried(self, segment: Item) -> bool:
        if (segment["vlan"],) not in self._known:
            self._known[segment["vlan"],] = self._lets(segment)
        return self._known[segment["vlan"],]

    def _lets(self, segment: Item) -> bool:
        """Follow the links whose other end is declared: to the site, and to the firewall."""
        for site in self.sites.values():
            ends: dict[str, list[str]] = {}
            for device in site["devices"]:
                for port in device["ports"]:
                    wanted = (port["allowed_vlans"] or "").split(",") if port["uplink"] else ()
                    inside = port["far_end"] in {known["name"] for known in site["devices"]}
                    if str(segment["vlan"]) in wanted and port["far_end"] and not inside:
                        ends.setdefault(port["far_end"], []).append(f"{device['serial']}/{port['port']}")
            for ports in ends.values():
                if not any(lets(self.objects["meraki_switch_ports"][("", port)], segment["vlan"]) for port in ports):
                    return False
        return True

    def _routed(self, segment: Item) -> bool:
        return segment["gateway"] in self._faces

    @staticmethod
    def _by_ssid(ssid: Item, packet: Packet) -> bool:
        firewall = ssid.get("l3_firewall") or {}
        for rule in firewall.get("rules") or ():
            port = rule.get("dest_port", "any") in ("any", str(packet.port))
            if not port or rule["protocol"] not in ("any", packet.protocol):
                continue
            if rule["dest_cidr"] == "any" or packet.target in ip_network(rule["dest_cidr"]):
                return bool(rule["policy"] == "allow")
        private = any(packet.target in ip_network(text) for text in PRIVATE)
        return firewall.get("allow_lan_access") is not False or not private

    def _dropped(self, source: IPv4Address, packet: Packet, site: str) -> bool:
        settings = self.objects["meraki_network_settings"].get(("", self.sites[site]["network_name"])) or {}
        for rule in (settings.get("access_lists") or {}).get("rules") or ():
            ends = ((rule["src_cidr"], source), (rule["dst_cidr"], packet.target))
            if not all(text == "any" or address in ip_network(text) for text, address in ends):
                continue
            if rule["protocol"] not in ("any", packet.protocol) or rule["src_port"] not in ("any", "51515"):
                continue
            if rule["dst_port"] in ("any", str(packet.port)):
                return bool(rule["policy"] == "deny")
        return False

    def _admitted(self, source: IPv4Address, packet: Packet) -> bool:
        number = int(source)
        if number not in self._about:
            self._about[number] = [rule for rule in self._rules if self._has(rule["sources"], source)]
        for rule in self._about[number]:
            if self._has(rule["destinations"], packet.target) and self._serves(rule["services"], packet):
                return "allow" in rule["action"]
        return False

    def _simple(self, names: list[str]) -> Iterator[Item]:
        for name in names:
            # No packet says the site of the Web that it is for.
            if name not in ("any", "none") and not name.startswith("url_category"):
                element = self.elements[name]
                yield from self._simple(element["members"]) if "members" in element else (element,)

    def _has(self, names: list[str], address: IPv4Address) -> bool:
        asked = (*names, int(address))
        if asked not in self._known:
            self._known[asked] = self._looked_up(names, address)
        return self._known[asked]

    def _looked_up(self, names: list[str], address: IPv4Address) -> bool:
        if "any" in names:
            return True
        for element in self._simple(names):
            text = element.get("address") or element.get("ipv4_network")
            if text and address in ip_network(text):
                return True
            if span := element.get("ip_range"):
                first, last = map(ip_address, span.split("-"))
                if ":" not in span and int(first) <= int(address) <= int(last):
                    return True
        return False

    def _serves(self, names: list[str], packet: Packet) -> bool:
        if "any" in names:
            return True
        for element in self._simple(names):
            if element["type"] == f"{packet.protocol}_service":
                first, _, last = str(element["ports"]).partition("-")
                if int(first) <= packet.port <= int(last or first):
                    return True
        return False


def computer(subnet: str) -> IPv4Address:
    """Give the address of a computer of a segment."""
    network = ip_network(subnet)
    return IPv4Address(int(network[min(60, network.num_addresses - 2)]))


def lets(port: Item, vlan: int) -> bool:
    """Tell whether a trunk lets a VLAN pass."""
    for part in str(port["allowed_vlans"]).split(","):
        first, _, last = part.partition("-")
        if int(first) <= vlan <= int(last or first):
            return True
    return False


def has_address(texts: list[str], address: IPv4Address) -> bool:
    """Tell whether written addresses have one: prefixes, ranges, everything."""
    for text in texts:
        if text in ("tout", "tout IPv4"):
            return True
        if ":" in text or text == "tout IPv6":
            continue
        if "-" in text:
            first, last = map(ip_address, text.split("-"))
            if int(first) <= int(address) <= int(last):
                return True
        elif address in ip_network(text):
            return True
    return False


def has_port(texts: list[str], protocol: str, port: int) -> bool:
    """Tell whether written services have a port: `tcp/443`, `udp/1-9`, `tcp`, everything."""
    for text in texts:
        name, _, ports = text.partition("/")
        if text == "tout" or text == protocol:
            return True
        first, _, last = ports.partition("-")
        if name == protocol and int(first) <= port <= int(last or first):
            return True
    return False
