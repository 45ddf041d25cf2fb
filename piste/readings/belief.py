"""The belief in a reading: not from the future, not too old, else unknown with its reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from piste.engine.clock import in_town
from piste.engine.converge.errors import PisteError
from piste.engine.converge.moments import ahead
from piste.engine.converge.reading import FAULTS


class Unread(NamedTuple):
    """The reason why a thing was not read, and the moment of the attempt."""

    why: str
    read_at: datetime

    @property
    def said(self) -> str:
        """Say that a thing that was read before was asked in vain."""
        return f"relu en vain le {in_town(self.read_at)} : {self.why}"


class Reading[T](NamedTuple):
    """The value of a thing, and the moment at which it was read, with its zone.

    `silence` is the last attempt since then, which failed: it takes nothing from the value.
    """

    value: T
    read_at: datetime
    silence: Unread | None = None


class Doubted(NamedTuple):
    """The reason why a kept reading says nothing of now.

    `silence` is the last attempt since then, which failed; `read_at` is None where it makes no sense.
    """

    why: str
    read_at: datetime | None
    silence: Unread | None = None


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
    at, why = reading.read_at, ""
    if ahead(at, now):
        why = "dans l’avenir : une horloge n’est pas à l’heure"
    elif good_for is not None and now - at > good_for:
        why = "trop ancien pour le dire encore"
    if why:
        return doubted(f"lu le {in_town(at)}, {why}", at, reading.silence, again)
    return reading


def doubted(why: str, at: datetime | None, silence: Unread | None, again: str) -> Doubted:
    """Doubt a reading, with the reason of the last attempt since then."""
    said = f"{why} ; {silence.said}" if silence else why
    return Doubted(f"{said} ({again})", at, silence)


def left_out(at: datetime, now: datetime) -> str:
    """Give the reason why a reading is not taken: it is from the future, or older than the kept."""
    if ahead(at, now):
        return f"daté de l’avenir ({at.isoformat()}) : l’horloge de ce poste ou celle du système n’est pas à l’heure"
    return f"daté d’avant ({at.isoformat()}) : l’horloge du système retarde, ou un autre relevé vient de finir"


def silence_of(last: Last[Any]) -> Unread | None:
    """Give the last attempt, where it failed."""
    return last if isinstance(last, Unread) else last.silence


def tried_at(last: Last[Any]) -> datetime | None:
    """Give the moment of the last attempt, whether it read something or not."""
    silence = silence_of(last)
    return silence.read_at if silence else last.read_at


def value[T](last: Last[T]) -> T:
    """Give the value of a reading. Raises `UnreadableReading` where nothing may be said."""
    if not isinstance(last, Reading):
        raise UnreadableReading(last.why)
    known: T = last.value
    return known
