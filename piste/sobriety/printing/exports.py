"""The exports of copiers and of their software, as pages of a queue in a month.

A device that the inventory does not have is set aside and named; a wrong cell is refused with its file and line.
Believed: [belief windows.print_headers].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from piste.engine import tables
from piste.engine.converge.errors import Fault
from piste.sobriety.printing import counters
from piste.sobriety.printing.printed import Line, Printed, Released, contradictions
from piste.town.model import Town

MOST_FILES = 400
"""Files of an export: ten years of months, three times."""
MOST_ROWS = 50_000
TITLES = 30
"""Lines of an export among which its headers are looked for."""
_NUMBER = re.compile(r"(?:\d{1,12}|\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,3})(?:[.,]0{1,2})?")
"""A whole number, in groups of three by spaces; `12,000` is refused, since a comma has two meanings."""
_YEARS = range(2000, 2100)
COUNTS = (
    "jobs", "duplex_jobs", "mono_jobs", "duplex_mono_jobs", "pages", "pages_a4", "pages_a3", "color_pages",
    "released_jobs", "expired_jobs", "expired_pages",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exported:
    """The rows of the exports of a town; `notes` say what was set aside, and why."""

    printed: Sequence[Printed] = ()
    released: Sequence[Released] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Devices:
    """The printers of the inventory: queue by serial number and by name, site of each queue."""

    by_serial: Mapping[str, str] = field(default_factory=dict)
    by_name: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, town: Town) -> Devices:
        printers = [asset for site in town.sites.values() for asset in site["assets"] if asset["kind"] == "printer"]
        return cls(
            {str(asset["serial"]).casefold(): asset["name"] for asset in printers if asset["serial"]},
            {asset["name"].casefold(): asset["name"] for asset in printers},
            {asset["name"]: asset["site"] for asset in printers},
        )


def read(folder: Path | None, town: Town, faults: list[Fault]) -> Exported:
    """Read every declared export that has files in a folder. Faults are added to `faults`."""
    declared = town.commune["print_accounting"] if town.commune else None
    if folder is None or declared is None:
        return Exported()
    names = sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    devices = Devices.of(town)
    printed: list[Printed] = []
    released: list[Released] = []
    notes: list[str] = []
    for origin, export in declared["exports"].items():
        files = [name for name in names if fnmatchcase(name, export["files"]) and not name.startswith(".")]
        if len(files) > MOST_FILES:
            message = f"plus de {MOST_FILES} fichiers : rangez les plus anciens ailleurs"
            faults.append(Fault(f"{export['files']}:1", message))
            continue
        lines = [line for name in files for line in _lines(folder / name, export, devices, faults, notes)]
        if export["counts"] == "counters":
            lines = list(counters.months(lines, export["label"], faults, notes))
        else:
            lines = list(_once(lines, faults))
        printed += [_printed(line, origin, export["label"], devices) for line in lines]
        released += [_released(line) for line in lines if _RELEASE & line.counts.keys()]
    return Exported(printed, released, notes)


_RELEASE = frozenset({"released_jobs", "expired_jobs", "expired_pages"})


def _lines(
    path: Path, export: Mapping[str, Any], devices: Devices, faults: list[Fault], notes: list[str]
) -> Iterator[Line]:
    columns: Mapping[str, Sequence[str]] = export["columns"]
    named = _moment_of(path.name, export["files"])
    if "moment" not in columns and named is None:
        message = "la fin du nom n’est pas une date : nommez-le …-2026-10.csv ou …-2026-11-01.csv"
        faults.append(Fault(f"{path.name}:1", message))
        return
    headers = sorted({header for some in columns.values() for header in some})
    wanted = tuple(tables.Column(header, required=True) for header in headers)
    table = tables.read(path, tables.Form(wanted, rows=MOST_ROWS, leaves=True, titles=TITLES))
    faults += table.located(path.name)
    aside: dict[str, int] = {}
    for line, cells in table.rows:
        where = f"{path.name}:{line}"
        queue, said = _device(cells, columns, devices)
        if queue is None:
            aside[said] = aside.get(said, 0) + 1
            continue
        wrong = len(faults)
        day = named if "moment" not in columns else _day(cells[columns["moment"][0]], export["moment"], where, faults)
        counts = _counts(cells, columns, where, faults)
        faults += [Fault(where, message) for message in contradictions(counts)]
        if day is None or len(faults) > wrong:
            continue
        given = cells[columns["service"][0]] if "service" in columns else ""
        yield Line(where, queue, export["services"].get(given, given) or None, day, counts)
    notes += [_aside(path.name, said, count) for said, count in sorted(aside.items())[:20]]


def _aside(name: str, said: str, count: int) -> str:
    what = f"« {said[:60]} » n’est pas une imprimante de l’inventaire" if said else "aucun appareil n’y est nommé"
    return f"{name} : {count} ligne(s) à l’écart, {what}"


def _device(cells: Mapping[str, str], columns: Mapping[str, Sequence[str]], devices: Devices) -> tuple[str | None, str]:
    """Find the queue of a row, by its serial number, then by its name; with what the row says."""
    said = ""
    for meaning, known in (("serial", devices.by_serial), ("queue", devices.by_name)):
        if meaning in columns:
            given = _plain(cells[columns[meaning][0]])
            said = said or given
            if queue := known.get(given.casefold()):
                return queue, given
    return None, said


def _plain(cell: str) -> str:
    """Take a text out of `="0123"`, by which exports keep Excel from making it a number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _counts(
    cells: Mapping[str, str], columns: Mapping[str, Sequence[str]], where: str, faults: list[Fault]
) -> dict[str, int | None]:
    counts: dict[str, int | None] = {}
    wrong = len(faults)
    for meaning in COUNTS:
        total: int | None = None
        for header in columns.get(meaning, ()):
            try:
                value = _number(cells[header])
            except ValueError:
                given = cells[header][:60]
                message = f"« {given} » trouvé ; il faut un entier, 0 ou plus, sans virgule entre les milliers"
                faults.append(Fault(f"{where} {header}", message))
                continue
            total = total if value is None else (total or 0) + value
        if meaning in columns:
            counts[meaning] = total
    if len(faults) == wrong and counts.get("pages", counts.get("pages_a4")) is None:
        faults.append(Fault(where, "aucune page n’est donnée ; écrivez 0 pour dire qu’il n’y en a pas"))
    return counts


def _number(text: str) -> int | None:
    """Read a whole number; None for an empty cell. Raises ValueError."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(re.sub(r"[.,]0+$|[ \u00a0\u202f]", "", text))


def _moment_of(name: str, pattern: str) -> date | None:
    """Read the day or the month that stands for the `*` of a name."""
    before, star, after = pattern.partition("*")
    middle = name[len(before) : len(name) - len(after)] if star else ""
    for form in ("%Y-%m-%d", "%Y-%m"):
        try:
            return _dated(middle, form)
        except ValueError:
            continue
    return None


def _dated(text: str, form: str) -> date:
    """Parse a day of the time of copiers. Raises ValueError."""
    day = datetime.strptime(text, form).date()
    if day.year not in _YEARS:
        raise ValueError(text)
    return day


def _day(text: str, form: str, where: str, faults: list[Fault]) -> date | None:
    try:
        return _dated(text, form)
    except ValueError:
        faults.append(Fault(where, f"« {text[:60]} » n’est pas une date de la forme {form} (moment)"))
        return None


def _once(lines: Sequence[Line], faults: list[Fault]) -> Iterator[Line]:
    """Refuse a device, a service and a month given twice."""
    seen: dict[tuple[Any, ...], str] = {}
    for line in lines:
        key = (line.queue, line.service, f"{line.day:%Y-%m}")
        if (first := seen.setdefault(key, line.where)) != line.where:
            message = f"{line.queue} en {key[2]} est déjà à {first} : gardez l’une des deux lignes"
            faults.append(Fault(line.where, message))
        else:
            yield line


def _printed(line: Line, origin: str, label: str, devices: Devices) -> Printed:
    counts = line.counts
    whole = counts.get("pages")
    return Printed(
        month=f"{line.day:%Y-%m}", site=devices.sites[line.queue], queue=line.queue, service=line.service,
        jobs=counts.get("jobs"), duplex_jobs=counts.get("duplex_jobs"), mono_jobs=counts.get("mono_jobs"),
        duplex_mono_jobs=counts.get("duplex_mono_jobs"),
        pages_a4=whole if whole is not None else counts.get("pages_a4") or 0, pages_a3=counts.get("pages_a3") or 0,
        color_pages=counts.get("color_pages"), source=label, origin=origin,
    )  # fmt: skip


def _released(line: Line) -> Released:
    counts = line.counts
    return Released(
        f"{line.day:%Y-%m}", line.queue, counts.get("released_jobs"), counts.get("expired_jobs"),
        counts.get("expired_pages"),
    )  # fmt: skip
