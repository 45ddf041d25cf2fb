"""Findings of `doctor` on the DNS of a domain: each check, and a fault that fails it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.dispatch import MODULES
from piste.transport.shared import VARIABLE
from piste.windows.dns import properties, record
from tests.support.ad import Town
from tests.support.samba import Domain

ZONE = "ad.lebourget.example"
ALL = ["zones", "rights", "creators", "traps", "updates", "aging", "conditional"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "run").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "run"))
    return tmp_path


def findings(domain: Domain, **changes: Any) -> dict[str, dict[str, str]]:
    before = domain.usn()
    result = MODULES["dns_checks"].run({"domain": {**domain.option, **changes}}, True)
    assert (result["changed"], domain.usn()) == (False, before)
    assert all(finding["todo"] for finding in result["findings"] if finding["state"] != "ok")
    return {finding["id"].removeprefix("dns."): finding for finding in result["findings"]}


def states(listed: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: finding["state"] for name, finding in listed.items() if finding["state"] != "ok"}


def test_the_lab_and_a_zone_that_piste_makes_are_conform(domain_of_module: Domain, folder: Path) -> None:
    Town(domain_of_module, folder).module("dns_zones", [{"name": "93.10.in-addr.arpa"}])
    listed = findings(domain_of_module)
    assert (list(listed), states(listed)) == (ALL, {})
    assert listed["zones"]["what"].endswith(f"93.10.in-addr.arpa, {ZONE}")


def test_each_fault_is_found(domain_of_module: Domain, folder: Path) -> None:
    domain = domain_of_module
    place = f"CN=MicrosoftDNS,DC=DomainDnsZones,{domain.base_dn}"
    zone = f"DC={ZONE},{place}"
    domain.tool("dsacl", "set", f"--objectdn={zone}", "--sddl=(A;;CC;;;AU)")
    dynamic = bytearray(record.write(record.A, "10.93.66.50", 1200, 5))
    dynamic[20:24] = struct.pack("<I", 3_733_000)
    new = properties.new("any")
    forwarder = [
        properties.write(properties.ZONE_TYPE, struct.pack("<I", properties.FORWARDER)),
        properties.write(properties.MASTERS, bytes.fromhex("01000000" + "0a5d020b")),
    ]
    with domain.ldap() as directory:
        for name, value in (("*", "10.93.2.66"), ("wpad", "127.0.0.1")):
            content = {"dnsRecord": [record.write(record.A, value, 600, 5)]}
            directory.add(f"DC={name},{zone}", ["top", "dnsNode"], content)
        directory.add(f"DC=pc-1,{zone}", ["top", "dnsNode"], {"dnsRecord": [bytes(dynamic)]})
        directory.add(f"DC=essai.example,{place}", ["top", "dnsZone"], {"dNSProperty": new})
        directory.add(f"DC=ailleurs.example,{place}", ["top", "dnsZone"], {"dNSProperty": forwarder})
        forest = f"CN=MicrosoftDNS,DC=ForestDnsZones,{domain.base_dn}"
        directory.add(f"DC=essai.example,{forest}", ["top", "dnsZone"], {"dNSProperty": properties.new("secure")})
    domain.tool("dsacl", "delete", f"--objectdn=DC=essai.example,{forest}", "--sddl=(A;;CC;;;AU)")
    listed = findings(domain)
    assert states(listed) == dict.fromkeys(("zones", "rights", "creators", "traps", "updates", "aging"), "wrong")
    assert "essai.example" in listed["zones"]["what"]
    assert f"{ZONE} : Authenticated Users" in listed["creators"]["what"]
    assert listed["traps"]["what"].endswith(f": *.{ZONE} → 10.93.2.66")
    assert listed["aging"]["what"].endswith(f"{ZONE} (1)")
    assert "ailleurs.example → 10.93.2.11" in listed["conditional"]["what"]


def test_silence_is_unknown(domain_of_module: Domain, folder: Path) -> None:
    listed = findings(domain_of_module, address="127.0.0.251")
    assert (list(listed), states(listed)) == (["reachable"], {"reachable": "unknown"})
