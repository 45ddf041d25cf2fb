"""Measures: wall time and CPU of the processes that do the work, and their requests."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.instance import Lab
from piste.systems.meraki.dashboard import BURST, RATE

ROOT = Path(__file__).resolve().parents[2]
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


class RunFailed(RuntimeError):
    """The measured playbook did not end well: its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The figures of a run.

    `seconds` and `cpu` are those of the `processes` that were started, `reads` and `writes` their requests (None where
    nobody counts them), `tasks` those of a playbook that ended well, by host, and `changed` how many of them changed
    something. `floor` is the least time that the API's limit allows for these requests, in force or not.
    """

    label: str
    seconds: float
    cpu: float
    reads: int | None
    writes: int | None
    tasks: Mapping[str, int]
    changed: int
    floor: float = 0.0
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Played:
    """A playbook that ended well."""

    seconds: float
    cpu: float
    said: str
    tasks: Mapping[str, int]
    changed: int


def measured(label: str, playbook: Path, lab: Lab, **options: Any) -> Measure:
    """Run `playbook` (`played`) and have the lab count. Raises RunFailed."""
    lab.calls.clear()
    run = played(label, playbook, **options)
    counted = lab.calls.counts()["meraki"]
    reads, writes = counted["reads"], counted["writes"]
    return Measure(label, run.seconds, run.cpu, reads, writes, run.tasks, run.changed, floor(reads + writes))


def played(
    label: str,
    playbook: Path,
    *,
    inventory: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Played:
    """Run `playbook`; `variables` go through a private file.

    Raises RunFailed with the last lines.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as given:
        json.dump(dict(variables or {}), given)
        given.flush()
        command = ["ansible-playbook", str(playbook), "--extra-vars", f"@{given.name}"]
        command += [argument for source in inventory for argument in ("--inventory", source)]
        with timed() as spent:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                capture_output=True,
                text=True,
                check=False,
            )
    hosts = RECAP.findall(done.stdout)
    if done.returncode or not hosts:
        raise RunFailed(f"{label} : code {done.returncode}\n" + (done.stdout + done.stderr)[-3000:])
    return Played(
        spent.seconds,
        spent.cpu,
        done.stdout,
        tasks={host: int(ok) for host, ok, *_ in hosts},
        changed=sum(int(changed) for _, _, changed, *_ in hosts),
    )


@dataclass(slots=True)
class Spent:
    """Seconds of wall time, and of CPU of the processes that ended meanwhile."""

    seconds: float = 0.0
    cpu: float = 0.0


@contextmanager
def timed() -> Iterator[Spent]:
    """Measure what is started and ended within; the figures are there once it is over."""
    spent = Spent()
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    yield spent
    after, spent.seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    spent.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def floor(requests: int) -> float:
    """Seconds that the API's limit takes to let `requests` through."""
    return max(0.0, (requests - BURST) / RATE)


def peak() -> float:
    """Peak memory of this process, in MB."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def alone(work: Callable[[], Any], failed: str) -> Any:
    """Do a work in a forked process; give its JSON answer. Raises RunFailed."""
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writer, json.dumps(work()).encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RunFailed(f"{failed} (voir plus haut)")
    return json.loads(said)
