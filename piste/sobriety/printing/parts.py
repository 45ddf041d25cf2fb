"""F6 and F7 by site, service and queue, from the same rows as the figures of the town."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from piste.sobriety.breakdown import By, Share
from piste.sobriety.counting import Known
from piste.sobriety.figures_printing import counted_rows, knows_sides, last_month, months, pairs, targeted
from piste.sobriety.printing.printed import Printed
from piste.sobriety.printing.quotas import service_of
from piste.sobriety.printing.sources import services

UNSPLIT = "non réparti"
"""Pages of a site that no source gives by queue or by service."""


def printing_breakdowns(known: Known) -> Iterator[Share]:
    of_queue = services(known.town)
    parts: tuple[tuple[By, Callable[[Printed], str]], ...] = (
        ("site", lambda row: row.site),
        ("service", lambda row: service_of(row, of_queue) or UNSPLIT),
        ("queue", lambda row: row.queue or UNSPLIT),
    )
    for by, part in parts:
        yield from _pages(known, by, part)
    for by, part in parts:
        yield from _jobs(known, by, part)


def _pages(known: Known, by: By, part: Callable[[Printed], str]) -> Iterator[Share]:
    """Compare the pages of each part; for a site, `unknown` counts its months without a pair."""
    compared = pairs(known)
    now: dict[str, int] = defaultdict(int)
    before: dict[str, int] = defaultdict(int)
    for rows, then in compared.values():
        for side, total in ((rows, now), (then, before)):
            for row in side:
                total[part(row)] += row.pages
    names = set(targeted(known)) if by == "site" else now.keys() | before.keys()
    window = months(known.today)
    for name in sorted(names):
        known_before = before.get(name)
        value = 100 * (now.get(name, 0) / known_before - 1) if known_before else None
        unknown = sum((name, month) not in compared for month in window) if by == "site" else 0
        seen = name in now or name in before
        yield Share("F6", by, name, now.get(name, 0) if seen else None, known_before, value, unknown)


def _jobs(known: Known, by: By, part: Callable[[Printed], str]) -> Iterator[Share]:
    """Compute the share of sober jobs of each part in the last month; `unknown` counts jobs."""
    rows = counted_rows(known, knows_sides)
    month = last_month(known, rows)
    if month is None:
        return
    parts: dict[str, list[Printed]] = defaultdict(list)
    for site in targeted(known):
        if by == "site":
            parts[site] = []
        for row in rows.get((site, month), ()):
            parts[part(row)].append(row)
    for name, some in sorted(parts.items()):
        read = [row for row in some if knows_sides(row)]
        jobs = sum(row.jobs or 0 for row in some)
        sober = sum(row.duplex_mono_jobs or 0 for row in read)
        unknown = jobs - sum(row.jobs or 0 for row in read)
        value = 100 * sober / jobs if jobs and any(row.jobs for row in read) else None
        yield Share("F7", by, name, sober if read else None, jobs if some else None, value, unknown)
