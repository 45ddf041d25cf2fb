"""Trees of a collector, made for tests: streams, days, lines."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from piste.readings.logs.tree import Tree, read_tree
from piste.town.model.logs.derived import LogStream

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
_STREAM: LogStream = {
    "name": "nps", "source": "nps", "label": "NPS", "site": None, "kind": "nps_accounting",
    "log_class": "authentication", "transport": "tls", "port": 6514, "senders": [], "clients": [],
    "silence_hours": 12, "purpose": "essai", "basis": "essai", "least_days": 365, "most_days": 395,
    "readers": ["dsi", "dpo"], "status": None,
}  # fmt: skip


def stream(name: str = "nps", **changes: Any) -> LogStream:
    return LogStream(**{**_STREAM, "name": name, "source": name.partition("/")[0], **changes})  # type: ignore[typeddict-item]


def write_day(root: Path, name: str, day: date, hours: Iterable[int] = (1, 12, 23), suffix: str = "") -> Path:
    """Write a day with a line at each of the hours."""
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{day}T{hour:02}:30:00.123456+00:00 10.0.0.1 essai ligne {hour}\n" for hour in hours).encode()
    path = folder / f"{day}.log{suffix}"
    path.write_bytes({"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}[suffix](lines))
    return path


def write_days(root: Path, name: str, count: int, *, until: date = TODAY) -> None:
    """Write `count` days in a row, to `until` included, which ends early."""
    for back in range(count):
        day = until - timedelta(days=back)
        write_day(root, name, day, (1, 8) if day == NOW.date() else (1, 12, 23))


def tree(root: Path, *names: str) -> Tree:
    return read_tree(root, names or ("nps",))
