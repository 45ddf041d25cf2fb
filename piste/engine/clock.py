"""The clock of the town: every moment that people read is written in its time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

TOWN = ZoneInfo("Europe/Paris")
DAY = "%d/%m/%Y"
MOMENT = "%d/%m/%Y à %H:%M"


def in_town(moment: datetime | str, form: str = MOMENT) -> str:
    """Write a moment in the time of the town; a text that is no moment stays as it is.

    A moment without a zone is in UTC, as every moment that Piste keeps.
    """
    try:
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return f"{(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(TOWN):{form}}"
    except (ValueError, OverflowError):
        return str(moment)
