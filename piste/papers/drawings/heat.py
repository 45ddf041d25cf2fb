"""Heat tables: rows by columns, each cell with a ground and its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from piste.papers.drawings.canvas import PAPER, QUIET, RULE, SOFT, TINTS, Canvas, Point
from piste.papers.drawings.text import LINE, SIZE, SMALL, lines

HEAD, CELL, INSET = 104.0, 92.0, 5.0


@dataclass(frozen=True, slots=True)
class Heat:
    """A cell: its words in bold, then others; `tint` None: nothing."""

    words: str
    about: Sequence[str] = ()
    tint: int | None = None


def heat(
    corner: str,
    rows: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str]],
    cells: Mapping[tuple[str, str], Heat],
    legend: Sequence[tuple[str, int | None]] = (),
) -> Canvas:
    """Draw a table; rows and columns are pairs of a key and its words."""
    canvas = Canvas()
    heads = [lines(words, CELL - 2 * INSET, SMALL, bold=True) for _, words in columns]
    title = lines(corner, HEAD - 2 * INSET, SMALL)
    top = SMALL * LINE * max([len(title), *map(len, heads)]) + 2 * INSET
    _box(canvas, Point(0, 0), (HEAD, top), SOFT, [], title)
    for place, head in enumerate(heads):
        _box(canvas, Point(HEAD + place * CELL, 0), (CELL, top), SOFT, head, [])
    for key, words in rows:
        head = lines(words, HEAD - 2 * INSET, SMALL, bold=True)
        inside = [_inside(cells.get((key, column), Heat("—"))) for column, _ in columns]
        most = max([len(head), *(len(bold) + len(about) for bold, about, _ in inside)])
        high = max(SIZE * LINE, SMALL * LINE * most) + 2 * INSET
        _box(canvas, Point(0, top), (HEAD, high), SOFT, head, [])
        for place, (bold, about, ground) in enumerate(inside):
            _box(canvas, Point(HEAD + place * CELL, top), (CELL, high), ground, bold, about)
        top += high
    top += 12
    for words, tint in legend:
        canvas.rect(Point(0, top), (18, SMALL + 2), PAPER if tint is None else TINTS[tint], stroke=RULE)
        whole = HEAD + CELL * max(len(columns), 4) - 28
        top = canvas.paragraph(Point(26, top), lines(words, whole, SMALL), SMALL, fill=QUIET) + 4
    return canvas


def _inside(cell: Heat) -> tuple[list[str], list[str], str]:
    room = CELL - 2 * INSET
    about = [line for text in cell.about for line in lines(text, room, SMALL)]
    return lines(cell.words, room, SMALL, bold=True), about, PAPER if cell.tint is None else TINTS[cell.tint]


def _box(
    canvas: Canvas, at: Point, size: tuple[float, float], ground: str, bold: Sequence[str], plain: Sequence[str]
) -> None:
    canvas.rect(at, size, ground, stroke=RULE, round_=0)
    below = canvas.paragraph(Point(at.x + INSET, at.y + INSET - 2), bold, SMALL, bold=True)
    canvas.paragraph(Point(at.x + INSET, below), plain, SMALL)
