"""EAP methods of a profile: a blob for each (`msEAPConfiguration`), after its 16-byte type.

The server's certificate is its SHA-1, after a dword with its length. The other bytes of EAP-TLS are recorded nowhere:
they are only copied from a policy of the same server (`piste.systems.windows.nps.beliefs`).

Sources: recorded exports (PEAP whole; EAP-TLS by the place of its thumbprint, on which several public renewal scripts
depend).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import NamedTuple

TLS, PEAP = 13, 25
_TYPE, _HASH = 16, 20
_AT: Mapping[int, int] = {PEAP: 36, TLS: 40}
"""Position of the hash, by method; the dword before it has its length."""
_FLAGS, _FAST = 28, 1
_PEAP_START = struct.pack("<III", 0x38, 2, 0x38)
"""Size of the rest, version, size of the structure; the flags and the hash follow."""
_PEAP_END = struct.pack("<IIIII", 1, 1, 16, 26, 0)
"""A single inner method: its version, its size, MSCHAPv2, which needs nothing more."""


class Configured(NamedTuple):
    """The content of a blob that Piste can read."""

    thumbprint: str
    fast_reconnect: bool = False


def type_of(blob: str) -> int:
    """Return the number of the method of a blob, or of an allowed type, both in hex.

    Raises ValueError for another text.
    """
    kind = bytes.fromhex(blob)[:_TYPE]
    if len(kind) != _TYPE or any(kind[1:]):
        raise ValueError(blob)
    return kind[0]


def kind(number: int) -> str:
    """Return the 16 bytes of a method's type, in hex."""
    return bytes([number]).ljust(_TYPE, b"\0").hex()


def read(blob: str) -> Configured | None:
    """Read a blob; return None for a blob of another form."""
    try:
        number, whole = type_of(blob), bytes.fromhex(blob)
    except ValueError:
        return None
    at = _AT.get(number, len(whole))
    if int.from_bytes(whole[at - 4 : at], "little") != _HASH or len(whole) < at + _HASH:
        return None
    thumbprint = whole[at : at + _HASH].hex().upper()
    if number == TLS:
        return Configured(thumbprint)
    if whole[_TYPE:_FLAGS] != _PEAP_START or whole[at + _HASH :] != _PEAP_END:
        return None
    return Configured(thumbprint, bool(whole[_FLAGS] & _FAST))


def changed(blob: str, desired: Configured) -> str:
    """Return a blob with another certificate, and for PEAP another flag; the other bytes stay."""
    whole, number = bytearray.fromhex(blob), type_of(blob)
    at = _AT[number]
    whole[at : at + _HASH] = bytes.fromhex(desired.thumbprint)
    if number == PEAP:
        whole[_FLAGS] = whole[_FLAGS] & ~_FAST | desired.fast_reconnect
    return whole.hex()


def made(number: int, desired: Configured) -> str:
    """Make a blob. Raises ValueError for a method without a whole recorded blob."""
    if number != PEAP:
        raise ValueError(number)
    digest = struct.pack("<I", _HASH) + bytes.fromhex(desired.thumbprint)
    return kind(number) + (_PEAP_START + struct.pack("<I", desired.fast_reconnect) + digest + _PEAP_END).hex()
