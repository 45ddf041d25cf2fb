"""Zones, records and subnets of the directory: what is derived, and the exact faults."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from piste.town.model.names.derived import Record
from tests.unit.model.broken_town import ALL, HDV, JAURES, Case, Copy, check, jaures_segment

FILE = ALL + "addressing.yml"
DNS = "ttl_s: 3600, status: to_confirm}"

DNS_NAMES = [
    Case(
        "names taken, names of others, wrong values",
        [
            jaures_segment("utilisateurs: {reservations: {hdv-sql1: {host: 10},"
                           " wpad: {host: 11}, Imp_1: {host: 12}, x: {host: 13, aliases: [sw-jau-01]}}}"),
            (FILE, DNS, """ttl_s: 3600, status: to_confirm, records: [
  {name: assistance, type: A, values: [10.93.2.22], why: déjà un alias},
  {name: _sip._tcp, type: CNAME, values: [sip.example.], why: à l’annuaire},
  {name: "@", type: A, values: [10.93.2.22], why: la zone elle-même},
  {name: site, type: CNAME, values: [www.example.], why: d’abord},
  {name: site, type: TXT, values: [texte], why: ensuite},
  {name: v4, type: A, values: ["2001:db8::1"], why: version six},
  {name: v6, type: AAAA, values: [10.93.2.22], why: version quatre},
  {name: autre, type: CNAME, values: [relatif], why: sans point}]}"""),
        ],
        [
            ("M200", "sites[ecole-jaures].segments[utilisateurs].reservations[hdv-sql1]", JAURES, "hdv-sql1"),
            ("M201", "sites[ecole-jaures].segments[utilisateurs].reservations[wpad]", JAURES, "hdv-sql1"),
            ("M203", "sites[ecole-jaures].segments[utilisateurs].reservations[Imp_1]", JAURES, "hdv-sql1"),
            ("M200", "sites[ecole-jaures].segments[utilisateurs].reservations[x].aliases", JAURES, "hdv-sql1"),
            ("M200", "dns.records[1]", FILE, "déjà un alias"),
            ("M201", "dns.records[2]", FILE, "à l’annuaire"),
            ("M201", "dns.records[3]", FILE, "la zone elle-même"),
            ("M200", "dns.records[5]", FILE, "why: ensuite"),
            ("M202", "dns.records[6]", FILE, "version six"),
            ("M202", "dns.records[7]", FILE, "version quatre"),
            ("M202", "dns.records[8]", FILE, "sans point"),
        ],
        ["le nom « hdv-sql1 » est déjà à hotel-de-ville, segment serveurs (inventories/town/host_vars/hotel-de-ville"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", DNS_NAMES, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def _answers(town: Town, site: str) -> dict[tuple[str, str], list[str]]:
    return {(record["name"], record["type"]): record["values"] for record in town.sites[site]["records"]}


def test_every_machine_has_its_name_both_ways(town: Town) -> None:
    school, hall = _answers(town, "ecole-jaures"), _answers(town, "hotel-de-ville")
    assert school["sw-jau-01", "A"] == ["10.93.40.11"]
    assert school["11.40", "PTR"] == ["sw-jau-01.ad.lebourget.example."]
    assert school["gw-jau-utilisateurs", "A"] == ["10.93.41.254"]
    assert school["ap-jau-06", "A"] == ["10.93.40.106"]
    assert hall["ups-hdv-1", "A"] == ["10.93.0.201"]
    assert hall["impression", "CNAME"] == ["hdv-imp1.ad.lebourget.example."]
    assert _answers(town, "mediatheque")["imp-med-01", "A"] == ["10.93.97.10"]
    assert school.keys() >= {(record, "A") for record in ("gw-jau-invites", "gw-jau-administration")}


def test_a_controller_registers_its_own_address(town: Town) -> None:
    hall = _answers(town, "hotel-de-ville")
    assert ("hdv-dc1", "A") not in hall
    assert hall["11.2", "PTR"] == ["hdv-dc1.ad.lebourget.example."]


def test_the_zones_are_those_of_the_names(town: Town) -> None:
    assert town.commune is not None
    assert town.commune["zones"] == [
        {"name": "ad.lebourget.example", "reverse": False}, {"name": "93.10.in-addr.arpa", "reverse": True},
    ]  # fmt: skip
    zones = {zone["name"] for zone in town.commune["zones"]}
    records = [record for site in town.sites.values() for record in site["records"]]
    assert {record["zone"] for record in records} == zones
    assert len({(record["zone"], record["name"], record["type"]) for record in records}) == len(records)


def test_other_zones_other_lengths_and_names_of_the_town(copy: Copy) -> None:
    copy.edit(
        FILE,
        DNS,
        """ttl_s: 600, zone: noms.example, reverse_prefix: 24, status: to_confirm, records: [
  {name: site, type: TXT, values: [a], why: un}, {name: site, type: TXT, values: [b], why: deux}]}""",
    )
    town = copy.load()
    assert town.faults == []
    assert town.commune is not None
    expected: list[Record] = [{"zone": "noms.example", "name": "site", "type": "TXT", "values": ["a", "b"], "ttl": 600}]
    assert town.commune["records"] == expected
    zones = [zone["name"] for zone in town.commune["zones"]]
    assert zones[0] == "noms.example"
    assert "40.93.10.in-addr.arpa" in zones
    pointer = next(record for record in town.sites["ecole-jaures"]["records"] if record["type"] == "PTR")
    assert (pointer["zone"], pointer["name"]) == ("40.93.10.in-addr.arpa", "11")


def test_every_address_of_the_town_is_in_a_site_of_the_directory(town: Town) -> None:
    assert town.commune is not None
    assert town.commune["ad_sites"] == [{"name": "Default-First-Site-Name", "link": None}]
    assert town.sites["ecole-jaures"]["ad_subnets"] == [
        {"subnet": "10.93.40.0/21", "site": "Default-First-Site-Name", "description": "École Jean Jaurès"}
    ]
    assert [subnet["subnet"] for subnet in town.commune["ad_subnets"]] == ["10.93.240.0/21"]


def test_a_site_with_a_controller_has_a_site_of_its_own(copy: Copy) -> None:
    copy.edit(ALL + "directory.yml", "controllers: [hdv-dc1, hdv-dc2]", "controllers: [hdv-dc1, hdv-dc2, jau-dc1]")
    copy.edit(*jaures_segment("serveurs: {reservations: {jau-dc1: {host: 11}}}"))
    town = copy.load()
    assert town.commune is not None
    assert town.commune["ad_sites"][1:] == [{"name": "ecole-jaures", "link": "Default-First-Site-Name-ecole-jaures"}]
    assert [subnet["site"] for subnet in town.sites["ecole-jaures"]["ad_subnets"]] == ["ecole-jaures"]
    assert [subnet["site"] for subnet in town.sites["ccas"]["ad_subnets"]] == ["Default-First-Site-Name"]


def test_a_record_may_not_be_a_wildcard(copy: Copy) -> None:
    copy.edit(FILE, DNS, 'ttl_s: 3600, records: [{name: "*", type: A, values: [10.93.2.22], why: tout}]}')
    assert [(fault.rule, fault.path) for fault in copy.load().faults] == [("PISTE-M007", "dns.records[1].name")]


def test_an_alias_stays_with_its_machine(copy: Copy) -> None:
    copy.edit(HDV, "hdv-imp1: {host: 18, aliases: [impression]", "hdv-imp1: {host: 18, aliases: [impression, myq]")
    assert _answers(copy.load(), "hotel-de-ville")["myq", "CNAME"] == ["hdv-imp1.ad.lebourget.example."]
