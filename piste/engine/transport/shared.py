"""A private folder that the worker processes of a run share, removed at the end.

It holds org-wide lists (identities only), the objects that check mode has planned, the rate limiter, the batch places,
and the token of a system's session, which is ended before the folder goes. Only its owner can read it. The parent
process makes the folder when Ansible imports the first action plugin; its workers inherit it through `PISTE_RUN_DIR`.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from piste.engine.converge.private import write_private

VARIABLE = "PISTE_RUN_DIR"
_ASIDE: ContextVar[str] = ContextVar("aside", default="")
_PREFIX = "piste-run-"
_endings: list[Callable[[Path], None]] = []


def at_end(ending: Callable[[Path], None]) -> None:
    """Register what ends the sessions of a folder before it is removed, a killed run's too.

    An ending that fails is passed over.
    """
    if ending not in _endings:
        _endings.append(ending)


def end(folder: Path) -> None:
    """End what the run has begun, then remove its folder."""
    for ending in _endings:
        with suppress(Exception):
            ending(folder)
    _remove_all(folder)


def runs_folder() -> Path:
    """The parent folder of the folders of runs."""
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())


def run_folder() -> Path:
    """Give the run's folder, made (0700) by the first process that asks.

    Folders of dead runs are swept.
    """
    inherited = os.environ.get(VARIABLE)
    if inherited and Path(inherited).is_dir():
        return Path(inherited)
    folder = _own(_PREFIX, end)
    os.environ[VARIABLE] = str(folder)
    atexit.register(_remove, folder, os.getpid())
    return folder


def renew() -> None:
    """Empty the run's folder, as between two runs: what a check has planned is not there."""
    if folder := os.environ.get(VARIABLE):
        end(Path(folder))
        Path(folder).mkdir(mode=0o700)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        end(folder)
        if os.environ.get(VARIABLE) == str(folder):
            del os.environ[VARIABLE]


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """Make a folder of this process alone, removed at the end; sweep those of dead processes."""
    folder = _own(prefix, _remove_all)
    try:
        yield folder
    finally:
        _remove_all(folder)


def _own(prefix: str, ending: Callable[[Path], None]) -> Path:
    """Make a folder (0700) named after this process, once those of dead processes are ended."""
    base = runs_folder()
    for folder in base.glob(f"{prefix}*"):
        pid = folder.name.removeprefix(prefix).split("-")[0]
        with suppress(FileNotFoundError):  # another run may be sweeping too
            status = folder.lstat()
            own = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
            if own and pid.isdigit() and not Path(f"/proc/{pid}").exists():
                ending(folder)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=base))


def _remove_all(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def planning_aside() -> Iterator[None]:
    """Plan without a word to the later tasks of the run."""
    aside = _ASIDE.set(f"{secrets.token_hex(8)}-")
    try:
        yield
    finally:
        _ASIDE.reset(aside)


class Shared:
    """Shared facts of one system in the run folder: JSON values under names.

    Each value is changed under its lock.
    """

    def __init__(self, folder: Path, system: str) -> None:
        self._folder = folder / system
        self._folder.mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        # A task takes dozens of them: a text file costs ten times its descriptor.
        descriptor = os.open(f"{self._folder}/{name}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def once(self, name: str, fetch: Callable[[], Any]) -> Any:
        """Get the value under `name`: the first process fetches it, the others wait for it."""
        with self.lock(name):
            known = self._read(name)
            if known is None:
                known = fetch()
                write_private(self._path(name), _encoded(known), synced=False)
            return known

    def update(self, name: str, change: Callable[[Any], Any]) -> None:
        self.rewrite(name, lambda known: _encoded(change(None if known is None else json.loads(known))))

    def rewrite(self, name: str, change: Callable[[bytes | None], bytes]) -> None:
        """Change a value as it is written, in JSON."""
        with self.lock(name):
            known = self._content(name)
            changed = change(known)
            if changed != known:
                write_private(self._path(name), changed, synced=False)

    def put(self, name: str, value: Any) -> None:
        self.update(name, lambda _: value)

    def put_written(self, name: str, written: bytes) -> None:
        """Put a value that is written as JSON already."""
        with self.lock(name):
            write_private(self._path(name), written, synced=False)

    def plan_object(self, kind: str, key: str, content: Any) -> None:
        """Note what check mode has planned: the later tasks of the run must count with it."""
        self.update(f"planned-{_ASIDE.get()}{kind}", lambda known: {**(known or {}), key: content})

    def planned(self, kind: str) -> dict[str, Any]:
        aside = self.get(f"planned-{_ASIDE.get()}{kind}") if _ASIDE.get() else None
        return {**(self.get(f"planned-{kind}") or {}), **(aside or {})}

    def forget(self, name: str) -> None:
        with self.lock(name):
            self._path(name).unlink(missing_ok=True)

    def get(self, name: str) -> Any:
        with self.lock(name):
            return self._read(name)

    def written(self, name: str) -> bytes | None:
        """Give a value as it is written, in JSON."""
        with self.lock(name):
            return self._content(name)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _read(self, name: str) -> Any:
        known = self._content(name)
        return None if known is None else json.loads(known)

    def _content(self, name: str) -> bytes | None:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def text(self, name: str, content: str) -> Path:
        """Write a text to a file of the run, for a library that reads files."""
        path = self._folder / name
        if not path.exists():
            write_private(path, content.encode(), synced=False)
        return path

    @contextmanager
    def place(self, name: str, places: int) -> Iterator[None]:
        """Take one of `places` places, for what only so many may do at once.

        A killed process frees its place.
        """
        while True:
            for number in range(places):
                handle = open(self._folder / f"{name}.{number}.place", "w")  # noqa: SIM115
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    handle.close()
                    continue
                with handle:
                    yield
                return
            time.sleep(0.05)


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


class Limiter:
    """A token bucket that all the processes of a run share: `rate` a second, `burst` at once.

    The clock is the monotonic clock, which all processes of a machine share. Nobody sleeps while holding the lock.
    """

    def __init__(self, shared: Shared, rate: float, burst: float) -> None:
        self._shared, self._rate, self._burst = shared, rate, burst

    def wait(self) -> None:
        if self._rate > 0:
            level = self._change(lambda level: level - 1.0)
            time.sleep(max(0.0, -level / self._rate))

    def pause(self, seconds: float) -> None:
        """Delay the next turns by so many seconds: the system has said that it is too much.

        What several of its answers ask for at once is waited for once.
        """
        if self._rate > 0:
            self._change(lambda level: min(level, -seconds * self._rate))
        else:
            time.sleep(seconds)

    def _change(self, change: Callable[[float], float]) -> float:
        level = 0.0

        def apply(known: Any) -> Any:
            nonlocal level
            now = time.monotonic()
            before, at = known or (self._burst, now)
            level = change(min(self._burst, before + (now - at) * self._rate))
            return (level, now)

        self._shared.update("limiter", apply)
        return level
