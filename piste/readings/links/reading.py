"""The reading of links over a month: the variables of its order, and what came."""

from __future__ import annotations

from typing import Any

from piste.engine.clock import TOWN
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.links import kept
from piste.readings.links.declared import town_links
from piste.readings.links.period import bounds, month_before
from piste.readings.table import Answer
from piste.town.model.dates import today
from piste.town.model.derived import Derived


def variables(town: Derived, environment: str, month: str = "") -> dict[str, Any]:
    """Give the variables of the reading of a month.

    By default the month that is over, until both systems gave it after its end; then the month that runs. Raises
    `Misused`.
    """
    if not month:
        month = month_before(today())
        known = kept.known(environment).get(month)
        if isinstance(known, Reading) and not known.silence and known.read_at.timestamp() >= bounds(month, TOWN).end:
            month = f"{today():%Y-%m}"
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
    """Add to a month what both systems gave, or their silence; tell whether something is new."""
    month, parts = answer.asked["month"], answer.content or {}
    known = kept.known(environment).get(month)
    # What is kept and makes no sense is read anew.
    before = known.value if isinstance(known, Reading) else kept.nothing(month)
    readings = kept.added(before, parts.get("measures"), parts.get("traffic"))
    if readings != before:
        kept.keep(environment, readings)
    if town_links(town) and (answer.troubles or not answer.content):
        store.keep(kept.LINKS, environment, {month: store.unanswered(answer)})
    return readings != before or not town_links(town)
