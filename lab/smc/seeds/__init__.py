"""Initial states of an SMC: functions that add to the elements of the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.clock import Clock
from lab.smc.seeds.demo import demo
from lab.smc.seeds.inherited import inherited
from lab.smc.seeds.making import Hand, cluster
from lab.smc.seeds.system import CONTRACTOR, system
from lab.smc.seeds.town import town
from lab.smc.simulator import SmcSimulator
from lab.smc.world import World

Seed = Callable[[SmcSimulator], None]


def empty(simulator: SmcSimulator) -> None:
    """Leave the server as installed, with the engine of the town."""
    cluster(Hand(simulator, CONTRACTOR))


SEEDS: Mapping[str, Seed] = {"empty": empty, "demo": demo, "inherited": inherited, "town": town}


def build_world(seed: str | Seed, clock: Clock) -> World:
    """Return the state that a seed describes, the empty state for an unknown name."""
    simulator = SmcSimulator("", clock=clock)
    system(simulator)
    (SEEDS.get(seed, empty) if isinstance(seed, str) else seed)(simulator)
    return simulator.world
