"""Files from elsewhere, read within bounds: plain files only, never through a link."""

from __future__ import annotations

import errno
import json
import os
import stat
from io import BufferedReader
from itertools import accumulate
from pathlib import Path
from typing import IO, Any, NoReturn

LONGEST = 64 * 2**20
"""Bytes of a file; a run over the whole town, made from nothing, leaves a tenth of them."""
DEEPEST = 64
"""Levels of a document; Piste writes twenty at most."""
WIDEST = 5_000_000
"""Values of a document, counted before any value is made."""
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_OTHERS = bytes(byte for byte in range(256) if byte not in _STEPS)


class NotPlain(OSError):
    """The name is not that of a plain file of a reasonable length."""


def read_plain(path: Path, longest: int = LONGEST) -> bytes:
    """Read a plain file. Raises `NotPlain`, and the other errors of the system."""
    with opened_plain(path, longest) as handle:
        return read_opened(handle, path, longest)


def opened_plain(path: Path, longest: int = LONGEST) -> BufferedReader:
    """Open a plain file for reading. Raises as `read_plain` does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _not_plain("ce n’est pas un fichier ordinaire", path) from None
        raise
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= longest:
        return open(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISREG(status.st_mode):
        raise _too_long(longest, path)
    raise _not_plain("ce n’est pas un fichier ordinaire", path)


def read_opened(handle: IO[bytes], path: Path, longest: int = LONGEST) -> bytes:
    """Read the rest of an open file, which may have grown since. Raises `NotPlain`."""
    content = handle.read(longest + 1)
    if len(content) > longest:
        raise _too_long(longest, path)
    return content


def _too_long(longest: int, path: Path) -> NotPlain:
    return _not_plain(f"plus de {longest // 2**20} Mio", path)


def _not_plain(why: str, path: Path) -> NotPlain:
    return NotPlain(errno.EINVAL, why, str(path))


def parse_json(raw: bytes) -> Any:
    """Parse a JSON text. Raises `ValueError` for anything else, and for too deep a nesting."""
    # Without escaped quotes, every other piece between quotes is outside strings.
    pieces = raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    brackets = b"".join(pieces[::2]).translate(None, _OTHERS)
    if sum(map(raw.count, (b",", b"[", b"{", b":"))) > WIDEST:
        raise ValueError(f"plus de {WIDEST} valeurs")
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > DEEPEST:
        raise ValueError(f"plus de {DEEPEST} niveaux imbriqués")
    return json.loads(raw.decode("utf-8"), parse_constant=_refuse)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} n’est pas du JSON")
