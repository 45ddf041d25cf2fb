"""What the lab was asked: a log of requests, and the counts that tests and reports rely on."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request; `status` 0 means that the connection was cut instead of answered."""

    system: str
    kind: str
    method: str
    path: str
    status: int
    at: float
    user_agent: str = ""


class Calls:
    """Requests since the last reset, classified by the server that received them."""

    def __init__(self) -> None:
        self.log: deque[Entry] = deque(maxlen=KEPT)
        self._counts: dict[str, dict[str, int]] = {}

    def record(self, entry: Entry) -> None:
        self.log.append(entry)
        # Logging in and out is neither; logins are counted by `open_session`.
        if entry.kind != "session":
            self._of(entry.system)["writes" if entry.kind == "write" else "reads"] += 1

    def open_session(self, system: str) -> None:
        """Count a login; the Meraki Dashboard has none, its count stays 0."""
        self._of(system)["sessions"] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        """Return `{system: {reads, writes, sessions}}`; a refused or cut request counts like any other."""
        return {system: dict(count) for system, count in sorted(self._counts.items())}

    def of(self, system: str) -> dict[str, int]:
        return dict(self._of(system))

    def writes(self) -> list[tuple[str, str, int]]:
        """Return (method, path, status) of every write, in order."""
        return [(e.method, e.path, e.status) for e in self.log if e.kind == "write"]

    def clear(self) -> None:
        self.log.clear()
        self._counts = {system: dict.fromkeys(count, 0) for system, count in self._counts.items()}

    def as_list(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.log]

    def _of(self, system: str) -> dict[str, int]:
        return self._counts.setdefault(system, {"reads": 0, "writes": 0, "sessions": 0})
