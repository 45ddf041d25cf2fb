"""The index of a scan under way, which a run that stops leaves to the next.

It has the names of files, which are personal data: it is its owner's alone, and goes when the scan ends. One process
uses it at a time.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from piste.engine.converge.errors import PisteError

Part = Literal["head", "whole"]
_SCHEMA = """
CREATE TABLE scan (scope TEXT, begun_at TEXT);
CREATE TABLE folders (
    id INTEGER PRIMARY KEY, path BLOB UNIQUE, above INTEGER, identity INTEGER, done INTEGER DEFAULT 0);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, folder INTEGER, name BLOB, kind TEXT, size INTEGER, written INTEGER, cold INTEGER,
    read_since INTEGER, identity INTEGER, head BLOB, whole BLOB, failed INTEGER DEFAULT 0);
CREATE INDEX by_size ON files (size, head);
CREATE INDEX by_folder ON files (folder);
CREATE TABLE unread (place BLOB, what TEXT);
"""
_TWICE = "SELECT size, head FROM files WHERE head IS NOT NULL GROUP BY size, head HAVING COUNT(*) > 1"


class ScanUnderWay(PisteError):
    """Another scan of the share is under way, or its index is not a whole."""

    code = "PISTE-E146"
    kind = "refused"


class Listed(NamedTuple):
    """A file of a listing; `read_since` where somebody has read it after it was written."""

    name: str
    kind: str
    size: int
    written: int
    cold: bool
    read_since: bool
    identity: int


class Pending(NamedTuple):
    """A file whose content is still to read."""

    id: int
    path: str
    size: int
    kind: str


def encoded(name: str) -> bytes:
    """Encode a name; half a pair of surrogates is kept."""
    return name.encode("utf-8", "surrogatepass")


def decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogatepass")


class Index:
    """The files of a share as far as they were read; `scope` is what was asked of the scan."""

    def __init__(self, path: Path, scope: str, moment: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        self.path = path
        self._base = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            # A killed process needs no wait for the disk; a machine that stops costs the scan, not the share.
            self._base.execute("PRAGMA synchronous = OFF")
            self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._base.execute("BEGIN EXCLUSIVE")
            if not self._base.execute("SELECT 1 FROM sqlite_master WHERE name = 'scan'").fetchone():
                self._begin(scope, moment)
            kept, self.begun_at = self._base.execute("SELECT scope, begun_at FROM scan").fetchone()
            if kept != scope:
                self._forget()
                self._begin(scope, moment)
                self.begun_at = moment
            self._base.execute("COMMIT")
        except (sqlite3.Error, TypeError, ValueError) as error:
            self._base.close()
            raise ScanUnderWay(
                "le relevé ne peut pas commencer",
                where=str(path),
                why="un autre est en cours" if "locked" in str(error) else f"son index est illisible : {error}",
                todo="Attendez la fin de l’autre ; s’il n’y en a pas, effacez ce fichier : le relevé repart du début.",
            ) from error

    def _begin(self, scope: str, moment: str) -> None:
        for statement in _SCHEMA.split(";"):
            self._base.execute(statement)
        self._base.execute("INSERT INTO scan VALUES (?, ?)", (scope, moment))
        self._base.execute("INSERT INTO folders (path, above, identity) VALUES (x'', NULL, 0)")

    def _forget(self) -> None:
        for table in ("scan", "folders", "files", "unread"):
            self._base.execute(f"DROP TABLE IF EXISTS {table}")

    def close(self, *, ended: bool) -> None:
        """Close; the index of a scan that ended goes."""
        self._base.close()
        if ended:
            self.path.unlink(missing_ok=True)

    # folders and files

    def next_folder(self) -> tuple[int, str] | None:
        """Give a folder that is still to list."""
        row = self._base.execute("SELECT id, path FROM folders WHERE done = 0 ORDER BY id DESC LIMIT 1").fetchone()
        return (row[0], decoded(row[1])) if row else None

    def above(self, folder: int) -> Iterator[int]:
        """Give the numbers on the volume of a folder and of those above it."""
        at: int | None = folder
        while at is not None:
            at, identity = self._base.execute("SELECT above, identity FROM folders WHERE id = ?", (at,)).fetchone()
            yield identity

    def listed(
        self,
        folder: int,
        inner: Iterable[tuple[str, int]],
        files: Iterable[Listed],
        unread: Iterable[tuple[str, str]],
    ) -> None:
        """Keep the listing of a folder, whole: folders (path, identity), files, what was not read."""
        base = self._base
        base.execute("BEGIN")
        base.executemany(
            "INSERT OR IGNORE INTO folders (path, above, identity) VALUES (?, ?, ?)",
            [(encoded(path), folder, identity) for path, identity in inner],
        )
        base.executemany(
            "INSERT INTO files (folder, name, kind, size, written, cold, read_since, identity) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(folder, encoded(file.name), *file[1:]) for file in files],
        )
        self._not_read(unread)
        base.execute("UPDATE folders SET done = 1 WHERE id = ?", (folder,))
        base.execute("COMMIT")

    def _not_read(self, unread: Iterable[tuple[str, str]]) -> None:
        self._base.executemany("INSERT INTO unread VALUES (?, ?)", [(encoded(place), what) for place, what in unread])

    # contents

    def same_file_once(self) -> None:
        """Keep a file of several names on its volume once: the others take no room."""
        self._base.execute(
            "UPDATE files SET kind = 'name' WHERE identity != 0 AND kind IN ('file', 'dedup') AND id NOT IN "
            "(SELECT MIN(id) FROM files WHERE identity != 0 GROUP BY identity, size)"
        )

    def without_head(self, least: int) -> list[Pending]:
        """List the files of a size that others have, without their beginning; largest first."""
        return self._pending(
            "f.head IS NULL AND f.size >= ? AND f.size IN (SELECT size FROM files WHERE kind IN ('file', 'dedup') "
            "AND size >= ? GROUP BY size HAVING COUNT(*) > 1)", (max(least, 1), max(least, 1)),
        )  # fmt: skip

    def without_whole(self) -> list[Pending]:
        """List the files whose beginning others have, and whose whole is still to read."""
        return self._pending(f"f.whole IS NULL AND f.head IS NOT NULL AND (f.size, f.head) IN ({_TWICE})", ())

    def _pending(self, condition: str, given: Sequence[Any]) -> list[Pending]:
        rows = self._base.execute(
            "SELECT f.id, d.path, f.name, f.size, f.kind FROM files f JOIN folders d ON d.id = f.folder "
            f"WHERE f.kind IN ('file', 'dedup') AND f.failed = 0 AND {condition} ORDER BY f.size DESC, f.id",
            given,
        )
        return [Pending(id_, joined(decoded(path), decoded(name)), size, kind) for id_, path, name, size, kind in rows]

    def hashed(self, file: int, part: Part, digest: bytes) -> None:
        self._base.execute(f"UPDATE files SET {part} = ? WHERE id = ?", (digest, file))

    def failed(self, file: Pending, why: str) -> None:
        """Note, under its folder, that the content of a file was not read."""
        self._base.execute("BEGIN")
        self._base.execute("UPDATE files SET failed = 1 WHERE id = ?", (file.id,))
        self._not_read([(file.path.rpartition("\\")[0], why)])
        self._base.execute("COMMIT")

    # results

    def duplicates(self) -> Iterator[tuple[int, int]]:
        """Give each file that another equals, and its group, the copy to keep first in each.

        It is the copy that was written last, so that a cold copy never stands for a living file.
        """
        groups = "SELECT size, whole FROM files WHERE whole IS NOT NULL GROUP BY size, whole HAVING COUNT(*) > 1"
        rows = self._base.execute(
            "SELECT id, DENSE_RANK() OVER (ORDER BY size DESC, whole) FROM files WHERE whole IS NOT NULL "
            f"AND (size, whole) IN ({groups}) ORDER BY size DESC, whole, written DESC, id"
        )
        yield from rows

    def files(self) -> Iterator[tuple[int, str, Listed]]:
        """Give each file, with its id and its folder."""
        rows = self._base.execute(
            "SELECT f.id, d.path, f.name, f.kind, f.size, f.written, f.cold, f.read_since, f.identity FROM files f "
            "JOIN folders d ON d.id = f.folder ORDER BY f.id"
        )
        for id_, path, name, kind, size, written, cold, read_since, identity in rows:
            yield id_, decoded(path), Listed(
                decoded(name), kind, size, written, bool(cold), bool(read_since), identity
            )  # fmt: skip

    def folders(self) -> int:
        return int(self._base.execute("SELECT COUNT(*) FROM folders WHERE done = 1").fetchone()[0])

    def unread(self) -> list[tuple[str, str]]:
        """List the places that were not read, with the reason."""
        rows = self._base.execute("SELECT place, what FROM unread ORDER BY place, what")
        return [(decoded(place), what) for place, what in rows]


def joined(folder: str, name: str) -> str:
    return f"{folder}\\{name}" if folder and name else folder or name
