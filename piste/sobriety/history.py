"""Figures in time: a file a day, of a single environment, sealed by its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import write_private
from piste.sobriety.breakdown import Listing, Share
from piste.sobriety.columns import DIALECT
from piste.sobriety.figure import Figure
from piste.sobriety.footprint import Footprint
from piste.sobriety.savings import Saving
from piste.town.model.forms import Moment
from piste.town.model.wording import first_fault

FORMAT: Literal[1] = 1


class BadReading(PisteError):
    """A file of readings is of another environment, was changed, or has another format."""

    code = "PISTE-E091"
    kind = "refused"


@dataclass(frozen=True, slots=True)
class Reading:
    """The figures of a moment (ISO 8601 with its zone), and the commit of the declaration.

    `breakdowns` and `lists` are empty in the files kept before there were any. `digest` seals all the rest; `keep`
    writes it.
    """

    environment: str
    moment: Moment
    commit: str
    figures: Sequence[Figure]
    footprint: Footprint
    savings: Sequence[Saving]
    breakdowns: Sequence[Share] = ()
    lists: Sequence[Listing] = ()
    format: Literal[1] = FORMAT
    digest: str = ""

    @property
    def day(self) -> str:
        return self.moment[:10]

    def figure(self, name: str) -> Figure | None:
        """Find the figure of an id; None if it was not computed then."""
        return next((figure for figure in self.figures if figure.id == name), None)


_FORM = TypeAdapter(Reading)


def keep(folder: Path, reading: Reading) -> Path:
    """Write a reading as `<folder>/<day>.json`; it replaces that of the same day.

    Lists by computer are left out: the nights of a computer may be those of a person, and readings are versioned.
    Raises BadReading if the folder has figures of another environment.
    """
    read_all(folder, reading.environment)
    date.fromisoformat(reading.day)
    lists = [listing for listing in reading.lists if all(column.key != "computer" for column in listing.columns)]
    plain = _FORM.dump_python(replace(reading, lists=lists), mode="json")
    sealed = {**plain, "digest": _digest(plain)}
    path = folder / f"{reading.day}.json"
    folder.mkdir(parents=True, exist_ok=True)
    write_private(path, (json.dumps(sealed, ensure_ascii=False, indent=1) + "\n").encode())
    return path


def read_all(folder: Path, environment: str) -> list[Reading]:
    """Read the readings of a folder, the oldest first. Raises BadReading."""
    return [_read(path, environment) for path in sorted(folder.glob("????-??-??.json"))]


def reference(readings: Sequence[Reading]) -> Reading | None:
    """Find the first diagnosis, the reference of later figures; None if there is none yet."""
    return min(readings, key=lambda reading: reading.moment, default=None)


def by_day(readings: Iterable[Reading]) -> list[Reading]:
    """Keep the last reading of each day, the oldest first."""
    return list({reading.day: reading for reading in sorted(readings, key=lambda reading: reading.moment)}.values())


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a file of readings."""
    return {"$schema": DIALECT, **_FORM.json_schema()}


def _read(path: Path, environment: str) -> Reading:
    try:
        reading = _FORM.validate_json(path.read_bytes())
    except ValidationError as fault:
        raise BadReading(
            "ce n’est pas un relevé de sobriété de ce format",
            where=str(path),
            why=first_fault(fault, Reading),
            todo="Remettez le fichier d’origine, ou retirez-le du dossier.",
        ) from None
    if reading.environment != environment:
        raise BadReading(
            f"le relevé est de l’environnement « {reading.environment} », et non « {environment} »",
            where=str(path),
            why="Les chiffres de deux environnements ne se comparent pas",
            todo="Donnez à chaque environnement son dossier de relevés.",
        )
    if reading.digest != _digest(json.loads(path.read_bytes())):
        raise BadReading(
            "le relevé a été modifié depuis qu’il a été gardé",
            where=str(path),
            why="Son empreinte n’est plus la sienne",
            todo="Remettez le fichier d’origine, ou retirez-le du dossier : un relevé ne se corrige pas.",
        )
    return reading


def _digest(plain: Mapping[str, Any]) -> str:
    content = {name: value for name, value in plain.items() if name != "digest"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
