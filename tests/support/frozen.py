"""The tree of the tests: this repository, with the frozen town in place of the real one.

A session brings it up to date and goes on inside it: no test, no clone and no program that a test starts finds the real
town. The tests of the real town alone have its place (`tests/support/real_town.py`).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from compileall import compile_dir
from contextlib import suppress
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import pytest
from _pytest.assertion import rewrite

from lab.lifeline import CLOCK

HERE = Path(__file__).resolve().parents[2]
FROZEN = "tests/town/"
DECLARATION = ("group_vars/", "inventories/town/", "inventories/production/", "docs/plan-reversibilite.yml")
"""Files that the town edits, but for the pages among them: the tree has those of the frozen town alone."""
_REPOSITORY = "PISTE_TESTED"
DAY = "PISTE_TEST_DAY"
"""Variable: the moment at which a session begins, by the clock of the town (`2028-02-29T12:00`)."""
_OF_A_HOOK = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE")
_SHARED = (".venv", ".cache")
"""Folders that the repository and its tree share."""
_COMPILED = ("lab", "piste", "tests/support")
FEW = 100
"""Test files under which each worker compiles those of its session."""


def repository() -> Path | None:
    """Locate the repository whose tree this is; None in a repository."""
    given = os.environ.get(_REPOSITORY)
    return Path(given) if given else None


def is_declared(name: str) -> bool:
    """Return whether the town edits the file of that name."""
    return name.startswith(DECLARATION) and not name.endswith(".md")


def sources(root: Path, names: Iterable[str]) -> Mapping[str, Path]:
    """Map each name of the tree to its file in a repository."""
    kept = (name for name in names if not is_declared(name))
    return {name.removeprefix(FROZEN): root / name for name in kept}


def listed(root: Path) -> list[str]:
    """List the files that git tracks in a repository, or would at the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    said = subprocess.run(command, cwd=root, env=_environment(), check=True, capture_output=True, text=True).stdout
    return [name for name in said.split("\0") if name and os.path.lexists(root / name)]


def enter(config: pytest.Config) -> NoReturn:
    """Start this process again, with the same arguments, in the tree."""
    tree = HERE / ".cache" / "tests"
    tree.mkdir(parents=True, exist_ok=True)
    with open(tree.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _lay(HERE, tree)
        compile_tests(config, tree)
    here = Path.cwd()
    os.chdir(tree / here.relative_to(HERE) if here.is_relative_to(HERE) else here)
    arguments = [argument.replace(f"{HERE}/tests", f"{tree}/tests") for argument in sys.orig_argv[1:]]
    path = os.pathsep.join(filter(None, [str(tree), os.environ.get("PYTHONPATH")]))
    given = {**_environment(), _REPOSITORY: str(HERE), "PYTHONPATH": path, **on_the_day(os.environ.get(DAY))}
    os.execve(sys.executable, [sys.executable, *arguments], given)


def clocks() -> list[Path]:
    """List the libraries that give a program another clock, of Debian's `faketime`."""
    return [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]


def on_the_day(day: str | None) -> dict[str, str]:
    """The environment of programs whose clock is that of a day; nothing without one.

    A program without a C library keeps the real clock; so do the times of files.
    """
    if not day:
        return {}
    (library,) = clocks()
    ahead = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Paris")) - datetime.now(UTC)
    seconds = f"{ceil(ahead.total_seconds()) + int(os.environ.get('FAKETIME', 0)):+}"
    # The fix is for old C libraries: with it, a thread that waits for a lock asks for it without a pause.
    clock = {"FAKETIME": seconds, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}
    return {"LD_PRELOAD": str(library), "NO_FAKE_STAT": "1", **clock}


def clock() -> dict[str, str]:
    """The clock of this session, for a program that a test starts with its own environment."""
    return {name: os.environ[name] for name in CLOCK if name in os.environ}


def by_the_real_clock(programs: str) -> pytest.MarkDecorator:
    """Skip, in a session of another day, a test of programs that keep the real clock."""
    return pytest.mark.skipif(bool(clock()), reason=f"{programs} : à l’heure de la machine seule")


def _lay(root: Path, tree: Path) -> None:
    """Bring the tree up to date, as a repository of its own with all committed."""
    if not (tree / ".git").exists():
        _git(tree, "init", "--quiet", "-b", "main")
    (tree / ".git/info/exclude").write_text("".join(f"/{name}\n" for name in _SHARED), "utf-8")
    for name in _SHARED:
        if not (tree / name).is_symlink():
            (tree / name).symlink_to(root / name)
    wanted = sources(root, listed(root))
    for name in {*listed(tree)} - {*wanted}:
        (tree / name).unlink()
    for name, source in wanted.items():
        if _state(source) != _state(tree / name):
            _copy(source, tree / name)
    for folder in _COMPILED:
        # Clones copy what is compiled (tests/support/checkouts.py): each would compile it all again.
        compile_dir(tree / folder, quiet=2, workers=0)
    _git(tree, "add", "-A")
    if _git(tree, "status", "--porcelain"):
        who = ("-c", "user.name=Essai", "-c", "user.email=essai@lab.invalid")
        _git(tree, *who, "commit", "--quiet", "--message=Essai")


def compile_tests(config: pytest.Config, tree: Path) -> None:
    """Compile the tests of a new tree as pytest does, on all cores, in the place of each worker."""
    state = config.stash.get(rewrite.assertstate_key, None)
    stale = [(path, made) for path in (tree / "tests").rglob("test_*.py") if _is_older(made := made_of(path), path)]
    if not state or len(stale) < FEW or sys.dont_write_bytecode:  # without a state, pytest rewrites nothing
        return
    cores = os.cpu_count() or 1
    started = []
    for part in range(cores):
        if (pid := os.fork()) == 0:
            try:
                for path, made in stale[part::cores]:
                    with suppress(SyntaxError):  # said where it is collected
                        digest, code = rewrite._rewrite_test(path, config)
                        made.parent.mkdir(exist_ok=True)
                        rewrite._write_pyc(state, code, digest, made)
            finally:
                os._exit(0)
        started.append(pid)
    for pid in started:
        os.waitpid(pid, 0)


def made_of(path: Path) -> Path:
    """Locate what pytest makes of a test file."""
    return rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"


def _is_older(made: Path, path: Path) -> bool:
    return not made.exists() or made.stat().st_mtime_ns < path.stat().st_mtime_ns


def _copy(source: Path, place: Path) -> None:
    """Write a file whole: a session beside may be reading the one that it replaces."""
    place.parent.mkdir(parents=True, exist_ok=True)
    written = place.with_name(f".{place.name}.{os.getpid()}")
    shutil.copy2(source, written, follow_symlinks=False)
    written.replace(place)


def _state(path: Path) -> tuple[object, ...] | None:
    """Give the values that change with a file; None where there is no file."""
    try:
        values = path.lstat()
    except FileNotFoundError:
        return None
    return (os.readlink(path),) if path.is_symlink() else (values.st_size, values.st_mtime_ns, values.st_mode)


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, env=_environment(), check=True, capture_output=True, text=True)
    return done.stdout


def _environment() -> dict[str, str]:
    """The environment without the repository that git names to its hooks: the tree has its own."""
    return {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
