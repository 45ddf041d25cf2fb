"""The characters that the fonts of typst draw; PDF/A refuses a document that has any other."""

from __future__ import annotations

import unicodedata

DRAWN = (
    (0x20, 0x4FF),  # Latin, Greek, Cyrillic
    (0x621, 0x63A),  # Arabic letters
    (0x641, 0x64A),
    (0x1E00, 0x1FFF),
    (0x2000, 0x2040),  # punctuation
    (0x2044, 0x2052),
    (0x2070, 0x20A4),  # raised and lowered figures, money
    (0x20A6, 0x211E),
    (0x2122, 0x2122),  # ™
    (0x2190, 0x23FF),  # arrows, operators
    (0x2460, 0x2606),  # shapes
    (0x2609, 0x262F),  # boxes to tick
    (0x2713, 0x2714),  # ✓
    (0x2717, 0x2718),  # ✗
    (0xFFFD, 0xFFFD),
)
"""Ranges that the fonts of typst have whole. A test typesets each of their characters."""


def drawn(sign: str) -> bool:
    """Tell whether a PDF can show a character, in any style and beside any other.

    A combining mark may lie over a letter of another font, which has no such mark.
    """
    if sign < "\x7f":
        return sign >= " "
    category = unicodedata.category(sign)
    known = category[0] not in "CM" and category not in ("Zl", "Zp")
    return known and any(first <= ord(sign) <= last for first, last in DRAWN)


def in_fonts(text: str, instead: str = "") -> str:
    """Name each character that a PDF cannot show, as `[U+4E2D]`, or put `instead` in its place.

    Ends of lines and tabulations stay.
    """
    lacking = (ord(sign) for sign in set(text) if sign not in "\n\t" and not drawn(sign))
    others = {code: instead or f"[U+{code:04X}]" for code in lacking}
    return text.translate(others) if others else text
