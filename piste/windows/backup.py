"""GPOs saved in the format of Windows' own console (GPMC), which `Import-GPO` and `Restore-GPO` read.

A folder of backups holds `manifest.xml` and one `{ID}` folder each: `bkupInfo.xml`, `Backup.xml`,
`gpreport.xml` and the tree `DomainSysvol`. The format has no specification; it follows backups that Windows has
written. What it leaves out, the 802.1X objects of the directory, stands beside in `directory.json`.

The ID follows from the content, so that saving twice what has not changed leaves one backup. A backup appears whole or
not at all, and the manifest is written from the backups that are there.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from lxml import etree

from piste.converge.errors import Missing, PisteError
from piste.windows.backup_documents import (
    BKP,
    MANIFEST,
    NAMES,
    OPERATIONS,
    Saved,
    Version,
    add,
    info,
    report,
    scheme,
    trustee,
    utf16,
)
from piste.windows.gpo.part import FOLDERS
from piste.windows.gpo.stored import SIDES
from piste.windows.gpo.xml import parse

if TYPE_CHECKING:
    from lxml.etree import _Element


class BadBackup(PisteError):
    """A folder is not a backup that can be read."""

    code = "PISTE-E043"


def write_backup(folder: Path, saved: Saved, moment: datetime) -> Path:
    """Save a GPO under `folder` and return the backup's own folder; `moment` is the time that it bears.

    A backup of that content that is there already is left as it is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / saved.identifier
    if not (place / "bkupInfo.xml").exists():
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
        try:
            for path, raw in _contents(saved, moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")):
                _put(unfinished / path, raw)
            _settle(unfinished)
            os.rename(unfinished, place)
        except OSError:
            if not (place / "bkupInfo.xml").exists():  # else somebody has just saved the same content
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    _write_manifest(folder)
    return place


def read_backup(place: Path) -> Saved:
    """The GPO of a backup's folder. Raises BadBackup for what is not one."""
    try:
        return _read(place)
    except (OSError, ValueError, LookupError, StopIteration) as error:
        raise BadBackup(
            "ce dossier n'est pas une sauvegarde de GPO lisible",
            where=str(place),
            why=f"{type(error).__name__} : {error}",
            todo="Donnez un dossier {ID} qui contient Backup.xml et bkupInfo.xml.",
        ) from error


def find_backup(folder: Path, name: str) -> Path:
    """The latest backup of a GPO's name. Raises Missing where there is none."""
    found = [(told["BackupTime"], place) for place, told in _backups(folder) if told.get("GPODisplayName") == name]
    if not found:
        raise Missing(f"aucune sauvegarde de « {name} »", where=str(folder))
    return max(found)[1]


def write_migration_table(path: Path, mappings: Sequence[tuple[str, str, str | None]]) -> None:
    """Write a migration table: kind (`GlobalGroup`, `User`, `UNCPath` …), source, destination; None for the
    principal of the same name in the destination's domain."""
    root = etree.Element(f"{{{OPERATIONS}/MigrationTable}}MigrationTable", nsmap={None: f"{OPERATIONS}/MigrationTable"})
    for kind, source, destination in mappings:
        mapping = add(root, "Mapping")
        add(mapping, "Type", kind)
        add(mapping, "Source", source)
        if destination is None:
            add(mapping, "DestinationByRelativeName")
        else:
            add(mapping, "Destination", destination)
    etree.indent(root)
    _replace(path, utf16(root))


def _contents(saved: Saved, moment: str) -> Iterator[tuple[str, bytes]]:
    """Files of a backup's folder, by path with `/`."""
    for path, raw in sorted(saved.files.items()):
        _safe(path)
        yield f"DomainSysvol/GPO/{path}", raw
    for side in SIDES:  # the console expects both, empty ones included
        yield f"DomainSysvol/GPO/{FOLDERS[side]}/", b""
    if any(saved.objects.values()):
        told = {side: dict(saved.objects.get(side, {})) for side in SIDES}
        yield "directory.json", json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    yield "Backup.xml", scheme(saved)
    yield "gpreport.xml", utf16(report(saved, moment))
    yield "bkupInfo.xml", etree.tostring(info(saved, moment), encoding="utf-8")


def _write_manifest(folder: Path) -> None:
    root = etree.Element(f"{{{MANIFEST}}}Backups", nsmap={None: MANIFEST})
    for place, _ in sorted(_backups(folder), key=lambda one: (one[1]["BackupTime"], one[0].name)):
        root.append(parse((place / "bkupInfo.xml").read_bytes()))
    _replace(folder / "manifest.xml", etree.tostring(root, encoding="utf-8"))


def _backups(folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """The backups of a folder and what each says of itself; one that says nothing is none."""
    for place in sorted(folder.glob("{*}")):
        try:
            info = parse((place / "bkupInfo.xml").read_bytes())
        except (OSError, ValueError):
            continue
        told = {etree.QName(one).localname: one.text or "" for one in info.iterchildren("*")}
        if "BackupTime" in told:
            yield place, told


def _read(place: Path) -> Saved:
    about = next(told for found, told in _backups(place.parent) if found == place)
    root = parse((place / "Backup.xml").read_bytes())
    core = root.find(f".//{BKP}GroupPolicyCoreSettings")
    if core is None:
        raise ValueError("Backup.xml sans GroupPolicyCoreSettings")
    told = {etree.QName(one).localname: one.text or "" for one in core.iterchildren("*")}
    numbers = {side: int(told[f"{NAMES[side]}VersionNumber"] or 0) for side in SIDES}
    wmi = told.get("WMIFilter", "").partition('ID="')[2].partition('"')[0]
    objects = place / "directory.json"
    return Saved(
        guid=about["GPOGuid"],
        name=told["DisplayName"],
        domain=told["Domain"],
        domain_guid=about.get("GPODomainGuid", ""),
        controller=about.get("GPODomainController", ""),
        comment=about.get("Comment", ""),
        flags=int(told["Options"] or 0),
        versions={side: Version(number >> 16, number & 0xFFFF) for side, number in numbers.items()},
        extensions={side: told.get(f"{NAMES[side]}ExtensionGuids", "") for side in SIDES},
        descriptor=bytes.fromhex(told["SecurityDescriptor"]),
        trustees=tuple(trustee(one) for one in root.iter(f"{BKP}Group")),
        wmi_filter=(wmi, told.get("WMIFilterName", "")) if wmi else None,
        files=dict(_files(place, root)),
        objects=json.loads(objects.read_bytes()) if objects.exists() else {},
    )


def _files(place: Path, root: _Element) -> Iterator[tuple[str, bytes]]:
    """The files that the backup lists; a name that would lead out of it is refused."""
    start = "DomainSysvol/GPO/"
    for one in root.iter(f"{BKP}FSObjectFile"):
        location = one.get(f"{BKP}Location")
        if location is None:  # the console lists what it looked for and did not find
            continue
        path = PureWindowsPath(location).as_posix()
        if not path.casefold().startswith(start.casefold()):
            raise ValueError(f"{location} est hors de la sauvegarde")
        within = path[len(start) :]
        _safe(within)
        yield within, (place / start / within).read_bytes()


def _safe(path: str) -> None:
    if any(step in ("", ".", "..") or set(step) & set('\\:*?"<>|\0') for step in path.split("/")):
        raise ValueError(f"« {path} » n'est pas un chemin de fichier d'un GPO")


def _put(path: Path, raw: bytes) -> None:
    """Write a file, or make the folder that a path ending in `/` names, and see it on the disk."""
    if not raw and path.name in FOLDERS.values():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """See the names of a whole tree on the disk."""
    for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _replace(path: Path, raw: bytes) -> None:
    """Put a file in the place of another, whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
