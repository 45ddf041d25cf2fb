"""The reading of a share: what its index counts, without the name of any file."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, TypedDict

from piste.readings.storage.index import Index, Listed
from piste.town.model.storage import TargetedShare, TownStorage

State = Literal["complete", "partial", "unfinished", "silent"]
ENOUGH = 100
"""Files that must say nothing of their last access, for a volume that does not keep it."""


class FolderReading(TypedDict):
    """Counts of a folder of the first levels; the share itself is the empty name."""

    folder: str
    files: int
    bytes: int
    cold_bytes: int
    duplicate_bytes: int
    waste_bytes: int


class Unread(TypedDict):
    """A reason why something below a folder was not read, and how often."""

    folder: str
    why: str
    count: int


class ShareReading(TypedDict):
    """The reading of a share, without the name of any file.

    `complete`: all was read. `partial`: some folders or files were not (`unread`); `unfinished`: the next run goes on;
    figures are then at least what they say. `silent`: nothing was read. `waste_bytes` counts a cold duplicate once.
    `access_kept` is None where too few files say. `scope` is the same for readings that compare.
    """

    share: str
    scope: str
    begun_at: str
    read_at: str
    state: State
    why: str
    folders: int
    files: int
    bytes: int
    cold_bytes: int
    duplicate_bytes: int
    waste_bytes: int
    cold_files: int
    duplicate_files: int
    other_names: int
    links: int
    remote: int
    compared_bytes: int
    access_kept: bool | None
    by_folder: list[FolderReading]
    unread: list[Unread]


def scope_of(share: TargetedShare, rules: TownStorage) -> str:
    """Digest what two readings must share to be compared."""
    asked = {
        "path": share["path"].casefold(), "server": share["server"].casefold(), "share": share["share"].casefold(),
        "excluded": sorted(excluded["path"].casefold() for excluded in share["excluded"]),
        "rules": [rules["cold_days"], rules["cold_by"], rules["duplicates_from_kib"]],
    }  # fmt: skip
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def silent(share: TargetedShare, rules: TownStorage, why: str) -> ShareReading:
    """Make the reading of a share that did not answer."""
    now = moment()
    return ShareReading(
        share=share["name"], scope=scope_of(share, rules), begun_at=now, read_at=now, state="silent", why=why,
        folders=0, files=0, bytes=0, cold_bytes=0, duplicate_bytes=0, waste_bytes=0, cold_files=0, duplicate_files=0,
        other_names=0, links=0, remote=0, compared_bytes=0, access_kept=None, by_folder=[], unread=[],
    )  # fmt: skip


def reading(share: TargetedShare, rules: TownStorage, index: Index, compared: int, stopped: str) -> ShareReading:
    """Count what the index has; `stopped` gives the reason of a scan that has not ended."""
    copies, totals = _copies(index), Counter[str]()
    by_folder: dict[str, Counter[str]] = defaultdict(Counter)
    for id_, path, file in index.files():
        counts = _counts(file, copy=id_ in copies)
        totals.update(counts)
        by_folder[shown(path, share["levels"])].update(counts)
    unread = Counter((shown(place, share["levels"]), why) for place, why in index.unread())
    kept = _access_kept(totals)
    state, why = _state(index, rules, totals, stopped, unread, kept)
    return ShareReading(
        share=share["name"], scope=scope_of(share, rules), begun_at=index.begun_at, read_at=moment(), state=state,
        why=why, folders=index.folders(), files=totals["files"], bytes=totals["bytes"],
        cold_bytes=totals["cold_bytes"], duplicate_bytes=totals["duplicate_bytes"], waste_bytes=totals["waste_bytes"],
        cold_files=totals["cold_files"], duplicate_files=totals["duplicate_files"],
        other_names=totals["other_names"], links=totals["links"], remote=totals["remote"], compared_bytes=compared,
        access_kept=kept,
        by_folder=[
            FolderReading(
                folder=folder, files=counts["files"], bytes=counts["bytes"], cold_bytes=counts["cold_bytes"],
                duplicate_bytes=counts["duplicate_bytes"], waste_bytes=counts["waste_bytes"],
            )
            for folder, counts in sorted(by_folder.items())
        ],
        unread=[Unread(folder=folder, why=why, count=count) for (folder, why), count in sorted(unread.items())],
    )  # fmt: skip


def _copies(index: Index) -> set[int]:
    """Give the files that are the copy of another, which stays."""
    kept: set[int] = set()
    copies = set()
    for id_, group in index.duplicates():
        if group in kept:
            copies.add(id_)
        kept.add(group)
    return copies


def _counts(file: Listed, *, copy: bool) -> Counter[str]:
    if file.kind in ("link", "name"):
        return Counter({"links" if file.kind == "link" else "other_names": 1})
    return Counter(
        files=1, bytes=file.size, cold_bytes=file.size * file.cold, duplicate_bytes=file.size * copy,
        waste_bytes=file.size * (file.cold or copy), cold_files=int(file.cold), duplicate_files=int(copy),
        remote=int(file.kind == "remote"), read_since=int(file.read_since),
    )  # fmt: skip


def _access_kept(totals: Counter[str]) -> bool | None:
    """Tell from the files if the volume keeps the last access; None where too few files say."""
    return True if totals["read_since"] else False if totals["files"] >= ENOUGH else None


def _state(
    index: Index, rules: TownStorage, totals: Counter[str], stopped: str, unread: Counter[tuple[str, str]],
    kept: bool | None,
) -> tuple[State, str]:  # fmt: skip
    if not totals["files"] and (refused := [why for (_, why) in unread]) and index.folders() == 1:
        return "silent", refused[0]
    if stopped:
        return "unfinished", stopped
    if unread:
        return "partial", f"{sum(unread.values())} dossiers ou fichiers non lus"
    if not totals["files"]:
        return "partial", "aucun fichier vu : un partage vide, ou un compte qui n’y voit rien"
    if rules["cold_by"] == "accessed" and not kept:
        return "partial", "rien ne prouve que ce volume tienne la date de dernier accès (cold_by: accessed)"
    return "complete", ""


def shown(path: str, levels: int) -> str:
    """Give the part of a folder that a report may name."""
    return "\\".join(path.split("\\")[:levels])


class Candidate(TypedDict):
    """A file of the list that an owner asks for."""

    folder: str
    file: str
    bytes: int
    written_on: str
    cold: bool
    duplicate: str
    keep: bool


def candidates(index: Index) -> Iterator[Candidate]:
    """List the cold files and the duplicates, by name: for their owner alone."""
    groups = dict(index.duplicates())
    copies = _copies(index)
    for id_, path, file in index.files():
        group = groups.get(id_)
        if file.kind in ("link", "name") or not (file.cold or group):
            continue
        yield Candidate(
            folder=_printable(path), file=_printable(file.name), bytes=file.size,
            written_on=_day(file.written), cold=file.cold, duplicate=str(group or ""),
            keep=group is not None and id_ not in copies,
        )  # fmt: skip


def _printable(name: str) -> str:
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _day(written: int) -> str:
    try:
        return datetime.fromtimestamp(written, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return ""


COLUMNS: Sequence[str] = tuple(Candidate.__annotations__)
