"""Admissions of a place: refused first, secrets in the configuration alone."""

from __future__ import annotations

from typing import Any

import pytest

from piste.trials.probe.joins import joins
from tests.support.probe import place, ways

PEM = "-----BEGIN CERTIFICATE-----\nQUJD\nREVG\n-----END CERTIFICATE-----\nautre\n"
KEY = {"meraki/ssid/VLB-Agents/psk": 'cle "de" test'}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "agent": {"identity": "agent.test", "policy": "agents-mot-de-passe", "password": {"secret": "eap/agent"}},
    "poste": {
        "identity": "host/pc", "policy": "agents-certificat", "certificate": {"secret": "c"}, "key": {"secret": "k"},
    },
}  # fmt: skip
AGENTS = place("utilisateurs", "VLB-Agents", "ecole-jaures")
IN_DOT1X = place("utilisateurs", "VLB-Agents", "ccas")


def test_a_key_of_wifi_is_refused_wrong_then_admitted() -> None:
    (wrong, right), missing = joins(ways(), AGENTS, {}, KEY, "")
    assert (wrong["expected"], right["expected"], missing) == ("refused", "answered", "")
    assert f'psk="{KEY["meraki/ssid/VLB-Agents/psk"]}"' in right["networks"]
    assert right["driver"] == "nl80211"


@pytest.mark.parametrize("value", ["", "court", 'x" \nnetwork={', "x" * 64, "clé accentuée"])
def test_a_key_that_is_none_is_not_tried(value: str) -> None:
    entered, missing = joins(ways(), AGENTS, {}, {"meraki/ssid/VLB-Agents/psk": value}, "")
    assert entered == []
    assert "meraki/ssid/VLB-Agents/psk" in missing


def test_an_account_of_the_policy_enters_by_its_password() -> None:
    entered, missing = joins(ways(), IN_DOT1X, {"agent": ACCOUNTS["agent"]}, {"eap/agent": "sésame"}, PEM)
    assert missing == ""
    assert [attempt["expected"] for attempt in entered] == ["refused", "answered"]
    assert "sésame".encode().hex() in entered[1]["networks"]
    assert "sésame".encode().hex() not in entered[0]["networks"]
    assert "blob-base64-authority={\nQUJD\nREVG\n}" in entered[1]["networks"]


def test_a_certificate_and_its_key_stay_in_the_configuration() -> None:
    entered, _ = joins(ways(), IN_DOT1X, {"poste": ACCOUNTS["poste"]}, {"c": PEM, "k": PEM}, PEM)
    assert "blob-base64-key=" in entered[1]["networks"]
    assert "private_key=" not in entered[0]["networks"]


def test_without_an_account_of_the_policy_nothing_is_tried() -> None:
    entered, missing = joins(ways(), IN_DOT1X, {"poste": ACCOUNTS["poste"]}, {}, "")
    assert entered == []
    assert "agents-certificat" in missing


def test_a_port_without_admission_asks_for_none() -> None:
    assert joins(ways(), place("utilisateurs"), ACCOUNTS, {}, "") == ([], "")
