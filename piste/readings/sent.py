"""Readings that a machine sends to another.

One machine holds those of an environment, the others send theirs in a file of JSON. The file comes from elsewhere: each
reading is checked by the form of its subject, and the newer wins. Readings of persons do not travel, nor beliefs: what
was refuted here stays so.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationError

from piste.engine.converge.bounded import Unreadable, content, of_json
from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import write_private
from piste.readings import store
from piste.readings.belief import Last, Reading, Tried, Unread
from piste.readings.file import LARGEST
from piste.readings.subject import Subject, named
from piste.readings.table import SUBJECTS
from piste.town.model.forms import Record
from piste.town.model.wording import first_fault


class BadParcel(PisteError):
    """A file of readings is of another environment, or is none."""

    code = "PISTE-E166"
    kind = "refused"


class _Sent(Record):
    """A reading, or the reason why it was not made.

    `silent_at` and `silence` are those of an attempt since then that failed.
    """

    subject: Annotated[str, Field(max_length=64)]
    thing: Annotated[str, Field(max_length=store.LONGEST)]
    read_at: str
    value: Any = None
    why: str | None = None
    silent_at: str = ""
    silence: str = ""


class _Parcel(Record):
    format: Literal[1] = 1
    environment: str
    readings: list[_Sent]


class Received(NamedTuple):
    """The number of readings that were kept, and the names of those that were left out."""

    kept: int
    left: list[str]


def send(environment: str, path: Path) -> int:
    """Write all that this machine keeps to a private file, whatever its age; count it."""
    readings = [
        _Sent(subject=name, thing=thing, read_at=last.read_at.isoformat(), **_said(last))
        for name, subject in SUBJECTS.items()
        if _travels(subject)
        for thing, last in store.last(subject, environment).items()
        if isinstance(last, (Reading, Unread))
    ]
    parcel = _Parcel(format=1, environment=environment, readings=readings)
    write_private(path, json.dumps(parcel.model_dump(exclude_unset=True), ensure_ascii=False).encode())
    return len(readings)


def _travels(subject: Subject) -> bool:
    return subject.kept == "last" and not subject.personal and not subject.local


def _said(last: Reading[Any] | Unread) -> dict[str, Any]:
    if isinstance(last, Unread):
        return {"why": last.why}
    since = {"silent_at": last.silence.read_at.isoformat(), "silence": last.silence.why} if last.silence else {}
    return {"value": last.value, **since}


def receive(environment: str, path: Path) -> Received:
    """Keep the readings of a file that another machine sent.

    Raises `BadParcel`, `UnreadableReading`, `NotWritten`.
    """
    try:
        parcel = _Parcel.model_validate(of_json(content(path, LARGEST)))
        if parcel.environment != environment:
            raise ValueError(f"il est de l’environnement « {parcel.environment[:40]} », et non « {environment} »")
    except (OSError, Unreadable, ValidationError, ValueError) as error:
        raise BadParcel(
            "ces lectures d’une autre machine ne se reçoivent pas", where=str(path), why=first_fault(error, _Parcel),
            todo="Refaites le fichier sur l’autre machine : piste read --send FICHIER.",
        ) from error  # fmt: skip
    by_subject: dict[str, dict[str, Tried[Any]]] = {}
    left = []
    for sent in parcel.readings:
        subject = SUBJECTS.get(sent.subject)
        try:
            at = datetime.fromisoformat(sent.read_at)
            since = datetime.fromisoformat(sent.silent_at) if sent.silent_at else None
            zones = at.tzinfo and (since is None or since.tzinfo)
            if subject is None or not _travels(subject) or not zones:
                raise ValueError(sent.subject)
            value = subject.parsed(json.dumps(sent.value).encode()) if sent.why is None else None
        except ValueError:
            left.append(f"{sent.subject}/{sent.thing}")
            continue
        silence = Unread(sent.silence, since) if since else None
        outcome: Tried[Any] = Reading(value, at, silence) if sent.why is None else Unread(sent.why, at)
        by_subject.setdefault(sent.subject, {})[sent.thing] = outcome
    kept = 0
    for name, tried in by_subject.items():
        known = store.last(SUBJECTS[name], environment)
        every = {thing: _joined(SUBJECTS[name], known.get(thing), outcome) for thing, outcome in tried.items()}
        taken = {thing: outcome for thing, outcome in every.items() if outcome}
        late = store.keep(SUBJECTS[name], environment, taken, elsewhere=True)
        kept += len(taken) - len(late)
        left += [f"{name}/{thing}" for thing in every if thing in late or thing not in taken]
    return Received(kept, left)


def _joined(subject: Subject, known: Last[Any] | None, sent: Tried[Any]) -> Tried[Any] | None:
    """Join what was sent to what is kept, whichever is newer; None where what is kept stays."""
    if not isinstance(known, Reading):
        return sent
    if isinstance(sent, Unread):  # another machine that reached nothing says nothing against what was read here
        return None
    if not subject.joined:
        return sent
    value, newer = named(subject.joined)(known, sent), sent.read_at >= known.read_at
    if value is None or (value == known.value and not newer):
        return None
    return sent._replace(value=value, read_at=sent.read_at if newer else known.read_at)
