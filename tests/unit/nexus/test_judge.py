"""The judgement of a Nexus: each departure is named, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.nexus.configuration import Config, as_declared, by_hand, running, trunk
from piste.nexus.configuration import tree
from piste.nexus.judge import judge
from piste.nexus.state import of_configuration
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


def _port(name: str, *lines: str) -> Callable[[Config], None]:
    return lambda config: config["interfaces"].update({name: list(lines)})


CHANGES: dict[str, tuple[Callable[[Config], None], list[tuple[str, str, str, bool]]]] = {
    "a missing VLAN": (
        lambda config: config["vlans"].pop("102"),
        [("nexus_vlan", "102", "absent, alors qu'il porte le segment serveurs (hotel-de-ville)", False)],
    ),
    "a VLAN that is shut down": (
        _vlan("102", "shut"),
        [("nexus_vlan", "102", "arrêté, alors qu'il porte le segment serveurs (hotel-de-ville)", False)],
    ),
    "a VLAN of another site": (_vlan("101", "active"), []),
    "a VLAN of the switch itself": (_vlan("3968", "active"), []),
    "a VLAN that nobody declares": (
        _vlan("3000", "active"),
        [("nexus_vlan", "3000", "personne ne le déclare", True)],
    ),
    "a VLAN that a trunk lacks": (
        _port("Ethernet1/1", *trunk("ntnx-hdv-a", [107])),
        [("nexus_trunk", "Ethernet1/1", "n'admet pas le VLAN 102, segment serveurs (hotel-de-ville)", False)],
    ),
    "a trunk that admits all": (_port("Ethernet1/1", "switchport mode trunk", "no shutdown"), []),
    "a link that is no trunk": (
        _port("Ethernet1/1", "switchport access vlan 102"),
        [("nexus_trunk", "Ethernet1/1", "n'est pas un trunk, alors qu'il mène à ntnx-hdv-a", False)],
    ),
    "a link that is shut down": (
        _port("Ethernet1/1", "switchport mode trunk", "shutdown"),
        [("nexus_trunk", "Ethernet1/1", "arrêté, alors qu'il mène à ntnx-hdv-a", False)],
    ),
    "a link that is not there": (
        lambda config: config["interfaces"].pop("port-channel10"),
        [("nexus_trunk", "port-channel10", "absent, alors qu'il mène à coeur-hdv", False)],
    ),
    "a member out of its port-channel": (
        _port("Ethernet1/48", "switchport access vlan 102"),
        [("nexus_trunk", "Ethernet1/48", "n'est pas dans port-channel1", False)],
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
        [("nexus_gateway", "Vlan102", "a l'adresse de la passerelle du segment serveurs (hotel-de-ville), "
          "10.93.2.254, que porte le pare-feu", False)],
    ),
    "the gateway of another, shut down": (_port("Vlan102", "ip address 10.93.2.254/24"), []),
    "an address of a segment": (
        _port("Vlan102", "no shutdown", "ip address 10.93.2.9/24"),
        [("nexus_gateway", "Vlan102", "a l'adresse 10.93.2.9 dans le segment serveurs (hotel-de-ville), "
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
