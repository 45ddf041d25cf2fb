"""The example scripts of the vendor's Python library, run unmodified against the simulator.

`python -m tests.contract.smc_scripts` runs them all and counts those that exit 0.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from lab.clock import Clock
from lab.http import Request, Response
from lab.server import Listener
from lab.smc import SmcSimulator
from lab.smc.seeds import build_world
from tests.contract.smc import Contract

PATIENCE = 120.0
AT_ROOT = (Path("/", "tmp", "WRONG_Atlantal2FW.zip"),)
"""Files that a script reads there and nowhere else."""


@dataclass
class Outcome:
    """The end of a script, and the attributes of its bodies that the model does not have."""

    script: str
    code: int
    output: str
    sent: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)


def scripts() -> list[str]:
    """Return the names of all the scripts that the library ships."""
    spec = find_spec("smc.examples")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0])
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def beside(folder: Path) -> None:
    """Copy the files that the scripts read to the folder where they run."""
    spec = find_spec("smc.examples")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    for path in Path(spec.submodule_search_locations[0]).iterdir():
        if path.name == "images":
            shutil.copytree(path, folder / path.name, dirs_exist_ok=True)
        elif path.name == "profiles.py":
            shutil.copy(path, folder)
    for path in AT_ROOT:
        path.write_bytes(b"not an export")


def run_all(names: Iterable[str], folder: Path, contract: Contract | None = None) -> dict[str, Outcome]:
    """Run scripts, two at a time, each against a server of its own, over plain HTTP."""
    beside(folder)
    with ThreadPoolExecutor(2) as pool:
        return {outcome.script: outcome for outcome in pool.map(lambda name: run(name, folder, contract), names)}


def run(name: str, folder: Path, contract: Contract | None = None, version: str = "7.4") -> Outcome:
    clock = Clock()
    simulator = SmcSimulator("clef", world=build_world("demo", clock), clock=clock)
    outcome = Outcome(name, 1, "")
    listener = Listener({"": _Recorder(simulator, contract, outcome) if contract else simulator})
    options = ("--api-url", listener.url, "--api-version", version, "--api-key", simulator.api_key)
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"smc.examples.{name}", *options],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            timeout=PATIENCE,
        )
        outcome.code, outcome.output = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        outcome.output = "no end"
    finally:
        listener.close()
    return outcome


class _Recorder:
    """A recorder between script and simulator: it notes attributes that the model lacks."""

    def __init__(self, simulator: SmcSimulator, contract: Contract, outcome: Outcome) -> None:
        self._simulator, self._contract, self._outcome = simulator, contract, outcome

    def handle(self, request: Request) -> Response:
        response = self._simulator.handle(request)
        parts = request.path.strip("/").split("/")
        of_element = parts[-1].isdecimal()
        kind = parts[-2] if of_element else parts[-1]
        if parts[1:2] == ["elements"] and response.status < 300 and self._contract.knows(kind):
            if request.method == "GET" and of_element:
                self._outcome.answered |= self._unknown(kind, response.body)
            elif request.method in ("POST", "PUT"):
                self._outcome.sent |= self._unknown(kind, request.body)
        return response

    def _unknown(self, kind: str, content: bytes) -> set[str]:
        body = json.loads(content or b"{}")
        return {f"{kind}.{path}" for path in self._contract.unknown(kind, body)}


def counted(names: Sequence[str] = ()) -> dict[str, Outcome]:
    """Run scripts, all by default, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        return run_all(names or scripts(), Path(folder))


def main() -> None:
    outcomes = counted(sys.argv[1:])
    for outcome in outcomes.values():
        lines = [line for line in outcome.output.splitlines() if "rror" in line or "xception" in line]
        print(f"{outcome.script:<34} {outcome.code}  {lines[0][-90:] if outcome.code and lines else ''}".rstrip())
    print(f"{sum(outcome.code == 0 for outcome in outcomes.values())} of {len(outcomes)} vendor scripts exit 0")


if __name__ == "__main__":
    main()
