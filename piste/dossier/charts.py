"""Drawings as SVG, with their title and description: the same file for the page and for the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, LINE, LABEL = 640, 26, 110


class Bar(NamedTuple):
    """A part of a whole."""

    label: str
    value: int
    whole: int


def bars(key: str, title: str, description: str, told: Sequence[Bar]) -> str:
    """Horizontal bars, each with its figures written: nothing is told by colour alone. `key` is unique in a page."""
    height = LINE * len(told) + 8
    most = max((bar.whole for bar in told), default=0) or 1
    scale = (WIDTH - LABEL - 90) / most
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="{key}-title {key}-desc" font-family="sans-serif" font-size="13">'
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-desc">{escape(description)}</desc>'
        f'<defs><pattern id="{key}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/>'
        '<line x1="0" y1="0" x2="0" y2="6" stroke="#8a97a6" stroke-width="2"/></pattern></defs>'
        + "".join(_bar(key, bar, 4 + LINE * rank, scale) for rank, bar in enumerate(told))
        + "</svg>"
    )


def _bar(key: str, bar: Bar, top: float, scale: float) -> str:
    whole, value, middle = bar.whole * scale, bar.value * scale, top + LINE / 2 + 2
    return (
        f'<text x="{LABEL - 8}" y="{middle}" text-anchor="end" fill="#1b2733">{escape(bar.label)}</text>'
        f'<rect x="{LABEL}" y="{top + 3}" width="{whole:.1f}" height="{LINE - 8}" fill="url(#{key}-hatch)" '
        'stroke="#5b6875"/>'
        f'<rect x="{LABEL}" y="{top + 3}" width="{value:.1f}" height="{LINE - 8}" fill="#1f4e79"/>'
        f'<text x="{LABEL + whole + 6:.1f}" y="{middle}" fill="#1b2733">{bar.value} / {bar.whole}</text>'
    )
