"""The plain report of a backup product: a CSV of copies, for a store that no program reads.

Columns, in any order: `set`, `taken_at`, `state`, and where known `size_bytes`, `id`, `immutable_until`. A moment is
ISO 8601 or `JJ/MM/AAAA HH:MM`; without an offset it is in the time of the town, and an hour that the change of time
makes twice, or never, is a fault. All faults are given at once, by line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from piste.engine import tables
from piste.engine.converge.errors import PisteError
from piste.engine.converge.moments import zoned
from piste.engine.tables import Column, Fault, Form
from piste.engine.words import agreed
from piste.readings.protection.copies import Copy, State, stamp

MOST = 200_000
"""Copies of a report."""
_STATES: Mapping[str, State] = {
    "complete": "complete", "complète": "complete", "success": "complete", "succès": "complete",
    "réussie": "complete", "ok": "complete",
    "failed": "failed", "échec": "failed", "échouée": "failed", "error": "failed", "erreur": "failed",
    "unknown": "unknown", "inconnu": "unknown", "inconnue": "unknown", "warning": "unknown", "": "unknown",
}  # fmt: skip
_FRENCH = re.compile(r"(\d{2})/(\d{2})/(\d{4}) (\d{2}:\d{2}(?::\d{2})?)")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?")
_SIZE = re.compile(r"\d{1,18}")


class BadReport(PisteError):
    """A report of copies has faults: all are listed, nothing is kept."""

    code = "PISTE-E131"


def read(source: Path | bytes, store: str, zone: str) -> tuple[list[Copy], list[Fault]]:
    """Read the copies of a store, and the faults of its report.

    Moments without an offset are of the time `zone`.
    """
    table = tables.read(source, _form(zone))
    known: dict[tuple[str, str, str], int] = {}
    copies = []
    for line, values in table.rows:
        copy = Copy(store=store, **values)  # type: ignore[typeddict-item]
        first = known.setdefault((copy["set"], copy["taken_at"], copy["id"]), line)
        if first != line:
            table.faults.append(Fault(line, f"la même copie qu’à la ligne {first}"))
        copies.append(copy)
    return copies, table.faults


def parsed(source: Path | bytes, name: str, store: str, zone: str) -> list[Copy]:
    """Read a report without fault. Raises `BadReport`, with all of them."""
    copies, faults = read(source, store, zone)
    if faults:
        raise BadReport(
            f"le relevé a {agreed(len(faults), 'faute(s)')}, rien n’a été gardé", where=name,
            todo=f"Corrigez :\n{tables.listing(faults, name)}",
        )  # fmt: skip
    return copies


def _form(zone: str) -> Form:
    def moment(text: str) -> str:
        if isinstance(at := instant(text, zone), str):
            raise ValueError(at)
        return stamp(at)

    return Form(
        (
            Column("set", required=True, form=_set),
            Column("taken_at", required=True, form=moment),
            Column("state", required=True, form=_state),
            Column("size_bytes", form=_size),
            Column("id"),
            Column("immutable_until", form=lambda text: moment(text) if text else None),
        ),
        rows=MOST,
    )


def _set(text: str) -> str:
    if not text:
        raise ValueError("vide")
    return text


def _state(text: str) -> State:
    try:
        return _STATES[text.casefold()]
    except KeyError:
        raise ValueError(f"« {text[:40]} » n’est pas un état (complete, failed, unknown)") from None


def _size(text: str) -> int | None:
    if not text:
        return None
    if not _SIZE.fullmatch(text):
        raise ValueError(f"« {text[:40]} » n’est pas un nombre d’octets")
    return int(text)


def instant(text: str, zone: str) -> datetime | str:
    """Read a moment, in UTC; the reason in French where it is none, or two."""
    if french := _FRENCH.fullmatch(text):
        day, month, year, time = french.groups()
        text = f"{year}-{month}-{day}T{time}"
    shown = f"« {text[:40]} »"
    if not text.isascii() or not _ISO.fullmatch(text):
        return f"{shown} n’est pas un moment (2026-11-27T02:00:00Z, ou 27/11/2026 02:00)"
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
            if moment.utcoffset() != moment.replace(fold=1).utcoffset():
                return f"{shown} est une heure que le changement d’heure répète ou saute : donnez-la en UTC"
        return zoned(moment.astimezone(UTC).isoformat())
    except (ValueError, OverflowError):
        return f"{shown} n’existe pas"
