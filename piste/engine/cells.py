"""Tables of text for spreadsheets: a value as a cell that none of them runs, rows as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.text import as_cell


def cell(value: Any) -> str:
    """Write a value as a cell, which no spreadsheet runs. A number below zero stays a number."""
    return text(value) if isinstance(value, (int, float)) else as_cell(text(value))


def text(value: Any) -> str:
    """Write a value as text: lists with a comma and a space, true and false, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={text(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(text(inner) for inner in value)
    return str(value)


def as_csv(rows: Iterable[Iterable[Any]], separator: str = ",", end: str = "\r\n") -> str:
    """Write rows of cells as CSV (RFC 4180)."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator=end).writerows(rows)
    return stream.getvalue()


def write(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> int:
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
