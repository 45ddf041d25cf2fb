"""The layout of a twin from readings, without a machine."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from piste.trials.twin import readings as read
from piste.trials.twin.build import build
from piste.trials.twin.layout import Layout, Port
from piste.trials.twin.making import ways
from piste.trials.twin.place import Place
from piste.trials.twin.readings import Readings
from piste.trials.twin.services import subnets_of
from piste.trials.twin.switching import vlans_of
from tests.support.twin import readings, town

SCHOOL = "ecole-jaures"
FIREWALL = "pare-feu-fw-hdv"


def laid(known: Readings, *sites: str) -> Layout:
    return build(known, town(), sites or [SCHOOL])


def spoil(known: Readings, network: str, serial: str, port: str, **changes: Any) -> None:
    """Change a live port of a reading."""
    ports = known.networks[network]["switch_ports"]
    (at,) = [at for at, live in enumerate(ports) if (live["serial"], live["port_id"]) == (serial, port)]
    ports[at] = {**ports[at], **changes}


def heard(known: Readings, *cables: tuple[str, str, str, str]) -> Readings:
    """Let switches hear these cables alone: serial and port at each end."""
    known.cables = [dict(zip(("serial", "port", "to", "to_port"), cable, strict=True)) for cable in cables]
    return known


def place(layout: Layout, name: str) -> Place:
    (known,) = [each for each in layout.places if each.name == name]
    return known


def labelled(layout: Layout, label: str) -> Port:
    (port,) = [port for port in layout.ports if port.label == label]
    return port


def test_each_population_of_a_school_has_its_computer() -> None:
    places = {each.name: (each.segment, each.plugged) for each in laid(readings(SCHOOL)).places}
    assert places == {
        "poste": ("utilisateurs", True),
        "telephone": ("telephonie", True),
        "imprimante": ("utilisateurs", True),
        "pedagogique": ("pedagogique", True),
        "tbi": ("pedagogique", True),
        "VLB-Agents": ("utilisateurs", True),
        "VLB-Pedagogique": ("pedagogique", True),
        "administration": ("administration", True),
        "serveurs": ("serveurs", False),
        "invites": ("invites", False),
    }


def test_what_is_as_declared_is_said_whole_but_for_computers_without_a_port() -> None:
    layout = laid(readings(SCHOOL))
    # A charter refuses sites of the Web, which no packet tells.
    said = [text for text in layout.unsaid if "ecoles-web." not in text]
    assert [text for text in said if "débranché" not in text] == []
    assert len(said) == 2


def test_a_trunk_has_the_vlans_that_are_live_not_those_declared() -> None:
    known = readings(SCHOOL)
    spoil(known, "hotel-de-ville", "QZZZ-0000-0001", "5", allowed_vlans="1,150-154")
    core, school = labelled(laid(known), "sw-hdv-01/5"), labelled(laid(known), "sw-jau-01/27")
    assert not core.vlans.carries(155)
    assert school.vlans.carries(155)


def test_a_computer_is_unplugged_where_no_live_port_has_its_vlan() -> None:
    known = readings(SCHOOL)
    for live in known.networks[SCHOOL]["switch_ports"]:
        if live.get("vlan") == 155:
            spoil(known, SCHOOL, live["serial"], live["port_id"], enabled=False)
    layout = laid(known)
    assert not place(layout, "pedagogique").plugged
    assert any("VLAN 155 (pedagogique) : « pedagogique » est débranché" in text for text in layout.unsaid)


def test_a_disabled_uplink_cuts_the_site_off_and_is_named() -> None:
    known = heard(readings(SCHOOL), ("QZZZ-0005-0001", "28", "QZZZ-0000-0001", "5"))
    spoil(known, SCHOOL, "QZZZ-0005-0001", "28", enabled=False)
    unsaid = laid(known).unsaid
    assert "sw-jau-01/28 ↔ sw-hdv-01/5 : un port est éteint ou inconnu, liaison coupée" in unsaid
    assert f"{SCHOOL} : aucune liaison connue vers le cœur ; le site est coupé" in unsaid


def test_a_cable_that_no_switch_hears_is_where_the_premises_say_and_named_as_assumed() -> None:
    layout = laid(readings(SCHOOL))
    assert any("liaison ineo-jau sur sw-hdv-01/5" in text for text in layout.taken)
    layout = laid(heard(readings(SCHOOL), ("QZZZ-0005-0001", "28", "QZZZ-0000-0001", "5")))
    assert not any("liaison ineo-jau" in text for text in layout.taken)
    assert not any("le site est coupé" in text for text in layout.unsaid)


def test_cables_inside_a_site_leave_the_ports_of_the_links_of_others_free() -> None:
    """Before its aggregates are made, a core hears none of its own switches."""
    hall = "hotel-de-ville"
    layout = laid(heard(readings(hall, SCHOOL)), hall, SCHOOL)
    assert [text for text in layout.unsaid if "liaison absente" in text] == []
    assert any(text.startswith(f"{SCHOOL} : liaison ineo-jau sur sw-hdv-01/5 (") for text in layout.taken)


def test_an_aggregate_is_a_single_wire_and_a_second_cable_is_cut() -> None:
    both = [("QZZZ-0000-0003", port, core, "21") for port, core in (("49", "QZZZ-0000-0001"), ("50", "QZZZ-0000-0002"))]
    layout = laid(heard(readings("hotel-de-ville"), *both), "hotel-de-ville")
    assert len([port for port in layout.ports if port.label in ("sw-hdv-03/49", "sw-hdv-03/50")]) == 1
    assert not any("liaison de secours" in text for text in layout.taken)
    known = heard(readings("hotel-de-ville"), *both)
    known.networks["hotel-de-ville"]["link_aggregations"] = []
    cut = "sw-hdv-03/50 ↔ sw-hdv-02/21 : liaison de secours, coupée par l’arbre recouvrant"
    assert cut in laid(known, "hotel-de-ville").taken


def test_an_ssid_stands_in_the_vlan_that_is_live() -> None:
    known = readings("police-municipale")
    network = known.networks["police-municipale"]
    network["ssids"] = [
        {**ssid, "default_vlan_id": 291} if ssid["name"] == "VLB-Invites" else ssid for ssid in network["ssids"]
    ]
    layout = laid(known, "police-municipale")
    assert labelled(layout, "VLB-Invites").vlans.tag == 291
    assert place(layout, "VLB-Invites").segment == "invites"


def test_a_refused_reading_is_named_and_its_part_is_absent() -> None:
    known = readings(SCHOOL)
    known.engine_interfaces, known.scopes = [], []
    known.missing = ["étendues DHCP : pas lu"]
    layout = laid(known)
    assert layout.unsaid[0] == "étendues DHCP : pas lu"
    assert "pare-feu : aucune interface lue ; il n’y a ni pare-feu, ni Internet" in layout.unsaid
    assert FIREWALL not in layout.hosts
    assert not any(daemon.name == "kea" for host in layout.hosts.values() for daemon in host.daemons)


def test_without_an_installed_policy_the_firewall_lets_nothing_pass() -> None:
    known = readings(SCHOOL)
    known.installed = "autre"
    layout = laid(known)
    assert "politique installée inconnue : le pare-feu du jumeau ne laisse rien passer" in layout.unsaid
    assert "accept comment" not in layout.hosts[FIREWALL].ruleset


def test_relays_routes_and_gateways_are_those_that_were_read() -> None:
    known = readings(SCHOOL)
    known.routed_interfaces = [
        {**item, "dhcp": {"mode": "dhcpDisabled"}} if item["vlan"] == 151 else item for item in known.routed_interfaces
    ]
    layout = laid(known)
    relays = {(relay.interface, relay.address) for relay in layout.relays}
    others = {("v103", "10.93.3.254"), ("v113", "10.93.11.254")}
    assert relays == {("v153", "10.93.43.254"), ("f0.155", "10.93.45.254"), *others}, "phones of other sites are there"
    assert ("default", "10.93.240.2") in layout.hosts["coeur-coeur-hdv"].routes
    assert ("10.93.41.0/24", "10.93.240.1") in layout.hosts[FIREWALL].routes


def test_a_nexus_that_lost_a_vlan_carries_it_no_more() -> None:
    known = readings(SCHOOL)
    text = known.nexus["nx-hdv-1"]
    known.nexus = {"nx-hdv-1": text.replace("trunk allowed vlan 102,107", "trunk allowed vlan 107")}
    layout = laid(known)
    port = next(port for port in layout.ports if port.label == "nx-hdv-1/port-channel10 ↔ coeur-hdv")
    assert (port.vlans.carries(102), port.vlans.carries(107)) == (False, True)


SCOPE: Mapping[str, Any] = {
    "subnet": "10.93.41.0/24",
    "start": "10.93.41.50",
    "end": "10.93.41.60",
    "exclusions": [{"start": "10.93.41.50", "end": "10.93.41.51"}, {"start": "10.93.41.55", "end": "10.93.41.56"}],
    "reservations": {"10.93.41.70": {"name": "imp", "mac": "02-93-05-00-00-70"}},
    "options": {"routers": ["10.93.41.254"], "dns": ["10.93.2.11", "10.93.2.12"], "domain": "ad.example"},
}


def test_a_scope_lends_what_is_not_excluded_and_keeps_reservations() -> None:
    (subnet,) = subnets_of([SCOPE], [])
    pools = [pool["pool"] for pool in subnet["pools"]]
    assert pools == ["10.93.41.52 - 10.93.41.54", "10.93.41.57 - 10.93.41.60"]
    assert subnet["reservations"] == [{"hw-address": "02:93:05:00:00:70", "ip-address": "10.93.41.70"}]
    assert {"name": "domain-name-servers", "data": "10.93.2.11, 10.93.2.12"} in subnet["option-data"]


def test_an_inactive_scope_lends_nothing_and_other_options_are_named() -> None:
    unsaid: list[str] = []
    other = {**SCOPE, "options": {"other": {"66": {"values": ["10.0.0.1"]}}}}
    assert len(subnets_of([{**SCOPE, "active": False}, other], unsaid)) == 1
    assert unsaid == ["étendue 10.93.41.0/24 : inactive, donc pas servie", "étendue 10.93.41.0/24 : options 66"]


def test_a_hostile_record_ends_no_line_of_the_resolver() -> None:
    known = readings(SCHOOL)
    known.records = [*known.records, {"zone": "ad.lebourget.example", "name": "x'\n  include: /etc/passwd", "type": "A",
                                      "values": ["10.0.0.1"], "ttl": 60}]  # fmt: skip
    text = laid(known).hosts["serveurs-102"].files["unbound.conf"]
    assert not any(line.strip().startswith("include") for line in text.splitlines())


@pytest.mark.parametrize(
    ("port", "carried", "untagged"),
    [
        ({"type": "access", "vlan": 151}, {151}, 151),
        ({"type": "access", "vlan": 151, "voice_vlan": 153}, {151, 153}, 151),
        ({"type": "trunk", "vlan": 150, "allowed_vlans": "150-151,155"}, {150, 151, 155}, 150),
        ({"type": "trunk", "vlan": 1, "allowed_vlans": "150-151"}, {150, 151}, None),
        ({"type": "trunk", "vlan": 1, "allowed_vlans": "all"}, set(range(1, 4095)), 1),
    ],
)
def test_the_vlans_of_a_port(port: Mapping[str, Any], carried: set[int], untagged: int | None) -> None:
    vlans = vlans_of(port)
    assert vlans
    assert {vlan for vlan in range(1, 4095) if vlans.carries(vlan)} == carried
    assert vlans.tag == untagged
    assert vlans_of({**port, "enabled": False}) is None


def test_an_illegible_file_is_missing_and_never_empty(tmp_path: Path) -> None:
    (tmp_path / "addressing").mkdir()
    (tmp_path / "addressing" / "scopes.yml").write_text("scopes: [", "utf-8")
    (tmp_path / "names").mkdir()
    (tmp_path / "names" / "zones.yml").write_text(json.dumps({"zones": [{"name": "a.example"}]}), "utf-8")
    known = read.read(tmp_path, [SCHOOL])
    assert known.zones == [{"name": "a.example"}]
    assert f"réseau de {SCHOOL} : pas lu" in known.missing
    assert any(text.startswith("étendues DHCP : ne se lit pas") for text in known.missing)


HOSTILE = "x; rm\nnetns exec a/../é"


def test_a_live_name_or_route_becomes_no_command() -> None:
    known = readings("police-municipale")
    network = known.networks["police-municipale"]
    network["ssids"] = [{**ssid, "name": HOSTILE} for ssid in network["ssids"]]
    known.routed_interfaces = [{**item, "carrier": HOSTILE} for item in known.routed_interfaces]
    core = known.networks["hotel-de-ville"]
    core["switch_stacks"] = [{**stack, "name": HOSTILE} for stack in core["switch_stacks"]]
    layout = laid(known, "police-municipale")
    assert len([each for each in layout.places if each.ssid == HOSTILE]) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) and ".." not in name for name in layout.hosts)
    # What is no address is refused before any command.
    known.engine_routes = [{"engine": "fw_cluster/fw-hdv", "routes": {"10.0.0.0/8\nnetns": {"via": ["10.93.240.1"]}}}]
    firewall = laid(known, "police-municipale").hosts[FIREWALL]
    with pytest.raises(ValueError, match="netns"):
        ways(firewall, {"f0.400"})
    hostile = [{**item, "interface": f'{item["interface"]}" ; flush'} for item in known.engine_interfaces]
    known.engine_interfaces = hostile
    with pytest.raises(ValueError, match="flush"):
        laid(known, "police-municipale")
