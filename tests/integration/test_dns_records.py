"""DNS records on a real controller: asked on the wire, judged by Samba's own tool."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ldap3
import pytest
from ldap3.core.exceptions import LDAPInsufficientAccessRightsResult

from lab.ad.configuration import DNS_PORT
from piste.engine.converge.as_found import taken
from piste.engine.converge.errors import Conflict, Guarded, InvalidConfig, Unreachable
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from piste.systems.windows.dns import record
from piste.systems.windows.dns.record_table import DNS_RECORDS
from piste.systems.windows.dns_tests import TYPES, Server, ask
from tests.support.ad import Town, summary
from tests.support.inprocess import Killed
from tests.support.samba import Domain

ZONES, RECORDS = "dns_zones", "dns_records"
ZONE, REVERSE = "ad.lebourget.example", "93.10.in-addr.arpa"
PRINTER = f"imp-jau-1.{ZONE}"
DECLARED: list[dict[str, Any]] = [
    {"zone": ZONE, "name": "imp-jau-1", "type": "A", "values": ["10.93.66.20", "10.93.66.21"], "ttl": 900},
    {"zone": ZONE, "name": "imp-jau-1", "type": "TXT", "values": ["Salle des maîtres " + "é" * 150]},
    {"zone": ZONE, "name": "Imp6", "type": "AAAA", "values": ["2001:DB8:0::1"]},
    {"zone": ZONE, "name": "copieur", "type": "CNAME", "values": [f"IMP-jau-1.{ZONE}."]},
    {"zone": REVERSE, "name": "20.66", "type": "PTR", "values": [PRINTER]},
]


@pytest.fixture
def town(domain_of_module: Domain, tmp_path: Path) -> Iterator[Town]:
    town = Town(domain_of_module, tmp_path)
    town.module(ZONES, [{"name": REVERSE}])
    yield town
    with domain_of_module.ldap() as directory:
        directory.raise_exceptions = False
        for name in ("imp-jau-1", "imp6", "copieur"):
            directory.delete(node(domain_of_module, name))
        directory.delete(node(domain_of_module, "20.66", REVERSE))


def asked(domain: Domain, name: str, kind: str) -> list[str]:
    return ask(Server("dc1", domain.address, DNS_PORT), name, TYPES[kind])


def node(domain: Domain, name: str, zone: str = ZONE) -> str:
    return f"DC={name},DC={zone},CN=MicrosoftDNS,DC=DomainDnsZones,{domain.base_dn}"


def stamped(kind: str, value: str) -> bytes:
    """Return a record as a computer registers it."""
    raw = bytearray(record.write(record.TYPES[kind], value, 1200, 5))
    raw[20:24] = struct.pack("<I", 3_733_000)
    return bytes(raw)


def test_names_answer_on_the_wire_and_the_second_run_writes_nothing(town: Town) -> None:
    planned = town.module(RECORDS, DECLARED, check=True)
    assert town.writes == []
    done = town.module(RECORDS, DECLARED)
    assert done["operations"] == planned["operations"]
    assert summary(done) == [
        f"+ dns_record {ZONE}/imp-jau-1/A",
        f"+ dns_record {ZONE}/imp-jau-1/TXT",
        f"+ dns_record {ZONE}/imp6/AAAA",
        f"+ dns_record {ZONE}/copieur/CNAME",
        f"+ dns_record {REVERSE}/20.66/PTR",
    ]
    domain = town.domain
    assert asked(domain, PRINTER, "A") == ["10.93.66.20", "10.93.66.21"]
    assert asked(domain, PRINTER, "TXT") == ["Salle des maîtres " + "é" * 150]
    assert asked(domain, f"imp6.{ZONE}", "AAAA") == ["2001:db8::1"]
    assert asked(domain, f"copieur.{ZONE}", "CNAME") == [PRINTER]
    assert asked(domain, f"20.66.{REVERSE}", "PTR") == [PRINTER]
    said = domain.dns("query", ZONE, "imp-jau-1", "A")
    assert "A: 10.93.66.20 (flags=f0, serial=2, ttl=900)" in said
    before = domain.usn()
    again = town.module(RECORDS, DECLARED, state="replaced")
    assert (again["changed"], again["calls"], domain.usn()) == (False, {"reads": 6, "writes": 0}, before)


def test_a_foreign_client_changes_and_adds_and_piste_puts_back(town: Town) -> None:
    town.module(RECORDS, DECLARED)
    domain = town.domain
    domain.dns("update", ZONE, "imp-jau-1", "A", "10.93.66.20", "10.93.66.99")
    domain.dns("add", ZONE, "imp-jau-1", "AAAA", "2001:db8::99")
    domain.dns("delete", REVERSE, "20.66", "PTR", PRINTER)
    assert summary(town.module(RECORDS, DECLARED)) == [
        f"~ dns_record {ZONE}/imp-jau-1/A : values",
        f"+ dns_record {REVERSE}/20.66/PTR",
    ]
    assert asked(domain, PRINTER, "A") == ["10.93.66.20", "10.93.66.21"]
    assert asked(domain, PRINTER, "AAAA") == ["2001:db8::99"], "a type that nobody declares stays"
    assert asked(domain, f"20.66.{REVERSE}", "PTR") == [PRINTER]
    assert not town.module(RECORDS, DECLARED)["changed"]


def test_a_removed_name_leaves_a_tombstone_that_a_new_record_revives(town: Town) -> None:
    town.module(RECORDS, DECLARED)
    keys = [f"{ZONE}/imp-jau-1/A", f"{ZONE}/copieur/CNAME"]
    assert summary(town.module(RECORDS, absent=keys)) == [f"- dns_record {key}" for key in reversed(keys)]
    domain = town.domain
    assert asked(domain, f"copieur.{ZONE}", "CNAME") == []
    assert asked(domain, PRINTER, "TXT") == [DECLARED[1]["values"][0]], "the other type of the name stays"
    with domain.ldap() as directory:
        directory.search(node(domain, "copieur"), "(objectClass=*)", "BASE", attributes=["dnsRecord", "dNSTombstoned"])
        entry = directory.entries[0].entry_raw_attributes
    assert (entry["dNSTombstoned"], [record.read(raw).type for raw in entry["dnsRecord"]]) == ([b"TRUE"], [0])
    assert not town.module(RECORDS, absent=keys)["changed"]
    town.module(RECORDS, DECLARED)
    assert asked(domain, f"copieur.{ZONE}", "CNAME") == [PRINTER]
    assert not town.module(RECORDS, DECLARED)["changed"]


def test_the_record_of_somebody_else_asks_for_a_word_and_says_whose(town: Town) -> None:
    domain = town.domain
    domain.dns("add", ZONE, "imp-jau-1", "A", "10.93.66.77")
    planned = town.module(RECORDS, DECLARED[:1], check=True)
    (line,) = planned["withheld"]
    assert line == f"à confirmer (taken:{ZONE}/imp-jau-1/A) : Administrator y a inscrit 10.93.66.77"
    with pytest.raises(Guarded, match="taken:"):
        town.module(RECORDS, DECLARED[:1])
    assert (town.writes, asked(domain, PRINTER, "A")) == ([], ["10.93.66.77"])
    town.module(RECORDS, DECLARED[:1], confirm=["taken"])
    assert asked(domain, PRINTER, "A") == ["10.93.66.20", "10.93.66.21"]


def test_a_dynamic_record_is_never_touched(town: Town) -> None:
    domain = town.domain
    with domain.ldap() as directory:
        values = [stamped("A", "10.93.66.20"), stamped("A", "10.93.66.50")]
        directory.add(node(domain, "imp-jau-1"), ["top", "dnsNode"], {"dnsRecord": values})
    with pytest.raises(Guarded, match=r"y a inscrit 10\.93\.66\.50 \(enregistrement dynamique"):
        town.module(RECORDS, DECLARED[:1], confirm=["taken"])
    planned = town.module(RECORDS, DECLARED[:1], check=True)
    assert "10.93.66.50 (enregistrement dynamique" in planned["warnings"][-1]
    assert not town.module(RECORDS, absent=[f"{ZONE}/imp-jau-1/A"])["changed"]
    both = [{**DECLARED[0], "values": ["10.93.66.20", "10.93.66.50", "10.93.66.60"]}]
    town.module(RECORDS, both, confirm=["taken"])
    with domain.ldap() as directory:
        directory.search(node(domain, "imp-jau-1"), "(objectClass=*)", "BASE", attributes=["dnsRecord"])
        live = directory.entries[0].entry_raw_attributes["dnsRecord"]
    assert {*values} < {*live}
    assert not town.module(RECORDS, both)["changed"]


def test_a_name_whose_records_do_not_show_is_unknown_and_is_not_made(town: Town) -> None:
    """An account that may not read `dnsRecord` is shown the name without it."""
    domain = town.domain
    with domain.ldap() as directory:
        directory.add(node(domain, "imp-jau-1"), ["top", "dnsNode"])
    for check in (True, False):
        with pytest.raises(Unreachable, match="dnsRecord ne se montre pas à ce compte"):
            town.module(RECORDS, DECLARED[:1], check=check)
    assert town.writes == []
    assert town.module(RECORDS, DECLARED[2:3])["changed"], "a name that shows is written"


def test_what_is_wrong_is_refused_before_any_write_all_at_once(town: Town) -> None:
    wrong = [
        {"zone": ZONE, "name": "*", "type": "A", "values": ["10.93.2.9"]},
        {"zone": ZONE, "name": "WPAD", "type": "A", "values": ["10.93.2.9"]},
        {"zone": f"_msdcs.{ZONE}", "name": "dc1", "type": "A", "values": ["10.93.2.9"]},
        {"zone": ZONE, "name": "x", "type": "A", "values": ["10.93.2.300"]},
        {"zone": ZONE, "name": "y", "type": "CNAME", "values": ["a.fr", "b.fr"]},
        {"zone": ZONE, "name": "x", "type": "CNAME", "values": ["a.fr"]},
        {"zone": ZONE, "name": "vide", "type": "A", "values": []},
    ]
    with pytest.raises(InvalidConfig) as refused:
        town.module(RECORDS, wrong)
    places = {fault.path for fault in refused.value.faults}
    assert places == {
        f"config[{ZONE}/*/A].name",
        f"config[{ZONE}/wpad/A].name",
        f"config[_msdcs.{ZONE}/dc1/A].name",
        f"config[{ZONE}/x/A].values[10.93.2.300]",
        f"config[{ZONE}/y/CNAME].values",
        f"config[{ZONE}/x/CNAME].type",
        f"config[{ZONE}/vide/A].values",
    }
    with pytest.raises(Guarded, match="un alias est seul sous son nom"):
        town.module(RECORDS, [{"zone": ZONE, "name": "hdv-imp1", "type": "CNAME", "values": [PRINTER]}])
    assert town.writes == []


def test_a_record_waits_for_its_zone(town: Town) -> None:
    record = {"zone": "ailleurs.example", "name": "z", "type": "A", "values": ["10.93.2.9"]}
    (line,) = town.module(RECORDS, [record])["withheld"]
    assert line.startswith("dns_record ailleurs.example/z/A : attend la zone « ailleurs.example », que la ville")
    assert town.writes == []


def test_a_killed_run_is_finished_by_running_it_again(town: Town) -> None:
    for number in (1, len(DECLARED)):
        town.kill_after = number
        with pytest.raises(Killed):
            town.module(RECORDS, [{**item, "ttl": 600 + number} for item in DECLARED])
    town.kill_after = 0
    town.module(RECORDS, DECLARED)
    assert not town.module(RECORDS, DECLARED)["changed"]
    assert asked(town.domain, PRINTER, "A") == ["10.93.66.20", "10.93.66.21"]


def test_somebody_who_writes_between_the_look_and_the_write_wins(town: Town) -> None:
    town.module(RECORDS, DECLARED)

    def meanwhile(what: str, dn: str) -> None:
        town.on_write = lambda what, dn: None
        town.domain.dns("delete", ZONE, "imp-jau-1", "A", "10.93.66.20")

    town.on_write = meanwhile
    with pytest.raises(Exception, match="l’objet n’est plus tel que lu") as stopped:
        town.module(RECORDS, [{**DECLARED[0], "values": ["10.93.66.30"]}])
    assert isinstance(stopped.value.__cause__, Conflict)
    assert asked(town.domain, PRINTER, "A") == ["10.93.66.21"]


def test_what_exists_is_adopted_and_what_was_gathered_replays(town: Town) -> None:
    domain = town.domain
    domain.dns("add", ZONE, "imp-jau-1", "A", "10.93.66.77")
    planned = town.module(RECORDS, DECLARED[:1], check=True, survey=True)
    kept = taken({("dns", "dns_record"): DNS_RECORDS}, planned["operations"], [planned["survey"]], "commune")
    assert kept["dns"]["dns_record"][f"{ZONE}/imp-jau-1/A"]["values"] == ["10.93.66.77"]
    assert not town.module(RECORDS, DECLARED[:1], as_found=kept)["changed"]
    gathered = town.module(RECORDS, state="gathered")["gathered"]
    names = {item["name"] for item in gathered}
    assert {"imp-jau-1", "hdv-imp1"} <= names
    assert not names & {"@", "dc1", "domaindnszones", "forestdnszones", "_msdcs"}
    assert not town.module(RECORDS, gathered, state="replaced")["changed"]


def test_a_run_is_taken_back_and_what_a_site_declares_is_removed(town: Town) -> None:
    town.module(RECORDS, DECLARED[:3])
    before = town.module(RECORDS, state="gathered")["gathered"]
    change = [{**DECLARED[0], "values": ["10.93.66.30"]}, {**DECLARED[1], "ttl": 60}, *DECLARED[3:]]
    done = town.module(RECORDS, change)["operations"]
    done += town.module(RECORDS, absent=[f"{ZONE}/imp6/AAAA"])["operations"]
    tasks, lost = inverse(json.loads(json.dumps(done)))
    assert lost == []
    for phase in (RESTORED, RETURNED):
        asked = tasks["commune"][phase].get(RECORDS, {"config": [], "absent": []})
        town.module(RECORDS, asked["config"], absent=asked["absent"])
    assert town.module(RECORDS, state="gathered")["gathered"] == before
    keys = [{name: item[name] for name in ("zone", "name", "type")} for item in DECLARED]
    assert len(town.module(RECORDS, keys, state="deleted")["operations"]) == 3
    assert not town.module(RECORDS, keys, state="deleted")["changed"]


def test_a_zone_is_made_once_loaded_and_never_removed(town: Town) -> None:
    domain = town.domain
    said = domain.dns("zoneinfo", REVERSE)
    settings = dict(map(str.strip, line.split(":", 1)) for line in said.splitlines() if ":" in line)
    assert (settings["fReverse"], settings["fAllowUpdate"]) == ("TRUE", "DNS_ZONE_UPDATE_SECURE")
    records = domain.dns("query", REVERSE, "@", "ALL")
    assert "refresh=900, retry=600, expire=86400, minttl=3600" in records
    assert f"NS: dc1.{ZONE}" in records
    before = domain.usn()
    again = town.module(ZONES, [{"name": ZONE}, {"name": REVERSE}])
    assert (again["changed"], domain.usn()) == (False, before)
    with pytest.raises(Guarded, match="ne se supprime que dans la console DNS"):
        town.module(ZONES, absent=[REVERSE])
    other = town.module(ZONES, [{"name": REVERSE, "updates": "none"}])
    assert not other["changed"]
    assert "fixé à la création" in other["warnings"][0]


def test_the_account_of_the_dhcp_servers_registers_names_in_a_zone_that_piste_makes(town: Town) -> None:
    domain, made = town.domain, "94.10.in-addr.arpa"
    planned = town.module(ZONES, [{"name": made, "creators": [f"{domain.forest.netbios}\\nul-part"]}])
    assert (planned["changed"], town.writes) == (False, [])
    assert planned["withheld"] == [
        f"dns_zone {made} : attend que l’annuaire connaisse nul-part, qui doit y inscrire des noms, laissé tel quel"
    ]
    declared = [{"name": made, "updates": "secure", "creators": [f"{domain.forest.netbios}\\svc-dhcp"]}]
    town.module(ZONES, declared)
    content = {"dnsRecord": [stamped("PTR", PRINTER)]}
    with domain.ldap("svc-dhcp") as servers:
        servers.add(node(domain, "50.66", made), ["top", "dnsNode"], content)
        servers.modify(node(domain, "50.66", made), {"dNSTombstoned": [(ldap3.MODIFY_REPLACE, [b"FALSE"])]})
    with domain.ldap("agent.test") as anybody, pytest.raises(LDAPInsufficientAccessRightsResult):
        anybody.add(node(domain, "51.66", made), ["top", "dnsNode"], content)
    assert asked(domain, f"50.66.{made}", "PTR") == [PRINTER]
    assert not town.module(ZONES, declared)["changed"]
    (kept,) = [item for item in town.module(ZONES, state="gathered")["gathered"] if item["name"] == made]
    assert kept == {"name": made, "updates": "secure", "creators": ["svc-dhcp"]}


def test_a_record_to_which_a_closer_zone_answers_is_named(town: Town) -> None:
    town.module(ZONES, [{"name": f"77.{REVERSE}"}])
    pointer = [{"zone": REVERSE, "name": "20.77", "type": "PTR", "values": [PRINTER]}, *DECLARED[-1:]]
    said = town.module(RECORDS, pointer, check=True)["warnings"]
    assert len(said) == 1
    assert said[0].startswith(f"1 enregistrement déclaré dans « {REVERSE} » sans effet : la zone « 77.{REVERSE} »")


def test_a_zone_whose_making_was_cut_short_is_finished(town: Town) -> None:
    town.kill_after = 1
    with pytest.raises(Killed):
        town.module(ZONES, [{"name": "48.10.in-addr.arpa"}])
    town.kill_after = 0
    town.module(ZONES, [{"name": "48.10.in-addr.arpa"}])
    assert "SOA: serial=1" in town.domain.dns("query", "48.10.in-addr.arpa", "@", "ALL")
    assert not town.module(ZONES, [{"name": "48.10.in-addr.arpa"}])["changed"]
