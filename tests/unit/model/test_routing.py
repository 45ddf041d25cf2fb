"""Gateways, core, firewall and routes: what is derived, and the exact faults."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from piste.systems.forcepoint.engine_intent import engine_intent
from piste.town.model import Town
from piste.town.model.routing.derived import node_addresses
from tests.unit.model.broken_town import ALL, HDV, JAURES, Case, Copy, check, jaures_segment

FILE, HARDWARE = ALL + "routing.yml", ALL + "hardware.yml"
LINE_ROUTES = "routes: ["
AGGREGATES = "aggregates:\n"
LACP = [
    (FILE, "nodes: 2, ports: [sw-hdv-01/31, sw-hdv-02/31]", "nodes: 2, aggregate: {mode: lacp, interfaces: [2]}, "
     "ports: [sw-hdv-01/31, sw-hdv-02/31, sw-hdv-01/32, sw-hdv-02/32]"),
    (HDV, AGGREGATES, AGGREGATES + "  pare-feu-1: {ports: [sw-hdv-01/31, sw-hdv-02/31], to: fw-hdv}\n"
     "  pare-feu-2: {ports: [sw-hdv-01/32, sw-hdv-02/32], to: fw-hdv}\n"),
]  # fmt: skip
"""A firewall whose two members have two ports each, aggregated at both ends."""

ROUTING = [
    Case(
        "nothing that routes is known",
        [
            (FILE, "stack: coeur-hdv", "stack: coeur-hd"),
            (FILE, "{interface: 0, nodes: 2,", "{engine: fw-hdb, interface: 0, nodes: 2,"),
            (FILE, "segment: transit,", "segment: vpn-agents,"),
        ],
        [
            ("M180", "routing.core.stack", FILE, "core: {site"),
            ("M180", "routing.firewall.engine", FILE, "firewall: {engine"),
            ("M180", "routing.transit.segment", FILE, "transit: {segment"),
        ],
        ["Vouliez-vous dire « coeur-hdv » ?", "Vouliez-vous dire « fw-hdv » ?", "« vpn-agents » n’a pas de VLAN"],
    ),
    Case(
        "a core at no site",
        [(FILE, "core: {site: hotel-de-ville", "core: {site: hotel-de-vile")],
        [
            ("M180", "routing.core.site", FILE, "core: {site"),
            ("M390", "sites[hotel-de-ville].premises", HDV, "premises:"),
        ],
    ),
    Case(
        "a firewall that is not plugged into the core",
        [(FILE, "ports: [sw-hdv-01/31, sw-hdv-02/31]", "ports: [sw-hdv-01/31, sw-hdv-03/52]")],
        [("M180", "routing.firewall.ports[2]", FILE, "firewall: {interface")],
        ["sw-hdv-03/52 n’est pas un port du cœur (sw-hdv-01, sw-hdv-02)"],
    ),
    Case(
        "a core that does not route",
        [(FILE, "stack: coeur-hdv", "switch: sw-hdv-09")],
        [
            ("M181", "routing.core.switch", FILE, "core: {site"),
            ("M180", "routing.firewall.ports[1]", FILE, "firewall: {interface"),
            ("M180", "routing.firewall.ports[2]", FILE, "firewall: {interface"),
        ],
        ["sw-hdv-09 : un MS120-8 ne route pas"],
    ),
    Case(
        "a core of a model that nobody knows to route",
        [(HARDWARE, "MS120-8: {kind: switch, ports: 10, routes: false,", "MS120-8: {kind: switch, ports: 10,"),
         (FILE, "stack: coeur-hdv", "switch: sw-hdv-09")],
        [
            ("M181", "routing.core.switch", FILE, "core: {site"),
            ("M180", "routing.firewall.ports[1]", FILE, "firewall: {interface"),
            ("M180", "routing.firewall.ports[2]", FILE, "firewall: {interface"),
        ],
        ["sw-hdv-09 : rien ne dit qu’un MS120-8 route", "et d’où on le sait (hardware, routing)"],
    ),
    Case(
        "a core of a small model",
        [(HARDWARE, "MS425-32: {kind: switch, ports: 34, routes: true,",
          "MS425-32: {kind: switch, ports: 34, routing: {interfaces: 16, static_routes: 16, source: fiche},")],
        [("M187", "routing.core.stack", FILE, "core: {site")],
        ["Le cœur aurait ", " interfaces routées, il en porte 16 au plus"],
        whole=True,
    ),
    Case(
        "two gateways, taken addresses, useless routes, no way back",
        [
            (FILE, "network: 192.0.2.0/29", "network: 10.93.240.0/29"),
            (FILE, "core: 1, firewall: 2}", "core: 3, firewall: 3}"),
            (FILE, "  routes: []", """  routes:
    - {network: 0.0.0.0/0, carrier: core, next_hop: 10.93.41.9, why: dehors}
    - {network: 10.93.41.0/24, carrier: ngfw, next_hop: 10.93.42.9, why: détour}
    - {network: 172.20.0.0/16, carrier: core, next_hop: 10.93.42.9, why: pare-feu}
    - {network: 172.21.0.0/16, carrier: core, next_hop: 10.93.41.8, why: Nexus}
    - {network: 172.21.0.0/16, carrier: core, next_hop: 10.93.41.7, why: encore}
    - {network: 172.22.0.0/16, carrier: ngfw, next_hop: 10.93.240.3, why: sans retour}
    - {network: 172.21.0.0/16, carrier: ngfw, next_hop: 10.93.45.8, why: ailleurs}"""),
            jaures_segment("pedagogique: {dhcp: {last: 252}, reservations: {borne: {host: 253}}}"),
        ],
        [
            ("M182", "routing.outside.network", FILE, "outside: {interface"),
            ("M182", "routing.outside.firewall", FILE, "outside: {interface"),
            ("M182", "routing.outside.router", FILE, "outside: {interface"),
            ("M182", "routing.transit.firewall", FILE, "transit: {segment"),
            ("M183", "sites[ecole-jaures].segments[pedagogique].gateway", JAURES, "pedagogique: {dhcp"),
            ("M183", "sites[ecole-jaures].segments[pedagogique].gateway", JAURES, "pedagogique: {dhcp"),
            ("M184", "routing.routes[1]", FILE, "why: dehors"),
            ("M184", "routing.routes[2]", FILE, "why: détour"),
            ("M184", "routing.routes[3]", FILE, "why: pare-feu"),
            ("M184", "routing.routes[5]", FILE, "why: encore"),
            ("M185", "routing.routes[6]", FILE, "why: sans retour"),
            ("M184", "routing.routes[7]", FILE, "why: ailleurs"),
        ],
        [
            "Au transit, le cœur et le pare-feu ont le même rang 3",
            "L’interface extérieure 10.93.240.0/29 chevauche 10.93.240.0/29, commune, segment transit",
            "10.93.45.253 est à borne",
            "10.93.45.252 est dans la plage DHCP",
            "La route 10.93.41.0/24 détourne 10.93.41.0/24, ecole-jaures, segment utilisateurs",
            "La route 172.22.0.0/16 du pare-feu mène au cœur, qui n’en a pas",
            "La route 172.21.0.0/16 part du cœur et du pare-feu, chacun vers un autre routeur",
        ],
    ),
    Case(
        "a firewall that aggregates alone",
        [(FILE, "nodes: 2, ports:", "nodes: 2, aggregate: {mode: lacp, interfaces: [1, 2]}, ports:")],
        [
            ("M186", "routing.firewall.aggregate", FILE, "firewall: {interface"),
            ("M186", "routing.firewall.aggregate.interfaces", FILE, "firewall: {interface"),
            ("M186", "routing.firewall.ports", FILE, "firewall: {interface"),
        ],
        ["L’interface 1 ne peut", "se branchent sur 6 ports, pas 2", "0 agrégat(s) vers fw-hdv, pour 2 membre(s)"],
    ),
    Case(
        "a core that aggregates alone, or other ports",
        [(HDV, AGGREGATES, AGGREGATES + "  au-pare-feu: {ports: [sw-hdv-01/31, sw-hdv-02/31], to: fw-hdv}\n")],
        [("M186", "sites[hotel-de-ville].aggregates[au-pare-feu]", HDV, "au-pare-feu")],
        ["le moteur fw-hdv n’agrège rien en lacp"],
    ),
    Case(
        "two aggregates on one port",
        [
            LACP[0],
            (HDV, AGGREGATES, AGGREGATES + "  pare-feu-1: {ports: [sw-hdv-01/31, sw-hdv-02/31], to: fw-hdv}\n"
             "  pare-feu-2: {ports: [sw-hdv-01/32, sw-hdv-02/31], to: fw-hdv}\n"),
        ],
        [("M211", "sites[hotel-de-ville].aggregates[pare-feu-2].ports[2]", HDV, "pare-feu-2")],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", ROUTING, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_both_ends_of_the_firewall_aggregate_the_same_link(copy: Copy) -> None:
    for file, old, new in LACP:
        copy.edit(file, old, new)
    town = copy.load()
    assert town.commune is not None
    intent = engine_intent(town.commune)["engine_interfaces"]
    assert intent[0] == {
        "engine": "fw_cluster/fw-hdv", "interface": "0", "aggregate": {"mode": "lb", "interfaces": ["2"]},
    }  # fmt: skip
    (switch,) = (device for device in town.sites["hotel-de-ville"]["devices"] if device["name"] == "sw-hdv-02")
    vlans = {port["port"]: port["allowed_vlans"] for port in switch["ports"]}
    assert vlans["32"] == vlans["31"], "the ports of an aggregate carry what the firewall routes"
    aggregates = {entry["name"]: entry["to"] for entry in town.sites["hotel-de-ville"]["aggregates"]}
    assert aggregates["pare-feu-2"] == "fw-hdv"


def test_each_segment_has_a_gateway_and_no_more(town: Town) -> None:
    for site in town.sites.values():
        assert [gateway["segment"] for gateway in site["gateways"]] == list(site["segments"])
    by = {gateway["segment"]: gateway for gateway in town.sites["ecole-jaures"]["gateways"]}
    users, guests = by["utilisateurs"], by["invites"]
    assert (users["name"], users["address"], users["carrier"]) == ("gw-jau-utilisateurs", "10.93.41.254", "core")
    assert (users["interface"], users["nodes"], users["server"]) == (None, [], None)
    assert users["relay"] == ["10.93.2.11", "10.93.2.12"]
    assert (guests["interface"], guests["nodes"]) == ("0.154", ["10.93.44.252", "10.93.44.253"])
    assert guests["relay"] == []
    assert guests["server"] is not None
    assert guests["server"]["options"]["dns"] == ["198.51.100.253"]
    assert by["administration"]["relay"] == []


def test_a_segment_with_its_server_needs_no_relay(copy: Copy) -> None:
    copy.edit(ALL + "segments.yml", "offset: 2, zone: interne, gateway: ngfw,",
              "offset: 2, zone: interne, gateway: ngfw, dhcp: {},")  # fmt: skip
    sites = copy.load().sites
    relays = {name: {g["segment"]: g["relay"] for g in site["gateways"]}["serveurs"] for name, site in sites.items()}
    assert relays["hotel-de-ville"] == []
    assert relays["ecole-jaures"] == ["10.93.2.11", "10.93.2.12"]


def test_every_prefix_has_its_way_and_its_return(town: Town) -> None:
    """Each prefix, asked of the equipment that does not carry it, leads to the one that does."""
    assert town.commune is not None
    core, engine = town.commune["core"], town.commune["firewall_engine"]
    assert core is not None
    assert engine is not None
    transit = ip_network(core["interface"]["subnet"])
    assert {core["default_route"], core["interface"]["address"]} == {"10.93.240.2", "10.93.240.1"}
    assert all(ip_address(hop) in transit for hop in (core["default_route"], core["interface"]["address"]))
    assert [(face["interface"], face["address"], face["nodes"]) for face in engine["interfaces"]] == [
        ("0.400", "10.93.240.2", ["10.93.240.5", "10.93.240.6"]), ("1", "192.0.2.2", ["192.0.2.5", "192.0.2.6"]),
    ]  # fmt: skip
    carried = {
        gateway["subnet"]: gateway["carrier"]
        for site in town.sites.values()
        for gateway in site["gateways"]
        if site["lifecycle"] == "open"
    }
    ways = {route["subnet"]: route["next_hop"] for route in engine["routes"]}
    assert ways == {subnet: "10.93.240.1" for subnet, carrier in carried.items() if carrier == "core"}
    assert engine["default_route"] == "192.0.2.1"
    assert engine["logs"] == {
        "server": "LogServer 192.0.2.10",
        "data": "All Log Data",
        "forward": [{"name": "hdv-log1", "address": "10.93.2.24", "port": 514, "service": "udp", "format": "cef"}],
    }
    assert (core["stack"], core["serials"]) == ("coeur-hdv", ["QZZZ-0000-0001", "QZZZ-0000-0002"])


def test_a_route_of_the_core_has_its_return_on_the_firewall(copy: Copy) -> None:
    copy.edit(FILE, "  routes: []",
              "  routes: [{network: 172.21.0.0/16, carrier: core, next_hop: 10.93.1.8, why: Nexus}]")  # fmt: skip
    town = copy.load()
    assert town.faults == []
    assert town.commune is not None
    core, engine = town.commune["core"], town.commune["firewall_engine"]
    assert core is not None
    assert engine is not None
    assert core["routes"] == [{"name": "route-172.21.0.0-16", "subnet": "172.21.0.0/16", "next_hop": "10.93.1.8"}]
    assert engine["routes"][-1] == {
        "name": "route-172.21.0.0-16", "subnet": "172.21.0.0/16", "next_hop": "10.93.240.1"
    }  # fmt: skip


def test_a_town_without_routing_derives_neither_core_nor_engine(copy: Copy) -> None:
    (copy.root / FILE).unlink()
    town = copy.load()
    assert [fault.path for fault in town.faults] == ["assets.firewall[fw-hdv-2]"]
    assert town.commune is not None
    assert (town.commune["core"], town.commune["firewall_engine"]) == (None, None)
    assert {gateway["interface"] for gateway in town.sites["ecole-jaures"]["gateways"]} == {None}


@pytest.mark.parametrize(
    ("subnet", "taken", "nodes", "expected"),
    [
        ("10.0.0.0/24", ["10.0.0.254"], 2, ["10.0.0.252", "10.0.0.253"]),
        ("10.0.0.0/29", ["10.0.0.1"], 2, ["10.0.0.5", "10.0.0.6"]),
        ("10.0.0.0/24", ["10.0.0.254"], 1, []),
        ("10.0.0.0/30", ["10.0.0.1"], 2, ["10.0.0.2"]),
    ],
)
def test_the_members_of_a_cluster_take_the_last_addresses(
    subnet: str, taken: list[str], nodes: int, expected: list[str]
) -> None:
    assert node_addresses(subnet, taken, nodes) == expected
