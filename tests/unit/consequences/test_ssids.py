"""SSIDs that change VLAN, that tag no more, that translate addresses."""

from __future__ import annotations

from typing import Any

import pytest

from piste.sites.consequences.computed import of
from piste.sites.consequences.form import Consequence
from piste.sites.consequences.ruled import ruled
from tests.unit.consequences.changes import SCHOOL, changed, item, operation, plan, town

LIBRARY = "mediatheque"
STRAY = ({"use_vlan_tagging": False}, {"ip_assignment_mode": "NAT mode"}, {"ip_assignment_mode": "VPN"})


def lines(*, back: bool = False, was: Any = None, **values: Any) -> list[Consequence]:
    made = changed("meraki_ssids", SCHOOL, "VLB-Agents", lambda ssid: ssid.update(values))
    made["content"]["before"].update(was or {})
    if back:
        made["content"] = {"before": made["content"]["after"], "after": made["content"]["before"]}
    return [*of(plan(made), town()).lines]


@pytest.mark.parametrize("back", [False, True], ids=["there", "back"])
@pytest.mark.parametrize("values", STRAY, ids=str)
def test_clients_of_no_known_segment_reach_what_nobody_knows(values: dict[str, Any], back: bool) -> None:
    made = [line for line in lines(back=back, **values) if line.subject == "reach"]
    assert [(line.gravity, line.basis) for line in made] == [("unknown", "unknown")]
    assert "VLB-Agents" in made[0].who


@pytest.mark.parametrize("policy", ["deny", "allow"])
def test_a_rule_by_name_leaves_unknown_what_clients_reach_in_their_segment(policy: str) -> None:
    rule = {"comment": "x", "policy": policy, "protocol": "tcp", "dest_port": "443", "dest_cidr": "www.example.org"}
    for named in (True, False):
        firewall = {"allow_lan_access": True, "rules": [rule] if named else []}
        known = {**item("meraki_ssids", SCHOOL, "VLB-Agents"), "l3_firewall": firewall}
        on, off = ({**known, "lan_isolation_enabled": isolated} for isolated in (True, False))
        (line,) = of(plan(operation("meraki_ssids", SCHOOL, on, off)), town()).lines
        assert (line.basis == "unknown", "vise un nom" in line.sentence()) == (named, named)
        assert "le jumeau n’a qu’un ordinateur" in line.source


def test_what_is_off_has_no_clients() -> None:
    assert lines(was={"enabled": False}, enabled=False, use_vlan_tagging=False) == []


def test_an_ssid_that_changes_vlan_says_no_sources() -> None:
    moved = [line for line in lines(default_vlan_id=155) if line.flow]
    assert moved
    assert not [line.said for line in moved if ", depuis " in line.said or "0.0.0.0" in line.said]
    assert not [end for line in moved for end in line.flow["to"] if end["sources"]]  # type: ignore[index]


def test_guests_led_out_of_their_segment_are_an_opening_whatever_they_lose() -> None:
    vlan = town().sites[LIBRARY]["segments"]["utilisateurs"]["vlan"]
    unfiltered = {"allow_lan_access": True, "rules": []}
    made = changed("meraki_ssids", LIBRARY, "VLB-Invites",
                   lambda ssid: ssid.update(default_vlan_id=vlan, l3_firewall=unfiltered))  # fmt: skip
    result = of(plan(made), town())
    (moved,) = [line for line in result.lines if line.subject == "link"]
    assert moved.gravity == "opens"
    assert moved.said.startswith("passeront d’invites (VLAN ")
    assert moved.said.endswith("), hors de leur isolement")
    gained = [line for line in result.lines if line.flow and line.flow["change"] == "starts"]
    assert [line.gravity for line in gained] == ["opens"] * len(gained) != []
    assert "guests_gain" in ruled(result, town(), [made])


def test_clients_led_where_nothing_lends_get_no_address() -> None:
    vlan = town().sites[SCHOOL]["segments"]["serveurs"]["vlan"]
    (moved,) = [line for line in lines(default_vlan_id=vlan) if line.subject == "link"]
    assert (moved.gravity, moved.said.partition(", ")[2]) == ("cuts", "où rien ne donne d’adresse")


@pytest.mark.parametrize(("serial", "back", "said"), [
    ("QZZZ-0005-0041", False, ["« VLB-Agents » n’y est plus"]), ("QZZZ-0005-0041", True, ["« VLB-Agents » y apparaît"]),
    ("QZZZ-0005-0001", False, []),
], ids=["leaves", "comes", "switch"])  # fmt: skip
def test_an_ssid_that_follows_the_tags_of_an_access_point_comes_and_goes_with_them(
    serial: str, back: bool, said: list[str]
) -> None:
    ssid = {**item("meraki_ssids", SCHOOL, "VLB-Agents"), "availability_tags": ["hall"], "available_on_all_aps": False}
    shown = {**operation("meraki_ssids", SCHOOL, ssid, {**ssid, "visible": False}), "waiting": "un mot"}
    device = item("meraki_devices", SCHOOL, serial)
    sides = [{**device, "tags": ["hall"]}, {**device, "tags": []}]
    made = operation("meraki_devices", SCHOOL, *(sides[::-1] if back else sides))
    result = of(plan(made, shown), town())
    assert [line.said for line in result.lines] == said
    assert [*result.idle] == ([] if said else ["aucun SSID ne suit ces étiquettes"])


def test_an_ssid_that_passes_to_its_servers_says_it_once_without_what_was_off() -> None:
    enterprise = item("meraki_ssids", "hotel-de-ville", "VLB-Agents")
    before = {**item("meraki_ssids", "mediatheque", "VLB-Agents"), "dot11w": {"enabled": False}}
    after = {**before, **{name: enterprise[name] for name in ("auth_mode", "radius_override", "radius_servers")}}
    for name in ("psk", "dot11w"):
        after.pop(name)
    lines = of(plan(operation("meraki_ssids", "mediatheque", before, after)), town()).lines
    (line,) = [line for line in lines if line.subject == "admission"]
    assert line.said.endswith(" ; chacun se connecte de nouveau, ou n’y arrive plus")
    assert "plus réglé" not in line.said
    servers = {**enterprise, "radius_servers": enterprise["radius_servers"][:1]}
    (alone,) = of(plan(operation("meraki_ssids", "hotel-de-ville", enterprise, servers)), town()).lines
    assert alone.said.endswith("à leur prochaine authentification")


def test_what_leaves_an_ssid_by_the_core_names_its_flow_not_only_its_protocol() -> None:
    phones = town().sites["mediatheque"]["segments"]["telephonie"]["vlan"]
    made = changed("meraki_ssids", "mediatheque", "VLB-Metier", lambda ssid: ssid.update(default_vlan_id=phones))
    (line,) = [line for line in of(plan(made), town()).lines if "(udp)" in line.said]
    assert "(flux telephones : « La voix va d’un téléphone à l’autre »)" in line.said
