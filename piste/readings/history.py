"""The history of findings: since when each is so, their counts and the figures by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from piste.engine.clock import TOWN
from piste.engine.converge.private import NotWritten
from piste.engine.figure import Figure
from piste.engine.finding import Finding
from piste.readings.belief import UnreadableReading
from piste.readings.file import MisplacedStore, opened, place, transaction
from piste.readings.table import SUBJECTS

if TYPE_CHECKING:
    from sqlite3 import Connection

KEPT_DAYS = 400
"""Days for which what is over, and the counts and figures of a day, are kept."""
COUNTED = "findings."
"""What the figures begin with that count what is wrong of a subject."""
TREND_DAYS = 30
"""Days over which a figure is compared."""
LONGEST = 500
"""Characters of what a finding says, as it is kept."""
_PERSONAL = {name for name, subject in SUBJECTS.items() if subject.personal}
_OPEN = "SELECT id, state, first_seen FROM finding WHERE cleared_at IS NULL"
_CLEAR = "UPDATE finding SET cleared_at = ? WHERE id = ? AND state = ? AND cleared_at IS NULL"
_SEEN = "UPDATE finding SET last_seen = ?, gravity = ?, what = ? WHERE id = ? AND state = ? AND cleared_at IS NULL"
_ADD_FIGURE = "REPLACE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_FIGURE_READ = "DELETE FROM figure WHERE id = ? AND day > ? AND value IS NULL"
"""What was unknown, for its source could not be read, is known again by data of an earlier day."""
_ADD = "INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"


_FIGURES = f"""SELECT id, day, value, unit, method FROM figure WHERE day >= ? AND instr(id, '{COUNTED}') != 1
ORDER BY id, day"""
_PAST = """SELECT id, day, value, unit, numerator, denominator, unknown FROM figure WHERE day BETWEEN ? AND ?
ORDER BY id, day"""
_WERE = """SELECT id, site, state, gravity, what, first_seen, last_seen, cleared_at FROM finding
WHERE julianday(first_seen) < julianday(?) AND (cleared_at IS NULL OR julianday(cleared_at) >= julianday(?))
ORDER BY first_seen, id"""


# A bare column beside max() is that of the row of the greatest (SQLite, "Bare columns in an aggregate query").
_MONTHS = """SELECT id, substr(day, 1, 7) AS month, value, unit, method, max(day) FROM figure GROUP BY id, month
UNION ALL SELECT 'wrong', substr(day, 1, 7) AS month, wrong, '', 'measured', max(day) FROM day GROUP BY month"""


def now() -> datetime:
    """Give the moment by the clock of this machine: no other day makes history."""
    return datetime.now(UTC)


def _day(moment: datetime) -> str:
    """Give the day of a moment in the town: that of its months."""
    return moment.astimezone(TOWN).date().isoformat()


class Day(NamedTuple):
    """The number of findings of a day in each state."""

    day: str
    wrong: int
    unknown: int
    ok: int


class Past(NamedTuple):
    """A figure as it was noted on a day; `unknown` counts what it could not judge."""

    day: str
    value: float | None
    unit: str
    numerator: float | None
    denominator: float | None
    unknown: int


class Was(NamedTuple):
    """A finding as it was, from `first` to `last`, the moments at which it was seen so.

    `over` is its end, None while it lasts.
    """

    id: str
    site: str
    state: str
    gravity: str
    what: str
    first: str
    last: str
    over: str | None


class Month(NamedTuple):
    """The last value of a figure that was noted in a month; an unknown value is None."""

    month: str
    value: float | None
    unit: str
    method: str


class Trend(NamedTuple):
    """The last value of a figure, and that of a month before, else the first since.

    An unknown value is None.
    """

    id: str
    unit: str
    day: str
    value: float | None
    since: str
    before: float | None

    @property
    def moved(self) -> bool:
        return self.value != self.before


def dated(environment: str, findings: Iterable[Finding]) -> list[Finding]:
    """Give findings with the moment since when they are so, where it is known."""
    since: Mapping[tuple[str, str], str] = {}
    if place(environment).exists():
        # A store that cannot be read says since when of nothing; the findings of its subjects say why.
        with suppress(UnreadableReading, MisplacedStore, NotWritten), opened(environment) as base:
            since = {(id_, state): first for id_, state, first in base.execute(_OPEN)}
    return [replace(finding, since=since.get((finding.id, finding.state), "")) for finding in findings]


def note(environment: str, findings: Iterable[Finding], figures: Iterable[Figure] = ()) -> None:
    """Note the findings and figures of now: what is new begins, what is no longer so is over.

    What is unknown or asleep now ends no fault: only a reading does. A finding that is not there ends nothing of the
    same subject where that subject is unknown.

    Findings of persons are not noted. Raises `UnreadableReading`, `NotWritten`.
    """
    moment = now()
    every = {finding.id: finding for finding in findings if finding.id.partition(".")[0] not in _PERSONAL}
    at, day = moment.isoformat(timespec="seconds"), _day(moment)
    silent = tuple(f"{finding.id}." for finding in every.values() if finding.state == "unknown")
    with opened(environment) as base, transaction(base):
        asleep = {id_ for finding in every.values() for id_ in finding.asleep}
        known = set(base.execute("SELECT id, state FROM finding WHERE cleared_at IS NULL"))
        for id_, state in known:
            present = every.get(id_)
            over = present is None and id_ not in asleep and not id_.startswith(silent)
            if over or (present and present.state not in ("unknown", state)):
                base.execute(_CLEAR, (at, id_, state))
        for finding in every.values():
            if finding.state == "ok":
                continue
            what = finding.what[:LONGEST].encode("utf-8", "replace").decode()
            if (finding.id, finding.state) in known:
                base.execute(_SEEN, (at, finding.gravity, what, finding.id, finding.state))
            else:
                base.execute(_ADD, (finding.id, finding.site, finding.state, finding.gravity, what, at, at))
        count = Counter(finding.state for finding in every.values())
        base.execute("REPLACE INTO day VALUES (?, ?, ?, ?)", (day, count["wrong"], count["unknown"], count["ok"]))
        _note_figures(base, [*figures, *_by_subject(every.values())], day)
        oldest = moment - timedelta(days=KEPT_DAYS)
        base.execute("DELETE FROM finding WHERE cleared_at < ?", (oldest.isoformat(timespec="seconds"),))
        base.execute("DELETE FROM day WHERE day < ?", (_day(oldest),))
        base.execute("DELETE FROM figure WHERE day < ?", (_day(oldest),))


def _by_subject(every: Iterable[Finding]) -> Iterator[Figure]:
    """Count what is wrong of each subject; where all of it is unknown, so is the count."""
    states: dict[str, Counter[str]] = {}
    for finding in every:
        states.setdefault(finding.id.partition(".")[0], Counter())[finding.state] += 1
    for name, count in states.items():
        known = count["wrong"] + count["ok"]
        value = count["wrong"] if known else None
        yield Figure(f"{COUNTED}{name}", value, "", value, sum(count.values()), count["unknown"])


def note_figures(environment: str, figures: Iterable[Figure]) -> None:
    """Note figures of today that no reading gives. Raises `UnreadableReading`, `NotWritten`."""
    with opened(environment) as base, transaction(base):
        _note_figures(base, figures, _day(now()))


def _note_figures(base: Connection, figures: Iterable[Figure], today: str) -> None:
    """Note figures of their day; the last of a day stays, and none of the future."""
    for made in figures:
        day, counts = made.day or today, (made.numerator, made.denominator, made.unknown)
        if day <= today:
            base.execute(_FIGURE_READ, (made.id, day))
            base.execute(_ADD_FIGURE, (made.id, day, made.value, made.unit, *counts, made.method))


def trends(environment: str) -> dict[str, Trend]:
    """Compare each figure with itself a month before; values of two methods are not compared."""
    if not place(environment).exists():
        return {}
    rows: list[tuple[str, str, float | None, str, str]] = []
    with suppress(UnreadableReading, MisplacedStore, NotWritten), opened(environment) as base:
        rows = base.execute(_FIGURES, (_day(now() - timedelta(days=3 * TREND_DAYS)),)).fetchall()
    made = {}
    for id_, group in groupby(rows, key=lambda row: row[0]):
        every = [*group]
        _, day, value, *_ = every[-1]
        *_, unit, method = ([row for row in every if row[2] is not None] or every)[-1]
        alike = [(known, before) for _, known, before, *same in every if same == [unit, method]]
        month = (date.fromisoformat(day) - timedelta(days=TREND_DAYS)).isoformat()
        since, before = next((row for row in reversed(alike) if row[0] <= month), alike[0])
        made[id_] = Trend(id_, unit, day, value, since, before)
    return made


def past(environment: str, first: str, last: str) -> dict[str, list[Past]]:
    """Give every figure between two days, both included, oldest first.

    Raises `UnreadableReading`.
    """
    made: dict[str, list[Past]] = {}
    if place(environment).exists():
        with opened(environment) as base:
            for id_, *row in base.execute(_PAST, (first, last)):
                made.setdefault(id_, []).append(Past(*row))
    return made


def were(environment: str, start: datetime, end: datetime) -> list[Was]:
    """Give what was wrong or unknown between two moments. Raises `UnreadableReading`."""
    if not place(environment).exists():
        return []
    with opened(environment) as base:
        between = (end.isoformat(timespec="seconds"), start.isoformat(timespec="seconds"))
        return [Was(*row) for row in base.execute(_WERE, between)]


def by_month(environment: str) -> dict[str, dict[str, Month]]:
    """Give the figures and the number of wrong findings, as each noted month ended."""
    made: dict[str, dict[str, Month]] = {}
    if place(environment).exists():
        with suppress(UnreadableReading, MisplacedStore, NotWritten), opened(environment) as base:
            for id_, month, value, unit, method, _ in base.execute(_MONTHS):
                made.setdefault(id_, {})[month] = Month(month, value, unit, method)
    return made


def days(environment: str) -> list[Day]:
    """Give the counts of each day that was noted, the oldest first."""
    if not place(environment).exists():
        return []
    with suppress(UnreadableReading, MisplacedStore, NotWritten), opened(environment) as base:
        return [Day(*row) for row in base.execute("SELECT day, wrong, unknown, ok FROM day ORDER BY day")]
    return []
