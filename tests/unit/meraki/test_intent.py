"""Intent of a derived site for Meraki."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.normalise import declared
from piste.engine.converge.secrets import Vault
from piste.runs.domains.network import MODULES
from piste.systems.meraki.intent import meraki_intent
from tests.support.town import dot1x, open_sites, school, site

CONFIGS = {
    "meraki_networks": "networks",
    "meraki_devices": "devices",
    "meraki_network_settings": "settings",
    "meraki_access_policies": "access_policies",
    "meraki_switch_ports": "switch_ports",
    "meraki_ssids": "ssids",
}


def test_every_site_asks_only_for_what_the_tables_know() -> None:
    for whole in open_sites():
        intent = meraki_intent(whole)
        for module, part in CONFIGS.items():
            resource = MODULES[module].resource
            assert resource is not None
            assert len(declared(resource, intent[part], Vault(), whole["id"])) == len(intent[part])


def ssid(**changes: Any) -> dict[str, Any]:
    whole = site("mediatheque")
    whole["ssids"] = [{**whole["ssids"][0], **changes}]
    return dict(meraki_intent(whole)["ssids"][0])


def test_opening_hours_become_the_outages_between_them_round_the_week() -> None:
    schedule = {
        "open": [
            {"day": "friday", "start": "08:00", "end": "18:00"},
            {"day": "monday", "start": "14:00", "end": "19:00"},
            {"day": "monday", "start": "07:00", "end": "12:00"},
        ]
    }
    assert [tuple(outage.values()) for outage in ssid(schedule=schedule)["schedule"]["ranges"]] == [
        ("monday", "12:00", "monday", "14:00"),
        ("monday", "19:00", "friday", "08:00"),
        ("friday", "18:00", "monday", "07:00"),
    ]


def test_one_window_a_week_leaves_one_outage() -> None:
    ranges = ssid(schedule={"open": [{"day": "sunday", "start": "09:00", "end": "10:00"}]})["schedule"]["ranges"]
    assert [tuple(outage.values()) for outage in ranges] == [("sunday", "10:00", "sunday", "09:00")]


def test_guests_reach_neither_each_other_nor_the_town() -> None:
    guest = ssid(guest=True, deny=["10.0.0.0/8"])
    assert guest["lan_isolation_enabled"] is True
    assert guest["l3_firewall"] == {
        "allow_lan_access": False,
        "rules": [{"comment": "Isolement des invités", "policy": "deny", "protocol": "any", "dest_cidr": "10.0.0.0/8"}],
    }


def test_each_limit_of_bandwidth_is_written_and_an_absent_one_is_none() -> None:
    limits = {"client_up_kbps": 2000, "client_down_kbps": None, "ssid_up_kbps": None, "ssid_down_kbps": 50000}
    limited = ssid(bandwidth=limits)
    assert {name: value for name, value in limited.items() if name.startswith("per_")} == {
        "per_client_bandwidth_limit_up": 2000,
        "per_client_bandwidth_limit_down": 0,
        "per_ssid_bandwidth_limit_up": 0,
        "per_ssid_bandwidth_limit_down": 50000,
    }
    assert not any(name.startswith("per_") for name in ssid(bandwidth=None))


@pytest.mark.parametrize(
    ("setting", "document"),
    [
        ("rapid_spanning_tree", "stp"),
        ("mtu", "mtu"),
        ("storm_control", "storm_control"),
        ("syslog", "syslog"),
        ("snmp", "snmp"),
    ],
)
def test_a_setting_that_the_town_does_not_declare_is_not_managed(setting: str, document: str) -> None:
    whole = school()
    declared_documents = set(meraki_intent(whole)["settings"][0])
    whole["settings"] = {**whole["settings"], setting: None}
    assert declared_documents - set(meraki_intent(whole)["settings"][0]) == {document}


def test_an_ssid_with_tags_is_broadcast_by_the_tagged_access_points_only() -> None:
    assert ssid(availability_tags=["hall"])["available_on_all_aps"] is False
    assert ssid(availability_tags=[])["available_on_all_aps"] is True


def test_both_servers_of_the_pair_stand_in_order_with_the_secret_of_the_site() -> None:
    intent = meraki_intent(dot1x(school()))
    servers = [
        {"host": host, "port": 1812, "secret": {"secret": "radius/ecole-jaures"}}
        for host in ("10.93.2.13", "10.93.2.14")
    ]
    accounting = [{**server, "port": 1813} for server in servers]
    for holder in (*intent["access_policies"], *intent["ssids"]):
        assert holder["radius_servers"] == servers
        assert holder["radius_accounting_servers"] == accounting


@pytest.mark.parametrize(
    ("kind", "policy_type", "host_mode"),
    [
        ("dot1x", "802.1x", "Single-Host"),
        ("hybrid", "Hybrid authentication", "Multi-Domain"),
        ("mab", "MAC authentication bypass", "Single-Host"),
    ],
)
def test_each_kind_of_policy_has_its_type_and_its_host_mode(kind: str, policy_type: str, host_mode: str) -> None:
    whole = school()
    whole["access_policies"] = [{**whole["access_policies"][0], "kind": kind}]
    (policy,) = meraki_intent(whole)["access_policies"]
    assert (policy["access_policy_type"], policy["host_mode"]) == (policy_type, host_mode)


def port(**changes: Any) -> dict[str, Any]:
    whole = school()
    switch = whole["devices"][0]
    switch["ports"] = [{**switch["ports"][1], **changes}]
    return dict(meraki_intent(whole)["switch_ports"][0])


def test_an_uplink_is_only_named() -> None:
    assert port(uplink=True, tags=["lien"]) == {
        "serial": "QZZZ-0005-0002",
        "port_id": "2",
        "name": "Poste pédagogique",
        "tags": ["lien"],
    }


def test_a_port_says_nothing_of_what_is_not_managed() -> None:
    silent = port(mode=None, poe=None, isolation=None, stp_guard=None)
    assert set(silent) == {"serial", "port_id", "name", "tags", "enabled"}


def test_a_port_without_policy_is_open_and_one_with_it_is_not() -> None:
    assert port(access_policy=None)["access_policy_type"] == "Open"
    guarded = port(access_policy="agents")
    assert (guarded["access_policy_type"], guarded["access_policy"]) == ("Custom access policy", "agents")


def test_addresses_of_devices_are_a_task_of_their_own() -> None:
    intent = meraki_intent(school())
    assert all(set(device) == {"serial", "name", "tags"} for device in intent["devices"])
    switch, access_point = (device["management_interface"]["wan1"] for device in intent["management"])
    assert (switch["static_ip"], switch["static_subnet_mask"], switch["vlan"]) == ("10.93.40.12", "255.255.255.0", 150)
    assert access_point["vlan"] is None
