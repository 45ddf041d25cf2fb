"""A twin knows the first port that lacks a VLAN, and where the relay of a gateway leads."""

from __future__ import annotations

from typing import Any

import pytest

from piste.trials.twin.build import build
from piste.trials.twin.readings import Readings
from tests.support.twin import readings, town

SCHOOL, CORE = "ecole-jaures", "hotel-de-ville"


def way(read: Readings, place: str) -> dict[str, Any]:
    return build(read, town(), [SCHOOL]).ways[SCHOOL][place]


def item(items: Any, **wanted: Any) -> dict[str, Any]:
    (match,) = [entry for entry in items if wanted.items() <= entry.items()]
    return match  # type: ignore[no-any-return]


def without(read: Readings, site: str, serial: str, port: str, vlan: int) -> None:
    trunk = item(read.networks[site]["switch_ports"], serial=serial, port_id=port)
    trunk["allowed_vlans"] = ",".join(known for known in trunk["allowed_vlans"].split(",") if known != str(vlan))


def test_a_way_that_is_whole_says_nothing() -> None:
    ways = build(readings(SCHOOL), town(), [SCHOOL]).ways[SCHOOL]
    assert {name: known["broken"] for name, known in ways.items()} == dict.fromkeys(ways, "")
    assert ways["VLB-Agents"]["relays"] == ["10.93.2.11", "10.93.2.12"]


def test_the_first_port_that_lacks_a_vlan_is_named_for_its_places_alone() -> None:
    read = readings(SCHOOL)
    without(read, CORE, "QZZZ-0000-0001", "5", 155)
    assert way(read, "VLB-Pedagogique")["broken"] == "sw-hdv-01/5 ne laisse pas passer le VLAN 155"
    assert way(read, "VLB-Agents")["broken"] == ""


def test_a_site_without_a_cable_to_the_core_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    read = readings(SCHOOL)
    read.cables = [cable for cable in read.cables if not str(cable["serial"]).startswith("QZZZ-0000")]
    monkeypatch.setitem(town().sites[SCHOOL]["premises"], "links", [])
    read.cables = [cable for cable in read.cables if not str(cable["to"]).startswith("sw-hdv")]
    assert way(read, "VLB-Agents")["broken"] == "aucune liaison connue ne mène jusqu’à elle"


def test_a_relay_that_leads_elsewhere_is_known() -> None:
    read = readings(SCHOOL)
    item(read.routed_interfaces, vlan=151)["dhcp"]["relay_servers"] = ["10.93.2.18"]
    assert way(read, "VLB-Agents")["relays"] == ["10.93.2.18"]


def test_an_ssid_in_another_vlan_is_not_a_missing_vlan() -> None:
    read = readings(SCHOOL)
    item(read.networks[SCHOOL]["ssids"], name="VLB-Agents")["default_vlan_id"] = 153
    assert way(read, "VLB-Agents")["broken"] == "VLB-Agents est dans le VLAN 153, et non 151"
