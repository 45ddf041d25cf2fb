"""The values of `dNSProperty`: the settings of a zone.

Source: MS-DNSP 2.3.2.1 (form), 2.3.2.1.1 (identifiers), 2.2.5.2.4.1 (values).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from types import MappingProxyType

ZONE_TYPE, ALLOW_UPDATE, SECURE_TIME = 0x01, 0x02, 0x08
NO_REFRESH, REFRESH, AGING, AGING_ENABLED_TIME = 0x10, 0x20, 0x40, 0x12
MASTERS, MASTERS_OF_ANY_FAMILY = 0x81, 0x91
PRIMARY, FORWARDER = 1, 4
UPDATES: Mapping[str, int] = {"none": 0, "any": 1, "secure": 2}
"""Dynamic updates of a zone: by nobody, by anybody, by authenticated accounts."""
_SEVEN_DAYS = 168
_HEADER = struct.Struct("<IIIII")
_NAME = bytes(4)
"""The unused name after the data: a byte in the document, four as controllers write it."""
_DEFAULTS: Mapping[int, int] = MappingProxyType(
    {ZONE_TYPE: PRIMARY, NO_REFRESH: _SEVEN_DAYS, REFRESH: _SEVEN_DAYS, AGING: 0, ALLOW_UPDATE: 0}
)


class Properties:
    """The settings of a zone, by identifier."""

    def __init__(self, values: Iterable[bytes]) -> None:
        """Read the values. Raises ValueError for other bytes."""
        self._data = dict(map(_read, values))

    def number(self, id_: int) -> int:
        """Return a number, or the default where the zone has none."""
        data = self._data.get(id_, b"")
        return int.from_bytes(data, "little") if data else _DEFAULTS.get(id_, 0)

    @property
    def updates(self) -> str:
        """Name who may update the zone; empty for an unknown number."""
        number = self.number(ALLOW_UPDATE)
        return next((name for name, known in UPDATES.items() if known == number), "")

    @property
    def masters(self) -> list[str]:
        """List the IPv4 addresses to which a conditional forwarder sends (2.2.3.2.1, 2.2.3.2.3)."""
        data = self._data.get(MASTERS, b"")
        if data:
            addresses = [data[at : at + 4] for at in range(4, len(data) - 3, 4)]
        else:
            data = self._data.get(MASTERS_OF_ANY_FAMILY, b"")
            # An array of DNS_ADDR of 64 bytes after a head of 32; the address of an IPv4 socket is at 4.
            addresses = [data[at + 4 : at + 8] for at in range(32, len(data) - 63, 64) if data[at] == 2]
        return [".".join(map(str, address)) for address in addresses]


def new(updates: str) -> list[bytes]:
    """Return the settings that the console gives a new primary zone, without aging."""
    numbers = {
        ZONE_TYPE: struct.pack("<I", PRIMARY),
        ALLOW_UPDATE: bytes([UPDATES[updates]]),
        SECURE_TIME: struct.pack("<Q", 0),
        NO_REFRESH: struct.pack("<I", _SEVEN_DAYS),
        REFRESH: struct.pack("<I", _SEVEN_DAYS),
        AGING: struct.pack("<I", 0),
        AGING_ENABLED_TIME: struct.pack("<I", 0),
    }
    return [write(id_, data) for id_, data in numbers.items()]


def write(id_: int, data: bytes) -> bytes:
    return _HEADER.pack(len(data), 0, 0, 1, id_) + data + _NAME


def _read(raw: bytes) -> tuple[int, bytes]:
    try:
        length, _, _, version, id_ = _HEADER.unpack_from(raw)
    except struct.error as error:
        raise ValueError("too short for a property of a zone") from error
    data = raw[_HEADER.size : _HEADER.size + length]
    if version != 1 or len(data) != length:
        raise ValueError("not a property of a zone")
    return id_, data
