"""The things that a restore test makes, on the disk before they are made.

A file a test: a line that says which test, then a line a thing. A line that was cut says nothing: its thing was not
made yet. The file goes when a reading has shown that nothing is left.
"""

from __future__ import annotations

import errno
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.untrusted import parse_json, read_plain
from piste.records.chain import encode, private_folder
from piste.repository import ROOT
from piste.restore.method import Thing

OPEN = ".open"
FOLDER = "folder"
"""The kind of the private folder of a test."""


def folder(environment: str) -> Path:
    """Locate the restore tests of an environment, beside the records of its runs."""
    given = os.environ.get("PISTE_RESTORES_DIR")
    return (Path(given) if given else ROOT / ".piste" / "restores") / environment


class Remains(PisteError):
    """Things of a test are still there: nothing new is made before they have gone."""

    code = "PISTE-E136"


@dataclass(slots=True)
class State:
    """A test in progress, or what a killed test has left."""

    path: Path
    header: dict[str, Any]
    things: list[Thing] = field(default_factory=list)

    @classmethod
    def begin(cls, path: Path, header: dict[str, Any]) -> State:
        """Write the first line. Raises `FileExistsError` where a test has left its own."""
        private_folder(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        state = cls(path, header)
        state._add(header)
        return state

    @classmethod
    def read(cls, path: Path) -> State:
        """Read what a test has left; a line that was cut says nothing.

        Raises `Remains` where another line is not what was written: what it named may still be there.
        """
        whole, _, _ = read_plain(path).rpartition(b"\n")
        try:
            lines = [parse_json(line) for line in whole.splitlines()]
            header = {**lines[0], "test": {**lines[0]["test"]}} if lines else {}
            return cls(path, header, [_thing(line) for line in lines[1:]])
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise Remains(
                "ce qu’un essai tué avait fait ne se lit plus", where=str(path), why=str(error)[:200],
                todo="Cherchez à la main ce que l’essai a laissé, puis supprimez ce fichier.",
            ) from error  # fmt: skip

    def expect(self, thing: Thing) -> Thing:
        """Note a thing, on the disk when this returns."""
        self._add(asdict(thing))
        self.things.append(thing)
        return thing

    def close(self) -> None:
        self.path.unlink(missing_ok=True)

    def _add(self, line: Any) -> None:
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            content = encode(line)
            if os.write(handle, content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fsync(handle)
        finally:
            os.close(handle)


def left_open(environment: str) -> list[Path]:
    """List the tests that did not end, the oldest first."""
    return sorted(folder(environment).glob(f"*/*{OPEN}"), key=lambda path: path.name)


def _thing(line: Any) -> Thing:
    facts = {str(name): str(value) for name, value in line.get("facts", {}).items()}
    return Thing(str(line["kind"]), str(line["id"]), facts)
