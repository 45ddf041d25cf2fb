"""Steps of sobriety rehearsed in one environment: they follow the town's steps there only."""

from __future__ import annotations

from pathlib import Path

from .faults import Faults
from .source import read
from .tree import Document, Inventory, Variable

ROLLOUT = "sobriety_rollout"


def rehearse(inventory: Inventory, file: Path, faults: Faults) -> None:
    """Add the steps of a file to the town's, each with its own line; none where it is missing."""
    if not file.exists():
        return
    rehearsed = read(file, str(file), faults)
    steps, shared = rehearsed.data.get(ROLLOUT), inventory.group_vars.setdefault("all", {})
    if not isinstance(steps, list):
        message = f"« {ROLLOUT} » n’y est pas une liste de pas"
        faults.add("PISTE-M001", str(file), rehearsed.mark(), message, "Oubliez cette répétition : piste lab reset.")
        return
    known = shared.get(ROLLOUT) or Variable(ROLLOUT, [], Document(str(file)))
    first = len(known.value)
    marks = {(ROLLOUT, first + int(path[1]), *path[2:]): mark for path, mark in rehearsed.marks.items() if path[1:]}
    document = Document(known.document.name, known.document.data, {**known.document.marks, **marks})
    shared[ROLLOUT] = Variable(ROLLOUT, [*known.value, *steps], document)
