"""Bytes as texts of an answer: a file, a value of a directory. The text gives them back."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Mapping
from typing import NamedTuple

BASE64 = "base64:"
_PLAIN = frozenset("\t\r\n")


class _Encoding(NamedTuple):
    mark: bytes
    codec: str


_ENCODINGS: Mapping[str, _Encoding] = {
    "utf-8-sig:": _Encoding(codecs.BOM_UTF8, "utf-8"),
    "utf-16:": _Encoding(codecs.BOM_UTF16_LE, "utf-16-le"),
    "": _Encoding(b"", "utf-8"),
    "utf-16-le:": _Encoding(b"", "utf-16-le"),
}
"""By what comes before a text: the bytes before its own, and their codec."""


def written(content: bytes, *, binary: bool = False) -> str:
    """Write bytes as a text: as it reads, its encoding before it, else in base64."""
    for prefix, (mark, codec) in {} if binary else _ENCODINGS.items():
        if not content.startswith(mark):
            continue
        try:
            text = content[len(mark) :].decode(codec)
        except UnicodeDecodeError:
            continue
        if all(char.isprintable() or char in _PLAIN for char in text) and parts(text) == ("", text):
            return f"{prefix}{text}"
    return BASE64 + base64.b64encode(content).decode()


def parts(text: str) -> tuple[str, str]:
    """Split a text into what says its encoding, and what it says."""
    prefix = next((prefix for prefix in (BASE64, *_ENCODINGS) if prefix and text.startswith(prefix)), "")
    return prefix, text.removeprefix(prefix)


def content_of(text: str) -> bytes:
    """Read the bytes of a text that `written` wrote. Raises ValueError."""
    prefix, said = parts(text)
    if prefix == BASE64:
        return base64.b64decode(said, validate=True)
    mark, codec = _ENCODINGS[prefix]
    return mark + said.encode(codec)
