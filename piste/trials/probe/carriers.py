"""The ways to a place: a computer of the twin, this machine, a machine over SSH.

Each runs a Python that reads the sources of `piste.trials.probe.onsite` and the request on its standard input: nothing
is installed, nothing stays, and no secret is on a command line.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ONSITE = ("interface", "wire", "questions", "portal", "protocols", "service", "place")
"""The sources of the probe, each after those that it imports."""
BOOT = """
import json, os, sys, types
said = json.load(sys.stdin)
for name, text in said["sources"]:
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
print(json.dumps(module.main(said["request"])), flush=True)
os._exit(0)
"""
ARGV = ("python3", "-I", "-c", BOOT)
PATIENCE = 60.0
"""Seconds after which a probe that says nothing is unknown; it bounds itself sooner."""

Run = Callable[[Sequence[str], str], "subprocess.CompletedProcess[str]"]
"""Run a command where the probe stands, with a text on its standard input."""


def packed(request: Mapping[str, Any]) -> str:
    """Pack the sources and a request, as the standard input of `ARGV`."""
    folder = Path(__file__).parent / "onsite"
    sources = [(f"piste.trials.probe.onsite.{name}", (folder / f"{name}.py").read_text("utf-8")) for name in ONSITE]
    return json.dumps({"sources": sources, "request": request})


def unpacked(status: int, output: str, errors: str) -> dict[str, Any]:
    """Read the answers of a probe; where there are none, their `error` says why."""
    try:
        answers = json.loads(output)
        if isinstance(answers, dict) and answers.get("format") == 1 and isinstance(answers.get("answers"), dict):
            return _sound(answers)
    except ValueError:
        pass
    last = (errors.strip().splitlines() or ["rien"])[-1]
    return {"format": 1, "answers": {}, "error": f"la sonde n’a pas répondu (code {status}) : {last[:300]}"}


def _sound(said: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of a report what has its type: a station is another machine."""
    answers = {
        key: value
        for key, value in said["answers"].items()
        if isinstance(value, dict) and isinstance(value.get("outcome"), str)
    }
    texts = {key: said[key] for key in ("interface", "error", "left") if isinstance(said.get(key), str)}
    moments = {key: said[key] for key in ("started", "ended") if isinstance(said.get(key), float)}
    machine = said.get("machine") if isinstance(said.get("machine"), dict) else {}
    assert machine is not None
    named = {key: value for key, value in machine.items() if isinstance(value, str)}
    return {"format": 1, **texts, **moments, "machine": named, "answers": answers}


def ask(request: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Run the tests of a request at a place; return its answers."""
    try:
        done = run(ARGV, packed(request))
    except (OSError, subprocess.SubprocessError) as error:
        return {"format": 1, "answers": {}, "error": f"la sonde n’a pas pu s’exécuter : {error}"}
    return unpacked(done.returncode, done.stdout, done.stderr)
