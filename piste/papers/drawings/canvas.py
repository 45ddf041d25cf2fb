"""The sheet of a drawing: shapes and lines of text, written as SVG.

A drawing has no script and nothing from outside; its things lead where a page asks. Colours are few and named:
each has its counterpart in the dark, and what a colour says is also said by a word, a sign or a dash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from piste.papers.drawings.text import LINE, SIZE, clean, width

PAPER, SOFT, RULE, EDGE = "#ffffff", "#eef2f6", "#6f7c8a", "#5b6875"
INK, QUIET, ACCENT, ALARM, GOOD = "#1b2733", "#44515e", "#1f4e79", "#9b1c1c", "#1d6330"
TINTS = ("#dbe9f6", "#e3efdc", "#f9e7c9", "#eadff0", "#f6dcdc")
"""Grounds of boxes: dark text stands on each."""
DARK: Mapping[str, str] = {
    PAPER: "#12181f", SOFT: "#1e2731", RULE: "#8592a0", EDGE: "#93a1b0",
    INK: "#e8edf2", QUIET: "#b8c3ce", ACCENT: "#8fc0ee", ALARM: "#ff9d9d", GOOD: "#86d79c",
    TINTS[0]: "#1d3550", TINTS[1]: "#20391f", TINTS[2]: "#453413", TINTS[3]: "#392a47", TINTS[4]: "#4a2222",
}  # fmt: skip
"""The colour of each colour in the dark."""


def dark_rules(scope: str = "") -> str:
    """Give the rules of style by which drawings follow the reader's choice of a dark screen."""
    rules = "".join(
        f'{scope}[{name}="{light}"]{{{name}:{dark}}}' for light, dark in DARK.items() for name in ("fill", "stroke")
    )
    return f"@media screen and (prefers-color-scheme:dark){{{rules}}}"


def size_of(svg: str) -> tuple[float, float]:
    """Read the width and height of a drawing, which its first tag gives."""
    width, height = re.findall(r' (?:width|height)="([\d.]+)"', svg.partition(">")[0])
    return float(width), float(height)


def alone(svg: str) -> str:
    """Give a drawing as a file of its own, that follows the dark by itself."""
    return svg.replace("</desc>", f"</desc><style>{dark_rules()}</style>", 1) + "\n"


class Point(NamedTuple):
    x: float
    y: float


class Canvas:
    """A sheet that shapes are put on; `width` and `height` grow with them."""

    def __init__(self) -> None:
        self._drawn: list[str] = []
        self._leads = False
        self.width = self.height = 0.0

    def rect(
        self,
        at: Point,
        size: tuple[float, float],
        fill: str = PAPER,
        *,
        stroke: str | None = EDGE,
        dashed: bool = False,
        heavy: bool = False,
        round_: float = 3,
    ) -> None:
        edge = f' stroke="{stroke}" stroke-width="{2 if heavy else 1}"' if stroke else ""
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self._grow(at.x + size[0], at.y + size[1])
        self._drawn.append(
            f'<rect x="{_n(at.x)}" y="{_n(at.y)}" width="{_n(size[0])}" height="{_n(size[1])}" '
            f'rx="{_n(round_)}" fill="{fill}"{edge}{dash}/>'
        )

    def line(self, points: Sequence[Point], *, stroke: str = EDGE, dashed: bool = False, thick: float = 1.5) -> None:
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        for point in points:
            self._grow(point.x, point.y)
        path = "L".join(f"{_n(point.x)} {_n(point.y)}" for point in points)
        self._drawn.append(f'<path d="M{path}" fill="none" stroke="{stroke}" stroke-width="{_n(thick)}"{dash}/>')

    def circle(self, at: Point, radius: float, fill: str, *, stroke: str = EDGE) -> None:
        self._grow(at.x + radius, at.y + radius)
        self._drawn.append(
            f'<circle cx="{_n(at.x)}" cy="{_n(at.y)}" r="{_n(radius)}" fill="{fill}" stroke="{stroke}"/>'
        )

    def text(
        self,
        at: Point,
        text: str,
        size: float = SIZE,
        *,
        bold: bool = False,
        anchor: str = "start",
        fill: str = INK,
    ) -> None:
        """Write a line; `at` is on its base line."""
        weight = ' font-weight="bold"' if bold else ""
        align = f' text-anchor="{anchor}"' if anchor != "start" else ""
        share = {"start": 1.0, "middle": 0.5, "end": 0.0}[anchor]
        self._grow(at.x + share * width(text, size, bold=bold), at.y + size * 0.3)
        self._drawn.append(
            f'<text x="{_n(at.x)}" y="{_n(at.y)}" font-size="{_n(size)}"{weight}{align} fill="{fill}">'
            f"{escape(clean(text))}</text>"
        )

    def paragraph(self, at: Point, lines: Sequence[str], size: float, *, bold: bool = False, fill: str = INK) -> float:
        """Write lines under each other from the top; give where they end."""
        for rank, line in enumerate(lines):
            self.text(Point(at.x, at.y + size * (LINE * rank + 1)), line, size, bold=bold, fill=fill)
        return at.y + size * LINE * len(lines)

    @contextmanager
    def leading(self, place: str | None) -> Iterator[None]:
        """Draw meanwhile what leads to a place of a page, to none without it.

        A drawing that leads somewhere is a group for who hears it: an image would hide its links.
        """
        self._leads |= place is not None
        self._drawn += [f"<a href={quoteattr(clean(place))}>"] if place else []
        yield
        self._drawn += ["</a>"] if place else []

    def svg(self, key: str, title: str, words: str) -> str:
        """Give the drawing; `key` is unique in a page."""
        width, height, name = _n(self.width + 2), _n(self.height + 2), quoteattr(clean(key))[1:-1]
        role = "group" if self._leads else "img"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width} {height}" width="{width}" '
            f'height="{height}" role="{role}" aria-labelledby="{name}-title {name}-desc" font-family="sans-serif">'
            f'<title id="{name}-title">{escape(clean(title))}</title>'
            f'<desc id="{name}-desc">{escape(clean(words))}</desc>'
            f'<rect x="-1" y="-1" width="{width}" height="{height}" fill="{PAPER}"/>' + "".join(self._drawn) + "</svg>"
        )

    def _grow(self, right: float, bottom: float) -> None:
        self.width, self.height = max(self.width, right), max(self.height, bottom)


def _n(number: float) -> str:
    """Write a number in as few signs as it needs, the same on every machine."""
    return f"{number:.1f}".removesuffix(".0").replace("-0", "0" if abs(number) < 0.05 else "-0")
