"""The masks of a directory: short names and numbers are masked, services stay."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from piste.engine.transport.contents import content_of, written
from piste.exports.capture import directory, forms
from piste.exports.capture.masks import Masks
from piste.systems.windows.dns import record

MASKS = Masks(b"clef", names=["ville.example"])


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


@pytest.mark.parametrize(("where", "shown"), [("10.20.0.0/16", "10."), ("*.durand.fr", "*.Nom-"), ("10.20.0.1", "10.")])
def test_a_place_of_the_web_stays_a_range_or_a_name(where: str, shown: str) -> None:
    masked = directory.hosted(where, MASKS, lambda *_: None)
    assert masked.startswith(shown)
    assert masked != where
    assert masked.rpartition("/")[2] == where.rpartition("/")[2] or "/" not in where


@pytest.mark.parametrize("name", ["_ldap._tcp", "@", "_msdcs.ville.example"])
def test_a_service_of_the_dns_stays(name: str) -> None:
    assert directory.host(MASKS, name) == name


def test_a_name_behind_a_matching_rule_is_masked_and_a_number_stays() -> None:
    place = "CN=Groupe de Jean Dupont,OU=Elus,DC=ville,DC=example"
    shown = directory.sought(MASKS, f"(&(member:1.2.840.113556.1.4.1941:={place})(userAccountControl:1.2.3:=2))")
    assert "Dupont" not in shown
    assert shown.startswith("(&(member:1.2.840.113556.1.4.1941:=CN=")
    assert shown.endswith(",DC=ville,DC=example)(userAccountControl:1.2.3:=2))")


ID = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
POLICIES = "cn=policies,cn=system"


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("adminContextMenu", r"9,&Durand,\\durand\durand\durand.vbs", ""),
        ("dc", "pc-durand", ""),
        ("dc", "durand.fr", ".fr"),
        ("dhcpIdentification", "Serveur de Durand", ""),
        ("dNSRoot", "durand.fr", ".fr"),
        ("gPCFileSysPath", rf"\\durand.fr\SysVol\ville.example\Policies\{ID}", rf"\SysVol\ville.example\Policies\{ID}"),
        ("gPCWQLFilter", f"[durand.fr;{ID};0]", f".fr;{ID};0]"),
        ("gPLink", f"[LDAP://cn={ID},{POLICIES},DC=durand,DC=fr;0]", ",DC=fr;0]"),
        ("dSHeuristics", "0000000001Durand", ""),
        ("msDS-AllowedToDelegateTo", "cifs/srv-durand.ville.example", ".ville.example"),
        ("msDS-RevealedUsers", "B:8:00000000:CN=durand,DC=ville,DC=example", ",DC=ville,DC=example"),
        ("msWMI-ChangeDate", "le jour de Durand", ""),
        ("nCName", "DC=durand,DC=fr", ",DC=fr"),
        ("operatingSystem", "Windows de Durand", ""),
    ],
)
def test_a_name_of_the_town_in_a_text_of_the_directory_is_masked(field: str, value: str, kept: str) -> None:
    known = forms.template("ad", "/dc1.ville.example")
    assert known is not None
    line = known[1]

    def shown(masks: Masks) -> str:
        entry = {"dn": "", "attributes": {field: [value]}}
        return str(forms.kept([entry], line, masks)[0][0]["attributes"][field][0])

    assert "durand" not in shown(MASKS).casefold()
    assert shown(MASKS).endswith(kept)
    assert shown(Masks(b"clef", keep_names=True)) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("adminContextMenu", "1,{08eb4fa6-6ffd-11d1-b0e0-00c04fd8dca6}"),
        ("dSHeuristics", "0000000001"),
        ("dhcpIdentification", "DHCP Server Object"),
        ("gPCFileSysPath", rf"\\ville.example\sysvol\ville.example\Policies\{ID}"),
        ("gPCMachineExtensionNames", f"[{ID}{ID}]"),
        ("gPLink", f"[LDAP://CN={ID},CN=Policies,CN=System,DC=ville,DC=example;2]"),
        ("operatingSystem", "Windows Server 2022 Datacenter"),
        ("operatingSystemVersion", "10.0 (20348)"),
        ("whenChanged", "20261201120000.0Z"),
    ],
)
def test_what_windows_writes_stays(field: str, value: str) -> None:
    known = forms.template("ad", "/dc1.ville.example")
    assert known is not None
    entry = [{"dn": "", "attributes": {field: [value]}}]
    assert forms.kept(entry, known[1], MASKS)[0] == entry


@pytest.mark.parametrize(
    "dn",
    [
        "CN=user-Display,CN=40C,CN=DisplaySpecifiers,CN=Configuration,DC=ville,DC=example",
        "CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=ville,DC=example",
        "CN=AuthN Silos,CN=AuthN Policy Configuration,CN=Services,CN=Configuration,DC=ville,DC=example",
    ],
)
def test_a_place_that_every_directory_has_stays(dn: str) -> None:
    masks = Masks(b"clef", names=["ville", "ville.example"])
    assert directory.place(dn, masks, lambda *_: None) == dn


@pytest.mark.parametrize("step", ["Zoe Durand-Display", "durand", "durand-Display"])
@pytest.mark.parametrize("below", ["CN=40C,", ""])
def test_a_menu_that_somebody_named_is_masked(step: str, below: str) -> None:
    masks = Masks(b"clef", names=["ville", "ville.example"])
    menus = f"{below}CN=DisplaySpecifiers,CN=Configuration,DC=ville,DC=example"
    shown = directory.place(f"CN={step},{menus}", masks, lambda *_: None)
    assert "urand" not in shown
    assert shown.endswith(f",{menus}")


@pytest.mark.parametrize("step", ["Person", "ms-DS-Group-Managed-Service-Account", "RFC822LocalPart", "Durand-Badge"])
def test_a_class_that_somebody_added_to_the_schema_is_masked(step: str) -> None:
    masks = Masks(b"clef", names=["ville", "ville.example"])
    schema = "CN=Schema,CN=Configuration,DC=ville,DC=example"
    shown = directory.place(f"CN={step},{schema}", masks, lambda *_: None)
    known = forms.template("ad", "/dc1.ville.example")
    assert known is not None
    [entry], _ = forms.kept([{"dn": "", "attributes": {"objectClass": [step.replace("-", "")]}}], known[1], masks)
    if step == "Durand-Badge":
        assert "urand" not in f"{shown}{entry}"
        assert shown.endswith(f",{schema}")
    else:
        assert (shown, entry["attributes"]["objectClass"]) == (f"CN={step},{schema}", [step.replace("-", "")])


def test_an_entry_of_a_menu_keeps_that_its_program_is_off_sysvol() -> None:
    shown = directory.menu(r"9,&Durand,\\hdv-durand\commun\durand.vbs", MASKS, lambda *_: None)
    assert shown.startswith("9,Nom ")
    assert shown.count("\\") == 4
    sysvol, inside = r"\\ville.example\SysVol", r"\ville.example\scripts\x.vbs"
    assert (
        directory.menu(f"9,x,{sysvol}{inside}", MASKS, lambda *_: None)
        .split(",")[2]
        .startswith(rf"{sysvol}\ville.example")
    )


def test_what_a_search_counts_or_looks_for_without_a_word_stays() -> None:
    for query in (r"(adminContextMenu=*\5c\5c*)", "(adminCount=1)", "(sAMAccountName=DnsAdmins)"):
        assert directory.sought(MASKS, query) == query


def test_the_name_of_a_zone_is_masked_alike_wherever_it_stands() -> None:
    place = "DC=pc7,DC=durand.fr,CN=MicrosoftDNS,DC=DomainDnsZones,DC=ville,DC=example"
    shown = directory.place(place, MASKS, lambda *_: None)
    zone = directory.host(MASKS, "durand.fr")
    assert "durand" not in zone
    assert shown.endswith(f",DC={zone},CN=MicrosoftDNS,DC=DomainDnsZones,DC=ville,DC=example")
    assert directory.host(MASKS, "pc7.durand.fr") == f"{directory.host(MASKS, 'pc7')}.{zone}"
    name = record.read(kept(record.write(record.CNAME, "www.durand.fr", 900, 3), MASKS)).value
    assert name.rstrip(".").endswith(f".{zone.casefold()}")
    assert directory.host(MASKS, "partage.ville.example").endswith(".ville.example")


@pytest.mark.parametrize(
    ("address", "shown"), [("https://10.0.0.1:8443", "https://10."), ("https://durand.fr/zoe?a=1", "https://Nom-")]
)
def test_an_address_of_the_web_stays_one(address: str, shown: str) -> None:
    masked = directory.address(address, MASKS, lambda *_: None)
    assert masked.startswith(shown)
    assert not {"durand", "zoe"} & {*masked.replace("/", ".").split(".")}
    assert directory.address(address, Masks(b"clef", keep_names=True), lambda *_: None) == address
