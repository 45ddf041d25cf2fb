"""The log of the requests to the lab, and the counts that tests and reports use."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A request; `status` is 0 where a fault cut the connection."""

    system: str
    kind: str
    method: str
    path: str
    status: int
    at: float
    user_agent: str = ""


class Calls:
    """The requests since the last reset, by system."""

    def __init__(self) -> None:
        self.log: deque[Entry] = deque(maxlen=KEPT)
        self._counts: dict[str, dict[str, int]] = {}
        self.asked = 0
        """All that was asked since the start, of the lab itself too: where it is the same, nothing has changed."""

    def record(self, entry: Entry) -> None:
        self.asked += 1
        self.log.append(entry)
        # A login or a logout is neither a read nor a write; `open_session` counts logins.
        if entry.kind != "session":
            self._of(entry.system)["writes" if entry.kind == "write" else "reads"] += 1

    def open_session(self, system: str) -> None:
        """Count a login; the Meraki Dashboard has none."""
        self._of(system)["sessions"] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        """Return `{system: {reads, writes, sessions}}`; refused and cut requests count too."""
        return {system: dict(count) for system, count in sorted(self._counts.items())}

    def of(self, system: str) -> dict[str, int]:
        return dict(self._of(system))

    def writes(self) -> list[tuple[str, str, int]]:
        """Return (method, path, status) of every write, in order."""
        return [(e.method, e.path, e.status) for e in self.log if e.kind == "write"]

    def written(self) -> int:
        """Count the writes; cheap enough to be asked a thousand times a second."""
        return sum(count["writes"] for count in list(self._counts.values()))

    def clear(self) -> None:
        self.log.clear()
        self._counts = {system: dict.fromkeys(count, 0) for system, count in self._counts.items()}

    def as_list(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.log.copy()]

    def _of(self, system: str) -> dict[str, int]:
        return self._counts.setdefault(system, {"reads": 0, "writes": 0, "sessions": 0})
