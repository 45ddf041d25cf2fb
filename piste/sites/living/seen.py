"""Readings of what lives, their age, and the shape of a judgement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.bounded import Unreadable, content
from piste.engine.converge.moments import AHEAD
from piste.engine.converge.reading import FAULTS
from piste.engine.finding import Gravity, State
from piste.engine.words import agreed, some
from piste.papers.dossier.verification_record import Verdict
from piste.runs.plans.play import Played

FILE = "living.json"
SYSTEMS: Mapping[str, str] = {
    "meraki": "réseau",
    "smc": "pare-feu",
    "prism": "hébergement",
    "nexus": "Nexus",
    "zabbix": "supervision",
}
"""Systems whose life is read, and the word of each in the names of tasks."""
STALE = 1800.0
"""Seconds after which a report is too old to say what lives: the Dashboard refreshes every five minutes."""
_SHOWN = 5


class Fault(NamedTuple):
    """A fault of a thing, or what could not be known of it."""

    thing: str
    said: str
    state: State
    gravity: Gravity


class Seen(NamedTuple):
    """The judgement of a test; `read_at` is when its system was read, by its own clock.

    `faults` are those of its things, which its evidence has already; `asleep` names what its hours have off, which is
    judged when it is on again. `wrong` are its faults, and what is not known, in the words of `observed`, which
    names a few.
    """

    id_: str
    domain: str
    title: str
    requirements: tuple[str, ...]
    expected: str
    observed: str
    verdict: Verdict
    reason: str = ""
    proof: Any = None
    read_at: str | None = None
    faults: Sequence[Fault] = ()
    asleep: Sequence[str] = ()
    wrong: Sequence[str] = ()

    def test(self) -> dict[str, Any]:
        """Give the facts that the statement of the verification takes."""
        return {name: value for name, value in self._asdict().items() if name not in ("faults", "asleep")}


@dataclass(slots=True)
class Reading:
    """The reading of a system: its parts, or the reason why there is none.

    A reading that lacks a part, or holds another type, raises what Python does: the judge takes it for unknown.
    """

    parts: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""

    @property
    def read_at(self) -> str | None:
        return self.parts.get("read_at")

    def unread(self, *names: str) -> str:
        """Give the reason why one of these parts was not read; empty where all were."""
        reasons = self.parts.get("unread") or {}
        return self.why or next((reasons[name] for name in names if name in reasons), "")

    def age(self, moment: str | None) -> float | None:
        """Give the seconds between a moment and the reading; negative after the reading."""
        if moment is None or self.read_at is None:
            return None
        return (datetime.fromisoformat(self.read_at) - datetime.fromisoformat(moment)).total_seconds()

    @property
    def moment(self) -> datetime:
        """Give the moment of the reading. Raises `KeyError`, `ValueError`."""
        return datetime.fromisoformat(self.parts["read_at"]).astimezone(UTC)


def readings(folder: Path, played: Played) -> dict[str, Reading]:
    """Read the life of each system from a folder, or the reason why it is not there."""
    try:
        known = json.loads(content(folder / FILE)) if (folder / FILE).is_file() else {}
        return {system: _reading(known.get(system), word, played) for system, word in SYSTEMS.items()}
    except (Unreadable, *FAULTS) as error:
        return dict.fromkeys(SYSTEMS, Reading(why=f"{FILE} ne se lit pas : {error}"))


def _reading(parts: Mapping[str, Any] | None, word: str, played: Played) -> Reading:
    if not parts:
        said = (trouble.message for trouble in played.troubles if f"ce qui vit ({word})" in trouble.task)
        return Reading(why=next(said, f"ce qui vit n’a pas été lu ({word})"))
    datetime.fromisoformat(parts["read_at"])
    return Reading(parts)


@dataclass(slots=True)
class Faults:
    """The faults of a test, in sentences, and what could not be known."""

    wrong: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    each: list[Fault] = field(default_factory=list)

    def add(self, thing: str, said: str, state: State = "wrong", gravity: Gravity = "major") -> None:
        """Note a fault of a thing; `said` continues its name."""
        (self.wrong if state == "wrong" else self.unknown).append(f"{thing}{said}")
        self.each.append(Fault(thing, said.lstrip(" :,"), state, gravity))

    @property
    def verdict(self) -> Verdict:
        return "wrong" if self.wrong else "unknown" if self.unknown else "conform"

    @property
    def lines(self) -> list[str]:
        return [*self.wrong, *self.unknown]

    def said(self, well: str) -> str:
        """Write the faults, else what is well."""
        return in_short(self.lines) or well


def in_short(lines: Sequence[str]) -> str:
    return some(lines, _SHOWN, " ; ")


def stale(seconds: float | None) -> bool:
    """Tell whether a report of this age says nothing of now: it is too old, or of the future."""
    return seconds is not None and not -AHEAD.total_seconds() <= seconds <= STALE


def age(seconds: float) -> str:
    """Write an age: `moins d'une minute`, `12 minutes`, `3 heures`, `2 jours`."""
    for size, word in ((86_400, "jour(s)"), (3600, "heure(s)"), (60, "minute(s)")):
        if seconds >= size:
            return agreed(int(seconds // size), word)
    return "moins d’une minute"


def oldest(reading: Reading, moments: Iterable[str | None]) -> str:
    """Write the age of the oldest report, after what is well; empty where none is dated."""
    ages = [seconds for moment in moments if (seconds := reading.age(moment)) is not None]
    return f" ; rapport le plus ancien : {age(max(ages))}" if ages else ""
