"""Placeholders of a declaration: samples, dashes, words that promise a value."""

from __future__ import annotations

import unicodedata

SAMPLES = ("ex-", "qzzz-")
"""Prefixes of the serial numbers of samples, in small letters."""
_PROMISES = (
    "a confirmer", "a renseigner", "a completer", "a definir", "a preciser", "to_confirm", "to be ", "non renseigne",
    "non communique",
)  # fmt: skip
"""Beginnings of what promises a value, folded: « à confirmer avec le fournisseur » is none."""
_WORDS = frozenset(
    ("inconnu", "inconnue", "neant", "sans", "aucun", "aucune", "exemple", "tbd", "todo", "n/a", "na", "nc", "none",
     "null", "unknown", "s.o.", "sans objet")
)  # fmt: skip
_FIRMWARE = frozenset(
    ("default string", "system serial number", "not specified", "0123456789", "123456789", "chassis serial number",
     "oem", "invalid")
)  # fmt: skip
"""Serial numbers that makers leave in the firmware of a computer without a number."""
_DRAWN = frozenset("-‐‑‒–—_.·…?*#x0/ ")


def is_placeholder(value: object) -> bool:
    """Tell whether a value only holds a place: a sample, dashes, zeros, « à confirmer ».

    An empty value is no placeholder.
    """
    if not isinstance(value, str) or not value.strip():
        return False
    text = " ".join(value.split()).casefold()
    folded = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return (
        folded.startswith((*SAMPLES, *_PROMISES)) or folded in _WORDS or folded in _FIRMWARE or set(text) <= _DRAWN
    )


def is_empty(value: object) -> bool:
    """Tell whether a value is missing or blank."""
    return value is None or (isinstance(value, str) and not value.strip())
