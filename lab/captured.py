"""A lab from a capture: systems that can take their answers do, the others are named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from lab.glpi.system import Glpi
from lab.meraki.system import Meraki
from lab.prism.system import Prism
from lab.state import read_json
from piste.exports.bag.bagit import PAYLOAD
from piste.exports.capture import store
from piste.exports.capture.verify import examine


class Taken(NamedTuple):
    """The result of a take: answers by system, the last moment, the lines of what was left."""

    counts: dict[str, int]
    at: float
    left: list[str]


def take(capture: Path, systems: Mapping[str, Any], folder: Path) -> Taken:
    """Give each system its captured answers. Raises ValueError for a capture with faults."""
    wrong = [finding.what for finding in examine(capture).findings if finding.state == "wrong"]
    if wrong:
        raise ValueError(f"la capture n’est pas conforme ({wrong[0]}) : piste capture verify {capture}")
    secrets = read_json(folder / "secrets.json") or {}
    by_system: dict[str, list[store.Answer]] = {}
    for _, answer in store.answers(capture / PAYLOAD):
        by_system.setdefault(answer.system, []).append(answer)
    left, counts = [], {}
    for name, answers in by_system.items():
        system = systems.get(name)
        if isinstance(system, (Meraki, Prism, Glpi)):
            left += [f"{name} : {line}" for line in system.take(answers, secrets)]
            counts[name] = len(answers)
        else:
            left.append(f"{name} : {len(answers)} réponses laissées, le laboratoire ne devient pas encore ce système")
    left += [f"{name} : rien n’en a été capturé, il reste vide" for name in systems if name not in by_system]
    moments = [datetime.fromisoformat(answer.at).timestamp() for answers in by_system.values() for answer in answers]
    return Taken(counts, max(moments, default=0.0), left)
