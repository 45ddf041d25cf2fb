"""The masks of a directory: short names and numbers are masked, services stay."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from piste.engine.transport.contents import content_of, written
from piste.exports.capture import directory
from piste.exports.capture.masks import Masks
from piste.systems.windows.dns import record

MASKS = Masks(b"clef")


def kept(raw: bytes, masks: Masks) -> bytes:
    return content_of(directory.dns_record(written(raw, binary=True), masks, lambda *_: None))


def test_a_record_keeps_its_numbers_and_masks_the_hosts_that_it_names() -> None:
    soa = record.start_of_authority("durand.ville.example", "zoe.durand.ville.example", 42, 900)
    named = record.write(record.NS, "durand.ville.example", 900, 3)
    priority = named[:24] + b"\0\1\0\2\0\3" + named[24:]
    srv = (len(priority) - 24).to_bytes(2, "little") + (33).to_bytes(2, "little") + priority[4:]
    for raw in (soa, named, srv):
        masked = kept(raw, MASKS)
        assert b"durand" not in masked
        assert kept(raw, Masks(b"clef", keep_names=True)) == raw
        record.read(masked)
    assert record.zone_serial(record.read(kept(soa, MASKS))) == 42
    assert kept(srv, MASKS)[24:30] == b"\0\1\0\2\0\3"
    unknown = srv[:2] + (99).to_bytes(2, "little") + srv[4:]
    assert kept(unknown, Masks(b"clef", keep_names=True)) == unknown[:24] + bytes(len(unknown) - 24)


def test_a_tombstone_keeps_its_moment_alone() -> None:
    whole = record.tombstone(datetime(2026, 12, 1, tzinfo=UTC), 3)
    assert kept(whole, MASKS) == whole
    said = b"mot de Durand"
    longer = struct.pack("<H", len(said)) + whole[2:24] + said
    assert kept(longer, Masks(b"clef", keep_names=True)) == longer[:24] + bytes(len(said))


@pytest.mark.parametrize("name", ["_jean.dupont", "jd", "12345"])
def test_a_name_is_masked_whatever_its_form(name: str) -> None:
    assert name not in directory.name(MASKS, name)
    assert name not in directory.sought(MASKS, f"(sAMAccountName={name})")


def test_a_machine_behind_an_underscore_is_masked() -> None:
    assert "dupont" not in directory.hosted("HOST/_jdupont.ville.example", MASKS, lambda *_: None)


def test_an_instance_of_a_service_is_masked_and_a_port_stays() -> None:
    assert "durand" not in directory.hosted("MSSQLSvc/srv.ville.example:zdurand", MASKS, lambda *_: None)
    assert directory.hosted("MSSQLSvc/srv.ville.example:1433", MASKS, lambda *_: None).endswith(".ville.example:1433")


def test_a_node_behind_an_underscore_that_is_no_service_is_masked() -> None:
    assert "durand" not in directory.host(MASKS, "_zdurand")


@pytest.mark.parametrize("name", ["_ldap._tcp", "@", "_msdcs.ville.example"])
def test_a_service_of_the_dns_stays(name: str) -> None:
    assert directory.host(MASKS, name) == name


def test_a_name_behind_a_matching_rule_is_masked_and_a_number_stays() -> None:
    place = "CN=Groupe de Jean Dupont,OU=Elus,DC=ville,DC=example"
    shown = directory.sought(MASKS, f"(&(member:1.2.840.113556.1.4.1941:={place})(userAccountControl:1.2.3:=2))")
    assert "Dupont" not in shown
    assert shown.startswith("(&(member:1.2.840.113556.1.4.1941:=CN=")
    assert shown.endswith(",DC=ville,DC=example)(userAccountControl:1.2.3:=2))")
