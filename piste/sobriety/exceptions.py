"""The sites that an exception of sobriety, or a crowd, concerns on a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from piste.town.model import Town

KEPT_UP = timedelta(days=7)
"""Time after its end in which a site is brought back: a machine may have slept meanwhile."""


def concerned(town: Town, today: date) -> list[str]:
    """List the sites to spare or to set for a crowd today, and those to bring back."""
    spared = [(site, item.start, item.until) for site, items in town.sobriety.exceptions.items() for item in items]
    crowded = [(name, item["start"], item["until"]) for name, site in town.sites.items() for item in site["crowds"]]
    return sorted({
        site
        for site, start, until in (*spared, *crowded)
        if date.fromisoformat(start) <= today <= date.fromisoformat(until) + KEPT_UP
    })
