"""A share in memory, as a scan reads it, and the rules of a scan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.readings.storage.index import Index
from piste.readings.storage.reading import ShareReading, reading, scope_of
from piste.readings.storage.walk import DAY, Pace, walk
from piste.systems.windows.shares import Entry, EntryKind, NotRead
from piste.town.model.storage import TargetedShare, TownStorage

NOW = 1_800_000_000
OLD, RECENT = NOW - 1000 * DAY, NOW - 10 * DAY


@dataclass(slots=True)
class Stored:
    """A file, or what a listing says of it."""

    content: bytes = b""
    written: int = RECENT
    accessed: int | None = None
    kind: EntryKind = "file"
    size: int | None = None
    identity: int = 0


@dataclass(slots=True)
class FakeTree:
    """Folders by path; `denied` refuse to be listed or read, `asked` is what was asked."""

    folders: Mapping[str, Mapping[str, Stored]]
    denied: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    identities: Mapping[str, int] = field(default_factory=dict)

    def entries(self, folder: str) -> Iterator[list[Entry]]:
        self.asked.append(folder)
        for name, stored in self.folders[folder].items():
            size = len(stored.content) if stored.size is None else stored.size
            accessed = stored.written if stored.accessed is None else stored.accessed
            yield [Entry(name, stored.kind, size, stored.written, stored.written, accessed, stored.identity)]
        if folder in self.denied:
            raise NotRead(self.denied[folder])
        above = f"{folder}\\" if folder else ""
        inner = [path for path in self.folders if path and path.rpartition("\\")[0] == folder and path != folder]
        for path in inner:
            name = path.removeprefix(above)
            yield [Entry(name, "folder", 0, RECENT, RECENT, RECENT, self.identities.get(path, 0))]

    def content(self, path: str, *, deduplicated: bool = False) -> Iterator[bytes]:
        self.asked.append(path)
        if path in self.denied:
            raise NotRead(self.denied[path])
        folder, _, name = path.rpartition("\\")
        content = self.folders[folder][name].content
        for place in range(0, len(content), 64 << 10):
            yield content[place : place + (64 << 10)]


def target(**given: Any) -> TargetedShare:
    share: dict[str, Any] = {
        "name": "services", "label": "Dossiers des services", "server": "srv-fic1", "address": None,
        "share": "Services", "path": "", "owner": "DSI", "family": "fichiers", "levels": 1, "excluded": [],
        "retention": [], "retention_applied": True, "retention_applied_on": "2026-06-01",
        "retention_why": "", "status": None,
    }  # fmt: skip
    return share | given  # type: ignore[return-value]


def rules(*shares: TargetedShare, **given: Any) -> TownStorage:
    storage: dict[str, Any] = {
        "cold_days": 730, "cold_by": "written", "duplicates_from_kib": 0, "shares": list(shares or (target(),)),
        "limits": {"listings_per_second": 1000, "mib_per_second": 1000, "minutes": 10}, "status": None,
    }  # fmt: skip
    return storage | given  # type: ignore[return-value]


class Ticking:
    """A clock that goes on by a step at each look; sleeping moves it too."""

    def __init__(self, step: float = 0.0) -> None:
        self.time, self.step, self.slept = 0.0, step, 0.0

    def now(self) -> float:
        self.time += self.step
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.time += seconds


def scan(
    tree: Any, folder: Path, share: TargetedShare | None = None, storage: TownStorage | None = None,
    clock: Ticking | None = None, seconds: float = 600.0,
) -> ShareReading:  # fmt: skip
    """Scan a tree as the module does, with a clock of its own."""
    share, clock = share or target(), clock or Ticking()
    storage = storage or rules(share)
    limits = storage["limits"]
    pace = Pace(limits["listings_per_second"], limits["mib_per_second"] << 20, seconds, clock.now, clock.sleep)
    index = Index(folder / "services.index", scope_of(share, storage), "2027-01-15T00:00:00Z")
    ended = False
    try:
        ended = walk(tree, share, storage, index, pace, NOW)
        return reading(share, storage, index, pace.read, "" if ended else "temps écoulé")
    finally:
        index.close(ended=ended)
