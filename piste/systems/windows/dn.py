"""Distinguished names, and the paths by which people know the same places.

A path goes from the domain's root down, `Ville/Ecoles/ecole-jaures`; the root itself is `/`. A step is an
organizational unit, or a container where it is written `CN=Users`. `\\` escapes the next character (`\\/`, `\\\\`), and
the first character of a unit whose name begins with `CN=`.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

ROOT = "/"
_CONTAINER = "CN="

_UNSAFE = re.compile(r'[,+"\\<>;=]|\A[ #]| \Z|[\x00-\x1f\x7f]')


def escape(value: str) -> str:
    """Escape a value for a distinguished name (RFC 4514, 2.4)."""
    return _UNSAFE.sub(_escaped, value)


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    return f"\\{char}" if char.isprintable() else f"\\{ord(char):02X}"


def _cut(text: str, separator: str) -> list[str]:
    """Cut a text at the separators that no `\\` precedes.

    Raises ValueError for a text that ends in `\\`.
    """
    if "\\" not in text:
        return text.split(separator)  # nearly all: a search of a large directory reads tens of thousands of them
    pieces, start, at = [], 0, 0
    while at < len(text):
        if text[at] == separator:
            pieces.append(text[start:at])
            start = at + 1
        at += 2 if text[at] == "\\" else 1
    if at > len(text):
        raise ValueError(text)
    return [*pieces, text[start:]]


def unescape(text: str) -> str:
    """Return the value of a piece of a distinguished name (RFC 4514, 3)."""
    if "\\" not in text:
        return text
    raw = b"".join(
        bytes.fromhex(pair) if pair else (char or plain).encode()
        for pair, char, plain in re.findall(r"\\([0-9A-Fa-f]{2})|\\(.)|([^\\])", text, re.DOTALL)
    )
    return raw.decode(errors="replace")


def split(dn: str) -> list[tuple[str, str]]:
    """Split a distinguished name into `(attribute, value)` steps, the object first."""
    result = []
    for piece in _cut(dn, ",") if dn else []:
        attribute, _, value = piece.partition("=")
        result.append((attribute.strip(), unescape(_trimmed(value))))
    return result


def first(dn: str) -> tuple[str, str]:
    """Return the value of the first step of a name, and what is above it as it is spelt."""
    step = _cut(dn, ",")[0] if "\\" in dn else dn.partition(",")[0]
    return unescape(_trimmed(step.partition("=")[2])), dn[len(step) + 1 :]


def _trimmed(value: str) -> str:
    """Strip the spaces around a value, but for an escaped last space."""
    left = value.lstrip(" ")
    right = left.rstrip(" ")
    slashes = len(right) - len(right.rstrip("\\"))
    return right + " " if slashes % 2 and len(right) < len(left) else right


def join(steps: Sequence[tuple[str, str]]) -> str:
    return ",".join(f"{attribute}={escape(value)}" for attribute, value in steps)


def parent(dn: str) -> str:
    return join(split(dn)[1:])


def child(name: str, above: str, attribute: str = "CN") -> str:
    return ",".join(part for part in (join([(attribute, name)]), above) if part)


@lru_cache(maxsize=4096)
def normal(dn: str) -> str:
    """Return the same text for all the spellings of a distinguished name."""
    return join(folded(dn))


def below(dn: str, base: str) -> bool:
    """Return True for an object of the subtree of `base`, itself included."""
    inner, outer = folded(dn), folded(base)
    return inner[len(inner) - len(outer) :] == outer if len(inner) >= len(outer) else False


def same(dn: str, other: str) -> bool:
    return folded(dn) == folded(other)


def folded(dn: str) -> list[tuple[str, str]]:
    return [(attribute.upper(), fold(value)) for attribute, value in split(dn)]


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """Return the same text for all the names that a directory takes for equal.

    Active Directory compares names without case, width nor diacritics (MS-ADTS 3.1.1.2.2.4.4: NORM_IGNORECASE,
    NORM_IGNORENONSPACE, NORM_IGNOREWIDTH): `École` and `ecole` cannot exist in the same place.
    """
    spread = unicodedata.normalize("NFKD", name)
    return "".join(char for char in spread if not unicodedata.combining(char)).casefold()


def domain_of(base: str) -> str:
    """Return the DNS name of a domain from its distinguished name."""
    return ".".join(value for attribute, value in split(base) if attribute.upper() == "DC").lower()


# paths


def steps(path: str) -> list[tuple[str, str]]:
    """Split a path into `(attribute, value)` steps, from the root down.

    Raises ValueError for an empty step.
    """
    if path == ROOT:
        return []
    pieces = _cut(path, "/")
    if "" in pieces:
        raise ValueError(path)
    return [_step(piece) for piece in pieces]


def _step(text: str) -> tuple[str, str]:
    if text[:3].upper() == _CONTAINER and len(text) > 3:
        return ("CN", _plain(text[3:]))
    return ("OU", _plain(text))


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def written(path: Sequence[tuple[str, str]]) -> str:
    """Write the path of steps that go from the root down."""
    if not path:
        return ROOT
    return "/".join(_written(attribute, value) for attribute, value in path)


def _written(attribute: str, value: str) -> str:
    text = re.sub(r"[\\/]", r"\\\g<0>", value)
    if attribute.upper() == "CN":
        return _CONTAINER + text
    return "\\" + text if text[:3].upper() == _CONTAINER else text


def spelt(path: str) -> str:
    """Return a declared path in its canonical spelling. Raises ValueError for what is no path."""
    return written(steps(path))


def dn_of(path: str, base: str) -> str:
    """Return the distinguished name of a path."""
    return ",".join(text for text in (join(list(reversed(steps(path)))), base) if text)


def path_of(dn: str, base: str) -> str:
    """Return the path of an object beneath `base`."""
    inner = split(dn)
    return written(list(reversed(inner[: len(inner) - len(split(base))])))


def folded_path(path: str) -> str:
    """Return the same text for all the spellings of a place's path."""
    return written([(attribute, fold(value)) for attribute, value in steps(path)])


def above(path: str) -> str:
    """Return the path of the parent of a place."""
    return written(steps(path)[:-1])


def inside(path: str, base: str) -> bool:
    """Return True for a path beneath `base` or equal to it."""
    outer, inner = steps(folded_path(base)), steps(folded_path(path))
    return inner[: len(outer)] == outer


# filters and identifiers


def literal(value: str) -> str:
    """Escape a value for a search filter (RFC 4515, 3)."""
    return re.sub(r"[\\*()\0]", lambda match: f"\\{ord(match.group()):02x}", value)


def sid_text(raw: bytes) -> str:
    """Return the text of a binary SID, `S-1-5-…` (MS-DTYP 2.4.2.2).

    Raises ValueError for other bytes.
    """
    if len(raw) < 8 or len(raw) < 8 + 4 * raw[1]:
        raise ValueError("not a security identifier")
    parts = struct.unpack_from(f"<{raw[1]}I", raw, 8)
    return "-".join(map(str, ("S", raw[0], int.from_bytes(raw[2:8], "big"), *parts)))
