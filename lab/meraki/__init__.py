"""The Meraki Dashboard API on the lab."""

from lab.meraki.simulator import MerakiSimulator
from lab.meraki.world import ORGANIZATION_ID, World

__all__ = ["ORGANIZATION_ID", "MerakiSimulator", "World"]
