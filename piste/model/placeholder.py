"""Placeholders of a declaration: samples, dashes, words that promise a value."""

from __future__ import annotations

SAMPLES = ("ex-", "qzzz-")
"""Prefixes of the serial numbers of samples, in small letters."""
_WORDS = frozenset(
    ("à confirmer", "a confirmer", "à renseigner", "a renseigner", "à compléter", "a completer", "to_confirm",
     "inconnu", "inconnue", "néant", "sans", "aucun", "aucune", "exemple", "tbd", "todo", "n/a", "na", "nc", "none",
     "null")
)  # fmt: skip
_DRAWN = frozenset("-‐‑‒–—_.·…?*#x0/ ")


def is_placeholder(value: object) -> bool:
    """Tell whether a value only holds a place: a sample, dashes, zeros, « à confirmer ».

    An empty value is no placeholder.
    """
    if not isinstance(value, str) or not value.strip():
        return False
    text = " ".join(value.split()).casefold()
    return text.startswith(SAMPLES) or text in _WORDS or set(text) <= _DRAWN


def is_empty(value: object) -> bool:
    """Tell whether a value is missing or blank."""
    return value is None or (isinstance(value, str) and not value.strip())
