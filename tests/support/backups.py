"""Reader of saved GPOs, to compare a backup with the policy that it saves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from lxml import etree

from piste.systems.windows.backup_documents import BKP, NAMES, Saved, Trustee, Version
from piste.systems.windows.gpo.stored import SIDES
from piste.systems.windows.gpo.xml import parse

_FILES = "DomainSysvol/GPO/"


def latest_backup(folder: Path, name: str) -> Saved:
    """Read the latest backup of the GPO of that name."""
    times = {place: texts(parse((place / "bkupInfo.xml").read_bytes())) for place in folder.glob("{*}")}
    places = [place for place, info in times.items() if info["GPODisplayName"] == name]
    return read_backup(max(places, key=lambda place: times[place]["BackupTime"]))


def read_backup(place: Path) -> Saved:
    """Read the GPO of a backup's folder, as the console would."""
    about = texts(parse((place / "bkupInfo.xml").read_bytes()))
    root = parse((place / "Backup.xml").read_bytes())
    core = texts(next(root.iter(f"{BKP}GroupPolicyCoreSettings")))
    numbers = {side: int(core[f"{NAMES[side]}VersionNumber"] or 0) for side in SIDES}
    wmi = core["WMIFilter"].partition('ID="')[2].partition('"')[0]
    objects = place / "directory.json"
    return Saved(
        guid=about["GPOGuid"],
        name=core["DisplayName"],
        domain=core["Domain"],
        domain_guid=about["GPODomainGuid"],
        controller=about["GPODomainController"],
        comment=about["Comment"],
        flags=int(core["Options"] or 0),
        versions={side: Version(number >> 16, number & 0xFFFF) for side, number in numbers.items()},
        extensions={side: core[f"{NAMES[side]}ExtensionGuids"] for side in SIDES},
        descriptor=bytes.fromhex(core["SecurityDescriptor"]),
        trustees=tuple(map(_trustee, root.iter(f"{BKP}Group"))),
        wmi_filter=(wmi, core["WMIFilterName"]) if wmi else None,
        files=dict(_files(place, root)),
        objects=json.loads(objects.read_bytes()) if objects.exists() else {},
    )


def texts(element: etree._Element) -> dict[str, str]:
    """Text of each child, by its name."""
    return {etree.QName(child).localname: child.text or "" for child in element.iterchildren("*")}


def _trustee(group: etree._Element) -> Trustee:
    names = ("Sid", "SamAccountName", "Type", "NetBIOSDomainName", "DnsDomainName")
    content = texts(group)
    return Trustee(*(content[name] for name in names), group.get(f"{BKP}Source") == "FromDACL")


def _files(place: Path, root: etree._Element) -> Iterator[tuple[str, bytes]]:
    for element in root.iter(f"{BKP}FSObjectFile"):
        path = PureWindowsPath(element.get(f"{BKP}Location", "")).as_posix()
        assert path.startswith(_FILES)
        yield path.removeprefix(_FILES), (place / path).read_bytes()
