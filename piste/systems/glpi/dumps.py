"""A SQL dump that somebody made of GLPI: whole, with its digest and moment (CCTP 6.2).

Piste makes no dump: the password of the database would be in a command line, or on this machine. The form of the last
line is that of mysqldump and mariadb-dump (manual, « --dump-date »); without comments, nothing tells a whole dump.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

from piste.engine.converge.errors import Misused

TABLES = (b"glpi_tickets", b"glpi_knowbaseitems", b"glpi_computers")
"""Tables that every GLPI has: a dump without them is of something else, or in part."""
FILE = "base.csv"
_BLOCK = 2**20
_OVERLAP = 200
_END = re.compile(rb"^-- Dump completed(?: on (\d{4}-\d\d-\d\d +\d{1,2}:\d\d:\d\d))?\s*\Z", re.MULTILINE)
_AGAIN = "Refaites la copie sur le serveur de GLPI (docs/glpi.md), puis relancez."


class Dump(NamedTuple):
    """A dump: name, size, digest; `completed` is its moment by its server’s clock, or empty."""

    file: str
    bytes: int
    sha256: str
    completed: str


def examine(path: Path) -> Dump:
    """Read a dump, plain or gzip, by blocks. Raises `Misused` for no whole dump of GLPI."""
    lacking, end = {*TABLES}, b""
    try:
        for block in _blocks(path):
            text = end + block
            lacking = {name for name in lacking if b"CREATE TABLE `" + name + b"`" not in text}
            end = text[-_OVERLAP:]
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        raise Misused("cette copie ne se lit pas jusqu’au bout", where=str(path), why=str(error), todo=_AGAIN) from None
    if lacking:
        names = ", ".join(sorted(name.decode() for name in lacking))
        raise Misused("ce n’est pas une copie entière de GLPI", where=str(path), why=f"sans {names}", todo=_AGAIN)
    whole = _END.search(end)
    if whole is None:
        why = "sa dernière ligne n’est pas « -- Dump completed » : elle est coupée, ou faite sans commentaires"
        raise Misused("rien ne dit que cette copie est entière", where=str(path), why=why, todo=_AGAIN)
    return Dump(path.name, path.stat().st_size, digest, (whole[1] or b"").decode())


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
        while block := stream.read(_BLOCK):
            yield block
