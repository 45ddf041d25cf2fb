"""The scan of a share: names, sizes, dates; contents of equal size alone, by digests.

Believed: [belief files.seen], [belief files.deduplicated].
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from piste.readings.storage.index import Index, Listed, Part, Pending, joined
from piste.systems.windows.shares import Entry, NotRead
from piste.town.model.storage import TargetedShare, TownStorage, parts

HEAD = 64 << 10
"""Bytes that are compared first."""
DEEPEST, LONGEST, LARGEST = 100, 32_000, 1 << 60
"""Levels of folders, signs of a path, bytes of a file: a share that says more is not believed."""
DAY = 86_400


class Tree(Protocol):
    """A share as a scan reads it (`piste.systems.windows.shares.Share`)."""

    def entries(self, folder: str) -> Iterator[list[Entry]]: ...
    def content(self, path: str, *, deduplicated: bool = False) -> Iterator[bytes]: ...


class Over(Exception):
    """The time of the run is over."""


@dataclass(slots=True)
class Pace:
    """The rate and the time of a run; `now` and `sleep` are those of the machine."""

    listings_per_second: float
    bytes_per_second: float
    seconds: float
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    read: int = 0
    _next: float = 0.0
    _end: float = field(default=0.0)

    def begin(self) -> None:
        self._end = self.now() + self.seconds

    def listing(self) -> None:
        self._wait(1 / self.listings_per_second)

    def bytes(self, count: int) -> None:
        self.read += count
        self._wait(count / self.bytes_per_second)

    def _wait(self, cost: float) -> None:
        """Wait for the turn of what comes next. Raises `Over`."""
        now = self.now()
        if now >= self._end:
            raise Over
        if self._next > now:
            self.sleep(self._next - now)
        self._next = max(self._next, now) + cost


def walk(tree: Tree, share: TargetedShare, rules: TownStorage, index: Index, pace: Pace, now: float) -> bool:
    """List the share and compare its candidates; False where the time is over before the end.

    Raises `Unreachable`; the index keeps what was read.
    """
    pace.begin()
    try:
        _list(tree, share, rules, index, pace, now)
        index.same_file_once()
        for file in index.without_head(rules["duplicates_from_kib"] << 10):
            _hash(tree, root_of(share), index, pace, file, "head")
        most = pace.bytes_per_second * 60 * rules["limits"]["minutes"]
        for file in index.without_whole():
            if file.size > most:
                # Each run would begin it again, and the scan would never end.
                index.failed(file, "contenu trop long pour une exécution (storage.limits)")
                continue
            _hash(tree, root_of(share), index, pace, file, "whole")
    except Over:
        return False
    return True


def _list(tree: Tree, share: TargetedShare, rules: TownStorage, index: Index, pace: Pace, now: float) -> None:
    excluded = {tuple(parts(excluded["path"])) for excluded in share["excluded"]}
    root = root_of(share)
    cold_since = now - rules["cold_days"] * DAY
    while (folder := index.next_folder()) is not None:
        number, path = folder
        pace.listing()
        above = {identity for identity in index.above(number) if identity}
        inner: list[tuple[str, int]] = []
        files: list[Listed] = []
        unread: list[tuple[str, str]] = []
        try:
            for part in tree.entries(joined(root, path)):
                for entry in part:
                    place = joined(path, entry.name)
                    if entry.kind == "folder" and tuple(parts(place.replace("\\", "/"))) in excluded:
                        continue
                    if refused := _refusal(entry, path, above):
                        unread.append((path, refused))
                    elif entry.kind == "folder":
                        inner.append((place, entry.identity))
                    else:
                        files.append(_file(entry, cold_since, by_access=rules["cold_by"] == "accessed"))
        except NotRead as reason:
            # A part of a listing is no listing: the place is unread as a whole.
            inner, files, unread = [], [], [(path, f"dossier non listé : {reason}")]
        index.listed(number, inner, files, unread)


def _refusal(entry: Entry, path: str, above: Collection[int]) -> str:
    """Give the reason why a name is not taken, empty if it is: a server may say anything."""
    if not entry.name or any(sign in entry.name for sign in "\\/\0"):
        return "nom impossible, que le serveur donne"
    if not 0 <= entry.size <= LARGEST:
        return "taille impossible, que le serveur donne"
    if entry.kind == "folder":
        if path.count("\\") + 2 > DEEPEST or len(path) + len(entry.name) > LONGEST:
            return "dossier trop profond"
        if entry.identity and entry.identity in above:
            return "dossier qui se contient lui-même"
    return ""


def _file(entry: Entry, cold_since: float, *, by_access: bool) -> Listed:
    last = max(entry.written, entry.accessed) if by_access else entry.written
    read_since = entry.accessed > max(entry.written, entry.created) + DAY
    return Listed(entry.name, entry.kind, entry.size, entry.written, last < cold_since, read_since, entry.identity)


def _hash(tree: Tree, root: str, index: Index, pace: Pace, file: Pending, part: Part) -> None:
    """Digest the beginning of a file, or the whole of it; a file that has moved is no candidate."""
    digest, read = hashlib.sha256(), 0
    wanted = min(file.size, HEAD) if part == "head" else file.size
    try:
        for piece in tree.content(joined(root, file.path), deduplicated=file.kind == "dedup"):
            pace.bytes(len(piece))
            digest.update(piece[: max(0, wanted - read)])
            read += len(piece)
            if read > wanted or (read == wanted and part == "head"):
                break
    except NotRead as reason:
        index.failed(file, f"contenu non lu : {reason}")
        return
    if read < wanted or (read > wanted and file.size == wanted):
        index.failed(file, "contenu qui a changé pendant le relevé")
        return
    index.hashed(file.id, part, digest.digest())
    if part == "head" and file.size <= HEAD:
        index.hashed(file.id, "whole", digest.digest())


def root_of(share: TargetedShare) -> str:
    return "\\".join(part for part in share["path"].split("/") if part)
