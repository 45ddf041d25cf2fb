"""The reading of links over a month: the variables of its order, and what came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from piste.engine.clock import TOWN
from piste.readings.links import kept
from piste.readings.links.declared import town_links
from piste.readings.links.period import bounds
from piste.readings.table import Answer
from piste.town.model.dates import today
from piste.town.model.derived import Derived


def variables(town: Derived, environment: str, month: str = "") -> dict[str, Any]:
    """Give the variables of the reading of a month, by default that of yesterday.

    Raises `Misused`.
    """
    month = month or f"{today() - timedelta(days=1):%Y-%m}"
    measured, traffic = bounds(month, TOWN), bounds(month)
    return {
        "month": month,
        "link_ports": sorted({link["port"] for link in town_links(town) if link["port"]}),
        "measured_from": measured.start,
        "measured_to": measured.end,
        "traffic_from": traffic.start,
        "traffic_to": traffic.end,
    }


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Add what both systems gave to what was known of the month; tell whether it is new."""
    before, parts = kept.last(environment, answer.asked["month"]), answer.content or {}
    readings = kept.added(before, parts.get("measures"), parts.get("traffic"))
    if readings != before:
        kept.keep(environment, readings)
    return readings != before
