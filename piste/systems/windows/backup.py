"""Backups of GPOs in the format of the Windows console (GPMC).

`Import-GPO` and `Restore-GPO` read them. A folder of backups holds `manifest.xml` and a folder `{ID}` for each backup:
`bkupInfo.xml`, `Backup.xml`, `gpreport.xml` and the tree `DomainSysvol`. The format has no specification; this follows
backups written by Windows. It has no 802.1X objects of the directory: they are in `directory.json`.

The ID follows from the content: saving the same content twice leaves one backup. A backup appears whole or not at all,
and the manifest is written from the backups that are present.
Believed: [belief windows.gpo_backup], [belief windows.restore_gpo].
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from piste.engine.converge.private import write_private
from piste.systems.windows.backup_documents import (
    MANIFEST,
    OPERATIONS,
    Saved,
    add,
    info,
    report,
    scheme,
    utf16,
)
from piste.systems.windows.gpo.part import FOLDERS
from piste.systems.windows.gpo.stored import SIDES
from piste.systems.windows.gpo.xml import parse

if TYPE_CHECKING:
    from lxml.etree import _Element


def write_backup(folder: Path, saved: Saved, moment: datetime) -> Path:
    """Save a GPO under `folder` at the time `moment`, and return the folder of the backup.

    A backup of the same content stays as it is.
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
            if not (place / "bkupInfo.xml").exists():  # otherwise another process has just saved the same content
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    _write_manifest(folder)
    return place


def write_migration_table(path: Path, mappings: Sequence[tuple[str, str, str | None]]) -> None:
    """Write a migration table: kind (`GlobalGroup`, `User`, `UNCPath` …), source, destination.

    A destination of None is the principal of the same name in the destination's domain.
    """
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
    write_private(path, utf16(root))


def _contents(saved: Saved, moment: str) -> Iterator[tuple[str, bytes]]:
    """Files of a backup's folder, by path with `/`; a path that ends in `/` is a folder."""
    for path, raw in sorted(saved.files.items()):
        _safe(path)
        yield f"DomainSysvol/GPO/{path}", raw
    for side in SIDES:  # the console expects both, even empty
        yield f"DomainSysvol/GPO/{FOLDERS[side]}/", b""
    if any(saved.objects.values()):
        objects = {side: dict(saved.objects.get(side, {})) for side in SIDES}
        yield "directory.json", json.dumps(objects, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    yield "Backup.xml", scheme(saved)
    yield "gpreport.xml", utf16(report(saved, moment))
    yield "bkupInfo.xml", etree.tostring(info(saved, moment), encoding="utf-8")


def _write_manifest(folder: Path) -> None:
    root = etree.Element(f"{{{MANIFEST}}}Backups", nsmap={None: MANIFEST})
    root.extend(sorted(_backups(folder), key=lambda about: about.findtext("{*}BackupTime", "")))
    write_private(folder / "manifest.xml", etree.tostring(root, encoding="utf-8"))


def _backups(folder: Path) -> Iterator[_Element]:
    """List `bkupInfo.xml` of each backup of a folder, by ID."""
    for place in sorted(folder.glob("{*}")):
        try:
            about = parse((place / "bkupInfo.xml").read_bytes())
        except (OSError, ValueError):
            continue
        if about.findtext("{*}BackupTime") is not None:
            yield about


def _safe(path: str) -> None:
    if any(step in ("", ".", "..") or set(step) & set('\\:*?"<>|\0') for step in path.split("/")):
        raise ValueError(f"« {path} » n’est pas un chemin de fichier d’un GPO")


def _put(path: Path, raw: bytes) -> None:
    """Write a file to the disk, or make the folder of a side."""
    if not raw and path.name in FOLDERS.values():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Flush the names of a whole tree to the disk."""
    for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
