"""The simulated Nexus as netmiko sees it: login, reads, changes by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from netmiko import ConnectHandler

from lab.nexus.server import Nexus
from tests.support.nexus import ACCOUNTS, option, run, switches

NAME = "nx-hdv-1"


@pytest.fixture(scope="module")
def nexus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nexus]:
    with switches(tmp_path_factory.mktemp("nexus")) as made:
        yield made


@contextmanager
def client(nexus: Nexus, username: str) -> Iterator[Any]:
    given = {"device_type": "cisco_nxos", "host": "127.0.0.1", "port": nexus.ports[NAME], "fast_cli": True}
    with ConnectHandler(**given, username=username, password=ACCOUNTS[username][0]) as opened:
        yield opened


def test_netmiko_reads_what_the_lab_shows_and_its_templates_parse_it(nexus: Nexus) -> None:
    with client(nexus, "svc-piste") as reader:
        assert reader.find_prompt() == f"{NAME}#"
        (version,) = reader.send_command("show version", use_textfsm=True)
        vlans = reader.send_command("show vlan brief", use_textfsm=True)
        channels = reader.send_command("show port-channel summary", use_textfsm=True)
        blocks = reader.send_command("show running-config | section ^interface").splitlines()
        structured = json.loads(reader.send_command("show vlan | json"))
        refused = reader.send_command("show nonsense")
        denied = reader.send_command("configure terminal")
    assert (version["os"], version["platform"], version["hostname"]) == ("9.3(13)", "C93180YC-EX", NAME)
    assert {vlan["vlan_id"]: vlan["status"] for vlan in vlans} == {"1": "active", "102": "active", "107": "active"}
    members = {channel["bundle_name"]: channel["member_interface"] for channel in channels}
    assert members == {"Po1": ["Eth1/47", "Eth1/48"], "Po10": ["Eth1/49", "Eth1/50"]}
    assert [line for line in blocks if line.startswith("interface ")] == [
        line for line in blocks if line and not line.startswith(" ")
    ]
    assert len(blocks) > len(channels)
    rows = structured["TABLE_vlanbrief"]["ROW_vlanbrief"]
    assert {row["vlanshowbr-vlanid"] for row in rows} == {"1", "102", "107"}
    assert "% Invalid command" in refused
    assert "% Permission denied for the role" in denied


def test_what_a_person_types_by_hand_is_a_departure(nexus: Nexus) -> None:
    typed = ["vlan 3000", "name essai", "interface Ethernet1/1", "switchport trunk allowed vlan 107", "no vlan 107"]
    with client(nexus, "admin") as hand:
        hand.send_config_set(typed)
    orphans = run("nexus_orphans", option(nexus), switches=[NAME])["orphans"]
    assert [(orphan["key"], orphan.get("said", "orphelin")) for orphan in orphans] == [
        (f"{NAME}/107", "écart"),
        (f"{NAME}/3000", "orphelin"),
        (f"{NAME}/Ethernet1/1", "écart"),
    ]


def test_a_port_that_is_shut_by_hand_is_a_departure_where_its_line_is_the_default(nexus: Nexus) -> None:
    typed = ["system default switchport shutdown", "interface Ethernet1/1", "shutdown"]
    with client(nexus, "admin") as hand:
        hand.send_config_set(typed)
        shown = hand.send_command("show running-config")
    block = shown.partition("interface Ethernet1/1\n")[2].partition("\ninterface")[0]
    assert "shutdown" not in block
    departures = run("nexus_orphans", option(nexus), switches=[NAME])["orphans"]
    assert [departure["key"] for departure in departures if "arrêté" in departure["why"]] == [f"{NAME}/Ethernet1/1"]
