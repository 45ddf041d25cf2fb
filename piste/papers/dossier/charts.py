"""Drawings as SVG, with a title and a description; the page and the PDF share them.

Colour alone says nothing: values are written, verdicts are words, estimates are hatched. `key` is unique in a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple
from xml.sax.saxutils import escape

from piste.papers.drawings.text import clean

WIDTH, LINE, LABEL = 640, 26, 110
LONGEST = 78
"""Letters in bold that fit in the width."""
TALL, PLOT = 62, 70
CELL, GUTTER, CURVE = 308, 24, 134
"""Width of a curve, space between two, height with its texts."""
HEAT_LABEL, DARK = 76, 0.74
"""Width of the names of the rows; the share of the scale above which white is read better than black."""
INK, SOLID, EDGE, SOFT = "#1b2733", "#1f4e79", "#5b6875", "#eef2f6"


class Bar(NamedTuple):
    """A part of a whole."""

    label: str
    value: int
    whole: int


class Bullet(NamedTuple):
    """A value against its thresholds, in the same unit; `text` gives value and verdict.

    Without a value the bar is empty and `text` says unknown. `low` and `high` bound the scale.
    """

    label: str
    value: float | None
    at_least: float | None
    at_most: float | None
    low: float
    high: float
    text: str


class Span(NamedTuple):
    """A quantity between two bounds; `text` gives it in words.

    `measured` (0 to 1) is the part that was read; the rest is estimated.
    """

    label: str
    value: float
    low: float
    high: float
    measured: float
    text: str


class Day(NamedTuple):
    """The values of the 24 hours of a day; an unknown value is None."""

    label: str
    hours: Sequence[float | None]


class Moment(NamedTuple):
    """A value of a curve, measured or estimated; without a value the curve is broken."""

    label: str
    value: float | None
    measured: bool


class Curve(NamedTuple):
    """Values in time against thresholds of the same unit; `text` gives value and trend."""

    label: str
    text: str
    moments: Sequence[Moment]
    at_least: float | None = None
    at_most: float | None = None


def bars(key: str, title: str, description: str, lines: Sequence[Bar]) -> str:
    """Draw horizontal bars, with their figures in words."""
    most = max((bar.whole for bar in lines), default=0) or 1
    scale = (WIDTH - LABEL - 90) / most
    drawn = (_bar(key, bar, 4 + LINE * rank, scale) for rank, bar in enumerate(lines))
    return _svg(key, title, description, LINE * len(lines) + 8, drawn)


def bullets(key: str, title: str, description: str, lines: Sequence[Bullet]) -> str:
    """Draw a bar a line, under its name and its text, with its thresholds across."""
    drawn = (_bullet(key, bullet, TALL * rank) for rank, bullet in enumerate(lines))
    return _svg(key, title, description, TALL * len(lines) + 8, drawn)


def spans(key: str, title: str, description: str, lines: Sequence[Span]) -> str:
    """Draw a bar a line, from zero: measured part solid, estimated part hatched, range across."""
    most = max((span.high for span in lines), default=0) or 1
    drawn = (_span(key, span, TALL * rank, (WIDTH - 16) / most) for rank, span in enumerate(lines))
    return _svg(key, title, description, TALL * len(lines) + 8, drawn)


def curves(key: str, title: str, description: str, lines: Sequence[Curve]) -> str:
    """Draw curves, two in a row: measured solid, estimated hollow, unknown hatched."""
    drawn = (_curve(key, curve, (CELL + GUTTER) * (rank % 2), CURVE * (rank // 2)) for rank, curve in enumerate(lines))
    return _svg(key, title, description, CURVE * ((len(lines) + 1) // 2), drawn)


def days(key: str, title: str, description: str, lines: Sequence[Day]) -> str:
    """Draw a square an hour, darker as its value is greater; an unknown hour is hatched."""
    most = max((value for day in lines for value in day.hours if value is not None), default=0) or 1
    side = (WIDTH - HEAT_LABEL) / 24
    drawn = [_text(HEAT_LABEL + side * (hour + 0.5), 14, str(hour), "middle", ' font-size="10"') for hour in range(24)]
    for rank, day in enumerate(lines):
        top = 20 + LINE * rank
        drawn.append(_text(HEAT_LABEL - 8, top + LINE / 2 + 4, day.label, "end"))
        drawn += [
            _square(key, HEAT_LABEL + side * hour, top, side, value, most) for hour, value in enumerate(day.hours)
        ]
    return _svg(key, title, description, LINE * len(lines) + 28, drawn)


def _square(key: str, x: float, y: float, side: float, value: float | None, most: float) -> str:
    if value is None:
        return _rect(x, y, side - 1, LINE - 1, f"url(#{key}-hatch)", f' stroke="{EDGE}" stroke-width="0.5"')
    share = value / most
    # These shades are the same in the dark: none is written as a colour that has its counterpart there.
    red, green, blue = (
        round(int(light, 16) + (int(dark, 16) - int(light, 16)) * share)
        for light, dark in zip((SOFT[1:3], SOFT[3:5], SOFT[5:7]), (SOLID[1:3], SOLID[3:5], SOLID[5:7]), strict=True)
    )
    words = f"{value:.0f}" if value >= 0.5 or not value else "<1"
    extra = f' font-size="{9 if len(words) < 3 else 7}"'
    drawn = _rect(x, y, side - 1, LINE - 1, f"rgb({red},{green},{blue})")
    if not value:
        return drawn
    ink = "white" if share > DARK else "black"
    return drawn + _text(x + side / 2, y + LINE / 2 + 3, words, "middle", extra, ink)


def _svg(key: str, title: str, description: str, height: float, drawn: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="{key}-title {key}-desc" font-family="sans-serif" font-size="13">'
        f'<title id="{key}-title">{escape(clean(title))}</title>'
        f'<desc id="{key}-desc">{escape(clean(description))}</desc>'
        f'<defs><pattern id="{key}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/>'
        '<line x1="0" y1="0" x2="0" y2="6" stroke="#6f7c8a" stroke-width="2"/></pattern></defs>'
        + "".join(drawn)
        + "</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str = "start", extra: str = "", ink: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}"{extra}>{escape(clean(text))}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height}" fill="{fill}"{extra}/>'


def _bar(key: str, bar: Bar, top: float, scale: float) -> str:
    whole, value, middle = bar.whole * scale, bar.value * scale, top + LINE / 2 + 2
    return (
        _text(LABEL - 8, middle, bar.label, "end")
        + _rect(LABEL, top + 3, whole, LINE - 8, f"url(#{key}-hatch)", f' stroke="{EDGE}"')
        + _rect(LABEL, top + 3, value, LINE - 8, SOLID)
        + _text(LABEL + whole + 6, middle, f"{bar.value} / {bar.whole}")
    )


def _bullet(key: str, bullet: Bullet, top: float) -> str:
    def at(value: float) -> float:
        return 4 + (WIDTH - 8) * (value - bullet.low) / (bullet.high - bullet.low)

    empty = bullet.value is None
    drawn = _heading(bullet.label, bullet.text, top)
    drawn += _rect(4, top + 38, WIDTH - 8, 16, f"url(#{key}-hatch)" if empty else SOFT, f' stroke="{EDGE}"')
    if bullet.value is not None:
        ends = sorted((at(0), at(bullet.value)))
        drawn += _rect(ends[0], top + 41, ends[1] - ends[0], 10, SOLID)
    for limit in (bullet.at_least, bullet.at_most):
        if limit is not None:
            drawn += (
                f'<line x1="{at(limit):.1f}" y1="{top + 35}" x2="{at(limit):.1f}" y2="{top + 57}" '
                f'stroke="{INK}" stroke-width="3"/>'
            )
    return drawn


def _span(key: str, span: Span, top: float, scale: float) -> str:
    middle, measured = top + 46, span.value * span.measured
    return (
        _heading(span.label, span.text, top)
        + _rect(4, top + 38, span.value * scale, 16, f"url(#{key}-hatch)", f' stroke="{EDGE}"')
        + _rect(4, top + 38, measured * scale, 16, SOLID)
        + f'<path d="M{4 + span.low * scale:.1f} {middle - 5}v10m0 -5H{4 + span.high * scale:.1f}m0 -5v10" '
        f'fill="none" stroke="#ffffff" stroke-width="4"/>'
        f'<path d="M{4 + span.low * scale:.1f} {middle - 5}v10m0 -5H{4 + span.high * scale:.1f}m0 -5v10" '
        f'fill="none" stroke="{INK}" stroke-width="2"/>'
    )


def _heading(label: str, text: str, top: float) -> str:
    """Write the name and the text of a bar on two lines above it, so that they never overlap."""
    # A name that does not fit is drawn smaller: a cut name would say something else.
    size = "" if len(label) <= LONGEST else f' font-size="{13 * LONGEST / len(label):.1f}"'
    return _text(4, top + 15, label, extra=f' font-weight="bold"{size}') + _text(4, top + 31, text)


def _curve(key: str, curve: Curve, left: float, top: float) -> str:
    small = ' font-size="11"'
    title = wrap(curve.label, 48, max_lines=2, placeholder="…")
    drawn = "".join(
        _text(left, top + 13 + 13 * rank, line, extra=f' font-weight="bold"{small}') for rank, line in enumerate(title)
    )
    drawn += _text(left, top + 40, curve.text, extra=small)
    return drawn + _plot(key, curve, left, top + 52)


def _plot(key: str, curve: Curve, left: float, top: float) -> str:
    height, limits = 58, [limit for limit in (curve.at_least, curve.at_most) if limit is not None]
    values = [moment.value for moment in curve.moments if moment.value is not None]
    low, high = min([0.0, *values, *limits]), max([0.0, *values, *limits])
    high = high if high > low else low + 1
    step = CELL / max(len(curve.moments), 1)

    def at(value: float) -> float:
        return top + 4 + (height - 8) * (1 - (value - low) / (high - low))

    places = [(left + step * (rank + 0.5), moment) for rank, moment in enumerate(curve.moments)]
    drawn = _rect(left, top, CELL, height, "none", f' stroke="{EDGE}" stroke-width="0.5"')
    drawn += "".join(
        _rect(x - step / 2, top, step, height, f"url(#{key}-hatch)", ' opacity="0.5"')
        for x, moment in places
        if moment.value is None
    )
    drawn += f'<line x1="{left}" y1="{at(0):.1f}" x2="{left + CELL}" y2="{at(0):.1f}" stroke="{EDGE}"/>'
    for limit in limits:
        drawn += (
            f'<line x1="{left}" y1="{at(limit):.1f}" x2="{left + CELL}" y2="{at(limit):.1f}" stroke="{INK}" '
            'stroke-dasharray="6 3"/>'
        )
    for (x, former), (x2, later) in pairwise(places):
        if former.value is not None and later.value is not None:
            dashed = "" if former.measured and later.measured else ' stroke-dasharray="3 3"'
            drawn += (
                f'<line x1="{x:.1f}" y1="{at(former.value):.1f}" x2="{x2:.1f}" y2="{at(later.value):.1f}" '
                f'stroke="{SOLID}" stroke-width="2"{dashed}/>'
            )
    for x, moment in places:
        if moment.value is not None:
            fill = SOLID if moment.measured else "#ffffff"
            drawn += (
                f'<circle cx="{x:.1f}" cy="{at(moment.value):.1f}" r="3" fill="{fill}" stroke="{SOLID}" '
                'stroke-width="1.5"/>'
            )
    return drawn + _months(places, top + height + 13)


def _months(places: Sequence[tuple[float, Moment]], y: float) -> str:
    """Write as many labels as fit, from the last backwards."""
    every = max(1, -(-len(places) // 7))
    kept = [place for rank, place in enumerate(reversed(places)) if rank % every == 0]
    small = ' font-size="9.5"'
    return "".join(
        _text(x + 5, y, moment.label, "end", small) if rank == 0 else _text(x, y, moment.label, "middle", small)
        for rank, (x, moment) in enumerate(kept)
    )
