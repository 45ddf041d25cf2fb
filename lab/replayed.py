"""A lab from a bag of reversibility: its systems, replayed on the empty systems of the lab."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from lab import daemon
from lab.converged import unlimited
from lab.state import FILLING
from piste.engine.converge.bounded import Unreadable, content, of_json
from piste.engine.converge.errors import PisteError
from piste.exports.bag.bagit import PAYLOAD
from piste.exports.bag.exported import read
from piste.exports.bag.kinds import DOMAINS
from piste.exports.bag.make import SYSTEMS
from piste.exports.bag.verify import examine
from piste.exports.capture.store import ABOUT

_REST = "le reste du sac n’est dans aucun système : inventaires, documents, journal ; voir data/lacunes-connues.md"
_AHEAD = 86_400.0
"""Seconds by which the moment of a bag may be ahead."""


def is_bag(folder: Path) -> bool:
    return (folder / PAYLOAD / SYSTEMS).is_dir() and not (folder / PAYLOAD / ABOUT).exists()


def checked(bag: Path) -> list[str]:
    """List the domains of a bag that have an object. Raises ValueError for a bag with faults."""
    wrong = [finding.what for finding in examine(bag) if finding.state == "wrong"]
    if wrong:
        raise ValueError(f"le sac n’est pas conforme ({wrong[0]}) : piste bag verify {bag}")
    try:
        _moment(bag)
        there = [domain for domain in DOMAINS if (bag / PAYLOAD / SYSTEMS / domain).is_dir()]
        return [domain for domain in there if _objects(read(bag / PAYLOAD / SYSTEMS, domain))]
    except PisteError as error:
        raise ValueError(error.sentence()) from None


@contextmanager
def filling(folder: Path) -> Iterator[None]:
    """Fill a lab that nobody else sees before it is whole; end it where it is not."""
    os.environ[FILLING] = "1"
    try:
        yield
        daemon.ask(folder, "open")
    except daemon.Taken:
        raise  # it is that of another command
    except BaseException:
        daemon.stop(folder)
        raise
    finally:
        del os.environ[FILLING]


def replay(bag: Path, folder: Path, domains: list[str], tell: Callable[[str], None]) -> dict[str, Any]:
    """Replay the domains of a bag that was checked, on the lab that runs; say what was left."""
    # Imported here: the other commands of the lab need no run, and start faster without it.
    from piste.runs.plans.play import Order, play

    taken: dict[str, int] = {}
    left = []
    with unlimited(folder):
        for domain in domains:
            tell(domain)
            systems = str((bag / PAYLOAD / SYSTEMS).resolve())
            played = play(Order(f"playbooks/replay_{domain}.yml", "lab", extra={"folder": systems}), check=False)
            taken[domain] = len(played.operations)
            said = [trouble.message for trouble in played.troubles] + played.withheld
            left += [f"{domain} : {line}" for line in dict.fromkeys(said)]
    daemon.ask(folder, "clock", advance=_moment(bag) - time.time())
    return {"taken": taken, "at": daemon.ask(folder, "clock"), "left": [*left, _REST]}


def _objects(exported: Any) -> int:
    """Count the objects of a domain, or of the sites of the network."""
    if isinstance(exported, dict):
        return sum(len(items) for items in exported.values() if isinstance(items, list))
    return sum(_objects(site["config"]) for site in exported)


def _moment(bag: Path) -> float:
    """Read the moment of a bag. Raises ValueError for no moment, or the future."""
    try:
        written = str(of_json(content(bag / PAYLOAD / "manifest.json"))["read_at"])
        at = datetime.fromisoformat(written).timestamp()
    except (Unreadable, KeyError, TypeError, ValueError, OverflowError):
        raise ValueError("le manifeste du sac n’a pas de moment, rien n’a été pris") from None
    if at > time.time() + _AHEAD:
        raise ValueError(f"ce sac est du {written:.40}, qui n’est pas encore : rien n’a été pris")
    return at
