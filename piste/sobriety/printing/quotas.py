"""Quotas of services: pages so far, the projected end of the period. Nothing is cut."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from piste.sobriety.counting import Known
from piste.sobriety.figures_printing import months
from piste.sobriety.printing.printed import Printed
from piste.sobriety.printing.sources import Accounts, accounts, queues, services

State = Literal["ok", "alert", "over", "unknown"]
YEAR = 12
QUOTA_WORDS = {"ok": "dans le quota", "alert": "dépassement prévu", "over": "dépassé", "unknown": "inconnu"}


@dataclass(frozen=True, slots=True)
class Consumption:
    """The pages of a service in a period, against its quota.

    `counted` of the `months` of the period are known, `pages` are theirs; `projected` is the end of the period, None
    where something is not known. `partial`: the month under way is among them.
    """

    service: str
    quota: int
    every: Literal["month", "year"]
    period: str
    pages: int
    counted: int
    months: int
    projected: int | None
    partial: bool
    state: State


def consumptions(known: Known) -> list[Consumption]:
    """Compare the pages of services with their quota; an uncounted month is unknown."""
    declared = known.town.commune["print_accounting"] if known.town.commune else None
    if declared is None:
        return []
    every, of_queue = accounts(known), services(known.town)
    return [
        _year(known, every, of_queue, service, quota)
        if quota["every"] == "year"
        else _month(known, every, of_queue, service, quota)
        for service, quota in declared["quotas"].items()
    ]


def pages_of(
    every: Accounts, of_queue: Mapping[str, str], sites: Sequence[str], service: str, month: str
) -> int | None:
    """Add the pages of a service in a month; None where a site of its printers has no detail."""
    total = 0
    for site in sites:
        rows = every.chosen(site, month, lambda row: bool(row.queue or row.service))
        if not rows or not all(row.queue or row.service for row in rows):
            return None
        total += sum(row.pages for row in rows if service_of(row, of_queue) == service)
    return total


def service_of(row: Printed, of_queue: Mapping[str, str]) -> str | None:
    """Give the service of a row: its own, else that of its device; None where unknown."""
    return row.service or of_queue.get(row.queue or "")


def sites_of(known: Known, of_queue: Mapping[str, str], service: str) -> list[str]:
    """List the sites where a service has printers."""
    return sorted({site for queue, site in queues(known.town).items() if of_queue.get(queue) == service})


def _month(
    known: Known, every: Accounts, of_queue: Mapping[str, str], service: str, quota: Mapping[str, int]
) -> Consumption:
    """Compare the month under way by the log of the server; without it, the last whole month."""
    under_way = _under_way(known, of_queue, service)
    if under_way is not None:
        pages, projected = under_way
        return _judged(service, quota, "month", known.day[:7], pages, (1, 1), projected, partial=True)
    last = months(known.today)[-1]
    pages_then = pages_of(every, of_queue, sites_of(known, of_queue, service), service, last)
    counted = 0 if pages_then is None else 1
    return _judged(service, quota, "month", last, pages_then or 0, (counted, 1), pages_then, partial=False)


def _under_way(known: Known, of_queue: Mapping[str, str], service: str) -> tuple[int, int] | None:
    """Give the pages of the month under way and its projected end, by the server's log."""
    log, first = known.readings.accounting, known.today.replace(day=1)
    if log is None or log.through is None or log.through[:7] != known.day[:7]:
        return None
    whole_days = date.fromisoformat(log.through).day - 1
    if whole_days < 5 or not log.counted(first.isoformat(), first.replace(day=whole_days).isoformat()):
        return None
    mine = {queue.casefold() for queue in queues(known.town) if of_queue.get(queue) == service}
    pages = sum(month.pages for month in log.months if month.month == known.day[:7] and month.queue.casefold() in mine)
    days = monthrange(known.today.year, known.today.month)[1]
    return pages, round(pages * days / whole_days)


def _year(
    known: Known, every: Accounts, of_queue: Mapping[str, str], service: str, quota: Mapping[str, int]
) -> Consumption:
    """Compare the whole months of the civil year; the months to come are at their mean."""
    past = list(_past(known.today))
    sites = sites_of(known, of_queue, service)
    each = [pages_of(every, of_queue, sites, service, month) for month in past]
    read = [pages for pages in each if pages is not None]
    projected = round(sum(read) * YEAR / len(read)) if read and len(read) == len(past) else None
    counted = (len(read), len(past))
    return _judged(service, quota, "year", str(known.today.year), sum(read), counted, projected, partial=False)


def _past(today: date) -> Iterator[str]:
    for month in range(1, today.month):
        yield f"{today.year}-{month:02d}"


def _judged(
    service: str, quota: Mapping[str, int], every: Literal["month", "year"], period: str, pages: int,
    counted: tuple[int, int], projected: int | None, *, partial: bool,
) -> Consumption:  # fmt: skip
    state: State = "ok"
    if pages > quota["pages"]:
        state = "over"
    elif projected is None:
        state = "unknown"
    elif 100 * projected >= quota["alert_percent"] * quota["pages"]:
        state = "alert"
    return Consumption(service, quota["pages"], every, period, pages, *counted, projected, partial, state)
