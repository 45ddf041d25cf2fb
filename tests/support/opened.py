"""An audit hook of Python: files written, sockets opened, programs started.

`sitecustomize` of a folder that PYTHONPATH names; each line of the file that `PISTE_AUDIT` names is an event. What
`git`, `restic` or a shell does by itself is not seen: their names are.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_HOOK = '''
import os, sys

out = -1
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.mkdir": 2, "os.remove": 1, "os.rmdir": 1, "os.truncate": None, "os.chmod": 2, "os.chown": 3}


def note(sort, value):
    os.write(out, f"{sort}\\t{os.fsdecode(value)}\\n".encode("utf-8", "surrogateescape"))


def hook(event, given):
    if event == "open" and isinstance(given[0], str | bytes) and given[2] & WRITES:
        note("write", os.path.abspath(os.fsdecode(given[0])))
    elif event in CHANGES and isinstance(given[0], str | bytes | os.PathLike):
        # What is named within an open folder has no path of its own: the folder was judged when it was made.
        place = CHANGES[event]
        if event == "os.mkdir" and os.path.isdir(given[0]):
            return
        if place is None or given[place] in (-1, None):
            note("write", os.path.abspath(os.fsdecode(given[0])))
    elif event in ("os.rename", "os.link") and given[3] in (-1, None):
        for path in given[:2]:
            note("write", os.path.abspath(os.fsdecode(path)))
    elif event == "os.symlink":
        note("write", os.path.abspath(os.fsdecode(given[1])))
    elif event == "socket.__new__":
        note("socket", str(int(given[1])))
    elif event == "subprocess.Popen":
        note("run", os.path.basename(os.fsdecode(given[0] or given[1][0])))


def start():
    global out
    out = os.open(os.environ["PISTE_AUDIT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    sys.addaudithook(hook)


if not any("forkserver" in word for word in sys.orig_argv):  # it starts it in each run
    start()
'''


class Opened(NamedTuple):
    """The openings of a command, all its Python processes together."""

    written: frozenset[Path]
    families: frozenset[int]
    programs: frozenset[str]


def hooked(folder: Path) -> Path:
    """Write the hook to a folder, for PYTHONPATH."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(_HOOK, "utf-8")
    return folder


def opened(events: Path) -> Opened:
    """Read what a command opened.

    Compiled code is left out: Python goes without where it cannot keep it.
    """
    lines = [line.split("\t", 1) for line in events.read_text("utf-8", "surrogateescape").splitlines()]
    by_sort = {sort: {value for known, value in lines if known == sort} for sort in ("write", "socket", "run")}
    written = (Path(value) for value in by_sort["write"])
    return Opened(
        frozenset(path for path in written if "__pycache__" not in path.parts),
        frozenset(map(int, by_sort["socket"])),
        frozenset(by_sort["run"]),
    )
