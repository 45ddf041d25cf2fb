"""One playbook run on the lab, measured: wall time and CPU of Ansible alone, requests as the lab counts them."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.instance import Lab
from piste.meraki.dashboard import BURST, RATE

ROOT = Path(__file__).resolve().parents[2]
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


class RunFailed(RuntimeError):
    """The measured playbook did not end well: its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Measure:
    """``seconds`` and ``cpu`` of the playbook, ``reads`` and ``writes`` of the lab, ``tasks`` that ended well by host.

    ``floor`` is the least time in which these requests may be sent under the API's limit, in force or not.
    """

    label: str
    seconds: float
    cpu: float
    reads: int
    writes: int
    tasks: Mapping[str, int]
    changed: int
    floor: float


def measured(
    label: str,
    playbook: Path,
    lab: Lab,
    *,
    inventory: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Measure:
    """Run ``playbook`` and count. ``variables`` go through a private file. Raises RunFailed with the last lines."""
    lab.calls.clear()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as given:
        json.dump(dict(variables or {}), given)
        given.flush()
        command = ["ansible-playbook", str(playbook), "--extra-vars", f"@{given.name}"]
        command += [argument for source in inventory for argument in ("--inventory", source)]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
        )
        seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    hosts = RECAP.findall(done.stdout)
    if done.returncode or not hosts:
        raise RunFailed(f"{label} : code {done.returncode}\n" + (done.stdout + done.stderr)[-3000:])
    counted = lab.calls.counts()["meraki"]
    return Measure(
        label=label,
        seconds=seconds,
        cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        reads=counted["reads"],
        writes=counted["writes"],
        tasks={host: int(ok) for host, ok, *_ in hosts},
        changed=sum(int(changed) for _, _, changed, *_ in hosts),
        floor=floor(counted["reads"] + counted["writes"]),
    )


def floor(requests: int) -> float:
    """Seconds that the API's limit takes to let ``requests`` through."""
    return max(0.0, (requests - BURST) / RATE)
