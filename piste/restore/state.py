"""The things that a restore test makes, on the disk before they are made.

A file a test: a line that says which test, then a line a thing. A line that was cut says nothing: its thing was not
made yet. The file goes when a reading has shown that nothing is left.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

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
        """Read what a test has left; a line that is not whole says nothing."""
        lines: list[Any] = []
        for line in read_plain(path).splitlines():
            with suppress(ValueError):
                lines.append(parse_json(line))
        header = lines[0] if lines and isinstance(lines[0], dict) else {}
        return cls(path, header, [*_things(lines[1:])])

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
            os.write(handle, encode(line))
            os.fsync(handle)
        finally:
            os.close(handle)


def left_open(environment: str) -> list[Path]:
    """List the tests that did not end, the oldest first."""
    return sorted(folder(environment).glob(f"*/*{OPEN}"), key=lambda path: path.name)


def _things(lines: list[Any]) -> Iterator[Thing]:
    for line in lines:
        with suppress(TypeError, AttributeError, KeyError):
            facts = {str(name): str(value) for name, value in line.get("facts", {}).items()}
            yield Thing(str(line["kind"]), str(line["id"]), facts)
