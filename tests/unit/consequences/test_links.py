"""Ports that change between access and trunk, trunks that let all pass, native VLANs."""

from __future__ import annotations

from typing import Any

import pytest

from piste.sites.consequences.computed import of
from piste.sites.consequences.form import Consequence
from tests.unit.consequences.changes import CORE, SCHOOL, changed, operation, plan, town

FAR, ROOM, POINT = "QZZZ-0000-0001/5", "QZZZ-0005-0002/2", "QZZZ-0005-0001/1"
TRUNK = {"type": "trunk", "allowed_vlans": "all"}


def links(owner: str, port: str, **values: Any) -> list[Consequence]:
    made = plan(changed("meraki_switch_ports", owner, port, lambda item: item.update(values)))
    return [line for line in of(made, town()).lines if line.subject == "link"]


def back(owner: str, port: str, **values: Any) -> list[Consequence]:
    """Take a change back, as a repair does."""
    made = changed("meraki_switch_ports", owner, port, lambda item: item.update(values))
    content = {"before": made["content"]["after"], "after": made["content"]["before"]}
    return [line for line in of(plan({**made, "content": content}), town()).lines if line.subject == "link"]


def test_a_wall_socket_that_becomes_a_trunk_opens_every_vlan() -> None:
    (line,) = links(SCHOOL, ROOM, **TRUNK)
    assert line.gravity == "opens"
    assert line.said == "ne passait pas, passera"
    assert "administration (VLAN 150)" in line.who
    assert "pedagogique (VLAN 155)" not in line.who, "what it does not tag stays where it is"


def test_a_trunk_that_becomes_an_access_loses_what_it_tagged() -> None:
    moved, lost = links(SCHOOL, POINT, type="access", vlan=151), back(SCHOOL, ROOM, **TRUNK)
    assert [line.gravity for line in moved] == ["cuts", "changes"]
    assert "pedagogique (VLAN 155)" in moved[0].who
    assert "utilisateurs" not in moved[0].who
    assert [(line.gravity, line.basis) for line in lost] == [("unknown", "unknown")], "nobody chose what it let pass"


@pytest.mark.parametrize(("owner", "port", "gravity"), [(SCHOOL, POINT, "opens"), (CORE, FAR, "gains")])
def test_a_trunk_that_lets_all_pass_gains_all_the_rest(owner: str, port: str, gravity: str) -> None:
    for text in ("all", "1-4094"):
        (line,) = links(owner, port, allowed_vlans=text)
        assert line.gravity == gravity
        assert "VLAN 155" not in line.who, "it let it pass"


def test_a_list_in_the_place_of_all_cuts_what_it_should_have_kept() -> None:
    made = changed("meraki_switch_ports", SCHOOL, POINT, lambda port: port.update(allowed_vlans="150,151"))
    made["content"]["before"]["allowed_vlans"] = "all"
    lines = [line for line in of(plan(made), town()).lines if line.subject == "link"]
    assert [(line.gravity, "pedagogique (VLAN 155)" in line.who) for line in lines] == [
        ("cuts", True),
        ("unknown", False),
    ]


@pytest.mark.parametrize(
    ("owner", "port", "was"), [(SCHOOL, POINT, "administration (VLAN 150)"), (CORE, FAR, "VLAN 1")]
)
def test_the_native_vlan_of_a_trunk_that_changes_is_said(owner: str, port: str, was: str) -> None:
    (line,) = links(owner, port, vlan=155)
    assert (line.gravity, line.basis) == ("unknown", "unknown")
    assert line.who.startswith("ce qui passe sans étiquette par ")
    assert line.said.startswith(f"passera d’{was}" if was[0] in "a" else f"passera de {was}")
    assert line.said.endswith("à pedagogique (VLAN 155)")


def test_a_native_vlan_that_goes_is_said() -> None:
    (line,) = links(SCHOOL, POINT, vlan=None)
    assert line.said.endswith("à aucun VLAN")


def test_a_trunk_that_loses_vlans_names_what_it_was_for_and_what_is_left() -> None:
    (off,) = links(SCHOOL, POINT, enabled=False, name="Libre")
    assert off.who.startswith("ce qui passe par sw-jau-01/1 (Borne Wi-Fi) dans ")
    assert off.said.endswith("ne passera plus ; le port s’éteint")
    (less,) = links(SCHOOL, POINT, allowed_vlans="150-151")
    assert "pedagogique (VLAN 155)" in less.who
    assert less.said.endswith("ne passera plus ; il porte encore 150-151")
    (more,) = links(SCHOOL, POINT, allowed_vlans="all")
    assert more.said == "ne passait pas, passera"


def test_a_free_port_that_closes_names_no_vlan_that_nobody_said() -> None:
    port = {"serial": "QZZZ-0005-0002", "port_id": "8"}
    before, after = {**port, "name": "Imprimante", "enabled": True}, {**port, "name": "Libre", "enabled": False}
    (line,) = of(plan(operation("meraki_switch_ports", SCHOOL, before, after)), town()).lines
    assert line.who == "ce qui passe par sw-jau-02/8 (Imprimante) dans un VLAN que le plan ne dit pas"
    assert (line.gravity, line.said) == ("unknown", "passait, ne passera plus ; le port s’éteint")
    (line,) = of(plan(operation("meraki_switch_ports", SCHOOL, after, before)), town()).lines
    assert line.who == "ce qui passe par sw-jau-02/8 (Libre) dans un VLAN que le plan ne dit pas"
    assert (line.gravity, line.said) == ("unknown", "ne passait pas, passera ; le port s’allume")


def test_an_uplink_names_its_far_end_its_own_vlans_and_the_sites_of_the_others() -> None:
    gained, (lost,) = links(CORE, FAR, allowed_vlans="all")[0], back(CORE, FAR, allowed_vlans="all")
    for line in (gained, lost):
        assert line.who.startswith("ce qui passe par sw-hdv-01/5 (")
        assert ", qui mène à " in line.who
        assert " comme déclaré, dans " in line.who
        assert " VLAN d’autres sites (" in line.who
