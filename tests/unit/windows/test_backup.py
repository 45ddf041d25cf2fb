"""Backups of GPOs in the console's format: content, and what an interruption leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from piste.systems.windows import backup
from piste.systems.windows.backup import write_backup, write_migration_table
from piste.systems.windows.backup_documents import Saved, Trustee, Version
from piste.systems.windows.gpo_backups import mappings
from tests.support.backups import read_backup

MOMENT = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
OPERATIONS = "http://www.microsoft.com/GroupPolicy/GPOOperations"
BKP = f"{{{OPERATIONS}}}"
REGISTRY, SECURITY = "35378EAC-683F-11D2-A89A-00C04FBBCFA2", "827D319E-6EAC-11D2-A4EA-00C04F79F83A"
TEMPLATE = "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"
SAVED = Saved(
    guid="{1041B92A-930A-46F9-8942-CA7AB9080D33}",
    name="Socle « école » & <x> ]]>",
    domain="ad.ville.test",
    domain_guid="{5CE50DB9-5895-43F4-AB58-FB8F5811A29B}",
    controller="dc1.ad.ville.test",
    comment="Deux\nlignes",
    flags=1,
    versions={"computer": Version(7, 7), "user": Version(3, 2)},
    extensions={"computer": f"[{{{REGISTRY}}}{{D02B1F72-3407-48AE-BA88-E8213C6761F1}}]", "user": ""},
    descriptor=bytes.fromhex("0100049c00000000"),
    trustees=(
        Trustee("S-1-5-21-1-2-3-512", "Domain Admins", "GlobalGroup", "VILLE", "ad.ville.test"),
        Trustee("S-1-5-21-1-2-3-1104", "GG-Police", "GlobalGroup", "VILLE", "ad.ville.test", False),
    ),
    wmi_filter=("{09B5B9BD-40F6-4092-B2CB-FA3FBCC54921}", "Windows 11"),
    files={
        "GPO.cmt": b"c\0",
        "Machine/Registry.pol": b"PReg\1\0\0\0",
        TEMPLATE: b"\xff\xfe",
        "Machine/Scripts/Startup/a.cmd": b"",
        "User/Preferences/Drives/Drives.xml": b"<Drives/>",
    },
    objects={
        "computer": {"CN=Filaire,CN=IEEE8023,CN=Windows,CN=Microsoft": {"objectClass": ["top"], "x": "é"}},
        "user": {},
    },
)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    assert read_backup(write_backup(tmp_path, SAVED, MOMENT)) == SAVED


def test_a_gpo_of_nothing_is_saved_and_read(tmp_path: Path) -> None:
    bare = Saved(guid="{1041B92A-930A-46F9-8942-CA7AB9080D33}", name="Vide", domain="ad.ville.test")
    place = write_backup(tmp_path, bare, MOMENT)
    assert replace(read_backup(place), extensions={}) == bare
    assert (place / "DomainSysvol/GPO/Machine").is_dir()
    assert (place / "DomainSysvol/GPO/User").is_dir()


def test_the_tree_is_the_console_s(tmp_path: Path) -> None:
    place = write_backup(tmp_path, SAVED, MOMENT)
    assert place.name == SAVED.identifier
    assert set(tree(tmp_path)) == {
        "manifest.xml",
        *(f"{place.name}/{name}" for name in ("Backup.xml", "bkupInfo.xml", "gpreport.xml", "directory.json")),
        *(f"{place.name}/DomainSysvol/GPO/{path}" for path in SAVED.files),
    }


def test_the_backup_lists_each_file_once_under_who_owns_it(tmp_path: Path) -> None:
    root = etree.parse(write_backup(tmp_path, SAVED, MOMENT) / "Backup.xml").getroot()
    assert (root.tag, root.get(f"{BKP}version")) == (f"{BKP}GroupPolicyBackupScheme", "2.0")
    owners = {
        block.get(f"{BKP}DescName"): [
            (etree.QName(file).localname, file.get(f"{BKP}Path"), file.get(f"{BKP}Location")) for file in block
        ]
        for block in root.iter(f"{BKP}GroupPolicyExtension")
    }
    gpo = "DomainSysvol\\GPO\\"
    secedit = "Microsoft\\Windows NT\\SecEdit"
    assert owners == {
        "Registry": [("FSObjectFile", "%GPO_MACH_FSPATH%\\Registry.pol", f"{gpo}Machine\\Registry.pol")],
        "Security": [
            ("FSObjectFile", f"%GPO_MACH_FSPATH%\\{secedit}\\GptTmpl.inf", f"{gpo}Machine\\{secedit}\\GptTmpl.inf")
        ],
        "Unknown Extension": [
            ("FSObjectFile", "%GPO_FSPATH%\\GPO.cmt", f"{gpo}GPO.cmt"),
            *(
                ("FSObjectDir", f"%GPO_MACH_FSPATH%\\{path}", f"{gpo}Machine\\{path}")
                for path in ("Microsoft", "Microsoft\\Windows NT", secedit, "Scripts", "Scripts\\Startup")
            ),
            ("FSObjectFile", "%GPO_MACH_FSPATH%\\Scripts\\Startup\\a.cmd", f"{gpo}Machine\\Scripts\\Startup\\a.cmd"),
            ("FSObjectDir", "%GPO_USER_FSPATH%\\Preferences", f"{gpo}User\\Preferences"),
            ("FSObjectDir", "%GPO_USER_FSPATH%\\Preferences\\Drives", f"{gpo}User\\Preferences\\Drives"),
            (
                "FSObjectFile",
                "%GPO_USER_FSPATH%\\Preferences\\Drives\\Drives.xml",
                f"{gpo}User\\Preferences\\Drives\\Drives.xml",
            ),
        ],
    }


def test_the_core_settings_are_written_as_windows_writes_them(tmp_path: Path) -> None:
    raw = (write_backup(tmp_path, replace(SAVED, name="Socle"), MOMENT) / "Backup.xml").read_text("utf-8")
    core = raw.partition("<GroupPolicyCoreSettings>")[2].partition("</GroupPolicyCoreSettings>")[0]
    assert core == (
        "<ID><![CDATA[{1041B92A-930A-46F9-8942-CA7AB9080D33}]]></ID><Domain><![CDATA[ad.ville.test]]></Domain>"
        "<SecurityDescriptor>01 00 04 9c 00 00 00 00</SecurityDescriptor><DisplayName><![CDATA[Socle]]></DisplayName>"
        "<Options><![CDATA[1]]></Options><UserVersionNumber><![CDATA[196610]]></UserVersionNumber>"
        "<MachineVersionNumber><![CDATA[458759]]></MachineVersionNumber><MachineExtensionGuids>"
        f"<![CDATA[[{{{REGISTRY}}}{{D02B1F72-3407-48AE-BA88-E8213C6761F1}}]]]></MachineExtensionGuids>"
        "<UserExtensionGuids/><WMIFilter>"
        '<![CDATA[MSFT_SomFilter.ID="{09B5B9BD-40F6-4092-B2CB-FA3FBCC54921}",Domain="ad.ville.test"]]></WMIFilter>'
        "<WMIFilterName><![CDATA[Windows 11]]></WMIFilterName>"
    )
    assert raw.count('<Group bkp:Source="FromDACL">') == raw.count("<Group>") == 1


def test_the_manifest_repeats_the_description_of_each_backup(tmp_path: Path) -> None:
    first = write_backup(tmp_path, SAVED, MOMENT)
    other = write_backup(tmp_path, replace(SAVED, name="Autre"), MOMENT - timedelta(days=1))
    manifest = etree.parse(tmp_path / "manifest.xml").getroot()
    assert [about.findtext("{*}ID") for about in manifest] == [other.name, first.name]
    assert etree.tostring(manifest[1], method="c14n") == etree.tostring(
        etree.parse(first / "bkupInfo.xml"), method="c14n"
    )
    assert manifest[1].findtext("{*}BackupTime") == "2026-11-24T20:30:00"


def test_saving_again_what_has_not_changed_leaves_one_backup_as_it_was(tmp_path: Path) -> None:
    write_backup(tmp_path, SAVED, MOMENT)
    before = tree(tmp_path)
    write_backup(tmp_path, SAVED, MOMENT + timedelta(hours=1))
    assert tree(tmp_path) == before
    write_backup(tmp_path, replace(SAVED, files={**SAVED.files, "GPO.cmt": b"d\0"}), MOMENT)
    assert len(list(tmp_path.glob("{*}"))) == 2


def test_an_interruption_at_any_write_leaves_no_half_backup_and_the_next_run_a_whole_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write_backup(tmp_path / "whole", SAVED, MOMENT)
    left = [0]

    def fsync(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(backup.os, "fsync", fsync)
    for count in range(100):
        folder, left[0] = tmp_path / str(count), count
        try:
            write_backup(folder, SAVED, MOMENT)
        except KeyboardInterrupt:
            assert all(read_backup(place) == SAVED for place in folder.glob("{*}"))
            left[0] = 1000
            write_backup(folder, SAVED, MOMENT)
        else:
            break
        assert tree(folder) == tree(whole.parent)
    assert count > len(SAVED.files)


def test_a_name_that_leads_out_of_the_backup_is_refused(tmp_path: Path) -> None:
    for path in ("../x", "Machine/../../x", "Machine//x", "Machine/a:b", "/etc/x"):
        with pytest.raises(ValueError, match="n’est pas un chemin"):
            write_backup(tmp_path / "w", replace(SAVED, files={path: b""}), MOMENT)


def test_the_migration_table_of_a_domain_names_each_of_its_principals_once() -> None:
    known = Trustee("S-1-5-11", "Authenticated Users", "WellKnownGroup")
    gone = Trustee("S-1-5-21-9-9-9-1", "S-1-5-21-9-9-9-1")
    backed_up = [SAVED, replace(SAVED, trustees=(*SAVED.trustees, known, gone))]
    assert mappings(backed_up) == [
        ("GlobalGroup", "Domain Admins@ad.ville.test", None),
        ("GlobalGroup", "GG-Police@ad.ville.test", None),
    ]


def test_a_migration_table_is_utf16_with_a_destination_or_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "ville.migtable"
    mappings: list[tuple[str, str, Any]] = [
        ("GlobalGroup", "VILLE\\GG-École", "AUTRE\\GG-École"),
        ("User", "VILLE\\a&b", None),
        ("UNCPath", "\\\\srv\\x", "\\\\srv2\\x"),
    ]
    write_migration_table(path, mappings)
    raw = path.read_bytes()
    assert raw.startswith(b"\xff\xfe")
    assert raw.decode("utf-16").startswith('<?xml version="1.0" encoding="utf-16"?>\r\n<MigrationTable xmlns=')
    root = etree.fromstring(raw)
    assert root.tag == f"{{{OPERATIONS}/MigrationTable}}MigrationTable"
    assert [[(etree.QName(child).localname, child.text) for child in mapping] for mapping in root] == [
        [("Type", "GlobalGroup"), ("Source", "VILLE\\GG-École"), ("Destination", "AUTRE\\GG-École")],
        [("Type", "User"), ("Source", "VILLE\\a&b"), ("DestinationByRelativeName", None)],
        [("Type", "UNCPath"), ("Source", "\\\\srv\\x"), ("Destination", "\\\\srv2\\x")],
    ]
