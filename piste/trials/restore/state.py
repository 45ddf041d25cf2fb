"""The things that a restore test makes, on the disk before they are made.

A file a test: a line that says which test, then a line a thing. A line that was cut says nothing: its thing was not
made yet. A last line says that a reading has shown that nothing is left; the result is kept, then the file goes. Each
line has a seal, under the environment's key and over the lines before it: a file that anybody could write, or move,
removes nothing.
"""

from __future__ import annotations

import errno
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import private_folder
from piste.engine.converge.text import on_one_line
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.engine.repository import ROOT
from piste.runs.plans.keys import seal_by
from piste.runs.records.chain import encode
from piste.trials.restore.method import Thing

OPEN = ".open"
FOLDER = "folder"
"""The kind of the private folder of a test."""
_ENDED = "ended"
_PURPOSE = "restore"
_BY_HAND = "Cherchez à la main ce que l’essai a laissé, retirez ce qui est bien de lui, puis supprimez ce fichier."


def folder(environment: str) -> Path:
    """Locate the restore tests of an environment, beside the records of its runs."""
    given = os.environ.get("PISTE_RESTORES_DIR")
    return (Path(given) if given else ROOT / ".piste" / "restores") / environment


class Remains(PisteError):
    """Things of a test are still there: nothing new is made before they have gone."""

    code = "PISTE-E136"


@dataclass(slots=True)
class State:
    """A test in progress, or what a killed test has left; `key` seals its lines."""

    path: Path
    key: str
    header: dict[str, Any]
    things: list[Thing] = field(default_factory=list)
    last: str = ""
    """Seal of the last line."""
    ended: bool = False
    """True where nothing is left of the test."""

    @classmethod
    def begin(cls, path: Path, key: str, header: dict[str, Any]) -> State:
        """Write the first line. Raises `FileExistsError` where a test has left its own."""
        private_folder(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        state = cls(path, key, header)
        state._add(header)
        return state

    @classmethod
    def read(cls, path: Path, key: str) -> State:
        """Read what a test has left; a line that was cut says nothing.

        Raises `Remains` where a line is not what a test wrote: what it names is said, and stays.
        """
        whole, _, _ = read_plain(path).rpartition(b"\n")
        state = cls(path, key, {})
        try:
            lines = [parse_json(line) for line in whole.splitlines()]
            seals = [str(line.pop("seal", "")) for line in lines]
            things = [_thing(line) for line in lines[1:] if _ENDED not in line]
            if lines:
                state.header = {**lines[0], "test": {**lines[0]["test"]}}
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise Remains(
                "ce qu’un essai tué avait fait ne se lit plus", where=str(path), why=str(error)[:200], todo=_BY_HAND,
            ) from error  # fmt: skip
        for line, seal in zip(lines, seals, strict=True):
            if not hmac.compare_digest(state._seal(line).encode(), seal.encode("utf-8", "replace")):
                raise unproven(
                    path,
                    things,
                    "un fichier dit ce qu’un essai a fait",
                    "Une ligne n’a pas le sceau de cet environnement : le fichier est d’avant les sceaux, d’une autre "
                    "clé, ou écrit par d’autres.",
                )
            state.last = seal
        state.things, state.ended = things, any(_ENDED in line for line in lines[1:])
        return state

    def expect(self, thing: Thing) -> Thing:
        """Note a thing, on the disk when this returns."""
        self._add(asdict(thing))
        self.things.append(thing)
        return thing

    def end(self) -> None:
        """Note that nothing is left; only this line proves it, as anybody could write a result."""
        self._add({_ENDED: True})
        self.ended = True

    def close(self) -> None:
        self.path.unlink(missing_ok=True)

    def _seal(self, line: Mapping[str, Any]) -> str:
        """Seal a line: where its file lies, the seal of the line before, its content."""
        place = [*self.path.parts[-3:], self.last]
        return seal_by(self.key, _PURPOSE, encode([place, line]))

    def _add(self, line: Mapping[str, Any]) -> None:
        # As the file gives it back: what JSON changes is sealed changed.
        line = parse_json(encode(line))
        seal = self._seal(line)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            content = encode({**line, "seal": seal})
            if os.write(handle, content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fsync(handle)
        finally:
            os.close(handle)
        self.last = seal


def unproven(path: Path, things: Sequence[Thing], what: str, why: str) -> Remains:
    """Make the refusal to remove what a file names without proof."""
    named = ", ".join(f"{thing.kind} {thing.id}" for thing in things if thing.kind != FOLDER)
    return Remains(
        f"{what}, et rien ne le prouve : rien n’est retiré",
        where=str(path),
        why=f"{why} Il nomme : {on_one_line(named)[:500] or 'rien'}.",
        todo=_BY_HAND,
    )


def left_open(environment: str) -> list[Path]:
    """List the tests that did not end, the oldest first."""
    return sorted(folder(environment).glob(f"*/*{OPEN}"), key=lambda path: path.name)


def _thing(line: Any) -> Thing:
    facts = {str(name): str(value) for name, value in line.get("facts", {}).items()}
    return Thing(str(line["kind"]), str(line["id"]), facts)
