"""Reports of computers for tests: a well-behaved one, and what is changed in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from piste.readings.computers.kept import Measure
from piste.readings.computers.report import Report, read

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
"""A Thursday morning, at the hour of Paris minus one."""


def document(computer: str = "PC-JAU-001", **changes: Any) -> dict[str, Any]:
    """Give the content of a file, as JSON has it."""
    return {
        "format": 1, "computer": computer, "serial": f"SN-{computer}", "taken_at": moment(NOW), "collector": "1.0",
        "system": {"family": "windows", "version": "10.0.22631"}, "chassis": "desktop", "maker": "HP",
        "model": "EliteDesk 800 G6", "power": {"sleep_ac_s": 600, "modern_standby": False},
        "shutdown": {"task_present": True, "last_run": None, "last_result": 0}, "states": None, "wakes": [],
        "requests": [], "armed": [], "startup": [], "sessions": None, "printers": [], "telemetry": None, **changes,
    }  # fmt: skip


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def content(computer: str = "PC-JAU-001", **changes: Any) -> bytes:
    return json.dumps(document(computer, **changes)).encode()


def report(computer: str = "PC-JAU-001", **changes: Any) -> Report:
    return read(content(computer, **changes), f"{computer}.json")


def measure(computer: str = "PC-JAU-001", **changes: Any) -> Measure:
    return Measure(written=1, size=1, owner="its", report=report(computer, **changes), days=[])


def states(*parts: tuple[str, str, str]) -> list[dict[str, str]]:
    """Give states from `(from, until, state)`, as `2026-11-23 18:00`, in universal time."""
    return [
        {"from": f"{since.replace(' ', 'T')}:00Z", "until": f"{until.replace(' ', 'T')}:00Z", "state": state}
        for since, until, state in parts
    ]


def weeks(day: Iterable[tuple[int, str]], since: datetime, until: datetime) -> list[dict[str, str]]:
    """Repeat a day, `(minute, state from then on)`, between two midnights in universal time."""
    steps = list(day)
    made: list[dict[str, str]] = []
    at = since
    while at < until:
        ends = [*(minute for minute, _ in steps[1:]), 1440]
        for (minute, state), end in zip(steps, ends, strict=True):
            start, stop = at + timedelta(minutes=minute), at + timedelta(minutes=end)
            if made and made[-1]["state"] == state:
                made[-1]["until"] = moment(stop)
            else:
                made.append({"from": moment(start), "until": moment(stop), "state": state})
        at += timedelta(days=1)
    return made
