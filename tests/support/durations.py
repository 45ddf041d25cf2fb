"""Durations beside a kept list: the longest, and those that have doubled.

`make durations` keeps what the last `make test` and the last `make bench` have noted. A run fails on no time; a kept
list that no longer fits in the budget does (`tests/unit/repository/test_durations.py`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from math import inf
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
NOTED = "PISTE_DURATIONS"
"""Variable: the file in which a whole run of the tests notes its durations."""
TESTS, BENCH = "tests/durations.json", "tests/bench/durations.json"
SHOWN = 10
WORKERS, MINUTES = 3, 16
"""What fits in a whole check: its workers, and the minutes that the tests take of it. The aim is 14."""
_SMALL = 2.0
"""Seconds under which a difference is noise."""
_WAITING = "tests/integration/"
"""Files that wait for systems, a domain or a deadline; the others compute."""

type Seconds = Mapping[str, float]


def noted(kept: str) -> Path:
    """The file beside a kept list in which the last run notes its own."""
    return ROOT / ".cache" / kept.replace("/", "-")


def read(path: Path) -> dict[str, float]:
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def write(path: Path, seconds: Seconds) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = {name: round(taken, 1) for name, taken in sorted(seconds.items())}
    path.write_text(json.dumps(rounded, ensure_ascii=False, indent=1) + "\n", "utf-8")


def turns(files: Collection[str], kept: Seconds) -> dict[str, float]:
    """Give each file its turn in a whole run, from 0 to 1: what is new, then the longest.

    What waits is dealt among what computes: workers that all wait leave the cores idle.
    """
    given: dict[str, float] = {}
    for waits in (True, False):
        part = [name for name in files if name.startswith(_WAITING) is waits]
        whole, begun = sum(kept.get(name, 0) for name in part) or 1, 0.0
        for name in sorted(part, key=lambda name: (-kept.get(name, inf), name)):
            given[name] = begun / whole
            begun += kept.get(name, 0)
    return given


def doubled(now: Seconds, kept: Seconds) -> dict[str, tuple[float, float]]:
    """Find the durations that have doubled, the machine's speed set aside.

    Seconds expected and taken, by name.
    """
    both = [name for name in now if min(now[name], kept.get(name, 0)) > _SMALL]
    speed = median(now[name] / kept[name] for name in both) if both else 1.0
    expected = {name: kept[name] * speed for name in now if name in kept}
    return {
        name: (before, now[name])
        for name, before in expected.items()
        if now[name] > 2 * before and now[name] - before > _SMALL * speed
    }


def report(now: Seconds, kept: Seconds, shown: int = SHOWN) -> str:
    """The longest durations, then those that have doubled, a line each."""
    dearest = sorted(now.items(), key=lambda item: -item[1])[:shown]
    lines = [f"Le plus cher, sur {sum(now.values()):.0f} s :"] if dearest else []
    lines += [f"  {seconds:5.0f} s  {name}" for name, seconds in dearest]
    if slower := doubled(now, kept):
        lines.append("A doublé depuis la liste gardée (« make durations » la récrit) :")
        lines += [f"  {after:5.0f} s au lieu de {before:.0f}  {name}" for name, (before, after) in slower.items()]
    return "\n".join(lines)


def main(*arguments: str) -> None:
    for kept in (TESTS, BENCH):
        now = read(noted(kept))
        if now and "--keep" in arguments:
            write(ROOT / kept, now)
            print(f"{kept} : {len(now)} durées gardées")
        elif now and kept in arguments:
            print(report(now, read(ROOT / kept)))


if __name__ == "__main__":
    main(*sys.argv[1:])
