"""Tickets of the service desk, counted by month: volumes, delays, satisfaction.

Source of the need: CCTP 4.3.2, 5.6, 8.3.

Neither content nor person is kept. Delays are those that GLPI computes, in hours (`take_into_account_duration`,
`resolution_duration`). The High-Level API has no satisfaction: where the town allows the legacy API it is read there,
else it is unknown, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from statistics import mean, median
from typing import Any

from piste.engine import cells
from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.module import Module
from piste.engine.converge.reading import mapped, number, optional, reading, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.transport.subjects import subject
from piste.systems.glpi.client import Document, Glpi
from piste.systems.glpi.connection import GLPI_SYSTEM
from piste.systems.glpi.legacy import Legacy

INCIDENT, REQUEST = 1, 2
"""Types of a ticket. Source: `Ticket::INCIDENT_TYPE`, `DEMAND_TYPE`."""
COLUMNS = (
    "month", "opened", "incidents", "requests", "solved", "open_at_end", "first_answer_hours_median",
    "resolution_hours_median", "resolution_hours_mean", "satisfaction_mean", "satisfaction_answers",
)  # fmt: skip
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def months(first: str, last: str) -> list[str]:
    """List the months from the first to the last. Raises `InvalidConfig`."""
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last) and first <= last):
        raise InvalidConfig([Fault("first, last", "des mois de la forme 2026-10, dans l’ordre")])
    month, every = first, [first]
    while month < last:
        year, rank = int(month[:4]), int(month[5:])
        month = f"{year + rank // 12:04d}-{rank % 12 + 1:02d}"
        every.append(month)
    return every


def count(
    tickets: Iterable[Document], asked: Iterable[str], answers: Iterable[Document] | None
) -> list[dict[str, Any]]:
    """Count the tickets of each month.

    `answers` are those about satisfaction, None where they are unknown.
    """
    every = [_dates(ticket) for ticket in tickets if not ticket.get("is_deleted")]
    given = None if answers is None else [answer for answer in answers if answer.get("date_answered")]
    return [_of_month(month, every, given) for month in asked]


def _dates(ticket: Document) -> dict[str, Any]:
    return {
        "day": (optional(text, ticket.get("date")) or "")[:10],
        "opened": (optional(text, ticket.get("date")) or "")[:7],
        "solved": (optional(text, ticket.get("date_solve")) or "")[:7],
        "type": number(ticket.get("type")),
        "category": mapped(ticket.get("category")).get("name"),
        "answer": optional(number, ticket.get("take_into_account_duration")),
        "resolution": optional(number, ticket.get("resolution_duration")),
    }


def _of_month(month: str, tickets: list[dict[str, Any]], answers: list[Document] | None) -> dict[str, Any]:
    opened = [ticket for ticket in tickets if ticket["opened"] == month]
    solved = [ticket for ticket in tickets if ticket["solved"] == month]
    marks = None
    if answers is not None:
        here = [answer for answer in answers if text(answer["date_answered"])[:7] == month]
        marks = [number(answer["satisfaction"]) for answer in here if answer.get("satisfaction") is not None]
    return {
        "month": month,
        "opened": len(opened),
        "incidents": sum(ticket["type"] == INCIDENT for ticket in opened),
        "requests": sum(ticket["type"] == REQUEST for ticket in opened),
        "solved": len(solved),
        "open_at_end": sum(_open(ticket, month) for ticket in tickets),
        "first_answer_hours_median": _hours(median, [ticket["answer"] for ticket in opened]),
        "resolution_hours_median": _hours(median, [ticket["resolution"] for ticket in solved]),
        "resolution_hours_mean": _hours(mean, [ticket["resolution"] for ticket in solved]),
        "satisfaction_mean": round(mean(marks), 2) if marks else None,
        "satisfaction_answers": None if marks is None else len(marks),
        "categories": _shares(ticket["category"] for ticket in opened),
        "exchanges": _exchanges(month, [ticket for ticket in tickets if ticket["opened"] <= month]),
    }


def _open(ticket: Mapping[str, Any], month: str) -> bool:
    """Tell whether a ticket is open at the end of a month."""
    return ticket["opened"] <= month and not (ticket["solved"] and ticket["solved"] <= month)


def _exchanges(month: str, tickets: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Count by category: opened in the month, open at its end, the last day so far."""
    made: dict[str, dict[str, Any]] = {}
    for ticket in tickets:
        if ticket["category"] and ticket["day"]:
            counts = made.setdefault(ticket["category"], {"opened": 0, "open_at_end": 0, "last": ""})
            counts["opened"] += ticket["opened"] == month
            counts["open_at_end"] += _open(ticket, month)
            counts["last"] = max(counts["last"], ticket["day"])
    return made


def _hours(of: Callable[[list[int]], float], seconds: list[int | None]) -> float | None:
    """A delay in hours; None where no ticket has it. GLPI writes 0 for what has not come yet."""
    given = [value for value in seconds if value]
    return round(of(given) / 3600, 1) if given else None


def _shares(categories: Iterable[str | None]) -> dict[str, int]:
    shares: dict[str, int] = {}
    for name in categories:
        shares[name or "sans catégorie"] = shares.get(name or "sans catégorie", 0) + 1
    return dict(sorted(shares.items(), key=lambda share: (-share[1], share[0])))


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """The months as a table for spreadsheets; unknown is an empty cell."""
    return cells.as_csv([COLUMNS, *([row[name] for name in COLUMNS] for row in rows)])


def _counted(glpi: Glpi, params: Params) -> dict[str, Any]:
    asked = months(params["first"], params["last"] or params["first"])
    with reading(f"{glpi.host} Ticket"):
        tickets = glpi.all("Ticket")
        answers = Legacy(glpi).all("TicketSatisfaction") if params["legacy"] else None
        rows = count(tickets, asked, answers)
    return {"months": rows, "csv": as_csv(rows), "unread": [] if params["legacy"] else ["satisfaction"]}


MODULES: Mapping[str, Module] = subject(
    "glpi_tickets",
    GLPI_SYSTEM,
    _counted,
    Field("first", "First month, C(2026-10).", required=True),
    Field("last", "Last month; the first where not given."),
    Field("legacy", "Whether the town allows the legacy API, which has the satisfaction.", type="bool", default=False),
)
