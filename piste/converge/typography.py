"""The spaces at which French does not end a line."""

from __future__ import annotations

import re

NO_BREAK = "\N{NO-BREAK SPACE}"
_FIXED = re.compile(r"(?<=«) | (?=[»;:!?](?:\s|$))")


def unbroken(text: str) -> str:
    """``text`` with a space that holds inside quotation marks and before the signs that have two parts."""
    return _FIXED.sub(NO_BREAK, text)
