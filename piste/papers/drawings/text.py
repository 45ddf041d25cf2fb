"""Text of a drawing: what may be written, its width, its lines.

No font of a machine is asked: widths are those of DejaVu Sans, the widest of the usual fonts, so that what fits here
fits everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from piste.engine.words import in_french

SIZE, SMALL, LEAST, LINE = 12.0, 10.5, 7.0, 1.3
"""Sizes of text and the least of them, in units of a drawing; height of a line, in sizes."""
_BOLD = 1.14
_WIDTHS = {
    28: "'ijl",
    32: " ,.IJ’·‘\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}",
    37: "/:;\\|f-",
    41: "()[]tr!",
    50: '"*_`–°sz“”?',
    56: "cLFk",
    62: "vxyPTYaoe«»ø",
    66: "ESbdghnpquß$0123456789{}€K",
    70: "AVBRXZC",
    76: "UHNDG▲",
    84: "&OQØw#+<=>^~×→↔✓≥≤−",
    100: "M●○■□%mæW@—…œÆ",
}
_LETTERS = {letter: width / 100 for width, letters in _WIDTHS.items() for letter in letters}
_OTHER, _WIDE = 0.95, 1.35
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_SIGNS = "-/.,_@"


def clean(text: str, kept: str = "") -> str:
    """Replace what would not print, or would turn the text around, by a visible sign.

    The signs of `kept` stay.
    """
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text)
    hidden = [ord(sign) for sign in set(composed) if unicodedata.category(sign) in _HIDDEN and sign not in kept]
    return composed.translate(dict.fromkeys(hidden, "\N{REPLACEMENT CHARACTER}")) if hidden else composed


@cache
def _letter(sign: str) -> float:
    if sign in _LETTERS:
        return _LETTERS[sign]
    if unicodedata.combining(sign):
        return 0
    base = unicodedata.normalize("NFD", sign)[0]
    if base in _LETTERS:
        return _LETTERS[base]
    return _WIDE if unicodedata.east_asian_width(sign) in "WF" else _OTHER


def width(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Give the greatest width of a line of text."""
    return sum(map(_letter, text)) * size * (_BOLD if bold else 1)


def lines(text: str, room: float, size: float = SIZE, *, bold: bool = False) -> list[str]:
    """Break a text into lines that fit the room, and leave nothing out.

    A line ends at a space, in a long word at a sign, elsewhere only where it must.
    """
    broken: list[str] = []
    line = ""
    for piece in _pieces(clean(in_french(text)), room, size, bold=bold):
        if line and width((line + piece).rstrip(), size, bold=bold) > room:
            broken.append(line.rstrip())
            line = ""
        line += piece
    return [*broken, line.rstrip()] if line.strip() or not broken else broken


def _pieces(text: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    """Yield the parts of a text between which a line may end, each no wider than the room."""
    for word in _split(text, " "):
        if width(word.rstrip(), size, bold=bold) <= room:
            yield word
            continue
        for piece in _split(word, _SIGNS):
            rest = piece
            while len(rest) > 1 and width(rest.rstrip(), size, bold=bold) > room:
                cut = max(1, _fitting(rest, room, size, bold=bold))
                yield rest[:cut]
                rest = rest[cut:]
            yield rest


def _split(text: str, signs: str) -> Iterator[str]:
    """Cut a text after each of some signs."""
    start = 0
    for end, sign in enumerate(text, start=1):
        if sign in signs:
            yield text[start:end]
            start = end
    if start < len(text):
        yield text[start:]


def _fitting(text: str, room: float, size: float, *, bold: bool) -> int:
    return next((count - 1 for count in range(1, len(text) + 1) if width(text[:count], size, bold=bold) > room), 1)


def ranges(numbers: Sequence[int]) -> str:
    """Write numbers as runs: `1–4, 7`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def names(texts: Sequence[str]) -> str:
    """Write names that differ by the number at their end as runs: `ap-jau-01 à 06`."""
    runs: list[list[str]] = []
    for text in texts:
        head, number = _numbered(text)
        if runs and number and _numbered(runs[-1][-1]) == (head, f"{int(number) - 1:0{len(number)}}"):
            runs[-1].append(text)
        else:
            runs.append([text])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} à {_numbered(run[-1])[1]}" for run in runs)


def _numbered(text: str) -> tuple[str, str]:
    """Split a name before the number that ends it."""
    head = text.rstrip("0123456789")
    return head, text[len(head) :] if text[len(head) :].isascii() else ""


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> tuple[str, float]:
    """Give a line that fits the room, and its size: smaller, then cut with a sign of it."""
    while width(text, size, bold=bold) > room and size > LEAST:
        size -= 0.5
    if width(text, size, bold=bold) <= room:
        return text, size
    return text[: max(1, _fitting(text, room - width("…", size, bold=bold), size, bold=bold))] + "…", size
