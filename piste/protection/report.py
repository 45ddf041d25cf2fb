"""The plain report of a backup product: a CSV of copies, for a store that no program reads.

Columns, in any order: `set`, `taken_at`, `state`, and where known `size_bytes`, `id`, `immutable_until`. A moment is
ISO 8601 or `JJ/MM/AAAA HH:MM`; without an offset it is in the time of the town, and an hour that the change of time
makes twice, or never, is a fault. All faults are given at once, by line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from piste.converge.errors import PisteError
from piste.converge.text import on_one_line
from piste.model.syntax import hidden_lines
from piste.protection.copies import Copy, State, stamp
from piste.words import agreed

LARGEST = 20 * 2**20
"""Bytes of a report."""
MOST = 200_000
"""Copies of a report."""
_LONGEST = 300
_SEPARATORS = ";,\t"
COLUMNS = ("set", "taken_at", "state", "size_bytes", "id", "immutable_until")
_NEEDED = ("set", "taken_at", "state")
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


class Fault(NamedTuple):
    """A fault of a report, at its line."""

    line: int
    message: str


@dataclass(slots=True)
class Report:
    """The copies of a report, and its faults."""

    copies: list[Copy] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(raw: bytes, store: str, zone: str) -> Report:
    """Read a report of a store; moments without an offset are of the time `zone`."""
    report = Report()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    hidden_at = hidden_lines(text)
    report.faults += [Fault(line, f"caractère invisible ({sign})") for line, sign in hidden_at.items()]
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=first.count), strict=True)
    known: dict[tuple[str, str, str], int] = {}
    try:
        columns = _columns(next(reader, []), report)
        for count, row in enumerate(reader, start=1):
            line = reader.line_num
            if count > MOST:
                report.faults.append(Fault(line, f"plus de {MOST} copies : coupez le relevé"))
                break
            if not columns or not any(cell.strip() for cell in row) or line in hidden_at:
                continue
            cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
            faults = [Fault(line, message) for message in _wrong(cells, len(row), len(columns), zone)]
            if not faults:
                copy = _copy(cells, store, zone)
                key = (copy["set"], copy["taken_at"], copy["id"])
                if key in known:
                    faults = [Fault(line, f"la même copie qu’à la ligne {known[key]}")]
                else:
                    known[key] = line
                    report.copies.append(copy)
            report.faults += faults
    except csv.Error as error:
        report.faults.append(Fault(reader.line_num or 1, f"ce n’est pas du CSV ({error})"))
    return report


def parsed(raw: bytes, name: str, store: str, zone: str) -> list[Copy]:
    """Read a report without fault. Raises `BadReport`, with all of them."""
    report = read(raw, store, zone)
    if report.faults:
        listing = "\n".join(on_one_line(f"  {name}:{line} : {message}") for line, message in sorted(report.faults))
        raise BadReport(
            f"le relevé a {agreed(len(report.faults), 'faute(s)')}, rien n’a été gardé", where=name,
            todo=f"Corrigez :\n{listing}\n",
        )  # fmt: skip
    return report.copies


def _columns(header: list[str], report: Report) -> dict[str, int]:
    """Give the place of each column; none of them where one that is needed lacks."""
    places: dict[str, int] = {}
    for at, title in enumerate(header):
        name = title.strip().casefold()
        if name not in COLUMNS:
            report.faults.append(Fault(1, f"colonne « {title.strip()[:40]} » inconnue ({', '.join(COLUMNS)})"))
        elif name in places:
            report.faults.append(Fault(1, f"colonne « {name} » donnée deux fois"))
        else:
            places[name] = at
    if missing := [name for name in _NEEDED if name not in places]:
        report.faults.append(Fault(1, f"il manque {', '.join(missing)}"))
        return {}
    return places


def _wrong(cells: Mapping[str, str], width: int, columns: int, zone: str) -> Iterator[str]:
    if width > columns:
        yield f"{width} cellules, {columns} colonnes"
    for name, value in cells.items():
        if len(value) > _LONGEST:
            yield f"{name} : plus de {_LONGEST} signes"
        elif "\n" in value or "\r" in value:
            yield f"{name} : plusieurs lignes"
    if not cells["set"]:
        yield "set : vide"
    for name in ("taken_at", "immutable_until"):
        value = cells.get(name, "")
        if (value or name == "taken_at") and isinstance(reason := instant(value, zone), str):
            yield f"{name} : {reason}"
    if cells["state"].casefold() not in _STATES:
        yield f"state : « {cells['state'][:40]} » n’est pas un état (complete, failed, unknown)"
    if (size := cells.get("size_bytes", "")) and not _SIZE.fullmatch(size):
        yield f"size_bytes : « {size[:40]} » n’est pas un nombre d’octets"


def _copy(cells: Mapping[str, str], store: str, zone: str) -> Copy:
    taken_at, until = instant(cells["taken_at"], zone), cells.get("immutable_until", "")
    end = instant(until, zone) if until else None
    assert isinstance(taken_at, datetime)
    return Copy(
        set=cells["set"],
        store=store,
        taken_at=stamp(taken_at),
        size_bytes=int(cells["size_bytes"]) if cells.get("size_bytes") else None,
        id=cells.get("id", ""),
        immutable_until=stamp(end) if isinstance(end, datetime) else None,
        state=_STATES[cells["state"].casefold()],
    )


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
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return f"{shown} n’existe pas"
