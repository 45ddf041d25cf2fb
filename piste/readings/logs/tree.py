"""The tree of a collector: a folder a stream, a file a day, read within bounds.

A file is `<stream>/<AAAA-MM-JJ>.log`, compressed or not (`.gz`, `.xz`); its day is that of reception, in UTC. Names and
contents are data: nothing is followed, nothing is executed, memory does not grow with the size of a file.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from piste.engine.converge.untrusted import NotPlain, opened_plain
from piste.readings.logs.errors import UnreadTree

LARGEST = 2**40
"""Most bytes of a file on the disk."""
LONGEST = 2**40
"""Most bytes of a day, decompressed."""
ENTRIES = 1_000_000
"""Most entries of a tree that are looked at."""
CHUNK = 2**20
EDGE = 2**16
"""Bytes at each end of a day in which its first and last moments are looked for."""
GRACE = timedelta(hours=1)
"""Time after midnight (UTC) during which a day may still be written."""
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""Errors of a file that does not read, compressed or not."""
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.log(\.gz|\.xz)?")
_PLAIN: Mapping[str, Callable[..., Any]] = {".gz": lambda file: gzip.GzipFile(fileobj=file), ".xz": lzma.LZMAFile}
_MOMENT = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


class DayFile(NamedTuple):
    """The file of a day of a stream."""

    stream: str
    day: date
    path: Path

    @property
    def name(self) -> str:
        """Its name in the tree, without the suffix of its compression."""
        return f"{self.stream}/{self.day}.log"


class Content(TypedDict):
    """Contents of a day: SHA-256 and counts once decompressed, first and last moments (UTC).

    A moment is None where a line does not begin by it.
    """

    sha256: str
    bytes: int
    lines: int
    first: str | None
    last: str | None


class Stray(NamedTuple):
    """An entry of the tree that is no day of a declared stream."""

    name: str
    why: str


class Tree(NamedTuple):
    """The days of each declared stream, in order, and the entries that are none."""

    days: Mapping[str, list[DayFile]]
    strays: list[Stray]


class Unreadable(ValueError):
    """A file that is no readable day; the text says why, in French."""


def read_tree(folder: Path, streams: Iterable[str]) -> Tree:
    """List the days of every stream. Raises `UnreadTree`."""
    names = sorted(streams)
    days: dict[str, list[DayFile]] = {name: [] for name in names}
    parents = {part for name in names for part in _parents(name)}
    strays: list[Stray] = []
    wanted, seen = [""], 0
    while wanted:
        where = wanted.pop()
        for entry in _entries(folder / where, top=not where):
            seen += 1
            if seen > ENTRIES:
                raise UnreadTree(f"plus de {ENTRIES} entrées dans {folder}", todo="Vérifiez ce qui y est écrit.")
            name = f"{where}/{entry.name}" if where else entry.name
            if entry.is_symlink():
                strays.append(Stray(name, "un lien, que rien ne suit"))
            elif entry.is_dir(follow_symlinks=False):
                if name in days or name in parents:
                    wanted.append(name)
                else:
                    strays.append(Stray(name, "le dossier de nulle source déclarée"))
            elif (day := _day(entry.name)) and where in days and entry.is_file(follow_symlinks=False):
                days[where].append(DayFile(where, day, Path(entry.path)))
            else:
                strays.append(Stray(name, "ce n’est pas le fichier d’un jour"))
    for stream, files in days.items():
        files.sort(key=lambda file: (file.day, file.path.name))
        strays += [Stray(f"{stream}/{file.path.name}", "ce jour y est déjà") for file in _twice(files)]
        days[stream] = [file for index, file in enumerate(files) if index == 0 or files[index - 1].day != file.day]
    return Tree(days, sorted(strays))


def _parents(name: str) -> Iterator[str]:
    parts = name.split("/")
    yield from ("/".join(parts[:length]) for length in range(1, len(parts)))


def _entries(folder: Path, *, top: bool) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        what = "le dossier des journaux ne se lit pas" if top else "un dossier des journaux ne se lit pas"
        todo = "Lancez Piste sur le collecteur, ou montez-y son dossier en lecture (docs/journaux.md)."
        raise UnreadTree(what, where=str(folder), why=str(error.strerror), todo=todo) from None


def _day(name: str) -> date | None:
    match = _NAME.fullmatch(name)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _twice(files: list[DayFile]) -> Iterator[DayFile]:
    yield from (file for before, file in pairwise(files) if before.day == file.day)


def is_closed(day: date, now: datetime) -> bool:
    """Tell whether a day is over and nothing is written into it any more."""
    return now >= datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) + GRACE


def read_day(file: DayFile) -> Content:
    """Read a day from end to end, in constant memory. Raises `Unreadable`, `FileNotFoundError`."""
    digest, size, lines = hashlib.sha256(), 0, 0
    head, tail = b"", b""
    try:
        for chunk in chunks(file.path):
            digest.update(chunk)
            size += len(chunk)
            lines += chunk.count(b"\n")
            if size > LONGEST:
                raise Unreadable("il est plus long qu’un jour ne peut l’être")
            if len(head) < EDGE:
                head += chunk[: EDGE - len(head)]
            tail = (tail + chunk[-EDGE:])[-EDGE:]
    except FileNotFoundError:
        raise
    except NotPlain as error:
        raise Unreadable(str(error.strerror)) from None
    except DAMAGED as error:
        raise Unreadable(f"il ne se lit pas ({getattr(error, 'strerror', None) or error})") from None
    if tail and not tail.endswith(b"\n"):
        lines += 1
    return Content(sha256=digest.hexdigest(), bytes=size, lines=lines, first=_moment(head), last=_last(tail, size))


def chunks(path: Path) -> Iterator[bytes]:
    """Yield a day by pieces, decompressed. Raises `DAMAGED`."""
    with opened_plain(path, LARGEST) as plain, _PLAIN.get(path.suffix, nullcontext)(plain) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def edges(file: DayFile) -> tuple[datetime | None, datetime | None]:
    """Read the first and last moments of a day that is still written; None where nothing says."""
    if file.path.suffix != ".log":
        try:
            content = read_day(file)
        except (Unreadable, FileNotFoundError):
            return None, None
        return moment(content["first"]), moment(content["last"])
    try:
        with opened_plain(file.path, LARGEST) as handle:
            head = handle.read(EDGE)
            size = handle.seek(0, os.SEEK_END)
            handle.seek(max(0, size - EDGE))
            # The line that is being written may lack its end: the line before says enough.
            return moment(_moment(head)), moment(_last(handle.read(EDGE), size))
    except OSError:
        return None, None


def moment(text: str | None) -> datetime | None:
    """Read a moment of a content."""
    return None if text is None else datetime.fromisoformat(text)


def _last(tail: bytes, size: int) -> str | None:
    lines = tail.removesuffix(b"\n").split(b"\n")
    whole = lines if size <= len(tail) else lines[1:]
    return next((said for line in reversed(whole[-50:]) if (said := _moment(line))), None)


def _moment(line: bytes) -> str | None:
    match = _MOMENT.match(line)
    if not match:
        return None
    try:
        read = datetime.fromisoformat((match[1] + match[2]).decode("ascii"))
        return read.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None
