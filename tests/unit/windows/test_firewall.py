"""The firewall: profiles, and rules by name in the grammar of MS-GPFAS."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.errors import Ambiguous
from piste.systems.windows.gpo import extensions, registry_pol
from piste.systems.windows.gpo.firewall import Firewall, read_rule, write_rule
from piste.systems.windows.gpo.part import Content
from tests.unit.windows.support import NOBODY, side

PART = Firewall()
KEY = "Software\\Policies\\Microsoft\\WindowsFirewall"
DESK: dict[str, Any] = {
    "action": "allow",
    "direction": "in",
    "enabled": True,
    "protocol": "tcp",
    "local_ports": ["3389", "5000-5010"],
    "remote_addresses": ["10.93.0.0/16", "10.93.4.7", "LocalSubnet", "fe80::/10"],
    "profiles": ["domain"],
    "program": "%SystemRoot%\\system32\\svchost.exe",
    "service": "termservice",
    "description": "Prise en main par le support",
    "group": "Ville",
    "other": ["Edge=TRUE"],
}
TEXT = (
    "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|LPort=3389|LPort2_10=5000-5010"
    "|RA4=10.93.0.0/255.255.0.0|RA4=10.93.4.7|RA4=LocalSubnet|RA6=LocalSubnet|RA6=fe80::/10"
    "|App=%SystemRoot%\\system32\\svchost.exe|Svc=termservice|Name=Bureau à distance|Desc=Prise en main par le support"
    "|EmbedCtxt=Ville|Edge=TRUE|"
)
SIMPLE: dict[str, Any] = {"action": "block", "direction": "out", "enabled": True}
WRITTEN: dict[str, Any] = {
    "profiles": {"domain.enabled": True, "public.inbound": "block", "domain.log_file": "%windir%\\pare-feu.log"},
    "rules": {"Bureau à distance": DESK, "Tout couper": SIMPLE},
}


def live(*rules: tuple[str, str]) -> Content:
    return side(*(registry_pol.make(f"{KEY}\\FirewallRules", name, "sz", text) for name, text in rules))


def test_a_rule_is_its_text_and_back() -> None:
    assert write_rule("Bureau à distance", DESK) == TEXT
    assert read_rule(TEXT) == ("Bureau à distance", DESK)


def test_what_is_put_is_taken_back_with_the_version_that_stands_beside() -> None:
    content = side()
    PART.put(content, None, WRITTEN, NOBODY)
    assert registry_pol.make(f"{KEY}\\DomainProfile", "EnableFirewall", "dword", 1) in content.registry
    assert registry_pol.make(f"{KEY}\\PublicProfile", "DefaultInboundAction", "dword", 1) in content.registry
    assert registry_pol.make(KEY, "PolicyVersion", "dword", 0x21E) in content.registry
    assert PART.pairs(content) == {extensions.FIREWALL}
    assert PART.check(WRITTEN, "computer.firewall", NOBODY) == []
    assert PART.take(content, NOBODY) == WRITTEN
    assert content.registry == []


def test_the_last_setting_takes_the_version_away() -> None:
    content = side()
    PART.put(content, None, WRITTEN, NOBODY)
    PART.put(content, WRITTEN, None, NOBODY)
    assert content.registry == []


def test_a_change_keeps_the_hidden_name_and_the_version_of_the_rule() -> None:
    content = live(("{AAAA}", "v2.10|Action=Block|Active=TRUE|Dir=Out|Name=Tout couper|"), ("autre", "pas une règle"))
    before = {"rules": {"Tout couper": SIMPLE}}
    after = {"rules": {"Tout couper": SIMPLE | {"enabled": False}}}
    PART.put(content, before, after, NOBODY)
    assert [(entry.name, registry_pol.from_data("sz", entry.data)) for entry in content.registry[:2]] == [
        ("{AAAA}", "v2.10|Action=Block|Active=FALSE|Dir=Out|Name=Tout couper|"), ("autre", "pas une règle"),
    ]  # fmt: skip


def test_the_hidden_name_of_a_new_rule_is_the_same_at_every_run() -> None:
    first, second = side(), side()
    for content in (first, second):
        PART.put(content, None, {"rules": {"Tout couper": SIMPLE}}, NOBODY)
    assert first.registry == second.registry


@pytest.mark.parametrize(
    "text",
    [
        "", "v1.0|Action=Block|Dir=In|Name=A|", "v2.10|Action=Block|Dir=In|", "v2.10|Action=Jeter|Dir=In|Name=A|",
        "v2.10|Action=Block|Dir=In|Name=A", "v2.10|Action=Block|Dir=In|RA4=mairie|Name=A|",
    ],
)  # fmt: skip
def test_a_text_that_is_no_rule_stays_raw(text: str) -> None:
    content = live(("{AAAA}", text))
    assert PART.take(content, NOBODY) is None
    assert len(content.registry) == 1


def test_two_rules_of_one_name_stay_raw_and_are_not_guessed_between() -> None:
    text = "v2.10|Action=Block|Active=TRUE|Dir=Out|Name=Tout couper|"
    content = live(("{AAAA}", text), ("{BBBB}", text))
    assert PART.take(content, NOBODY) is None
    with pytest.raises(Ambiguous, match="2 règles de pare-feu s’appellent « Tout couper »"):
        PART.put(content, None, {"rules": {"Tout couper": SIMPLE}}, NOBODY)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"profiles": {"domain.enable": True}}, "vouliez-vous dire « domain.enabled »"),
        ({"profiles": {"domain.inbound": "deny"}}, "allow, block"),
        ({"rules": {"a|b": SIMPLE}}, "ne contient pas « | »"),
        ({"rules": {"a": SIMPLE | {"local_ports": ["80"]}}}, "des ports demandent protocol"),
        ({"rules": {"a": SIMPLE | {"description": "a|b"}}}, "un texte contient « | »"),
        ({"rules": {"a": SIMPLE | {"other": ["Dir=In"]}}}, "« other » se déclare par sa propre clé"),
        ({"rules": {"a": SIMPLE | {"remote_addresses": []}}}, "une liste est vide"),
    ],
)
def test_a_fault_is_found_before_anything_is_written(value: dict[str, Any], message: str) -> None:
    (fault,) = PART.check(value, "computer.firewall", NOBODY)
    assert message in fault.message


def test_addresses_and_ports_have_one_spelling() -> None:
    (rules,) = [field for field in PART.field.of if field.name == "rules"]
    fields = {field.name: field for field in rules.of}
    address, port = fields["remote_addresses"].normalise, fields["local_ports"].normalise
    assert address is not None
    assert port is not None
    assert address("10.93.0.1/255.255.0.0") == "10.93.0.0/16"
    assert address("10.93.0.1/32") == "10.93.0.1"
    assert address("localsubnet") == "LocalSubnet"
    assert [port(text) for text in ("80", "5000-5010", "RPC")] == ["80", "5000-5010", "RPC"]
    for wrong in ("70000", "20-10", "a b"):
        with pytest.raises(ValueError):  # noqa: PT011
            port(wrong)
