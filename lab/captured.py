"""A lab from a capture: systems that can take their answers do, the others are named."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from lab.state import read_json
from lab.system import Replayed
from piste.engine.converge.bounded import Unreadable
from piste.engine.converge.memory import Memory
from piste.engine.converge.secrets import Vault
from piste.exports.bag.bagit import PAYLOAD
from piste.exports.capture import store
from piste.exports.capture.verify import read

_READ_ONLY = frozenset({"microsoft", "veeam"})
"""The systems that nobody fills: without an answer they say nothing, and not what a new lab says."""
_AHEAD = 86_400.0
"""Seconds by which the clock of a captured system may be ahead."""


class Taken(NamedTuple):
    """The result of a take: answers by system, the last moment, the lines of what was left."""

    counts: dict[str, int]
    at: float
    left: list[str]


def take(capture: Path, systems: Mapping[str, Any], folder: Path) -> Taken:
    """Give each system its captured answers.

    Raises ValueError for a capture with faults, or that a system does not take.
    """
    findings, _, answered = read(capture)
    wrong = [finding.what for finding in findings if finding.state == "wrong"]
    if wrong:
        raise ValueError(f"la capture n’est pas conforme ({wrong[0]}) : piste capture verify {capture}")
    secrets = read_json(folder / "secrets.json") or {}
    try:
        written = store.remembered(capture / PAYLOAD)
    except Unreadable as error:
        raise ValueError(f"{store.REMEMBERED} n’a pas la forme attendue, rien n’a été pris : {error}") from None
    by_system: dict[str, list[store.Answer]] = {}
    for _, answer in answered:
        by_system.setdefault(answer.system, []).append(answer)
    at = max((_moment(answer.at) for answers in by_system.values() for answer in answers), default=0.0)
    left, counts = [], {}
    made: list[tuple[str, Replayed, Any]] = []
    faults = []
    for name, answers in by_system.items():
        system = systems.get(name)
        if hasattr(system, "become"):
            try:
                world, lines = system.captured([*answers], secrets)
            except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as fault:
                faults.append(f"{name} : {type(fault).__name__} : {fault}"[:200])
                continue
            made.append((name, system, world))
            left += [f"{name} : {line}" for line in lines]
            counts[name] = len(answers)
        else:
            left.append(f"{name} : {len(answers)} réponses laissées, ce laboratoire ne refait pas ce système")
    if faults:
        raise ValueError(f"une réponse n’a pas la forme attendue, rien n’a été pris : {' ; '.join(faults)}")
    for name in _READ_ONLY & systems.keys() - by_system.keys():
        made.append((name, systems[name], systems[name].captured([], secrets)[0]))
    for name, system, world in made:
        try:
            left += [f"{name} : {line}" for line in system.become(world)]
        except RuntimeError as fault:
            raise ValueError(f"{name} ne prend pas ses réponses : {fault}") from fault
    vault = Vault(secrets)
    known = {address: secrets[path] for address, path in written.items() if path in secrets}
    Memory(folder / "secrets.lock.yml", vault).store({at: vault.fingerprint(value) for at, value in known.items()})
    left += [f"{name} : rien n’en a été capturé, il reste vide" for name in systems if name not in by_system]
    left += [finding.what for finding in findings if finding.state == "unknown"]
    return Taken(counts, at, left)


def _moment(written: str) -> float:
    """Read the moment of an answer. Raises ValueError for no moment, or the future."""
    try:
        at = datetime.fromisoformat(written).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"« {written:.40} » n’est pas un moment, rien n’a été pris") from None
    if at > time.time() + _AHEAD:
        raise ValueError(f"une réponse est du {written:.40}, qui n’est pas encore : rien n’a été pris")
    return at
