"""The last readings of certificates, kept by environment beside the records of runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from piste.certificates.facts import Facts
from piste.certificates.judgment import NEVER, Judged, judge
from piste.converge.errors import PisteError
from piste.converge.private import private_folder, write_private
from piste.model.certificates import Tickets, TownCertificates
from piste.model.dates import now
from piste.repository import ROOT

FILE = "readings.json"


class Readings(TypedDict):
    """Readings by certificate, and the reasons of those that failed.

    `read_at` is empty before any reading.
    """

    read_at: str
    facts: dict[str, Facts]
    unread: dict[str, str]
    tickets: NotRequired[Tickets]


class UnreadableReadings(PisteError):
    """The file of the last readings is not what was written there."""

    code = "PISTE-E120"


def file(environment: str) -> Path:
    """Locate the readings of an environment."""
    given = os.environ.get("PISTE_CERTIFICATES_DIR")
    return (Path(given) if given else ROOT / ".piste" / "certificates") / environment / FILE


def together(parts: Iterable[Mapping[str, Any] | None]) -> Readings:
    """Put the results of several modules together."""
    made = Readings(read_at="", facts={}, unread={})
    for part in parts:
        if part:
            made["read_at"] = max(made["read_at"], part["read_at"])
            made["facts"] |= part["facts"]
            made["unread"] |= part["unread"]
            if "tickets" in part:
                made["tickets"] = part["tickets"]
    return made


def parsed(content: bytes, where: str) -> Readings:
    """Parse readings. Raises `UnreadableReadings`."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Readings).validate_json(content)
    except ValidationError as error:
        raise UnreadableReadings(
            "la dernière lecture des certificats est illisible",
            where=where,
            why=str(error.errors(include_url=False)[0]["msg"]),
            todo="Refaites-la : piste certificates scan.",
        ) from error


def last(environment: str) -> Readings:
    """Return the last readings, empty where there are none. Raises `UnreadableReadings`."""
    path = file(environment)
    if not path.is_file():
        return together(())
    return parsed(path.read_bytes(), str(path))


def keep(environment: str, content: bytes) -> Path:
    """Replace the last readings whole, for their owner alone."""
    path = file(environment)
    private_folder(path.parent)
    write_private(path, content)
    return path


def with_tickets(town: TownCertificates, readings: Readings) -> TownCertificates:
    """Add to the declared certificates the tickets that were read with the certificates."""
    return {**town, "tickets": readings["tickets"]} if "tickets" in readings else town


def judged(town: TownCertificates, readings: Readings) -> list[Judged]:
    """Judge every declared certificate by the last readings, at this moment."""
    moment = now()
    town = with_tickets(town, readings)
    return [
        judge(
            entry, readings["facts"].get(entry["name"]), town, moment,
            readings["unread"].get(entry["name"], NEVER),
        )
        for entry in town["certificates"]
    ]  # fmt: skip
