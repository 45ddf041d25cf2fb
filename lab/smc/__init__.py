"""The API of the Forcepoint Security Management Center on the lab."""

from lab.smc.simulator import SmcSimulator
from lab.smc.world import World

__all__ = ["SmcSimulator", "World"]
