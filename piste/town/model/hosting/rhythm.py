"""Rhythms of the copies that Prism Central takes.

Source: Nutanix SDK, `datapolicies.v4.config.Schedule`: older copies are the rarer (roll-up) for these rhythms alone.
"""

from __future__ import annotations

LINEAR = 24
"""Hours between two copies from which all are kept, at any rhythm."""
_MINUTES, _HOURS, _DAYS = (1, 2, 3, 4, 5, 6, 10, 12, 15), (1, 2, 3, 4, 6, 8, 12), (1, 7, 14)
ROLLED_UP = frozenset(
    {*(60 * count for count in _MINUTES), *(3_600 * count for count in _HOURS), *(86_400 * count for count in _DAYS)}
)
"""Seconds between two copies that a roll-up admits."""
HOURS = tuple(hours for hours in _HOURS if hours < LINEAR)
