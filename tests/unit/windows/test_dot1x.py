"""802.1X policies, between the objects of the directory and what people declare."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from lxml import etree

from piste.engine.converge.errors import Ambiguous, InvalidConfig
from piste.systems.windows.gpo.dot1x import WIRED, WIRELESS, Dot1x, missing_service
from piste.systems.windows.gpo.dot1x_profile import shape, thumbprint
from piste.systems.windows.gpo.part import Content, Pair
from piste.systems.windows.gpo.schema import violation
from piste.systems.windows.gpo.xml import parse
from tests.support.directory import Directory

GPO = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
NAMES = Directory()
ROOT = "0102030405060708090a0b0c0d0e0f1011121314"
PEER: dict[str, Any] = {
    "auth_mode": "machine",
    "eap": "tls",
    "inner": "mschapv2",
    "server_names": ["nps1.ad.ville.test", "nps2.ad.ville.test"],
    "trusted_roots": [ROOT],
    "ask_user": False,
    "different_user": False,
    "fast_reconnect": True,
    "crypto_binding": False,
    "windows_logon": True,
}
LAN: dict[str, Any] = {
    "name": "Filaire é & <x>",
    "description": "Postes",
    "managed": True,
    "enforced": False,
    "enabled": True,
    **PEER,
}
SSID: dict[str, Any] = {
    "hidden": False,
    "auto_connect": True,
    "auto_switch": False,
    "authentication": "WPA2",
    "encryption": "AES",
    **PEER,
}
WLAN: dict[str, Any] = {
    "name": "Wi-Fi",
    "description": "",
    "managed": True,
    "show_denied": False,
    "all_user_profiles": True,
    "ssids": {"VLB-Agents": SSID, "VLB-Élus": {**SSID, "names": ["VLB-A", "VLB-B"], "eap": "peap"}},
}
BOTH = [(WIRED, LAN), (WIRELESS, WLAN)]


def empty() -> Content:
    return Content("computer", GPO)


def put(part: Dot1x, after: Any, content: Content | None = None) -> Content:
    written = copy.deepcopy(content or empty())
    PART = copy.deepcopy(written)
    part.put(written, part.take(PART, NAMES), after, NAMES)
    return written


def taken(part: Dot1x, content: Content) -> Any:
    return part.take(copy.deepcopy(content), NAMES)


def data(part: Dot1x, content: Content) -> str:
    (attributes,) = content.objects.values()
    return str(attributes[f"{part.network.prefix}PolicyData"])


@pytest.mark.parametrize(("part", "value"), BOTH)
def test_a_policy_comes_back_and_is_announced(part: Dot1x, value: dict[str, Any]) -> None:
    content = put(part, value)
    assert taken(part, content) == value
    assert part.pairs(content) == {part.network.pair}
    assert part.pairs(put(part, None, content)) == frozenset()


def test_the_wired_object_is_what_the_directory_wants() -> None:
    ((dn, attributes),) = put(WIRED, LAN).objects.items()
    assert dn == "CN=Filaire é & \\<x\\>,CN=IEEE8023,CN=Windows,CN=Microsoft"
    assert attributes["objectClass"] == ["top", "ms-net-ieee-8023-GroupPolicy"]
    assert attributes["description"] == "Postes"
    assert attributes["ms-net-ieee-8023-GP-PolicyGUID"] == put(WIRED, LAN).objects[dn]["ms-net-ieee-8023-GP-PolicyGUID"]
    assert WIRED.pairs(put(WIRED, LAN)) == {
        Pair("B587E2B1-4D59-4E7E-AED9-22B9DF11D053", "06993B16-A5C7-47EB-B61C-B1CB7EE600AC")
    }


def test_the_elements_stand_in_the_order_of_the_specification() -> None:
    root = parse(data(WIRED, put(WIRED, LAN | {"held_period": 60, "max_start": 3})))
    names = [etree.QName(element).localname for element in root.iter("*")]
    assert names == [
        *("LANPolicy", "name", "description", "globalFlags", "enableAutoConfig", "profileList", "LANProfile", "MSM"),
        *("security", "OneXEnforced", "OneXEnabled", "OneX", "heldPeriod", "maxStart", "authMode", "EAPConfig"),
        *("EapHostConfig", "EapMethod", "Type", "VendorId", "VendorType", "AuthorId", "Config", "Eap", "Type"),
        *("EapType", "CredentialsSource", "CertificateStore", "SimpleCertSelection", "ServerValidation"),
        *("DisableUserPromptForServerValidation", "ServerNames", "TrustedRootCA", "DifferentUsername"),
        *("PerformServerValidation", "AcceptServerName"),
    ]
    assert root.findtext(".//{*}TrustedRootCA") == "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14"
    assert root.findtext(".//{*}ServerNames") == "nps1.ad.ville.test;nps2.ad.ville.test"


@pytest.mark.parametrize(
    "change",
    [
        {"auth_mode": "machine_or_user"},
        {"eap": "peap", "inner": "mschapv2", "windows_logon": False, "fast_reconnect": False},
        {"eap": "peap", "inner": "tls", "crypto_binding": True},
        {"server_names": [], "trusted_roots": [], "ask_user": True},
        {"enforced": True, "enabled": False, "different_user": True, "managed": False},
        {"held_period": 1, "auth_period": 2, "start_period": 3, "max_start": 4, "max_failures": 5},
    ],
)
def test_every_setting_comes_back_and_keeps_the_schema(change: dict[str, Any]) -> None:
    content = put(WIRED, LAN | change)
    assert taken(WIRED, content) == LAN | change
    assert violation("LANPolicy", parse(data(WIRED, content))) == ""


@pytest.mark.parametrize(("part", "value"), BOTH)
def test_the_second_time_nothing_is_written(part: Dot1x, value: dict[str, Any]) -> None:
    content = put(part, value)
    assert put(part, value, content).objects == content.objects


def test_a_policy_keeps_its_guid_when_it_changes_or_is_renamed() -> None:
    content = put(WIRED, LAN)
    changed = put(WIRED, LAN | {"enforced": True}, content)
    renamed = put(WIRED, LAN | {"name": "Autre"}, content)
    guid = "ms-net-ieee-8023-GP-PolicyGUID"
    assert [dn.split(",")[0] for dn in renamed.objects] == ["CN=Autre"]
    assert len({policy[guid] for content in (content, changed, renamed) for policy in content.objects.values()}) == 1


def test_another_ssid_is_kept_letter_for_letter_in_its_place() -> None:
    content = put(WIRELESS, WLAN)
    (attributes,) = content.objects.values()
    foreign = attributes["ms-net-ieee-80211-GP-PolicyData"].replace(
        "<autoSwitch>false</autoSwitch>", "<autoSwitch>false</autoSwitch>\n<!-- entrepreneur -->", 1
    )
    attributes["ms-net-ieee-80211-GP-PolicyData"] = foreign
    after = taken(WIRELESS, content)
    after["ssids"] = {"Nouveau": SSID, **after["ssids"]}
    after["ssids"]["VLB-Élus"] = {**after["ssids"]["VLB-Élus"], "hidden": True}
    written = data(WIRELESS, put(WIRELESS, after, content))
    assert "<!-- entrepreneur -->" in written
    names = parse(written).xpath("//*[local-name()='WLANProfile']/*[local-name()='name']/text()")
    assert names == ["VLB-Agents", "VLB-Élus", "Nouveau"]


def test_what_has_no_field_stays_in_the_policy_and_is_shown() -> None:
    content = put(WIRED, LAN)
    (attributes,) = content.objects.values()
    block = '<blockPeriod xmlns="http://www.microsoft.com/networking/LAN/policy/v2">20</blockPeriod>'
    key = "ms-net-ieee-8023-GP-PolicyData"
    attributes[key] = attributes[key].replace("</globalFlags>", f"{block}</globalFlags>")
    value = taken(WIRED, content)
    assert value["other"] == {"globalFlags": [block]}
    assert block in data(WIRED, put(WIRED, value | {"enforced": True}, content))
    assert taken(WIRED, put(WIRED, value)) == value


def test_a_profile_that_the_fields_cannot_say_keeps_its_xml_until_it_is_declared() -> None:
    content = put(WIRED, LAN)
    (attributes,) = content.objects.values()
    key = "ms-net-ieee-8023-GP-PolicyData"
    sso = "<singleSignOn><type>preLogon</type></singleSignOn><EAPConfig>"
    attributes[key] = attributes[key].replace("<EAPConfig>", sso)
    value = taken(WIRED, content)
    assert value["eap"] == "other"
    assert "singleSignOn" in value["xml"]
    assert WIRED.check(value, "wired", NAMES) == []
    assert shape(parse(data(WIRED, put(WIRED, value)))) == shape(parse(attributes[key]))
    assert taken(WIRED, put(WIRED, LAN, content)) == LAN


def test_two_policies_of_one_kind_are_nobodys_guess() -> None:
    content = put(WIRED, LAN)
    content.objects["CN=Deux,CN=IEEE8023,CN=Windows,CN=Microsoft"] = copy.deepcopy(next(iter(content.objects.values())))
    assert taken(WIRED, content) is None
    with pytest.raises(Ambiguous, match="2 politiques wired"):
        WIRED.put(content, None, LAN, NAMES)


@pytest.mark.parametrize(
    ("old", "new"),
    [("<OneXEnforced>false", "<OneXEnforced>non"), ("<authMode>machine<", "<authMode>robot<")],
)
def test_a_live_policy_that_breaks_its_schema_is_left_alone(old: str, new: str) -> None:
    content = put(WIRED, LAN)
    (attributes,) = content.objects.values()
    attributes["ms-net-ieee-8023-GP-PolicyData"] = attributes["ms-net-ieee-8023-GP-PolicyData"].replace(old, new)
    assert taken(WIRED, content) is None
    with pytest.raises(InvalidConfig, match="ne respecte pas son schéma"):
        WIRED.put(content, None, LAN, NAMES)


@pytest.mark.parametrize("noise", ["", "<LANPolicy", "rien de tel", None])
def test_a_live_policy_that_says_nothing_gives_way_to_the_declared_one(noise: str | None) -> None:
    content = put(WIRED, LAN)
    ((place, attributes),) = content.objects.items()
    attributes["ms-net-ieee-8023-GP-PolicyData"] = noise
    assert (taken(WIRED, content), WIRED.illegible(content)) == (None, [place])
    WIRED.put(content, None, LAN, NAMES)
    assert (taken(WIRED, content), WIRED.illegible(content)) == (LAN, [])


def test_what_would_break_the_schema_is_refused_with_line_and_reason() -> None:
    with pytest.raises(InvalidConfig, match=r"ligne 1 .*nope"):
        put(
            WIRED,
            LAN | {"other": {"globalFlags": ['<nope xmlns="http://www.microsoft.com/networking/LAN/policy/v1"/>']}},
        )


def test_nobody_is_trusted_without_a_word() -> None:
    bare = {name: setting for name, setting in LAN.items() if name not in ("server_names", "trusted_roots")}
    assert [fault.path for fault in WIRED.check(bare, "w", NAMES)] == ["w.server_names", "w.trusted_roots"]
    assert WIRED.check(LAN | {"server_names": [], "trusted_roots": []}, "w", NAMES) == []
    long = {"ssids": {"é" * 17: SSID, "ok": SSID | {"eap": "other"}, "x": SSID | {"eap": "other", "xml": "<a/>"}}}
    assert [str(fault) for fault in WIRELESS.check(long, "w", NAMES)] == [
        f"w.ssids[{'é' * 17}].names : « {'é' * 17} » fait plus de 32 octets, ou rien",
        "w.ssids[ok] : eap: other et xml vont ensemble",
        "w.ssids[x].xml : un élément WLANProfile est attendu, reçu a",
    ]


def test_a_wired_policy_without_its_service_is_refused() -> None:
    (fault,) = missing_service({"wired": LAN}, "computer")
    assert fault.path == "computer.security.services.dot3svc"
    started = {"services": {"dot3svc": {"startup": "automatic"}}}
    assert missing_service({"wired": LAN, "security": started}, "computer") == []
    assert missing_service({"wired": LAN, "preferences": started}, "computer") == []
    assert missing_service({"wireless": WLAN}, "computer") == []


def test_a_certificate_is_known_by_any_spelling_of_its_thumbprint() -> None:
    spaced = " ".join(ROOT[at : at + 2] for at in range(0, 40, 2)).upper()
    assert {thumbprint(text) for text in (ROOT, spaced, f"\u200e{spaced.replace(' ', ':')}")} == {ROOT}
    pem = "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----"
    assert thumbprint(pem) == "a9993e364706816aba3e25717850c26c9cd0d89d"
    with pytest.raises(ValueError, match="abc"):
        thumbprint("abc")
