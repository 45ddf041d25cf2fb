"""The fifteen slots, and the settings of each."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from tests.support.meraki_client import Client, remembers

PSK = secrets.token_urlsafe(12)
SERVER = {"host": "10.93.2.13", "port": 1812, "secret": secrets.token_urlsafe(12)}
BRIDGED = {"ipAssignmentMode": "Bridge mode", "useVlanTagging": True, "defaultVlanId": 121}


@pytest.fixture
def ssids(client: Client) -> str:
    return f"/networks/{client.network('VLB ctm')}/wireless/ssids"


def test_a_new_network_has_fifteen_slots_and_the_first_is_on(client: Client, ssids: str) -> None:
    slots = client.ok("GET", ssids)
    assert [s["number"] for s in slots] == list(range(15))
    assert (slots[0]["name"], slots[0]["enabled"]) == ("VLB ctm WiFi", True)
    assert slots[14] == {**slots[1], "number": 14, "name": "Unconfigured SSID 15"}
    assert (slots[1]["minBitrate"], slots[1]["ipAssignmentMode"], slots[1]["splashPage"]) == (
        11,
        "NAT mode",
        "None",
    )
    client.refused("GET", f"{ssids}/15", status=404)


def test_fields_come_and_go_with_the_authentication(client: Client, ssids: str) -> None:
    opened = client.ok("GET", f"{ssids}/1")
    assert not {"psk", "encryptionMode", "radiusServers", "useVlanTagging"} & opened.keys()
    shared = client.ok("PUT", f"{ssids}/1", {"authMode": "psk", "psk": PSK, **BRIDGED})
    assert (shared["psk"], shared["encryptionMode"], shared["defaultVlanId"]) == (PSK, "wpa", 121)
    enterprise = client.ok("PUT", f"{ssids}/1", {"authMode": "8021x-radius", "radiusServers": [SERVER]})
    assert "psk" not in enterprise
    assert enterprise["encryptionMode"] == "wpa-eap"
    assert (enterprise["radiusFailoverPolicy"], enterprise["radiusLoadBalancingPolicy"]) == (None, None)
    back = client.ok("PUT", f"{ssids}/1", {"authMode": "open", "ipAssignmentMode": "NAT mode"})
    assert back == opened


def test_radius_servers_get_ids_keep_their_order_and_hide_their_secret(client: Client, ssids: str) -> None:
    second = {**SERVER, "host": "10.93.2.14"}
    made = client.ok("PUT", f"{ssids}/1", {"authMode": "8021x-radius", "radiusServers": [SERVER, second]})
    servers = made["radiusServers"]
    assert [s["host"] for s in servers] == ["10.93.2.13", "10.93.2.14"]
    assert all(s["id"] for s in servers)
    assert not any("secret" in key.lower() for s in servers for key in s)
    swapped = client.ok("PUT", f"{ssids}/1", {"radiusServers": [second, SERVER]})["radiusServers"]
    assert [s["id"] for s in swapped] == [servers[1]["id"], servers[0]["id"]]


def test_a_rotated_radius_secret_reaches_the_simulator(client: Client, ssids: str) -> None:
    new = secrets.token_urlsafe(12)
    client.ok("PUT", f"{ssids}/1", {"authMode": "8021x-radius", "radiusServers": [SERVER]})
    client.ok("PUT", f"{ssids}/1", {"radiusServers": [{**SERVER, "secret": new}]})
    network = client.simulator.world.network(ssids.split("/")[2])
    stored = network["ssids"]["1"]["radiusServers"]
    world = client.simulator.world
    assert [remembers(world, stored, SERVER["host"], value) for value in (SERVER["secret"], new)] == [False, True]


def test_undescribed_fields_are_kept_and_shown_only_on_demand(client: Client, ssids: str) -> None:
    tagged = {**BRIDGED, "apTagsAndVlanIds": [{"tags": ["etage"], "vlanId": 122}]}
    assert "apTagsAndVlanIds" not in client.ok("PUT", f"{ssids}/1", tagged)
    client.simulator.behaviour.set(ssid_write_only_returned=True)
    assert client.ok("GET", f"{ssids}/1")["apTagsAndVlanIds"] == tagged["apTagsAndVlanIds"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"authMode": "psk"}, "'psk' is required with authMode 'psk'"),
        ({"psk": PSK}, "'psk' requires authMode 'psk'"),
        ({"encryptionMode": "wpa"}, "'encryptionMode' requires authMode 'psk'"),
        ({"authMode": "psk", "psk": "court"}, "'psk' must be between 8 and 64 characters"),
        ({"radiusServers": [SERVER]}, "'radiusServers' requires authMode"),
        ({"defaultVlanId": 12}, "'defaultVlanId' requires ipAssignmentMode Bridge mode or Layer 3 roaming"),
        ({"vlanId": 12}, "'vlanId' requires ipAssignmentMode"),
        ({"lanIsolationEnabled": True}, "'lanIsolationEnabled' requires ipAssignmentMode Bridge mode"),
        ({"minBitrate": 3}, "'minBitrate' must be one of: 1, 2, 5.5"),
        ({"availableOnAllAps": False}, "'availabilityTags' is required with availableOnAllAps false"),
        ({"bandSelection": "6 GHz"}, "'bandSelection' must be one of"),
    ],
)
def test_ssid_rules_are_enforced(client: Client, ssids: str, body: dict[str, Any], error: str) -> None:
    before = client.ok("GET", f"{ssids}/1")
    errors = client.refused("PUT", f"{ssids}/1", body)
    assert [e for e in errors if e.startswith(error)]
    assert client.ok("GET", f"{ssids}/1") == before


def test_l3_rules_end_with_two_rules_of_the_system(client: Client, ssids: str) -> None:
    path = f"{ssids}/1/firewall/l3FirewallRules"
    rule = {
        "comment": "interne",
        "policy": "deny",
        "protocol": "tcp",
        "destPort": "445",
        "destCidr": "10.93.0.0/16",
    }
    rules = client.ok("PUT", path, {"rules": [rule], "allowLanAccess": False})["rules"]
    assert [(r["comment"], r["policy"], r["destCidr"]) for r in rules] == [
        ("interne", "deny", "10.93.0.0/16"),
        ("Wireless clients accessing LAN", "deny", "Local LAN"),
        ("Default rule", "allow", "Any"),
    ]
    assert client.refused("PUT", path, {"rules": rules[:2]}) == [
        "'destCidr' must not be 'Local LAN': use allowLanAccess"
    ]
    assert len(client.ok("PUT", path, {"rules": []})["rules"]) == 2


def test_shaping_rules_share_eight_places_with_the_defaults(client: Client, ssids: str) -> None:
    path = f"{ssids}/1/trafficShaping/rules"
    rules = [{"definitions": [{"type": "host", "value": f"{n}.invalid"}]} for n in range(8)]
    assert client.refused("PUT", path, {"rules": rules[:5]}) == ["'rules' must not hold more than 4 items"]
    assert len(client.ok("PUT", path, {"rules": rules, "defaultRulesEnabled": False})["rules"]) == 8


def test_schedules_have_a_single_spelling(client: Client, ssids: str) -> None:
    path = f"{ssids}/1/schedules"
    night = {"startDay": "Mon", "startTime": "19:00", "endDay": "tuesday", "endTime": "07:30"}
    shown = client.ok(
        "PUT", path, {"enabled": True, "ranges": [night], "rangesInSeconds": [{"start": 1, "end": 2}]}
    )
    assert shown["ranges"] == [
        {"startDay": "monday", "startTime": "19:00", "endDay": "tuesday", "endTime": "7:30"}
    ]
    assert shown["rangesInSeconds"] == [{"start": 154800, "end": 199800}]
    assert client.ok("PUT", path, {"rangesInSeconds": [{"start": 0, "end": 3600}]})["ranges"] == [
        {"startDay": "sunday", "startTime": "0:00", "endDay": "sunday", "endTime": "1:00"}
    ]
    client.refused("PUT", path, {"ranges": [{**night, "startDay": "lundi"}]})


def test_splash_settings_follow_the_ssid_and_need_their_urls(client: Client, ssids: str) -> None:
    path = f"{ssids}/6/splash/settings"
    client.ok("PUT", f"{ssids}/6", {"splashPage": "Click-through splash page"})
    assert client.ok("GET", path)["splashPage"] == "Click-through splash page"
    assert client.refused("PUT", path, {"useRedirectUrl": True}) == [
        "'redirectUrl' is required with useRedirectUrl"
    ]
    image = {"extension": "png", "image": {"format": "png", "contents": "aGVsbG8="}}
    logo = client.ok("PUT", path, {"splashLogo": image})["splashLogo"]
    assert logo.keys() == {"md5", "extension"}
    assert len(logo["md5"]) == 32
