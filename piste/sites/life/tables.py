"""The tables of assets as text: a line changed or added, every other line as it was."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

from piste.engine.cells import as_csv
from piste.engine.tables import records
from piste.town.model.assets.form import COLUMNS


def with_cells(text: str, asset: str, cells: Mapping[str, str | None]) -> str:
    """Change the cells of an asset; its line keeps its place and its end."""
    text, header = with_columns(text, [column for column, value in cells.items() if value])
    lines, key = split(text), header.index("name")
    for first, last, row in records(text):
        if first > 1 and len(row) == len(header) and row[key].strip().casefold() == asset.casefold():
            row = [(cells[column] or "") if column in cells else cell for column, cell in zip(header, row, strict=True)]
            lines[first - 1 : last] = [as_line(row, _end(lines[last - 1]))]
            break
    return "".join(lines)


def with_line(text: str, cells: Mapping[str, str | None]) -> str:
    """Add a line at the end of a table."""
    text, header = with_columns(text, [column for column, value in cells.items() if value])
    end = _end(split(text)[0]) or "\n"
    whole = text if text.endswith("\n") else text + end
    return whole + as_line([cells.get(column) or "" for column in header], end)


def with_columns(text: str, needed: Iterable[str]) -> tuple[str, list[str]]:
    """Add the columns that a table lacks behind its own, and give its header."""
    lines = split(text)
    header = header_of(text)
    more = [column for column in COLUMNS if column in needed and column not in header]
    if not more:
        return text, header
    ends = [last - 1 for _, last, row in records(text) if row]
    for index in ends:
        added = f",{','.join(more)}" if index == ends[0] else "," * len(more)
        end = _end(lines[index])
        lines[index] = f"{lines[index].removesuffix(end)}{added}{end}"
    return "".join(lines), [*header, *more]


def header_of(text: str) -> list[str]:
    return next((row for _, _, row in records(text.removeprefix("\ufeff"))), [])


def names_of(text: str) -> set[str]:
    """List the assets of a table, in small letters."""
    header, *rows = [row for _, _, row in records(text.removeprefix("\ufeff")) if row]
    return {row[header.index("name")].strip().casefold() for row in rows}


def split(text: str) -> list[str]:
    """Split at the ends of lines of a file, and nowhere else: a cell may have any other sign."""
    return list(io.StringIO(text, newline=""))


def as_line(row: Sequence[str], end: str = "\n") -> str:
    """Write a row as CSV (RFC 4180)."""
    return as_csv([row], end=end)


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
