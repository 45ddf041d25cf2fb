"""French words for the town: the plural of a count, the spaces at which a line does not end."""

from __future__ import annotations

import re

NO_BREAK = "\N{NO-BREAK SPACE}"
_FIXED = re.compile(r"(?<=«) | (?=[»;:!?](?:\s|$))")


def agreed(number: int, text: str) -> str:
    """Write a count: `2 opérations` from `opération(s)`, `1 opération` for one."""
    return f"{number} {text.replace('(s)', 's' if number > 1 else '')}"


def unbroken(text: str) -> str:
    """Put a space that does not break inside quotation marks and before the signs of two parts."""
    return _FIXED.sub(NO_BREAK, text)
