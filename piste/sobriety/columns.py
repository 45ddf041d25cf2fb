"""Columns of imported tables as data; their check, schema and dictionary come from them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from piste.converge.errors import Fault

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Type = Literal["text", "day", "month", "integer", "number", "boolean", "choice"]
Value = str | int | float | bool | None

_WANTED: Mapping[Type, str] = {
    "text": "un texte",
    "day": "un jour, comme 2026-11-30",
    "month": "un mois, comme 2026-11",
    "integer": "un entier, 0 ou plus",
    "number": "un nombre, 0 ou plus, avec un point décimal (12.5)",
    "boolean": "true ou false",
    "choice": "",
}
_SCHEMAS: Mapping[Type, Mapping[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "day": {"type": "string", "format": "date"},
    "month": {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"},
    "integer": {"type": "integer", "minimum": 0},
    "number": {"type": "number", "minimum": 0},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `name` is its stable header in English, `doc` its meaning in French.

    An empty cell is an unknown value, which a `required` column refuses.
    """

    name: str
    doc: str
    type: Type = "text"
    unit: str = ""
    required: bool = True
    choices: Sequence[str] = ()

    @property
    def wanted(self) -> str:
        """The values that a cell may have, in French."""
        return f"l’un de : {', '.join(self.choices)}" if self.type == "choice" else _WANTED[self.type]

    def parse(self, text: str) -> Value:
        """Read the value of a cell. Raises ValueError for a value that the column refuses."""
        if not text:
            if self.required:
                raise ValueError(text)
            return None
        if self.type == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if self.type == "day":
            return date.fromisoformat(text).isoformat() if len(text) == 10 else _refused(text)
        if self.type in ("integer", "number"):
            return _quantity(text, whole=self.type == "integer")
        fits = {"month": bool(_MONTH.fullmatch(text)), "choice": text in self.choices}.get(self.type, True)
        return text if fits else _refused(text)

    def schema(self) -> dict[str, Any]:
        """Give the JSON Schema of a cell; null is an unknown value."""
        schema = dict(_SCHEMAS[self.type])
        if self.choices:
            schema["enum"] = [*self.choices, *([] if self.required else [None])]
        if not self.required:
            schema["type"] = [schema["type"], "null"]
        return {**schema, "description": f"{self.doc} ({self.unit})" if self.unit else self.doc}


def _refused(text: str) -> str:
    raise ValueError(text)


def _quantity(text: str, *, whole: bool) -> int | float:
    if not _NUMBER.fullmatch(text) or (whole and "." in text):
        raise ValueError(text)
    return int(text) if whole else float(text)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its line number in the file, its values by column."""

    line: int
    values: Mapping[str, Value]


def schema_of(title: str, columns: Sequence[Column]) -> dict[str, Any]:
    """Give the JSON Schema of a table as a list of rows.

    The CSV has the same columns; an empty cell is null.
    """
    row = {
        "type": "object",
        "properties": {column.name: column.schema() for column in columns},
        "required": [column.name for column in columns if column.required],
        "additionalProperties": False,
    }
    return {"$schema": DIALECT, "title": title, "type": "array", "items": row}


def rows_of(content: bytes, name: str, columns: Sequence[Column], faults: list[Fault]) -> Iterator[Row]:
    """Read the rows of a CSV (RFC 4180, comma, UTF-8 with or without a byte order mark).

    Faults are added to `faults`, by line.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        faults.append(Fault(f"{name}:{line}", "ce n’est pas de l’UTF-8 : enregistrez en « CSV UTF-8 »"))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        problems = list(_header_faults(header, columns))
        faults += [Fault(f"{name}:1", message) for message in problems]
        if problems:
            return
        known = {column.name: column for column in columns}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                message = f"{len(cells)} cellules pour {len(header)} colonnes"
                remedy = "une virgule dans un texte va entre guillemets"
                faults.append(Fault(f"{name}:{reader.line_num}", f"{message} : {remedy}"))
                continue
            row = _row(dict(zip(header, cells, strict=True)), known, f"{name}:{reader.line_num}", faults)
            if row is not None:
                yield Row(reader.line_num, row)
    except csv.Error as fault:
        message = f"le CSV est mal formé ({fault}) : des guillemets ne sont pas fermés, ou sont de trop"
        faults.append(Fault(f"{name}:{reader.line_num}", message))


def _header_faults(header: Sequence[str], columns: Sequence[Column]) -> Iterator[str]:
    names = [column.name for column in columns]
    if not any(header):
        yield f"le fichier est vide : la première ligne donne les colonnes ({','.join(names)})"
        return
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        yield "les colonnes se séparent par des virgules, pas par des points-virgules : exportez de nouveau ainsi"
        return
    yield from (
        f"la colonne « {column.name} » manque ({column.doc})"
        for column in columns
        if column.required and column.name not in header
    )
    yield from (
        f"la colonne « {name} » n’est pas connue ; attendues : {', '.join(names)}"
        for name in dict.fromkeys(header)
        if name not in names
    )
    yield from (f"la colonne « {name} » est là deux fois" for name in names if header.count(name) > 1)


def _row(
    cells: Mapping[str, str], columns: Mapping[str, Column], where: str, faults: list[Fault]
) -> dict[str, Value] | None:
    """Read the values of a line; None if one is wrong, which `faults` then says."""
    row: dict[str, Value] = dict.fromkeys(columns)
    right = True
    for name, cell in cells.items():
        column, text = columns[name], cell.strip()
        try:
            row[name] = column.parse(text)
        except (ValueError, KeyError):
            right = False
            given = f"« {text} »" if text else "rien"
            faults.append(Fault(f"{where} {name}", f"{given} trouvé ; il faut {column.wanted}"))
    return row if right else None


def line_of(fault: Fault) -> int:
    """Give the line number of a fault, from its path `file:line column`."""
    return int(fault.path.partition(":")[2].partition(" ")[0])
