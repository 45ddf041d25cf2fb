"""Today's date; `PISTE_TODAY` replaces it, to preview a plan or to rehearse months on a lab."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time

from piste.engine.clock import TOWN
from piste.engine.converge.errors import Misused

OTHER_DAY = "PISTE_TODAY"
"""A variable of the process; with it, only the lab may be written (`runs.plans.conditions`)."""


def today() -> date:
    """Give the day in the town, or the day of `PISTE_TODAY` where it is set. Raises Misused."""
    given = os.environ.get(OTHER_DAY)
    if not given:
        return datetime.now(TOWN).date()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Misused(
            f"{OTHER_DAY} vaut « {given} », qui n’est pas un jour",
            todo=f"Donnez un jour comme 2026-11-11, ou retirez la variable : unset {OTHER_DAY}.",
        ) from None


def now() -> datetime:
    """Give this moment in UTC, or noon of the day of `PISTE_TODAY`, to rehearse what ends later."""
    return datetime.combine(today(), time(12), UTC) if os.environ.get(OTHER_DAY) else datetime.now(UTC)
