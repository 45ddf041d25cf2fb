"""Deletion of what is older than the declared maximum, and its attestation.

The attestation is sealed before the first file goes: days, counts, and the digests that the seals had. A deletion cut
short is finished by the next; the chain of seals stays whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

from piste.engine.converge.private import private_folder, write_private
from piste.readings.logs.errors import NotDeletable
from piste.readings.logs.seals import SealedDay, append, read_seals
from piste.readings.logs.tree import DayFile, Tree, Unreadable, read_day
from piste.runs.records.chain import encode
from piste.runs.records.record import Record
from piste.runs.records.signature import sign
from piste.town.model.logs.derived import EXPORTED, LogStream


class Going(NamedTuple):
    """The days of a stream that are older than its maximum."""

    stream: LogStream
    files: list[DayFile]


def going(streams: Sequence[LogStream], tree: Tree, today: date) -> list[Going]:
    """List what must be deleted."""
    wanted = [
        Going(stream, [file for file in tree.days[stream["name"]] if (today - file.day).days > stream["most_days"]])
        for stream in streams
    ]
    return [entry for entry in wanted if entry.files]


def delete(
    environment: str, wanted: Sequence[Going], exported: Sequence[str] | None, *, unexported: bool = False
) -> Record | None:
    """Attest, then delete. Raises `NotDeletable` for a day that changed or is not exported.

    A day whose deletion is attested already is only removed. None where nothing new is attested.
    """
    sealed = read_seals(environment)
    fresh = [
        (entry.stream, [file for file in entry.files if (file.stream, str(file.day)) not in sealed.deleted])
        for entry in wanted
    ]
    faults = [
        fault
        for stream, files in fresh
        for file in files
        if (fault := _obstacle(stream, file, sealed.days.get((file.stream, str(file.day))), exported, unexported))
    ]
    if faults:
        todo = "Rien n’a été supprimé : piste logs check dit ce qui ne va pas ; --unexported passe outre l’export."
        raise NotDeletable("des jours ne peuvent pas être supprimés", why=" ; ".join(faults[:8]), todo=todo)
    gone = [
        {
            "stream": stream["name"],
            "most_days": stream["most_days"],
            "files": [sealed.days[file.stream, str(file.day)] for file in files],
        }
        for stream, files in fresh
        if files
    ]
    record = append(environment, "deletion", gone=gone) if gone else None
    for entry in wanted:
        for file in entry.files:
            with suppress(FileNotFoundError):
                file.path.unlink()
    return record


def _obstacle(
    stream: LogStream, file: DayFile, seal: SealedDay | None, exported: Sequence[str] | None, unexported: bool
) -> str | None:
    """Say why a day may not be deleted."""
    if seal is None:
        return f"{file.name} n’a jamais été scellé"
    try:
        if read_day(file)["sha256"] != seal["sha256"]:
            return f"{file.name} n’est plus ce qui a été scellé"
    except (Unreadable, FileNotFoundError) as error:
        return f"{file.name} : {error}"
    month = str(file.day)[:7]
    if stream["log_class"] in EXPORTED and not unexported and month not in (exported or ()):
        return f"{file.name} : {month} n’est pas exporté"
    return None


def attest(record: Record, folder: Path, key: Path | None = None) -> Path:
    """Write the attestation of a deletion, signed where a key is given. Raises `SigningFailed`."""
    private_folder(folder)
    path = folder / f"suppression-{record['id']}.json"
    write_private(path, encode(record))
    if key:
        sign(path, path.with_suffix(".sig"), key)
    return path


def counted(record: Record) -> tuple[int, int, int]:
    """Count the days, lines and bytes of an attestation."""
    files = [file for gone in record["gone"] for file in gone["files"]]
    return len(files), sum(file["lines"] for file in files), sum(file["bytes"] for file in files)
