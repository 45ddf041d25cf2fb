"""Nutanix Prism Central v4 on the lab."""

from lab.prism.simulator import PrismSimulator
from lab.prism.world import World

__all__ = ["PrismSimulator", "World"]
