"""French words for the town: the plural of a count, apostrophes, spaces that do not break."""

from __future__ import annotations

import re
from collections.abc import Sequence

NO_BREAK = "\N{NO-BREAK SPACE}"
ARROW = " → "
"""Between the two ends of a link, in its name."""
_FIXED = re.compile(r"(?<=«) | (?=»)| (?=[;:!?](?:\s|$))")
_ELIDED = "jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu|aujourd|entr|qu|[cdjlmnst]"
_ELISION = re.compile(rf"(?<![^\W_])({_ELIDED})'(?=[^\W\d_]|«)", re.IGNORECASE)


def agreed(number: int, text: str) -> str:
    """Write a count: `2 opérations` from `opération(s)`, `1 opération` for one."""
    return f"{number} {text.replace('(s)', 's' if number > 1 else '')}"


def lasting(seconds: int) -> str:
    """Write a length of time, whole: `7 jours`, `1 heure 30 minutes`."""
    parts = []
    for size, word in ((86_400, "jour(s)"), (3600, "heure(s)"), (60, "minute(s)"), (1, "seconde(s)")):
        number, seconds = divmod(seconds, size)
        parts += [agreed(number, word)] if number else []
    return " ".join(parts) or "0 seconde"


def some(names: Sequence[str], most: int = 4, between: str = ", ") -> str:
    """Write the first of some names, and how many others there are."""
    more = f" et {agreed(len(names) - most, 'autre(s)')}" if len(names) > most else ""
    return between.join(names[:most]) + more


def safe(text: str, kept: str = "") -> str:
    """Make a text harmless: no terminal command, no line of its own, no invalid XML."""
    return "".join(sign if sign in kept or sign.isprintable() else "�" for sign in text)


def in_french(text: str) -> str:
    """Write a text as French prints it: its apostrophes, its spaces that do not break."""
    return _ELISION.sub(r"\1’", _FIXED.sub(NO_BREAK, text))
