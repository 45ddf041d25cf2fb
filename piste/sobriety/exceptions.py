"""The sites that an exception of sobriety concerns on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from piste.town.model.sobriety.form import SobrietyException

KEPT_UP = timedelta(days=7)
"""Time after its end in which a site is brought back: a machine may have slept meanwhile."""


def concerned(exceptions: Mapping[str, Sequence[SobrietyException]], today: date) -> list[str]:
    """List the sites to spare today, and those to bring back."""
    return sorted(
        site
        for site, listed in exceptions.items()
        if any(date.fromisoformat(item.start) <= today <= date.fromisoformat(item.until) + KEPT_UP for item in listed)
    )
