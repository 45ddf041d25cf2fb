"""Tables of a spreadsheet or of copiers: encoding, separator and headers as they come.

UTF-8 and UTF-16 with or without their mark, else Windows-1252, which Excel writes; semicolon, comma or tab; titles
above the headers are skipped. Cells are data: nothing in them is ever computed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from piste.converge.errors import Fault

LARGEST = 8_000_000
"""Bytes of a file."""
MOST_ROWS = 50_000
TITLES = 30
"""Lines among which the headers are looked for."""
_SEPARATORS = ";,\t"
_NUMBER = re.compile(r"(?:\d{1,12}|\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,3})(?:[.,]0{1,2})?")
"""A whole number, in groups of three by spaces; `12,000` is refused, since a comma has two meanings."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def rows(
    content: bytes, name: str, headers: Collection[str], faults: list[Fault]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows below the headers: line, and the cells of these headers alone.

    Faults are added to `faults`, by line.
    """
    text = _text(content, name, faults)
    if text is None:
        return
    lacking: Sequence[str] = sorted(headers)
    for separator in _SEPARATORS:
        begun = _begin(text, separator, headers)
        if isinstance(begun, int):
            yield from _cells(text, name, separator, begun, headers, faults)
            return
        lacking = min(lacking, begun, key=len)
    message = f"colonne(s) introuvable(s) : {', '.join(lacking)} ; recopiez les en-têtes du fichier dans la déclaration"
    faults.append(Fault(f"{name}:1", message))


def number(text: str) -> int | None:
    """Read a whole number; None for an empty cell. Raises ValueError."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(re.sub(r"[.,]0+$|[ \u00a0\u202f]", "", text))


def _text(content: bytes, name: str, faults: list[Fault]) -> str | None:
    if len(content) > LARGEST:
        faults.append(Fault(f"{name}:1", f"le fichier dépasse {LARGEST // 1_000_000} Mo : ce n’est pas un export"))
        return None
    encodings = [encoding for mark, encoding in _MARKS if content.startswith(mark)] or ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    faults.append(Fault(f"{name}:1", "ce n’est pas du texte (UTF-8, UTF-16 ou Windows-1252) : exportez en CSV"))
    return None


def _begin(text: str, separator: str, headers: Collection[str]) -> int | Sequence[str]:
    """Find the line of the headers; without one, the headers that the best line lacks."""
    lacking: Sequence[str] = sorted(headers)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in islice(reader, TITLES):
            there = {cell.strip().casefold() for cell in cells}
            missing = [header for header in sorted(headers) if header.casefold() not in there]
            if not missing:
                return reader.line_num
            lacking = min(lacking, missing, key=len)
    except csv.Error:
        pass  # read again below, with its line
    return lacking


def _cells(
    text: str, name: str, separator: str, begun: int, headers: Collection[str], faults: list[Fault]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        titles = [cell.strip().casefold() for cell in next(cells for cells in reader if reader.line_num == begun)]
        if twice := [header for header in sorted(headers) if titles.count(header.casefold()) > 1]:
            faults.append(Fault(f"{name}:{begun}", f"colonne(s) là deux fois : {', '.join(twice)}"))
            return
        places = {header: titles.index(header.casefold()) for header in headers}
        for count, cells in enumerate(reader):
            if count == MOST_ROWS:
                message = f"plus de {MOST_ROWS} lignes : ce n’est pas un export"
                faults.append(Fault(f"{name}:{reader.line_num}", message))
                return
            if any(cell.strip() for cell in cells):
                yield reader.line_num, {
                    header: cells[at].strip() if at < len(cells) else "" for header, at in places.items()
                }
    except csv.Error as fault:
        message = f"le CSV est mal formé ({fault}) : des guillemets ne sont pas fermés, ou sont de trop"
        faults.append(Fault(f"{name}:{reader.line_num}", message))
