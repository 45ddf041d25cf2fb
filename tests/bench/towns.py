"""Fifty generated towns: each loaded, validated and derived, then a site of each planned."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.measure import alone, peak
from tests.support.towns import generated_town
from tests.support.towns_planned import examined, last_with_hardware, planned

TOWNS = 50
MOST = 1.5
"""Most CPU seconds to load the largest, which has 120 sites."""


@dataclass(frozen=True, slots=True)
class TownCost:
    """The cost of a town in a process of its own, which had imported everything.

    CPU seconds of loading (validation and intents included) and of the plan; `memory` in MB, without that of the
    imports; `operations` of the plan.
    """

    name: str
    sites: int
    load: float
    plan: float
    memory: float
    operations: int

    @property
    def label(self) -> str:
        return f"{self.name}, {self.sites} sites"

    @property
    def cpu(self) -> float:
        return self.load + self.plan


def generated_measures() -> Iterator[TownCost]:
    """Measure each town. Raises RunFailed with the town that is refused or cannot be planned."""
    with tempfile.TemporaryDirectory(prefix="piste-bench-") as folder:
        # Pays the imports, which every measure then has in common.
        _cost(Path(folder) / "imports", TOWNS)
        for seed in range(TOWNS):
            yield _alone(Path(folder) / str(seed), seed)


def _alone(folder: Path, seed: int) -> TownCost:
    """Fork a process for a town: it starts with the imports, and ends with what the town took."""
    return TownCost(
        **alone(lambda: asdict(_cost(folder, seed)), f"ville {seed} : refusée, ou son site ne se planifie pas")
    )


def _cost(folder: Path, seed: int) -> TownCost:
    written = generated_town(folder, seed)
    before, started = peak(), time.process_time()
    town = examined(written.inventory)
    loaded = time.process_time()
    _, plan = planned(folder, town, last_with_hardware(town)["id"])
    ended = time.process_time()
    sites, memory = len(town.sites), peak() - before
    return TownCost(f"ville {seed:02}", sites, loaded - started, ended - loaded, memory, len(plan.operations))
