"""The layout of a PDF: columns that cut no word, parts that stay on one page.

Sizes are in points, and rather too large: those of texts are of a wider font than that of the PDF.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil, inf
from typing import Any

from piste.papers.drawings.text import width

PAGE, INSET = 493.0, 11.5
"""Width of the text of a page; space at both sides of a cell, and what a word may be wider than its estimate."""
SIZE, LEAST, LINE, ROW, HEAD, TITLE = 9.0, 7.5, 11.0, 14.0, 40.0, 40.0
"""Size of the text of a table, and the least; height of a line more, a row, a caption with headings, a title."""
TOGETHER, ROW_TOGETHER, SIGNED, ENDING = 230.0, 260.0, 420.0, 320.0
"""The highest table, row, section with signatures and end of a document that stay on one page."""
PLACED = 2
"""Drawings whose place depends on what is before; more of them and typst, which tries 5 times, finds no end."""
_REGULAR, _BOLD, _MISSING = 0.82, 0.93, 6.0
_CODE, _LONG_CODE, _TYPED_CODE = 4.46, 3.74, 5.5
_LONG_WORD, _SHORT_CELL, _SHORT_CODE = 24, 16, 40
_MOST = 0.45 * PAGE


def lay_out(sections: Sequence[dict[str, Any]]) -> int:
    """Add their layout to printed sections; give the number of the last that stay together.

    Sections, blocks and rows get their `whole`, tables their `widths`, `size` and `hyphens`. Tables of a section that
    have the same columns have the same widths. The first sections that begin with a drawing are `placed`.
    """
    heights: list[float] = []
    left = PLACED
    for section in sections:
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for block in section["blocks"]:
            if block["kind"] == "table":
                alike.setdefault(_columns(block), []).extend(block["rows"])
        height = TITLE + sum([_block(block, alike) for block in section["blocks"]])
        drawn = len(section["blocks"]) > 1 and section["blocks"][0]["kind"] == "figure"
        section["placed"] = drawn and left > 0
        left -= drawn
        signed = any(block["kind"] == "signatures" for block in section["blocks"])
        section["whole"] = signed and height <= SIGNED
        heights.append(height)
    return min(2 if sum(heights[-2:]) <= ENDING else 1, len(heights))


def _columns(table: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(column["key"] for column in table["columns"])


def _block(block: dict[str, Any], alike: Mapping[tuple[str, ...], Sequence[dict[str, Any]]]) -> float:
    """Lay out a block; give its height.

    `alike` gives the rows of all tables with the same columns.
    """
    if block["kind"] == "table":
        height = _table(block, alike[_columns(block)]) if block["rows"] else ROW
    elif block["kind"] == "facts":
        rows = [(fact["label"], fact["cell"]["text"]) for fact in block["facts"]]
        rooms = (0.34 * PAGE - INSET, 0.66 * PAGE - INSET)
        tall = [max(map(_height, row, rooms)) for row in rows]
        for fact, own in zip(block["facts"], tall, strict=True):
            fact["whole"] = own <= ROW_TOGETHER
        height = HEAD + sum(tall)
    elif block["kind"] == "figure":
        return inf
    else:
        texts = block.get("items") or [block.get("text", "")]
        return 110.0 if block["kind"] == "signatures" else sum(_height(text, PAGE) for text in texts)
    block["whole"] = height <= TOGETHER
    return height


def _height(text: str, room: float) -> float:
    lines = sum(max(1, ceil(width(line, 10) * _REGULAR / room)) for line in text.split("\n"))
    return ROW + LINE * (lines - 1)


def _table(table: dict[str, Any], alike: Sequence[dict[str, Any]]) -> float:
    columns = table["columns"]
    for rank, column in enumerate(columns):
        texts = [row["cells"][rank]["text"] for row in alike]
        long = any(len(text.encode()) > _SHORT_CODE for text in texts)
        column["small"] = column["code"] and not column["typed"] and long
    wide = [[_cell(row["cells"][rank], column) for row in alike] for rank, column in enumerate(columns)]
    heads = [_text(column["label"], bold=True) for column in columns]
    least = [max(head[0], *(cell[0] for cell in cells)) + INSET for head, cells in zip(heads, wide, strict=True)]
    most = [max(head[1], *(cell[1] for cell in cells)) + INSET for head, cells in zip(heads, wide, strict=True)]
    widths = _widths([column["weight"] for column in columns], [min(each, _MOST) for each in least], most)
    spread, room = any(column["weight"] for column in columns), PAGE - INSET * len(columns)
    table["size"] = max(LEAST, SIZE * min(1.0, room / (sum(least) - INSET * len(columns)))) if spread else SIZE
    table["widths"] = [round(each, 1) for each in widths] if spread else []
    by, smaller = PAGE / sum(widths), table["size"] / SIZE
    fit = all(own * by - INSET >= (need - INSET) * smaller - 0.5 for own, need in zip(widths, least, strict=True))
    table["hyphens"] = not fit or any(_long(cell["text"]) for row in alike for cell in row["cells"])
    height, rooms = HEAD, [each - INSET for each in widths]
    for row in table["rows"]:
        cells = [_cell(cell, column) for cell, column in zip(row["cells"], columns, strict=True)]
        lines = max(sum(ceil(line / room) for line in cell[2]) for cell, room in zip(cells, rooms, strict=True))
        row["whole"] = ROW + LINE * (lines - 1) <= ROW_TOGETHER
        height += ROW + LINE * (lines - 1)
    return height


def _cell(cell: Mapping[str, Any], column: Mapping[str, Any]) -> tuple[float, float, list[float]]:
    """Measure a cell: its widest part that is not cut, its widest line, all its lines."""
    text, mark = cell["text"], cell["mark"]
    if column["code"] and not mark:
        letter = _TYPED_CODE if column["typed"] else _LONG_CODE if column["small"] else _CODE
        lines = [letter * max(1, len(line)) for line in text.split("\n")]
        return letter * max(map(len, re.split(r"[ \n]", text))), max(lines), lines
    least, most, lines = _text(text, bold=mark in ("good", "bad", "doubt", "missing"))
    if mark == "missing":
        return most + _MISSING, most + _MISSING, lines
    return (most if len(text) <= _SHORT_CELL else least), most, lines


def _text(text: str, *, bold: bool = False) -> tuple[float, float, list[float]]:
    by = SIZE * (_BOLD if bold else _REGULAR)
    lines = [max(1.0, width(line, by)) for line in text.split("\n")]
    parts = (part for word in re.split(r"[ \n]", text) for part in _parts(word))
    return max(width(part, by) for part in parts), max(lines), lines


def _long(text: str) -> bool:
    return any(len(word) > _LONG_WORD for word in re.split(r"[ \n]", text))


def _parts(word: str) -> Sequence[str]:
    return re.split(r"(?<=[-/.,_@–])", word) if len(word) > _LONG_WORD else (word,)


def _widths(weights: Sequence[float], least: Sequence[float], most: Sequence[float]) -> list[float]:
    """Share the page: no column is narrower than its words; without a weight, than its lines."""
    asked = [0 if weight else min(own, _MOST) for weight, own in zip(weights, most, strict=True)]
    room = PAGE - sum(asked)
    if room < sum(own for weight, own in zip(weights, least, strict=True) if weight):
        # The lines of all columns are too wide: each is as wide as its words, and shares what is left.
        weights, asked, room = [own or 1 for own in most], [0] * len(weights), PAGE
    widths = list(asked)
    left = {rank for rank, weight in enumerate(weights) if not asked[rank]}
    while left:
        unit = room / sum(weights[rank] for rank in left)
        narrow = {rank for rank in left if weights[rank] * unit < least[rank]}
        for rank in narrow or left:
            widths[rank] = least[rank] if narrow else weights[rank] * unit
            room -= widths[rank]
        left = left - narrow if narrow else set()
    return _evened(widths, most)


def _evened(widths: list[float], most: Sequence[float]) -> list[float]:
    """Give the room that a column has beyond its widest line to those whose lines are cut."""
    spare = {rank: own - most[rank] for rank, own in enumerate(widths) if own > most[rank]}
    short = {rank: most[rank] - own for rank, own in enumerate(widths) if own < most[rank]}
    given = min(sum(spare.values()), sum(short.values()))
    if given <= 0:
        return widths
    for part, sign in ((spare, -1), (short, 1)):
        whole = sum(part.values())
        for rank, own in part.items():
            widths[rank] += sign * given * own / whole
    return widths
