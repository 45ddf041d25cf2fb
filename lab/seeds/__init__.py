"""Initial states of the lab.

A seed is a function that fills the simulator of a new organization. To add one, add it to `SEEDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lab.clock import Clock
from lab.meraki.simulator import MerakiSimulator
from lab.meraki.world import World
from lab.seeds.brownfield import brownfield
from lab.seeds.inventory import Inventory, inventory_from_sites

Seed = Callable[[MerakiSimulator, Inventory], None]


def empty(simulator: MerakiSimulator, inventory: Inventory) -> None:
    """Leave the whole inventory claimed and unassigned."""


SEEDS: Mapping[str, Seed] = {"empty": empty, "brownfield": brownfield}


def unassigned(entry: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """Return a device of the organization that is in no network."""
    fresh: dict[str, Any] = {"config": {}, "wan": {}, "port": {}, "radio": {}}
    moments = {"claimedAt": clock.iso(), "ready_at": 0.0, "touched": clock.now()}
    return {**entry, "networkId": None, **fresh, **moments}


def deliver(world: World, inventory: Inventory, clock: Clock) -> None:
    """Put new hardware on the shelf: bought, and free to be claimed by its serial number."""
    shelf = world.data.setdefault("released", {})
    for entry in inventory:
        if entry["serial"] not in world.devices:
            shelf.setdefault(entry["serial"], unassigned(entry, clock))


def build_world(seed: str | Seed, inventory: Inventory, clock: Clock) -> World:
    """Return the state that a seed describes. Raises ValueError for an unknown name."""
    if isinstance(seed, str) and seed not in SEEDS:
        raise ValueError(f"état de départ inconnu : {seed} (choix : {', '.join(SEEDS)})")
    world = World()
    for entry in inventory:
        world.devices[entry["serial"]] = unassigned(entry, clock)
    # The seed writes through the handlers of clients, on a simulator without limits.
    simulator = MerakiSimulator("", world=world, clock=clock)
    simulator.behaviour.set(rate_limit=None, claim_limit=None)
    (SEEDS[seed] if isinstance(seed, str) else seed)(simulator, inventory)
    return world


__all__ = ["SEEDS", "Inventory", "Seed", "build_world", "deliver", "inventory_from_sites"]
