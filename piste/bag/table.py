"""What a table of a bag is: columns whose names are stable and in English, what they say in French, rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.bag.held import Held
from piste.converge.text import as_cell

if TYPE_CHECKING:
    from piste.model import Town

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    doc: str
    type: str = "string"
    """Its JSON Schema type; an empty cell is a value that is not there."""


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file; ``of`` are the domains without which it is not whole (none: the declaration alone)."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    rows: Callable[[Held, Town], Iterable[Row]]
    of: tuple[str, ...] = ()


def cell(value: Any) -> str:
    """A value as a cell, which no spreadsheet runs. A number below zero stays a number."""
    return text(value) if isinstance(value, (int, float)) else as_cell(text(value))


def text(value: Any) -> str:
    """A value as text: lists with a comma and a space, true and false, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={text(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(text(inner) for inner in value)
    return str(value)


def write(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> int:
    """Write a table (RFC 4180, comma, UTF-8) and count its rows."""
    names = list(columns)
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([cell(row.get(name)) for name in names])
            count += 1
    return count
