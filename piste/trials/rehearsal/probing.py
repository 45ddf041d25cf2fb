"""All computers of a twin asked at once.

A single program stands at each of them by a fork in its namespace: a program for each would import Python's library
dozens of times in a rehearsal. Read from its standard input are requests with their namespaces; what it writes is the
answers, in the same order.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from piste.trials.probe.carriers import PATIENCE, unpacked
from piste.trials.probe.onsite.place import main
from piste.trials.twin.namespaces import inside

AT_ONCE = 16
"""Computers that ask at once: those of a school, most of whom wait."""
Request = Mapping[str, Any]


def ask_all(requests: Sequence[tuple[str, Request]], environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Run the tests of each request in its namespace; return the answers of each."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", __name__], input=json.dumps(requests).encode(), capture_output=True, check=False,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    try:
        texts = json.loads(done.stdout)
    except ValueError:
        texts = [""] * len(requests)
    return [unpacked(done.returncode, text, done.stderr.decode(errors="replace")) for text in texts]


def _begun(namespace: str, request: Request) -> int:
    """Fork a process that asks in a namespace; return the pipe with its answers."""
    ours, theirs = os.pipe()
    if os.fork():
        os.close(theirs)
        return ours
    try:
        with inside(namespace), os.fdopen(theirs, "w", encoding="utf-8") as pipe:
            json.dump(main(dict(request)), pipe)
    except BaseException:  # its last line is the answer's error
        traceback.print_exc()
    finally:
        os._exit(0)


def _read(pipes: Sequence[int]) -> list[str]:
    """Read what each process writes until its end, or the end of patience."""
    said = dict.fromkeys(pipes, b"")
    until = time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as waiting:
        for pipe in pipes:
            waiting.register(pipe, selectors.EVENT_READ)
        while waiting.get_map() and (left := until - time.monotonic()) > 0:
            for ready, _ in waiting.select(left):
                said[ready.fd] += (part := os.read(ready.fd, 1 << 16))
                if not part:
                    waiting.unregister(ready.fd)
    return [text.decode() for text in said.values()]


if __name__ == "__main__":
    listed, answers = json.load(sys.stdin), list[str]()
    for first in range(0, len(listed), AT_ONCE):
        answers += _read([_begun(*asking) for asking in listed[first : first + AT_ONCE]])
    print(json.dumps(answers), flush=True)
    os._exit(0)
