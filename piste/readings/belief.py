"""The belief in a reading: not from the future, not too old, else unknown with its reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from piste.engine.clock import in_town
from piste.engine.converge.errors import PisteError
from piste.engine.converge.moments import ahead
from piste.engine.converge.reading import FAULTS


class Reading[T](NamedTuple):
    """The value of a thing, and the moment at which it was read, with its zone."""

    value: T
    read_at: datetime


class Unread(NamedTuple):
    """The reason why a thing was not read, and the moment of the attempt."""

    why: str
    read_at: datetime


class Doubted(NamedTuple):
    """The reason why a kept reading says nothing of now.

    `read_at` is None where it makes no sense.
    """

    why: str
    read_at: datetime | None


class UnreadableReading(PisteError):
    """A kept reading is not what was written there, or others may write it."""

    code = "PISTE-E163"


FAILED = (PisteError, OSError, *FAULTS)
"""Errors of a reading, of its store or of its judge: what they concern is unknown, and nothing else is."""

type Tried[T] = Reading[T] | Unread
"""The outcome of an attempt to read a thing."""
type Last[T] = Reading[T] | Unread | Doubted
"""What may be said of a thing now: only a `Reading` says anything."""


def believed[T](reading: Reading[T], good_for: timedelta | None, now: datetime, again: str) -> Reading[T] | Doubted:
    """Give a reading, or why it says nothing of now.

    `good_for` is the age that it may have, None for what does not grow old; `again` is the command that reads anew.
    """
    at = reading.read_at
    if ahead(at, now):
        return Doubted(f"lu le {in_town(at)}, dans l’avenir : une horloge n’est pas à l’heure ({again})", at)
    if good_for is not None and now - at > good_for:
        return Doubted(f"lu le {in_town(at)}, trop ancien pour le dire encore ({again})", at)
    return reading


def value[T](last: Last[T]) -> T:
    """Give the value of a reading. Raises `UnreadableReading` where nothing may be said."""
    if not isinstance(last, Reading):
        raise UnreadableReading(last.why)
    known: T = last.value
    return known
