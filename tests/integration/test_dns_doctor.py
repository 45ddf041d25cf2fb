"""Findings of `doctor` on the DNS of a domain: each check, and a fault that fails it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.engine.transport.shared import VARIABLE
from piste.runs.read import of
from piste.systems.windows.dns import properties, record
from tests.support.ad import Town
from tests.support.samba import Domain

ZONE = "ad.lebourget.example"
ALL = ["zones", "rights", "creators", "traps", "updates", "aging", "conditional"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "run").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "run"))
    return tmp_path


def findings(domain: Domain, account: str = "", **changes: Any) -> dict[str, dict[str, str]]:
    before = domain.usn()
    result = of("dns_checks").run({"domain": {**domain.option, **changes}, "update_account": account}, True)
    assert (result["changed"], domain.usn()) == (False, before)
    assert all(finding["todo"] for finding in result["findings"] if finding["state"] != "ok")
    return {finding["id"].removeprefix("dns."): finding for finding in result["findings"]}


def states(listed: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: finding["state"] for name, finding in listed.items() if finding["state"] != "ok"}


def test_the_lab_and_a_zone_that_piste_makes_are_conform(domain_of_module: Domain, folder: Path) -> None:
    Town(domain_of_module, folder).module("dns_zones", [{"name": "93.10.in-addr.arpa", "creators": ["svc-dhcp"]}])
    listed = findings(domain_of_module, r"LEBOURGET\svc-dhcp")
    assert (list(listed), states(listed)) == ([*ALL[:3], "update_account", *ALL[3:]], {})
    assert listed["zones"]["what"].endswith(f"93.10.in-addr.arpa, {ZONE}")


def test_the_account_of_the_dhcp_servers_must_be_able_to_register(domain_of_module: Domain, folder: Path) -> None:
    account, made = r"LEBOURGET\svc-dhcp", "95.10.in-addr.arpa"
    Town(domain_of_module, folder).module("dns_zones", [{"name": made}])
    said = findings(domain_of_module, account)["update_account"]
    assert (said["state"], said["what"]) == (
        "wrong",
        f"svc-dhcp, par qui les serveurs DHCP inscrivent, ne peut rien créer dans {made} : "
        "aucun nom inverse de poste ne s’y inscrit",
    )
    assert said["todo"].endswith("« Créer des objets dnsNode », à svc-dhcp.")
    unknown = findings(domain_of_module, r"LEBOURGET\nul-part")["update_account"]
    assert (unknown["state"], "ne connaît pas nul-part" in unknown["what"]) == ("unknown", True)


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
    listed = findings(domain, "svc-dhcp")
    faults = ("zones", "rights", "creators", "update_account", "traps", "updates", "aging")
    assert states(listed) == dict.fromkeys(faults, "wrong")
    assert "à Ordinateurs du domaine, qui s’y inscrivent, et à svc-dhcp, par qui" in listed["creators"]["todo"]
    assert "essai.example" in listed["zones"]["what"]
    assert f"{ZONE} : Authenticated Users" in listed["creators"]["what"]
    assert listed["traps"]["what"].endswith(f": *.{ZONE} → 10.93.2.66")
    assert listed["aging"]["what"].endswith(f"{ZONE} (1)")
    assert "ailleurs.example → 10.93.2.11" in listed["conditional"]["what"]


def test_silence_is_unknown(domain_of_module: Domain, folder: Path) -> None:
    listed = findings(domain_of_module, address="127.0.0.251")
    assert (list(listed), states(listed)) == (["reachable"], {"reachable": "unknown"})
