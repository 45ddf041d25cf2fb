"""The judgement of a Nexus: each departure is named, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.nexus.configuration import Config, as_declared, by_hand, running, trunk
from piste.systems.nexus.configuration import tree
from piste.systems.nexus.judge import judge
from piste.systems.nexus.state import of_configuration
from piste.systems.nexus.unjudged import unjudged
from tests.support.nexus import declared

NEXUS = declared()
SWITCH = NEXUS["switches"][0]


def departures(config: Config) -> Iterator[tuple[str, str, str, bool]]:
    state = of_configuration(tree(running(config, "midi")))
    yield from judge(SWITCH, NEXUS["vlans"], state)


def test_a_switch_as_declared_has_no_departure() -> None:
    assert list(departures(as_declared(SWITCH, {}))) == []


def _vlan(number: str, state: str) -> Callable[[Config], None]:
    return lambda config: config["vlans"].update({number: {"name": "essai", "state": state}})


def _shut_by_default(config: Config) -> None:
    config["extra"].append("system default switchport shutdown")
    config["interfaces"]["Ethernet1/1"].remove("no shutdown")


def _port(name: str, *lines: str) -> Callable[[Config], None]:
    return lambda config: config["interfaces"].update({name: list(lines)})


CHANGES: dict[str, tuple[Callable[[Config], None], list[tuple[str, str, str, bool]]]] = {
    "a missing VLAN": (
        lambda config: config["vlans"].pop("102"),
        [("nexus_vlan", "102", "absent, alors qu’il porte le segment serveurs (hotel-de-ville)", False)],
    ),
    "a VLAN that is shut down": (
        _vlan("102", "shut"),
        [("nexus_vlan", "102", "arrêté, alors qu’il porte le segment serveurs (hotel-de-ville)", False)],
    ),
    "a VLAN of another site": (_vlan("101", "active"), []),
    "a VLAN of the switch itself": (_vlan("3968", "active"), []),
    "a VLAN that nobody declares": (
        _vlan("3000", "active"),
        [("nexus_vlan", "3000", "personne ne le déclare", True)],
    ),
    "a VLAN that a trunk lacks": (
        _port("Ethernet1/1", *trunk("ntnx-hdv-a", [107])),
        [("nexus_trunk", "Ethernet1/1", "n’admet pas le VLAN 102, segment serveurs (hotel-de-ville)", False)],
    ),
    "a link that is shut down as all switched ports are": (
        _shut_by_default,
        [("nexus_trunk", "Ethernet1/1", "arrêté, alors qu’il mène à ntnx-hdv-a", False)],
    ),
    "a trunk that admits all": (_port("Ethernet1/1", "switchport mode trunk", "no shutdown"), []),
    "a link that is no trunk": (
        _port("Ethernet1/1", "switchport access vlan 102"),
        [("nexus_trunk", "Ethernet1/1", "n’est pas un trunk, alors qu’il mène à ntnx-hdv-a", False)],
    ),
    "a link that is shut down": (
        _port("Ethernet1/1", "switchport mode trunk", "shutdown"),
        [("nexus_trunk", "Ethernet1/1", "arrêté, alors qu’il mène à ntnx-hdv-a", False)],
    ),
    "a link that is not there": (
        lambda config: config["interfaces"].pop("port-channel10"),
        [("nexus_trunk", "port-channel10", "absent, alors qu’il mène à coeur-hdv", False)],
    ),
    "a member out of its port-channel": (
        _port("Ethernet1/48", "switchport access vlan 102"),
        [("nexus_trunk", "Ethernet1/48", "n’est pas dans port-channel1", False)],
    ),
    "a member that is shut down": (
        _port("Ethernet1/48", "channel-group 1 mode active", "shutdown"),
        [("nexus_trunk", "Ethernet1/48", "arrêté, dans port-channel1", False)],
    ),
    "a member that nobody declares": (
        _port("Ethernet1/46", "channel-group 1 mode active"),
        [("nexus_trunk", "Ethernet1/46", "dans port-channel1, et personne ne le déclare", True)],
    ),
    "a trunk that nobody declares": (
        _port("Ethernet1/30", "switchport mode trunk"),
        [("nexus_trunk", "Ethernet1/30", "trunk, et personne ne le déclare", True)],
    ),
    "a trunk that nobody declares, shut down": (_port("Ethernet1/30", "switchport mode trunk", "shutdown"), []),
    "the gateway of another": (
        _port("Vlan102", "no shutdown", "ip address 10.93.2.254/24"),
        [("nexus_gateway", "Vlan102", "a l’adresse de la passerelle du segment serveurs (hotel-de-ville), "
          "10.93.2.254, que porte le pare-feu", False)],
    ),
    "the gateway of another, shut down": (_port("Vlan102", "ip address 10.93.2.254/24"), []),
    "an address of a segment": (
        _port("Vlan102", "no shutdown", "ip address 10.93.2.9/24"),
        [("nexus_gateway", "Vlan102", "a l’adresse 10.93.2.9 dans le segment serveurs (hotel-de-ville), "
          "et personne ne le déclare", True)],
    ),
    "its own address": (_port("Vlan100", "no shutdown", f"ip address {SWITCH['address']}/24"), []),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_a_departure_or_nothing(change: str) -> None:
    config = copy.deepcopy(as_declared(SWITCH, {}))
    make, expected = CHANGES[change]
    make(config)
    assert list(departures(config)) == [(kind, f"nx-hdv-1/{key}", *rest) for kind, key, *rest in expected]


def test_a_switch_changed_by_hand_has_every_departure_at_once() -> None:
    seen: list[Any] = list(departures(by_hand(as_declared(SWITCH, {}), "10.93.2.254")))
    assert [key.rpartition("nx-hdv-1/")[2] for _, key, _, _ in seen] == [
        "102", "999", "Ethernet1/48", "Ethernet1/1", "Ethernet1/30", "Vlan102",
    ]  # fmt: skip


PAIR: dict[str, Any] = {
    **SWITCH,
    "vpc_domain": 1,
    "links": [
        {**link, "vpc": {"port-channel1": "peer-link", "port-channel10": "10"}.get(link["name"], "")}
        for link in SWITCH["links"]
    ],
}


def of_the_pair(config: Config) -> list[tuple[str, str, bool]]:
    state = of_configuration(tree(running(config, "midi")))
    return [(each.key, each.why, each.orphan) for each in judge(PAIR, NEXUS["vlans"], state)]


def test_a_declared_vpc_is_judged() -> None:
    assert of_the_pair(as_declared(PAIR, {})) == []
    assert list(departures(as_declared(PAIR, {}))) == [], "a vPC that nobody declares is not judged"
    config = as_declared(PAIR, {})
    config["extra"] = ["vpc domain 2"]
    config["interfaces"]["port-channel10"].remove("vpc 10")
    config["interfaces"]["port-channel1"].remove("vpc peer-link")
    config["interfaces"]["port-channel77"] = ["switchport mode trunk", "shutdown", "vpc 77"]
    assert of_the_pair(config) == [
        ("nx-hdv-1/domain", "est dans le domaine vPC 2, alors qu’il est déclaré dans le 1", False),
        ("nx-hdv-1/port-channel1", "hors de tout vPC, alors que le vPC peer-link est déclaré", False),
        ("nx-hdv-1/port-channel10", "hors de tout vPC, alors que le vPC 10 est déclaré", False),
        ("nx-hdv-1/port-channel77", "vPC 77, et personne ne le déclare", True),
    ]
    assert ("nx-hdv-1/domain", "n’a pas de domaine vPC, alors qu’il est déclaré dans le 1", False) in of_the_pair(
        as_declared(SWITCH, {})
    )


def test_an_address_of_ipv6_is_a_gateway_like_another() -> None:
    config = as_declared(SWITCH, {})
    config["interfaces"]["Vlan102"] = [
        "no shutdown", "ipv6 address use-link-local-only", "ipv6 address 2001:db8:2::254/64",
        "hsrp version 2", "hsrp 1 ipv6", "  ip autoconfig", "hsrp 2 ipv6", "  ip 2001:db8:2::1",
    ]  # fmt: skip
    assert [(each[1], each[2]) for each in departures(config)] == [
        ("nx-hdv-1/Vlan102", f"a l’adresse 2001:db8:2::{number}, et personne ne le déclare") for number in ("254", "1")
    ]


def test_what_nothing_judges_is_counted_by_subject() -> None:
    config = as_declared(SWITCH, {})
    usual = unjudged(tree(running(config, "midi")))
    assert usual.keys() == {"autres réglages"}, "the lines of administration that any Nexus has"
    config["extra"] = [
        "vpc domain 1", "  peer-keepalive destination 192.0.2.9", "router ospf 1", "  router-id 192.0.2.8",
        "ip route 10.0.0.0/8 10.93.2.9", "ip access-list essai", "  10 permit ip any any", "interface loopback0",
        "  ip address 192.0.2.8/32", "spanning-tree mode mst",
    ]  # fmt: skip
    config["interfaces"]["port-channel10"].insert(-1, "vpc 10")
    config["interfaces"]["Ethernet1/20"] = ["no switchport", "ip address 192.0.2.5/30"]
    config["interfaces"]["Vlan102"] = ["ip router ospf 1 area 0.0.0.0", "ipv6 nd ra-interval 600", "ip arp x y"]
    assert unjudged(tree(running(config, "midi"))) == {
        "IPv6": 1, "OSPF": 3, "arbre recouvrant": 1, "interfaces d’un autre genre": 2, "listes d’accès": 2,
        "ports routés": 2, "routes statiques": 1, "vPC": 3, "autres réglages": usual["autres réglages"] + 1,
    }  # fmt: skip
    assert "vPC" not in unjudged(tree(running(config, "midi")), vpc=True)
