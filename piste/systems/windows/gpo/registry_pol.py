"""`Registry.pol`, the registry policy file of a side: codec and least edits.

Source: MS-GPREG 2.2.1. The file is a list of instructions in order. Entries encode to the bytes they were read from; an
edit moves no other entry.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from piste.systems.windows.gpo.edits import put_in_place

HEADER = b"PReg\x01\x00\x00\x00"
TYPES: Mapping[str, int] = {"none": 0, "sz": 1, "expand_sz": 2, "binary": 3, "dword": 4, "multi_sz": 7, "qword": 11}
"""Registry types by declared name (MS-GPREG 2.2.1, `Type`)."""
KINDS: Mapping[int, str] = {number: kind for kind, number in TYPES.items()}
DELETE = "**del."
DELETE_ALL = "**delvals."
_ORDER_DATA = " \0".encode("utf-16-le")  # data that the editor stores with an order
_UNITS = "utf-16-le"
_LIMITS = {"dword": 1 << 32, "qword": 1 << 64}


class Entry(NamedTuple):
    """One instruction: key without hive, value name, registry type, data as stored.

    Names beginning with `**` are orders of the format (`**del.NAME`), not values.
    """

    key: str
    name: str
    type: int
    data: bytes


Identity = tuple[str, str]
"""Key and value name, case folded: the registry ignores case."""


def decode(content: bytes) -> list[Entry]:
    """Entries of a file, in order. Raises ValueError, in French, with offset and reason."""
    if content[: len(HEADER)] != HEADER:
        raise ValueError("octet 0 : l’en-tête « PReg », version 1, est attendu")
    reader = _Reader(content, len(HEADER))
    entries = []
    while reader.offset < len(content):
        entries.append(reader.entry())
    return entries


def encode(entries: Iterable[Entry]) -> bytes:
    """Content of a file."""
    return HEADER + b"".join(_record(entry) for entry in entries)


class _Reader:
    """Walks through the records of a file; every step knows its offset."""

    def __init__(self, content: bytes, offset: int) -> None:
        self.content, self.offset = content, offset

    def entry(self) -> Entry:
        self.expect("[")
        key = self.text()
        self.expect(";")
        name = self.text()
        self.expect(";")
        kind = self.number()
        self.expect(";")
        size = self.number()
        self.expect(";")
        data = self.take(size)
        self.expect("]")
        return Entry(key, name, kind, data)

    def take(self, size: int) -> bytes:
        piece = self.content[self.offset : self.offset + size]
        if len(piece) < size:
            raise ValueError(f"octet {self.offset} : {size} octets attendus, le fichier s’arrête après {len(piece)}")
        self.offset += size
        return piece

    def expect(self, mark: str) -> None:
        at = self.offset
        if self.take(2) != mark.encode(_UNITS):
            raise ValueError(f"octet {at} : « {mark} » est attendu")

    def number(self) -> int:
        return int(struct.unpack("<I", self.take(4))[0])

    def text(self) -> str:
        start = end = self.offset
        while (unit := self.content[end : end + 2]) != b"\0\0":
            if len(unit) < 2:
                raise ValueError(f"octet {start} : un texte n’est pas terminé")
            end += 2
        self.offset = end + 2
        return self.content[start:end].decode(_UNITS, "surrogatepass")


def _record(entry: Entry) -> bytes:
    def units(text: str) -> bytes:
        return text.encode(_UNITS, "surrogatepass")

    numbers = struct.pack("<I", entry.type) + units(";") + struct.pack("<I", len(entry.data))
    return units(f"[{entry.key}\0;{entry.name}\0;") + numbers + units(";") + entry.data + units("]")


def to_data(kind: str, value: Any) -> bytes:
    """Stored form of a value. Raises ValueError, in French, where the kind cannot store it.

    The value is an int for `dword` and `qword`, a list of texts for `multi_sz`, base64 text for `binary` and `none`, a
    text for the others.
    """
    if kind in _LIMITS:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LIMITS[kind]:
            raise ValueError(f"un nombre entier de 0 à {_LIMITS[kind] - 1} est attendu")
        return value.to_bytes(4 if kind == "dword" else 8, "little")
    if kind == "multi_sz":
        if not isinstance(value, list) or not all(isinstance(line, str) and line for line in value):
            raise ValueError("une liste de textes, dont aucun n’est vide, est attendue")
        return _units("".join(f"{_checked(line)}\0" for line in value) + "\0")
    if not isinstance(value, str):
        raise ValueError("un texte est attendu (entre guillemets s’il ressemble à un nombre)")
    if kind in ("binary", "none"):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValueError("un texte en base64 est attendu") from error
    return _units(f"{_checked(value)}\0")


def from_data(kind: str, data: bytes) -> Any:
    """Value of a stored form. Raises ValueError where the kind cannot express it."""
    if kind in _LIMITS:
        if len(data) != (4 if kind == "dword" else 8):
            raise ValueError(f"{len(data)} octets ne font pas un {kind}")
        return int.from_bytes(data, "little")
    if kind in ("binary", "none"):
        return base64.b64encode(data).decode()
    text = data.decode(_UNITS)  # UnicodeDecodeError is a ValueError
    if kind == "multi_sz":
        lines = text.removesuffix("\0").removesuffix("\0").split("\0") if text.strip("\0") else []
        if "" in lines:
            raise ValueError("une ligne vide au milieu d’une liste")
        return lines
    return _checked(text.removesuffix("\0"))


def _checked(text: str) -> str:
    if "\0" in text:
        raise ValueError("un texte ne peut contenir le caractère nul")
    return text


def _units(text: str) -> bytes:
    try:
        return text.encode(_UNITS)
    except UnicodeEncodeError as error:
        raise ValueError("un texte contient un caractère que Windows ne peut pas écrire") from error


def make(key: str, name: str, kind: str, value: Any) -> Entry:
    """Instruction that sets a value."""
    return Entry(key, name, TYPES[kind], to_data(kind, value))


def deletion(key: str, name: str) -> Entry:
    """Instruction that removes a value from the machine."""
    return Entry(key, DELETE + name, TYPES["sz"], _ORDER_DATA)


def clearing(key: str) -> Entry:
    """Instruction that removes all values of a key, before the values of a list."""
    return Entry(key, DELETE_ALL, TYPES["sz"], _ORDER_DATA)


def is_deletion(entry: Entry) -> bool:
    """True for an entry that removes one value."""
    return entry.name.casefold().startswith(DELETE)


def is_order(entry: Entry) -> bool:
    """True for an order of the format, except the deletion of one value."""
    return entry.name.startswith("**") and not is_deletion(entry)


def bare_name(entry: Entry) -> str:
    """Name of the value that an entry sets or deletes."""
    return entry.name[len(DELETE) :] if is_deletion(entry) else entry.name


def identity(entry: Entry) -> Identity:
    """Value that the entry is about: the last of equal entries decides."""
    return entry.key.casefold(), bare_name(entry).casefold()


def replace(entries: list[Entry], concerns: Callable[[Entry], bool], desired: Iterable[Entry]) -> None:
    """Replace the entries that a test selects, at the first of them.

    Without a selected entry, `desired` goes after the last entry of the same key, else to the end.
    """
    new = list(desired)
    keys = {entry.key.casefold() for entry in new}
    kin = (place + 1 for place, entry in enumerate(entries) if entry.key.casefold() in keys)
    put_in_place(entries, concerns, new, max(kin, default=len(entries)))
