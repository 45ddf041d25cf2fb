"""The candidate of a Nexus: its own configuration, with typed changes put in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from piste.engine.converge.values import Misfit
from piste.systems.nexus.candidate import candidate
from piste.systems.nexus.changes import Change, Interface, Vlan
from piste.systems.nexus.configuration import tree
from piste.systems.nexus.state import ALL, of_configuration

RUNNING = """
!Command: show running-config
version 9.3(13) Bios:version 05.47
hostname nx-hdv-1
username admin password 5 $5$EXEMPL$sans0valeur  role network-admin
banner motd #
vlan 666
interface Ethernet1/1
#
vlan 1,102,107-108
vlan 102
  name serveurs
vlan 107
  shutdown

vpc domain 1
  peer-keepalive destination 192.0.2.9

interface port-channel1
  switchport mode trunk
  vpc peer-link

interface port-channel10
  description vers coeur
  switchport mode trunk
  switchport trunk allowed vlan 102
  switchport trunk allowed vlan add 107
  vpc 10

interface Ethernet1/1

interface Ethernet1/2
  no switchport
  ip address 192.0.2.1/30

interface Ethernet1/3
  shutdown
  channel-group 10 mode passive
router ospf 1
  router-id 192.0.2.8
"""
WHOLE: tuple[Change, ...] = (
    Interface("Ethernet1/1", "vers coeur, 2e lien", trunk=True, allowed=frozenset({102, 110}), group=20, enabled=True),
    Interface("Ethernet1/3", enabled=True),
    Interface("port-channel20", trunk=True, allowed=frozenset({102, 110}), vpc="20", enabled=True),
    Interface("port-channel10", "", allowed=frozenset({102, 107, 110}), vpc="11"),
    Vlan(110, "voix"),
    Vlan(107, "ecoles"),
    Vlan(3000, "VLAN3000"),
    Vlan(108, "VLAN0108"),
)


def test_the_commands_are_those_of_the_changes() -> None:
    po10, po20, port = "interface port-channel10", "interface port-channel20", "interface Ethernet1/1"
    assert candidate(RUNNING, WHOLE).lines == {
        ("", "vlan 110"), ("vlan 110", "name voix"), ("", "vlan 3000"),
        ("vlan 107", "name ecoles"), ("vlan 107", "no shutdown"),
        (po10, "no description"), (po10, "switchport trunk allowed vlan 102,107,110"), (po10, "vpc 11"),
        ("", po20), (po20, "switchport mode trunk"), (po20, "switchport trunk allowed vlan 102,110"), (po20, "vpc 20"),
        (port, "description vers coeur, 2e lien"), (port, "switchport mode trunk"),
        (port, "switchport trunk allowed vlan 102,110"), (port, "channel-group 20 mode active"),
        ("interface Ethernet1/3", "no shutdown"),
    }  # fmt: skip


def test_the_candidate_is_the_desired_state_and_needs_nothing_more() -> None:
    made = candidate(RUNNING, WHOLE)
    state = of_configuration(tree(made.text))
    assert (state.vlans[110], state.vlans[107], state.vlans[3000]) == (True, True, True)
    assert state.ports["port-channel10"].allowed == {102, 107, 110}
    assert (state.ports["port-channel20"].vpc, state.ports["Ethernet1/1"].group) == ("20", "port-channel20")
    assert state.ports["Ethernet1/3"].up
    again = candidate(made.text, WHOLE)
    assert (again.text, again.lines) == (made.text, frozenset())


def test_nothing_else_is_touched() -> None:
    assert candidate(RUNNING, ()).text == RUNNING
    made = candidate(RUNNING, [Vlan(110, "voix")]).text
    rows = RUNNING.replace("vlan 1,102,107-108", "vlan 1,102,107-108,110").split("\n")
    at = rows.index("  shutdown") + 1
    assert made.split("\n") == [*rows[:at], "vlan 110", "  name voix", *rows[at:]]


def test_a_long_list_of_vlans_is_cut_into_lines_that_read_the_same() -> None:
    many = frozenset(range(2, 200, 2))
    made = candidate(RUNNING, [Interface("port-channel10", allowed=many)]).text
    assert of_configuration(tree(made)).ports["port-channel10"].allowed == many
    assert made.count("vlan add ") == 4


def test_the_default_of_the_switch_decides_what_is_written() -> None:
    shut = RUNNING.replace("hostname", "system default switchport shutdown\nhostname")
    made = candidate(shut, [Interface("Ethernet1/1", enabled=True)])
    assert made.lines == {("interface Ethernet1/1", "no shutdown")}
    assert of_configuration(tree(made.text)).ports["Ethernet1/1"].up
    routed = RUNNING.replace("hostname", "no system default switchport\nhostname")
    assert ("interface port-channel9", "switchport") in candidate(routed, [Interface("port-channel9")]).lines
    with pytest.raises(Misfit, match="route"):
        candidate(routed, [Interface("Ethernet1/1", trunk=True)])


def test_what_a_change_made_is_taken_away_by_its_opposite() -> None:
    made = candidate(RUNNING, [Interface("Ethernet1/1", "a", trunk=True, group=10), Vlan(102, "autre", active=False)])
    back: list[Change] = [Interface("Ethernet1/1", "", trunk=False, group=0), Vlan(102, "serveurs")]
    assert candidate(made.text, back).text == RUNNING


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Interface("Ethernet1/9", "x"), "pas un port"),
        (Interface("Ethernet1/2", "x"), "route"),
        (Interface("Ethernet1/3", group=11), "sortez-le"),
        (Interface("port-channel1", vpc="4"), "liaison entre les deux"),
    ],
)
def test_what_is_not_driven_is_refused(change: Change, why: str) -> None:
    with pytest.raises(Misfit, match=why):
        candidate(RUNNING, [change])


@pytest.mark.parametrize(
    "made",
    [
        lambda: Vlan(1, "x"), lambda: Vlan(1002, "x"), lambda: Vlan(3968, "x"), lambda: Vlan(4095, "x"),
        lambda: Vlan(5, ""), lambda: Vlan(5, "a b"), lambda: Vlan(5, "a\nb"), lambda: Vlan(5, "é"),
        lambda: Vlan(5, "a" * 33), lambda: Vlan(1006, "x", active=False),
        lambda: Interface("mgmt0"), lambda: Interface("Vlan5"), lambda: Interface("Ethernet1/1.5"),
        lambda: Interface("Ethernet1/1\nshutdown"), lambda: Interface("port-channel4097"),
        lambda: Interface("Ethernet1/1", "a\n  shutdown"), lambda: Interface("Ethernet1/1", "a | b"),
        lambda: Interface("Ethernet1/1", 'a "b"'), lambda: Interface("Ethernet1/1", "a ! b"),
        lambda: Interface("Ethernet1/1", " a"), lambda: Interface("Ethernet1/1", "a" * 255),
        lambda: Interface("Ethernet1/1", allowed=frozenset({4095})), lambda: Interface("Ethernet1/1", group=4097),
        lambda: Interface("port-channel1", group=2), lambda: Interface("Ethernet1/1", vpc="1"),
        lambda: Interface("port-channel1", vpc="peer-link"), lambda: Interface("port-channel1", vpc="4097"),
    ],
)  # fmt: skip
def test_a_value_outside_its_grammar_is_refused(made: Callable[[], Change]) -> None:
    with pytest.raises(Misfit, match="est attendu"):
        made()


def test_a_list_may_admit_all() -> None:
    assert Interface("Ethernet1/1", allowed=ALL).allowed == ALL
