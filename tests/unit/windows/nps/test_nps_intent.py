"""Intent of NPS, from the declared access."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piste.systems.windows.nps.intent import addresses, nps_intent
from piste.systems.windows.nps.tables import TEXT
from piste.town.model import Town, load

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def town() -> Town:
    return load(ROOT / "inventories" / "town", today=date(2026, 11, 24)).require()


@pytest.fixture(scope="module")
def commune(town: Town) -> dict[str, Any]:
    return nps_intent(town.commune, "10.93.2.31")  # type: ignore[arg-type]


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def test_a_site_holds_its_devices_under_its_secret_and_nothing_else(town: Town) -> None:
    intent = nps_intent(town.sites["cimetiere"])
    secret = {"secret": "radius/cimetiere"}
    assert intent == {
        "servers": ["hdv-nps1", "hdv-nps2"],
        "prefix": ["sw-cim-", "ap-cim-"],
        "policy_prefix": [],
        "clients": [
            {"name": "sw-cim-01", "address": "10.93.24.11", "secret": secret},
            {"name": "ap-cim-01", "address": "10.93.24.101", "secret": secret},
        ],
        "request_policies": [],
        "network_policies": [],
    }


def test_no_client_of_an_owner_has_the_name_of_another(town: Town, commune: dict[str, Any]) -> None:
    prefixes = {name: tuple(nps_intent(site)["prefix"]) for name, site in town.sites.items()}
    prefixes["commune"] = tuple(commune["prefix"])
    intents = {**{name: nps_intent(site) for name, site in town.sites.items()}, "commune": commune}
    claimed = {
        client["name"]: [name for name, starts in prefixes.items() if client["name"].startswith(starts)]
        for intent in intents.values()
        for client in intent["clients"]
    }
    assert {name: owners for name, owners in claimed.items() if len(owners) != 1} == {}


def test_a_policy_of_a_site_is_about_its_devices_groups_and_media(commune: dict[str, Any]) -> None:
    assert named(commune["network_policies"], "VLB ecole-jaures - administration") == {
        "name": "VLB ecole-jaures - administration",
        "order": 15000,
        "ignore_dial_in": True,
        "conditions": {
            "nas_port_type": ["wired"],
            "nas_address": r"^10\.93\.(40|41|42|43|44|45|46|47)\.",
            "windows_groups": ["GV-Informatique"],
        },
        "eap": [
            {"method": "tls", "certificate": {"template": "Serveurs RADIUS"}},
            {"method": "peap", "certificate": {"template": "Serveurs RADIUS"}},
        ],
        "vlan": 150,
    }


def test_a_phone_is_admitted_by_its_address_into_the_voice_domain_before_anything_else(commune: dict[str, Any]) -> None:
    requests = sorted(commune["request_policies"], key=lambda item: item["order"])
    assert [item["name"] for item in requests] == [
        "VLB ccas - MAC 02-93-01-00-00-60",
        "VLB ccas - MAC 02-93-01-00-00-70",
        "VLB 802.1X",
    ]
    phone = requests[1]
    assert (phone["authentication"], phone["vlan"]) == ("accept", 113)
    assert phone["vendor_attributes"] == [{"vendor": 9, "type": 1, "value": "device-traffic-class=voice"}]
    pattern = phone["conditions"]["calling_station"]
    spelt = ("02-93-01-00-00-70", "02:93:01:00:00:70", "029301000070", "0293.0100.0070")
    assert [bool(re.search(pattern, text)) for text in spelt] == [True, True, True, True]
    assert not re.search(pattern, "02-93-01-00-00-71")
    assert not re.search(pattern, "02-93-01-00-00-70-00")


def test_the_letters_of_an_address_are_matched_in_capitals_as_meraki_s_equipment_sends_them(town: Town) -> None:
    owner: Any = deepcopy(town.commune)
    owner["access"]["sites"]["ccas"]["exceptions"][0]["mac"] = "aa:bb:cc:dd:ee:ff"
    pattern = nps_intent(owner)["request_policies"][0]["conditions"]["calling_station"]
    assert all(re.search(pattern, text) for text in ("AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff", "AABBCCDDEEFF"))
    assert not re.search(pattern, "AA-BB-CC-DD-EE-FE")
    assert len(f'MATCH("Calling-Station-Id={pattern}")') <= TEXT


def test_an_exception_that_is_over_is_not_given(town: Town) -> None:
    later = load(ROOT / "inventories" / "town", today=date(2100, 1, 1)).require()
    names = [item["name"] for item in nps_intent(later.commune)["request_policies"]]  # type: ignore[arg-type]
    assert names == ["VLB 802.1X"]


def test_the_probe_is_a_client_only_where_an_environment_has_one(town: Town, commune: dict[str, Any]) -> None:
    assert commune["clients"] == [
        {"name": "sonde-1", "address": "10.93.2.31", "secret": {"secret": "radius/sonde"}},
    ]
    assert nps_intent(town.commune)["clients"] == []  # type: ignore[arg-type]


def test_every_condition_fits_into_nps(commune: dict[str, Any]) -> None:
    texts = [
        value
        for item in (*commune["request_policies"], *commune["network_policies"])
        for value in item["conditions"].values()
        if isinstance(value, str)
    ]
    assert max(map(len, texts)) <= TEXT


def test_a_town_without_radius_asks_nothing_of_nps() -> None:
    intent = nps_intent({"access": None})
    assert not any(intent.values())


@pytest.mark.parametrize(
    ("block", "inside", "outside"),
    [
        ("10.93.40.0/21", ["10.93.40.11", "10.93.47.254"], ["10.93.48.1", "10.93.4.1", "110.93.40.1"]),
        ("10.0.0.0/8", ["10.1.2.3"], ["100.1.2.3", "11.0.0.1"]),
        ("10.93.40.16/30", ["10.93.40.17"], ["10.93.40.171", "10.93.40.20"]),
        ("10.1.2.3/32", ["10.1.2.3"], ["10.1.2.30"]),
    ],
)
def test_the_addresses_of_a_block_are_matched_and_no_others(block: str, inside: list[str], outside: list[str]) -> None:
    pattern = addresses(block)
    assert [text for text in inside if not re.search(pattern, text)] == []
    assert [text for text in outside if re.search(pattern, text)] == []
