"""The accounting of the town: a month of a site is counted by a single source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from piste.sobriety.counting import Known
from piste.sobriety.printing.log import PrintLog
from piste.sobriety.printing.printed import TABLE, Printed
from piste.town.model import Town
from piste.town.model.print_accounting import LOG

LOG_SOURCE = "journal du serveur d’impression"
Rows = Sequence[Printed]


@dataclass(frozen=True, slots=True)
class Accounts:
    """The rows by site and month, then by source; in `priority`, the first source wins.

    `counters` are the sources in which a queue that is absent is unknown, not silent.
    """

    rows: Mapping[tuple[str, str], Mapping[str, Rows]] = field(default_factory=dict)
    priority: Sequence[str] = (TABLE, LOG)
    counters: frozenset[str] = frozenset()

    def chosen(self, site: str, month: str, knows: Callable[[Printed], bool] = lambda row: True) -> Rows:
        """Give the rows of the first source that knows what is asked; else of the first."""
        known = self.rows.get((site, month), {})
        sources = [origin for origin in self.priority if known.get(origin)]
        best = next((origin for origin in sources if all(knows(row) for row in known[origin])), None)
        return known[best or sources[0]] if sources else ()

    def pair(self, site: str, month: str, before: str) -> tuple[Rows, Rows] | None:
        """Give the rows of two months by the first source of both, of the same devices."""
        now, then = self.rows.get((site, month), {}), self.rows.get((site, before), {})
        for origin in self.priority:
            first, second = now.get(origin, ()), then.get(origin, ())
            if origin in self.counters:
                both = {row.queue for row in first} & {row.queue for row in second}
                first, second = ([row for row in rows if row.queue in both] for rows in (first, second))
            if first and second:
                return first, second
        return None

    def aside(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield site, month, the source that counts, and each that is set aside."""
        for (site, month), known in sorted(self.rows.items()):
            first, *others = [origin for origin in self.priority if known.get(origin)]
            yield from ((site, month, first, other) for other in others)


def accounts(known: Known) -> Accounts:
    """Gather the sources of the town."""
    declared = known.town.commune["print_accounting"] if known.town.commune else None
    log = known.readings.accounting
    every: Iterable[Printed] = chain(
        known.imports.printing or (), known.imports.exported.printed, of_log(known.town, log) if log else ()
    )
    rows: dict[tuple[str, str], dict[str, list[Printed]]] = defaultdict(lambda: defaultdict(list))
    for row in every:
        rows[row.site, row.month][row.origin].append(row)
    if declared is None:
        return Accounts(rows)
    counters = frozenset(name for name, export in declared["exports"].items() if export["counts"] == "counters")
    return Accounts(rows, declared["priority"], counters)


def services(town: Town) -> dict[str, str]:
    """Give the service of each queue: the one that its device is assigned to."""
    return {
        asset["name"]: asset["assigned_to"]
        for site in town.sites.values()
        for asset in site["assets"]
        if asset["kind"] == "printer" and asset["assigned_to"]
    }


def queues(town: Town) -> dict[str, str]:
    """Give the site of each declared queue."""
    return {
        queue["name"]: name
        for name, site in town.sites.items()
        for queue in (site["printing"] or {"queues": []})["queues"]
    }


def of_log(town: Town, log: PrintLog) -> Iterator[Printed]:
    """Yield the rows of whole months; a queue without a job printed nothing then.

    The log has no sides and no paper: pages count as A4, and colour by its jobs.
    """
    declared = queues(town)
    counted = {(month.month, month.queue.casefold()): month for month in log.months}
    for name in sorted({month.month for month in log.months}):
        if not log.whole(name):
            continue
        for queue, site in declared.items():
            month = counted.get((name, queue.casefold()))
            jobs, mono, color = (month.jobs, month.mono, month.color) if month else (0, 0, 0)
            yield Printed(
                month=name, site=site, queue=queue, service=None, jobs=jobs,
                duplex_jobs=None if jobs else 0, mono_jobs=mono if mono + color == jobs else None,
                duplex_mono_jobs=None if jobs else 0, pages_a4=month.pages if month else 0, pages_a3=0,
                color_pages=None if jobs else 0, source=LOG_SOURCE, origin=LOG,
            )  # fmt: skip
