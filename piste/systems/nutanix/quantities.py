"""Sizes for people: `40 GiB`, in the largest unit that gives a whole number."""

from __future__ import annotations

import re

UNITS = {"TiB": 1 << 40, "GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10, "B": 1}


def size(text: str) -> str:
    """Normalise a size, such as `4096 MiB` or a number of bytes. Raises `ValueError`."""
    return spelt(in_bytes(text))


def in_bytes(text: str) -> int:
    match = re.fullmatch(r"\s*(\d{1,18})\s*([KMGT]i?B?|B)?\s*", text)
    if not match or not int(match[1]):
        raise ValueError(text)
    unit = (match[2] or "B")[0]
    return int(match[1]) * next(factor for name, factor in UNITS.items() if name[0] == unit)


def spelt(count: int) -> str:
    return next(f"{count // factor} {name}" for name, factor in UNITS.items() if count % factor == 0)
