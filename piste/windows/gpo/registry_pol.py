"""``Registry.pol``, the registry policy file of a side (MS-GPREG 2.2.1)."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One instruction of the file: key without hive, value name, registry type (MS-GPREG 2.2.1), data as stored.

    Names beginning with ``**`` are orders of the format (``**del.NAME``), not values.
    """

    key: str
    name: str
    type: int
    data: bytes
