"""The running configuration of a Nexus: its tree, its state, its text without secrets."""

from __future__ import annotations

import pytest

from piste.engine.converge.values import Misfit
from piste.systems.nexus import tables
from piste.systems.nexus.configuration import MASK, masked, tree
from piste.systems.nexus.state import ALL, Gateway, numbers, of_configuration
from piste.systems.nexus.trials import as_router

CONFIGURATION = """
!Command: show running-config
!Time: Fri Nov 27 10:00:00 2026

version 9.3(13) Bios:version 05.47
hostname nx-hdv-1

banner motd #
vlan 666
interface Ethernet1/9
  switchport mode trunk
#
vlan 1,102,107-108
vlan 102
  name serveurs
vlan 107
  shutdown

interface Vlan102
  no shutdown
  ip address 10.93.2.3/24
  hsrp 1
    ip 10.93.2.254
interface Vlan107
  ip address 10.93.7.254/24
interface port-channel10
  switchport mode trunk
  switchport trunk allowed vlan 102,107
  switchport trunk allowed vlan add 200-201
  no shutdown
interface Ethernet1/1
  description vers le noeud
  switchport mode trunk
interface Ethernet1/2
  switchport mode trunk
  switchport trunk allowed vlan none
  shutdown
interface Ethernet1/49
  switchport mode trunk
  channel-group 10 mode active
interface Ethernet1/50.12
  ip address 10.0.0.1/30
"""


def test_a_configuration_gives_vlans_trunks_members_and_gateways() -> None:
    state = of_configuration(tree(CONFIGURATION))
    assert (state.hostname, dict(state.vlans)) == ("nx-hdv-1", {1: True, 102: True, 107: False, 108: True})
    ports = state.ports
    assert ports["port-channel10"].allowed == {102, 107, 200, 201}
    assert (ports["Ethernet1/1"].allowed, ports["Ethernet1/1"].up) == (ALL, True)
    assert (ports["Ethernet1/2"].allowed, ports["Ethernet1/2"].up) == (frozenset(), False)
    assert ports["Ethernet1/49"].group == "port-channel10"
    assert ports.keys() == {"port-channel10", "Ethernet1/1", "Ethernet1/2", "Ethernet1/49"}
    assert state.gateways == (
        Gateway(102, "10.93.2.3", True),
        Gateway(102, "10.93.2.254", True, shared=True),
        Gateway(107, "10.93.7.254", False),
    )


def test_a_switch_that_routes_is_a_router_with_its_routes_and_without_its_own_address() -> None:
    lines = "interface Vlan200\n  no shutdown\n  ip address 10.93.1.9/24\n"
    routes = "ip route 0.0.0.0/0 10.93.2.253\nip route 10.0.0.0/8 Null0\n"
    management = "vrf context management\n  ip route 0.0.0.0/0 10.9.9.9\n"
    state = of_configuration(tree(CONFIGURATION + lines + routes + management))
    read = as_router({"name": "nx-hdv-1", "address": "10.93.1.9"}, state)
    assert (read["name"], read["unread"]) == ("nx-hdv-1", "")
    (face,) = read["interfaces"]
    assert (face["name"], face["subnet"]) == ("Vlan102", "10.93.2.0/24")
    assert face["addresses"] == ["10.93.2.3", "10.93.2.254"]
    assert read["routes"] == [{"destination": "0.0.0.0/0", "via": ["10.93.2.253"]}]


OPEN, SHUT, ROUTED, SWITCHED = ["no shutdown"], ["shutdown"], ["no switchport"], ["switchport"]
TRUNK = [*SWITCHED, "switchport mode trunk"]


@pytest.mark.parametrize(
    ("default", "name", "lines", "expected"),
    [
        ("", "Ethernet1/1", ["switchport mode trunk"], (True, True)),
        ("", "Ethernet1/1", [*TRUNK, *SHUT], (True, False)),
        ("", "Ethernet1/1", ROUTED, (False, False)),
        ("", "Ethernet1/1", [*ROUTED, *OPEN], (False, True)),
        ("system default switchport shutdown", "Ethernet1/1", ["switchport mode trunk"], (True, False)),
        ("system default switchport shutdown", "Ethernet1/1", ["switchport mode trunk", *OPEN], (True, True)),
        ("system default switchport shutdown", "port-channel1", ["switchport mode trunk"], (True, True)),
        ("system default switchport shutdown", "port-channel1", ["switchport mode trunk", *SHUT], (True, False)),
        ("no system default switchport shutdown", "Ethernet1/1", ["switchport mode trunk"], (True, True)),
        ("no system default switchport", "Ethernet1/1", ["switchport mode trunk"], (False, False)),
        ("no system default switchport", "Ethernet1/1", TRUNK, (True, True)),
        ("no system default switchport", "Ethernet1/1", OPEN, (False, True)),
        ("system default switchport", "Ethernet1/1", ["switchport mode trunk"], (True, True)),
    ],
)
def test_a_port_that_does_not_say_is_as_the_switch_says_of_all(
    default: str, name: str, lines: list[str], expected: tuple[bool, bool]
) -> None:
    block = "".join(f"\n  {line}" for line in lines)
    text = f"version 9.3(13)\nhostname nx-hdv-1\n{default}\ninterface {name}{block}\n"
    port = of_configuration(tree(text)).ports[name]
    assert (port.trunk, port.up) == expected


@pytest.mark.parametrize(
    ("line", "model"),
    [
        ("cisco Nexus9000 C93180YC-EX Chassis ", "Nexus9000 C93180YC-EX"),
        ("cisco Nexus9000 C93180YC-EX chassis", "Nexus9000 C93180YC-EX"),
        ('cisco N9K-C9396PX ("supervisor")', "N9K-C9396PX"),
        ('cisco Nexus5548 Chassis ("O2 32X10GE/Modular Supervisor")', "Nexus5548"),
        ("cisco Nexus9000 C9300v", "Nexus9000 C9300v"),
        ("cisco Autre chose", "Nexus"),
    ],
)
def test_a_switch_is_of_the_model_of_its_chassis(line: str, model: str) -> None:
    text = f"\nCisco Nexus Operating System (NX-OS) Software\n\n  NXOS: version 9.3(13)\nHardware\n  {line}\n  Intel\n"
    assert tables.version(text) == (model, "9.3(13)")


@pytest.mark.parametrize(
    "text", ["", "vlan 1", "version 9\n", "<html>Portail</html>", "% Invalid command at '^' marker."]
)
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(Misfit):
        tree(text)


@pytest.mark.parametrize("text", ["a", "0", "4095", "10-5", "1,,2", "1-2-3", "99999"])
def test_what_is_no_list_of_vlans_is_refused(text: str) -> None:
    with pytest.raises(Misfit):
        numbers(text)


SECRET = "Zq7-pM2kXw"


@pytest.mark.parametrize(
    "line",
    [
        "username admin password 5 {}  role network-admin",
        "username essai password {} role network-operator",
        "enable secret 5 {}",
        "username essai sshkey ssh-rsa AAAA{}",
        "snmp-server user lecteur network-operator auth md5 {} priv {} localizedkey",
        "snmp-server user lecteur auth sha-256 {} priv aes-128 {} localizedV2key",
        "snmp-server community {} group network-operator",
        "snmp-server host 10.93.1.9 traps version 2c {}",
        "snmp-server host 10.93.1.9 {}",
        "snmp-server host 10.93.1.9 informs version 3 priv {} udp-port 162",
        'tacacs-server key 7 "{}"',
        'tacacs-server host 10.93.1.8 key 7 "{}" port 49 timeout 5',
        "radius-server host 10.93.1.8 key 7 {} authentication accounting",
        "  key-string 7 {}",
        "  authentication md5 key-string {}",
        "  ip ospf message-digest-key 1 md5 3 {}",
        "  ip ospf authentication-key 7 {}",
        "  neighbor 10.0.0.1 password 3 {}",
        "ntp authentication-key 1 md5 {} 7",
        '  password "{} et des mots"',
        "  description acces $5$abcdef${}",
    ],
)
def test_a_secret_is_masked_wherever_nx_os_writes_it(line: str) -> None:
    text = masked(line.replace("{}", SECRET))
    assert SECRET not in text
    assert MASK in text


def test_the_rest_of_a_configuration_stays_and_compares_equal_a_day_later() -> None:
    text = masked(CONFIGURATION)
    assert masked(CONFIGURATION.replace("10:00:00 2026", "11:11:11 2027")) == text
    kept = [line for line in CONFIGURATION.strip().splitlines() if not line.startswith("!Time")]
    assert text.splitlines() == kept
    assert tree(text) == tree(CONFIGURATION)


def test_the_tables_of_a_switch_give_what_works_now() -> None:
    vlans = """
VLAN Name                             Status    Ports
---- -------------------------------- --------- -------------------------------
1    default                          active    Eth1/4, Eth1/5
                                                Eth1/8
102  nom avec active dedans           act/lshut Po10
107  surete                           active    Po10
200  essai                            suspended
"""
    assert tables.active_vlans(vlans) == {1, 107}
    channels = """
Flags:  D - Down        P - Up in port-channel (members)
--------------------------------------------------------------------------------
Group Port-       Type     Protocol  Member Ports
      Channel
--------------------------------------------------------------------------------
1     Po1(SU)     Eth      LACP      Eth1/47(P)   Eth1/48(D)
10    Po10(SU)    Eth      LACP      Eth1/49(P)   Eth1/50(P)
                                     Eth1/51(P)
"""
    expected = {"port-channel1": {"Ethernet1/47"}}
    expected["port-channel10"] = {"Ethernet1/49", "Ethernet1/50", "Ethernet1/51"}
    assert tables.bundled(channels) == expected
    for read in (tables.active_vlans, tables.bundled, tables.version):
        with pytest.raises(Misfit):
            read("Bienvenue")  # type: ignore[operator]
