"""Bytes as texts of an answer: a file, a value of a directory. The text gives them back."""

from __future__ import annotations

import base64
import codecs

BASE64 = "base64:"
_ENCODINGS = (("utf-8-sig", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-8", b""))
_MARKED = "utf-8-sig:", "utf-16-le:"
_PLAIN = frozenset("\t\r\n")


def written(content: bytes, *, binary: bool = False) -> str:
    """Write bytes as a text: as it reads, its encoding before it, else in base64."""
    for encoding, mark in () if binary else _ENCODINGS:
        if not content.startswith(mark):
            continue
        try:
            text = content[len(mark) :].decode("utf-8" if mark == codecs.BOM_UTF8 else encoding)
        except UnicodeDecodeError:
            continue
        if all(char.isprintable() or char in _PLAIN for char in text) and not text.startswith((BASE64, *_MARKED)):
            return f"{encoding}:{text}" if mark else text
    return BASE64 + base64.b64encode(content).decode()


def content_of(text: str) -> bytes:
    """Read the bytes of a text that `written` wrote. Raises ValueError."""
    if text.startswith(BASE64):
        return base64.b64decode(text.removeprefix(BASE64), validate=True)
    for encoding, mark in _ENCODINGS:
        if mark and text.startswith(f"{encoding}:"):
            return mark + text.removeprefix(f"{encoding}:").encode("utf-8" if mark == codecs.BOM_UTF8 else encoding)
    return text.encode()
