"""The files of the journal: a chain of records for each environment and node.

Each record is sealed by hash to the record before.

A chain is the folder `<journal>/<environment>/<node>`: `<id>.json` a finished run, `<id>.open` a run in progress,
`head.json` the last record, `pruned.json` what retention has removed, `lock` what a writer takes. Files are written
whole, 0600, as canonical JSON: one byte of difference, white space included, is a difference of content.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from piste.engine.converge.locks import locked
from piste.engine.converge.private import is_draft, private_folder, sync_folder, write_private, writing
from piste.engine.converge.task_log import write_line
from piste.engine.converge.untrusted import NotPlain, opened_plain, parse_json, read_opened, read_plain
from piste.engine.repository import ROOT
from piste.runs.records.record import (
    FORESEEN,
    HEADER,
    RECORD,
    TASK,
    TEXT,
    Record,
    Shape,
    compose,
    fits,
    is_own_account,
    killed_task,
)

VARIABLE = "PISTE_JOURNAL_DIR"
HEAD, PRUNED, LOCK = "head.json", "pruned.json", "lock"
ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
HEAD_SHAPE: Shape = {"id": str, "last": str, "hash": str}
PRUNED_SHAPE: Shape = {"month": str, "last": str, "records": int, "ids": [str], "hash": str}
_LINE: Shape = {"task?": TASK, "foreseen?": FORESEEN, "declaration?": TEXT}
_BEGINNING = re.compile(rb'\{"(?:declaration|foreseen|task|writes)":')
"""The beginning of a line of a run: a line that a full disk has cut has no end, and the next one follows it."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""The name of an environment or a node."""
NO_LINK = "0" * 64
"""The link that follows an unreadable head: it leads to nothing, so that every later check finds it."""
PATIENCE = 60.0
"""Seconds to wait for another run, or for a verification of a long chain: a run without its record writes nothing."""


class Damaged(ValueError):
    """A sealed file that has changed; `content` is its readable part, None where there is none."""

    def __init__(self, content: Record | None = None, why: str = "") -> None:
        self.content, self.why = content, why


def journal_folder() -> Path:
    """Locate the journal of this machine: `PISTE_JOURNAL_DIR`, else `.piste/journal`."""
    given = os.environ.get(VARIABLE)
    return Path(given) if given else ROOT / ".piste" / "journal"


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id(moment: datetime) -> str:
    """Make an id that sorts by its moment.

    The second stands in clear, the rest in six hexadecimal digits: the microsecond, and four
    random bits for the nodes that start at the same moment.
    """
    rest = moment.microsecond << 4 | secrets.randbelow(16)
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{rest:06x}"


def encode(value: Any) -> bytes:
    """Write canonical JSON; a lone surrogate, which UTF-8 refuses, is escaped."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def fingerprint(sealed: Mapping[str, Any]) -> str:
    """Compute the SHA-256 of the canonical form without `hash`."""
    return hashlib.sha256(encode({name: value for name, value in sealed.items() if name != "hash"})).hexdigest()


def seal(content: Mapping[str, Any]) -> Record:
    return {**content, "hash": fingerprint(content)}


def unseal(raw: bytes) -> Record:
    """Read a sealed file. Raises `Damaged`, with the readable part."""
    try:
        content = parse_json(raw)
    except ValueError:
        raise Damaged from None
    if not isinstance(content, dict):
        raise Damaged
    if encode(content) != raw or content.get("hash") != fingerprint(content):
        raise Damaged(content, "le contenu n’est plus celui qui a été scellé")
    return content


def read_sealed(path: Path, shape: Shape) -> Record:
    """Read a sealed file of that shape. Raises `Damaged`, `FileNotFoundError`."""
    try:
        content = unseal(read_plain(path))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(why=str(error.strerror)) from None
    if not fits(content, shape):
        raise Damaged(content, "il n’a pas la forme de ce que Piste écrit")
    return content


@contextmanager
def locked_plain(path: Path) -> Iterator[bytes]:
    """Lock and read a plain file. Raises `BlockingIOError` where a run has it for itself."""
    with opened_plain(path) as handle:
        # NFS gives no exclusive lock to a file that is open for reading (flock(2)).
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield read_opened(handle, path)


@dataclass
class OpenRun:
    """The file of a run in progress: a line for each task, and a line before a task writes.

    The kernel locks it as long as a process of the run lives.
    """

    path: Path
    handle: IO[bytes]

    def add(self, line: Mapping[str, Any], *, synced: bool = False) -> None:
        with writing(self.path):
            write_line(self.handle.fileno(), encode(line), synced=synced)

    def remove(self) -> None:
        self.path.unlink()
        self.handle.close()


class Chain:
    """A chain, by its folder, which is made at the first record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def environment(self) -> str:
        return self.folder.parent.name

    @property
    def node(self) -> str:
        return self.folder.name

    @property
    def name(self) -> str:
        return f"{self.environment}/{self.node}"

    @property
    def is_named(self) -> bool:
        """Tell whether environment and node are names that Piste gives, safe in a path."""
        return bool(_NAME.fullmatch(self.environment) and _NAME.fullmatch(self.node))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Take the chain. Its lock lies beside it: machines that share a journal stop each other.

        A journal that this account only reads has no writer here.
        """
        if not os.access(self.folder, os.W_OK):
            yield
            return
        with locked(self.folder / LOCK, f"journal {self.name}", PATIENCE, mode=0o600):
            yield

    def close_killed(self) -> None:
        """Close the records of runs that were killed."""
        with self.lock():
            self._close_killed()

    def start(self, header: Mapping[str, Any]) -> OpenRun:
        """Open the file of a run in progress, after closing those of runs that were killed.

        The disk holds it before the return: what the run then writes has a trace. Nothing of it is left otherwise.
        """
        private_folder(self.folder)
        with self.lock():
            self._close_killed()
            path = self.folder / f"{header['id']}.open"
            # Not a `with`: the file stays open, and locked, until the run ends.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            run = OpenRun(path, os.fdopen(descriptor, "ab", buffering=0))
            try:
                fcntl.flock(run.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                run.add(header, synced=True)
                sync_folder(self.folder)
            except BaseException:
                run.remove()
                raise
            return run

    def finish(self, run: OpenRun, record: Mapping[str, Any]) -> Record:
        """Seal the record of a run at the end of the chain, after the runs killed meanwhile."""
        with self.lock():
            self._close_killed()
            sealed = self.append(record)
            run.remove()
        return sealed

    def head(self) -> Record | None:
        """Read `id` and hash (`last`) of the last record; None before the first. Raises `Damaged`."""
        return self._head()

    def _head(self, unfinished: Path | None = None) -> Record | None:
        """Read the head; the record that a run left `unfinished` may be the first."""
        with suppress(FileNotFoundError):
            return read_sealed(self.folder / HEAD, HEAD_SHAPE)
        if any(ID.fullmatch(other.stem) and other != unfinished for other in self.folder.glob("*.json")):
            raise Damaged
        return None

    def append(self, record: Mapping[str, Any]) -> Record:
        """Seal a record at the end of the chain, whose lock the caller has."""
        try:
            head = self.head()
            previous = None if head is None else head["last"]
        except Damaged:
            previous = NO_LINK
        sealed = seal({**record, "previous": previous})
        # In this order: a crash between the two leaves the .open file, by which the next run sees it.
        write_private(self.folder / f"{sealed['id']}.json", encode(sealed))
        self.set_head(sealed)
        return sealed

    def set_head(self, record: Mapping[str, Any]) -> None:
        write_private(self.folder / HEAD, encode(seal({"id": record["id"], "last": record["hash"]})))

    def _close_killed(self) -> None:
        for path in filter(is_draft, self.folder.iterdir() if self.folder.is_dir() else ()):
            path.unlink(missing_ok=True)
        for path in self.open_records():
            # An entry that is no plain file stays, for a check to name it.
            with suppress(BlockingIOError, NotPlain), locked_plain(path) as raw:
                finished = path.with_suffix(".json")
                if os.path.lexists(finished):
                    self._finish_append(finished)
                else:
                    self.append(self._killed(path, raw))
                path.unlink()

    def open_records(self) -> list[Path]:
        """List the files of the runs that are not sealed yet, oldest first."""
        return sorted(path for path in self.folder.glob("*.open") if ID.fullmatch(path.stem))

    def _finish_append(self, path: Path) -> None:
        with suppress(Damaged):
            record, head = read_sealed(path, RECORD), self._head(path)
            if record["previous"] == (head and head["last"]):
                self.set_head(record)

    def _killed(self, path: Path, raw: bytes) -> Record:
        """Compose the record of a killed run from its lines; it ends at the time of the last."""
        header, tasks, declaration = read_open(raw)
        known = {"id": path.stem, "environment": self.environment, "node": self.node}
        ended = stamp(datetime.fromtimestamp(path.stat().st_mtime, UTC))
        return compose({**header, **known}, tasks, declaration, ended, "killed")


def read_open(raw: bytes) -> tuple[Record, list[Record], str | None]:
    """Read the header, tasks and declaration digest of a run in progress.

    An unfinished line is left out, but not what stands behind it.
    The operations that a task had announced and never ended stand in a task of status *killed*.
    """
    lines = [parsed for line in raw.splitlines() if (parsed := _line(line)) is not None]
    known = {name.removesuffix("?") for name in HEADER}
    said: Record = next((line for line in lines if fits(line, HEADER)), {})
    header = {name: value for name, value in said.items() if name in known}
    lines = [line for line in lines if fits(line, _LINE)]
    declaration = next((line["declaration"] for line in lines if line.get("declaration")), None)
    return header, _tasks(lines), declaration


def _line(line: bytes) -> Any:
    """Read a line, or the end of it that is whole; None where there is none."""
    for start in (0, *deque((match.start() for match in _BEGINNING.finditer(line, 1)), maxlen=8)):
        with suppress(ValueError):
            return parse_json(line[start:])
    return None


def _tasks(lines: Iterable[Mapping[str, Any]]) -> list[Record]:
    tasks: list[Record] = []
    foreseen: list[Record] = []
    for line in lines:
        if "foreseen" in line:
            foreseen.append(line["foreseen"])
        elif task := line.get("task"):
            mine = [known for known in foreseen if known.get("host") == task["host"]]
            foreseen = [known for known in foreseen if known not in mine]
            tasks += [task] if is_own_account(task) else [task, *map(killed_task, mine)]
    return tasks + [killed_task(known) for known in foreseen]
