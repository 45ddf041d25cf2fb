"""The log of the print server, kept by month and queue; lost days are unknown, never zero.

Nothing kept names a person, a document or a computer: the server counts, and only counts leave it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from piste.engine.clock import TOWN
from piste.readings.belief import Reading
from piste.town.model.forms import Record

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Count = Annotated[int, Field(ge=0, le=2**40)]
_COUNTS = ("jobs", "pages", "copied", "mono", "color")


class Hole(Record):
    """Days whose jobs the log lost, both included."""

    since: Day
    until: Day
    why: str


class Month(Record):
    """The jobs of a queue in a month.

    `copied`, `mono` and `color` count the jobs whose copies or colour are known.
    A queue without a name stands for those that are neither declared nor shared.
    """

    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    queue: Annotated[str, Field(max_length=300)]
    jobs: Count
    pages: Count
    copied: Count
    mono: Count
    color: Count


class PrintLog(Record):
    """The accounting of a print server; days from `since` until `through` are counted.

    `last` and `last_at` are the last record of the log and its moment; `off`: the log was off at the last reading.
    `used` gives the last day with a job, by queue.
    """

    format: Literal[1] = 1
    server: str
    last: int = 0
    last_at: str | None = None
    since: Day | None = None
    through: Day | None = None
    off: bool = False
    holes: list[Hole] = Field(default_factory=list)
    months: list[Month] = Field(default_factory=list)
    used: dict[str, Day] = Field(default_factory=dict)

    def holes_of(self, first: str, until: str) -> list[Hole]:
        return [hole for hole in self.holes if hole.since <= until and hole.until >= first]

    def whole(self, month: str) -> bool:
        """True for a month whose every day was counted."""
        first = date.fromisoformat(f"{month}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return self.counted(first.isoformat(), last.isoformat())

    def counted(self, first: str, last: str) -> bool:
        """True where every day from one to another, both included, was counted."""
        if self.since is None or self.through is None:
            return False
        return self.since <= first and last < self.through and not self.holes_of(first, last)

    def jobs(self, month: str) -> int:
        return sum(line.jobs for line in self.months if line.month == month)


def fuller(before: Reading[PrintLog], other: Reading[PrintLog]) -> PrintLog | None:
    """Give the accounting of another machine where it has all that is kept, else None.

    Both count the jobs of one server: their sums are never added.
    """
    if other.read_at < before.read_at:
        return None
    kept, sent = before.value, other.value
    begun = kept.since is None or (sent.since is not None and sent.since <= kept.since)
    oldest = min((line.month for line in sent.months), default="")
    months = {line.month for line in kept.months if line.month >= oldest}
    if begun and all(sent.jobs(month) >= kept.jobs(month) for month in months):
        return sent if all(sent.whole(month) for month in months if kept.whole(month)) else None
    return None


def added(before: PrintLog | None, answer: Mapping[str, Any], keep_months: int) -> PrintLog:
    """Add what `win_print_accounting` read to what is kept."""
    read_on = _day(answer["read_at"])
    if before is not None and before.server != answer["server"]:
        before = before.model_copy(update={"last": 0, "last_at": None, "off": True})
    begun = _begun(answer, read_on)
    through = read_on if answer["complete"] else _day(answer["last_at"] or answer["read_at"])
    if before is not None and not answer["enabled"]:
        through = before.through or through  # nobody knows when it was turned off
    holes = list(before.holes) if before else []
    if before is not None and before.through and (why := _lost(before, answer)):
        first = min((line["day"] for line in answer["days"]), default=read_on)
        back = begun if answer["lost"] or not before.last else first
        holes.append(Hole(since=before.through, until=max(before.through, back or read_on), why=why))
    oldest = _ago(read_on, keep_months)
    months = _summed(before.months if before else (), answer["days"])
    used = dict(before.used) if before else {}
    for line in answer["days"]:
        used[line["queue"]] = max(used.get(line["queue"], ""), line["day"])
    return PrintLog(
        server=answer["server"],
        last=answer["last"],
        last_at=answer["last_at"] or (before.last_at if before else None),
        since=(before.since if before else None) or begun,
        through=through,
        off=not answer["enabled"],
        holes=[hole for hole in holes if hole.until >= oldest],
        months=[month for month in months if f"{month.month}-31" >= oldest],
        used={queue: day for queue, day in used.items() if day >= oldest},
    )


def _begun(answer: Mapping[str, Any], read_on: str) -> str | None:
    """Give the first day that the log has whole; None while it is off and empty.

    The day of its oldest record may have lost its morning.
    """
    if answer["oldest_at"]:
        return _next(_day(answer["oldest_at"]))
    return read_on if answer["enabled"] else None


def _lost(before: PrintLog, answer: Mapping[str, Any]) -> str:
    """Give the reason why jobs were lost since the last reading; empty where none was."""
    if before.off and answer["enabled"]:
        return "le journal était éteint"
    if not before.last:
        return "le journal était vide à la dernière lecture : rien ne dit qu’il n’a pas été vidé depuis"
    if answer["lost"]:
        return "le journal a été vidé, ou a fait le tour de sa place, depuis la dernière lecture"
    return ""


def _summed(months: Any, days: Any) -> list[Month]:
    totals: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    for month in months:
        for name in _COUNTS:
            totals[month.month, month.queue][name] += getattr(month, name)
    for line in days:
        for name in _COUNTS:
            totals[line["day"][:7], line["queue"]][name] += line[name]
    return [Month(month=month, queue=queue, **totals[month, queue]) for month, queue in sorted(totals)]


def _day(moment: str) -> str:
    """Give the day of a moment, by the clock of the town's servers."""
    return datetime.fromisoformat(moment).astimezone(TOWN).date().isoformat()


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _ago(day: str, months: int) -> str:
    at = datetime.fromisoformat(day)
    total = at.year * 12 + at.month - 1 - months
    return f"{total // 12}-{total % 12 + 1:02d}-01"


def holes_said(log: PrintLog) -> list[str]:
    return [f"du {hole.since} au {hole.until} : {hole.why}" for hole in log.holes]
