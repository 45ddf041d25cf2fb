"""Power of a cluster shared between its machines: their share, and the saving of a stop.

The share of a machine divides all the power of the nodes by the running processors. It includes the power that nodes
draw without machines, which a sleeping machine does not give back: the nodes of a three-node cluster stay on. The
marginal figure counts what the machines add to that rest: only this figure is claimed as a saving. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

HOURS = 24 * 365
MEASURED, MODELLED = "mesuré", "modélisé"


@dataclass(frozen=True, slots=True)
class Power:
    """Watts of a node: value, bounds, origin; `marginal` is the part that its machines add."""

    watts: float
    low: float
    high: float
    origin: str
    marginal: float


@dataclass(frozen=True, slots=True)
class PerProcessor:
    """Watts of a running virtual processor."""

    shared: float
    marginal: float


def node(factors: Mapping[str, Any], load: float | None, measured: float | None) -> Power:
    """Power of a node: measured, or else by the declared table at its load or the usual load."""
    here = factors["usual_load"] if load is None else load
    model = _curve(factors["points"], here)
    rest = _curve(factors["points"], min(here, factors["rest_load"]))
    added = (model - rest) / model
    if measured is not None:
        return Power(measured, measured, measured, MEASURED, measured * added)
    margin = factors["margin"]
    return Power(model, model * (1 - margin), model * (1 + margin), MODELLED, model * added)


def per_processor(nodes: Sequence[Power], running: int) -> PerProcessor | None:
    """Power of a virtual processor over the whole cluster; None where none runs."""
    if not running:
        return None
    return PerProcessor(sum(power.watts for power in nodes) / running, sum(power.marginal for power in nodes) / running)


def yearly(watts: float, hours: float) -> float:
    """Kilowatt-hours of a year, from watts and the hours of that year."""
    return watts * hours / 1000


def emitted(kwh: float, electricity: Mapping[str, Any]) -> dict[str, float]:
    """Kilograms of CO2 equivalent, with the bounds that the sources give."""
    sides = {"kg": "grams_per_kwh", "low": "low", "high": "high"}
    return {name: round(kwh * electricity[side] / 1000, 2) for name, side in sides.items()}


def _curve(points: Sequence[Mapping[str, float]], load: float) -> float:
    """Watts at a load: straight lines between the points, constant beyond the ends."""
    for low, high in pairwise(points):
        if load <= high["load"]:
            part = max(0.0, (load - low["load"]) / (high["load"] - low["load"]))
            return low["watts"] + part * (high["watts"] - low["watts"])
    return points[-1]["watts"]
