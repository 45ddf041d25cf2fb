"""The lab: local simulators of the town's systems, for newcomers, rehearsals and tests."""

from lab.http import ConnectionCut, Request, Response
from lab.instance import Lab
from lab.meraki import MerakiSimulator

__all__ = ["ConnectionCut", "Lab", "MerakiSimulator", "Request", "Response"]
