"""The readings that are due: never tried, or tried too long ago."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from piste.engine.clock import TOWN
from piste.engine.converge.moments import ahead
from piste.readings import store
from piste.readings.belief import FAILED, silence_of, tried_at
from piste.readings.subject import named
from piste.readings.table import SUBJECTS, Reader
from piste.town.model.dates import now
from piste.town.model.derived import Derived

EVENING, MORNING = 21, 5
"""The hours, of the town, from which and until which what asks much of a system is read."""
AGAIN = 24
"""Hours after which what did not answer is asked again, where its reader is not due before."""


def due(reader: Reader, town: Derived, environment: str) -> bool:
    """Tell whether a reader is due."""
    moment = now()
    if reader.at_night and MORNING <= moment.astimezone(TOWN).hour < EVENING:
        return False
    try:
        if reader.own:
            return bool(own_due(reader, town, environment))
        return _old(reader, _tried(reader, environment).values(), moment)
    except FAILED:  # what is kept cannot be read: it is read anew
        return True


def own_due(reader: Reader, town: Derived, environment: str) -> list[str]:
    """List the things of a reader that are due. Raises `UnreadableReading`."""
    moment, tried = now(), _tried(reader, environment)
    return [
        thing for thing in named(reader.own)(town) if _old(reader, [tried[thing]] if thing in tried else [], moment)
    ]


def _tried(reader: Reader, environment: str) -> dict[str, tuple[datetime, bool]]:
    """Give the last attempt of each thing, and whether it failed; the future says nothing."""
    every = [entry for name in reader.subjects for entry in store.last(SUBJECTS[name], environment).items()]
    moment = now()
    return {
        thing: (at, silence_of(last) is not None)
        for thing, last in every if (at := tried_at(last)) and not ahead(at, moment)
    }  # fmt: skip


def _old(reader: Reader, tried: Iterable[tuple[datetime, bool]], moment: datetime) -> bool:
    """Tell whether the newest attempt is too old.

    A timer of every hour comes a few minutes early: a tenth less, or each second passage would find nothing due.
    """
    newest, failed = max(tried, default=(None, False))
    hours = min(reader.hours, AGAIN) if failed else reader.hours
    return newest is None or moment - newest >= 0.9 * timedelta(hours=hours)
