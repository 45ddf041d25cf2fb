"""Moments as a directory writes them.

Sources: MS-DTYP 2.3.3 (FILETIME), MS-ADTS 3.1.1.2.2.2 (generalized time).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_BEGINNING = datetime(1601, 1, 1, tzinfo=UTC)
_TICKS = 10_000_000
"""Parts of a second."""


def of_ticks(ticks: int) -> datetime | None:
    """Read a FILETIME; None for never, and for what no calendar has."""
    return _BEGINNING + timedelta(seconds=ticks // _TICKS) if 0 < ticks < 2**61 else None


def of_text(raw: bytes) -> datetime:
    """Read a generalized time: `20261201165700.0Z`. Raises ValueError."""
    return datetime.strptime(raw[:14].decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
