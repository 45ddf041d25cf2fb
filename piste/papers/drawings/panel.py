"""Front panels of switches: each port where it is, odd above even, with its use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from piste.papers.drawings.canvas import ALARM, EDGE, GOOD, INK, PAPER, QUIET, RULE, SOFT, TINTS, Canvas, Point
from piste.papers.drawings.text import LINE, SIZE, SMALL, clean, fitted, lines, width

CELL, ROW, GAP, FEET = 43.0, 40.0, 14.0, 13.0
PER_LINE, APPENDED = 24, 4
"""Ports of a line; so few more stand at the end of the last line, after a gap."""


type LinkState = Literal["up", "down", "off", "error", "unknown"]
SIGNS: Mapping[LinkState, tuple[str, str]] = {
    "up": ("●", "lien"),
    "down": ("○", "sans lien"),
    "off": ("×", "désactivé"),
    "error": ("!", "erreur"),
    "unknown": ("?", "inconnu"),
}
"""The sign and the word of each state, the same in the drawing and in the tables."""


@dataclass(frozen=True, slots=True)
class Socket:
    """A port: a `code` that the legend explains, the `vlan` in it, its `state` as read.

    Without a reading `state` is None; `detail` is its speed and power. A `tint` of None is a port that is off.
    """

    number: int
    code: str
    vlan: str = ""
    tint: int | None = None
    state: LinkState | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """An entry of the legend: the meaning of a code."""

    code: str
    words: str
    tint: int | None


def panel(name: str, about: Sequence[str], sockets: Sequence[Socket], uses: Sequence[Use]) -> Canvas:
    """Draw the front of a switch, and the meaning of its codes under it."""
    canvas = Canvas()
    count = max((socket.number for socket in sockets), default=0)
    known = {socket.number: socket for socket in sockets}
    read = any(socket.state for socket in sockets)
    high = ROW + (FEET if read else 0)
    whole = PER_LINE / 2 * CELL + GAP + APPENDED / 2 * CELL
    below = canvas.paragraph(Point(0, 0), lines(name, whole, SIZE, bold=True), SIZE, bold=True)
    below = canvas.paragraph(Point(0, below), [line for text in about for line in lines(text, whole, SMALL)], SMALL)
    top = below + 6
    for numbers in _lines(count):
        left, before = 4.0, 0
        for number in numbers:
            if number % PER_LINE == 1 and before and len(numbers) > PER_LINE:
                left += GAP
            column = Point(left, top + 4 + (0 if number % 2 else high))
            _socket(canvas, known.get(number) or Socket(number, "?"), column, high)
            before = number
            if not number % 2:
                left += CELL
        frame = left + (CELL if numbers[-1] % 2 else 0) + 4
        canvas.rect(Point(0, top), (frame, 2 * high + 8), "none", heavy=True)
        top += 2 * high + 16
    _legend(canvas, uses, top + 2, whole, read=read)
    return canvas


def _lines(count: int) -> Iterator[list[int]]:
    start = 1
    while start <= count:
        end = start + PER_LINE - 1
        if count - end <= APPENDED:
            end = count
        yield list(range(start, min(end, count) + 1))
        start = end + 1


def _socket(canvas: Canvas, socket: Socket, at: Point, high: float) -> None:
    canvas.rect(at, (CELL, high), SOFT if socket.tint is None else TINTS[socket.tint], stroke=RULE, round_=0)
    canvas.text(Point(at.x + 4, at.y + 11), str(socket.number), 9, fill=QUIET)
    middle = at.x + CELL / 2
    canvas.text(Point(middle, at.y + 23), socket.code, SIZE, bold=True, anchor="middle", fill=INK)
    vlan, size = fitted(socket.vlan, CELL - 4, 9)
    canvas.text(Point(middle, at.y + 35), vlan, size, anchor="middle", fill=INK)
    if socket.state:
        _state(canvas, socket.state, Point(at.x + CELL - 8, at.y + 8))
    if socket.detail and socket.state:
        detail, size = fitted(socket.detail, CELL - 4, 9)
        canvas.text(Point(middle, at.y + 35 + FEET - 1), detail, size, anchor="middle", fill=QUIET)


def _legend(canvas: Canvas, uses: Sequence[Use], top: float, whole: float, *, read: bool) -> None:
    for use in uses:
        canvas.rect(Point(0, top), (20, SMALL + 4), SOFT if use.tint is None else TINTS[use.tint], stroke=RULE)
        canvas.text(Point(10, top + SMALL), use.code, SMALL, bold=True, anchor="middle")
        top = canvas.paragraph(Point(28, top), lines(clean(use.words), whole - 28, SMALL), SMALL, fill=QUIET) + 4
    if read:
        left = 0.0
        for state, (_, word) in SIGNS.items():
            _state(canvas, state, Point(left + 7, top + SMALL * 0.6))
            canvas.text(Point(left + 14, top + SMALL), word, SMALL, fill=QUIET)
            left += 26 + width(word, SMALL)
        canvas.rect(Point(0, top + SMALL * LINE), (1, 1), PAPER, stroke=None)


def _state(canvas: Canvas, state: LinkState, middle: Point) -> None:
    """Draw the sign of a state around a point."""
    if state in ("up", "down"):
        fill, stroke = (GOOD, GOOD) if state == "up" else (PAPER, EDGE)
        canvas.circle(middle, 3.5, fill, stroke=stroke)
    else:
        fill = ALARM if state == "error" else INK
        canvas.text(Point(middle.x, middle.y + 3.5), SIGNS[state][0], 10, bold=True, anchor="middle", fill=fill)
