"""Power of a cluster shared between its machines: what each seems to draw, and what stopping it really saves. Pure.

The share of a machine divides all the power of the nodes by the processors that run: it also counts what the nodes draw
with nobody on them, which no machine that sleeps gives back, since nodes of a three-node cluster stay on. The marginal
figure counts what the machines add to that rest: it alone is claimed as a saving.
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
    """Watts of a node, between which values they lie, where they come from; ``marginal`` is what its machines add."""

    watts: float
    low: float
    high: float
    origin: str
    marginal: float


@dataclass(frozen=True, slots=True)
class PerProcessor:
    """Watts of one virtual processor that runs."""

    shared: float
    marginal: float


def node(factors: Mapping[str, Any], load: float | None, measured: float | None) -> Power:
    """Power of a node: as measured, else as its load, or the usual one, makes it by the declared table."""
    here = factors["usual_load"] if load is None else load
    model = _curve(factors["points"], here)
    rest = _curve(factors["points"], min(here, factors["rest_load"]))
    added = (model - rest) / model
    if measured is not None:
        return Power(measured, measured, measured, MEASURED, measured * added)
    margin = factors["margin"]
    return Power(model, model * (1 - margin), model * (1 + margin), MODELLED, model * added)


def per_processor(nodes: Sequence[Power], running: int) -> PerProcessor | None:
    """What one virtual processor draws, over the whole cluster; None where none runs."""
    if not running:
        return None
    return PerProcessor(sum(one.watts for one in nodes) / running, sum(one.marginal for one in nodes) / running)


def yearly(watts: float, hours: float) -> float:
    """Kilowatt-hours of a year."""
    return watts * hours / 1000


def emitted(kwh: float, electricity: Mapping[str, Any]) -> dict[str, float]:
    """Kilograms of CO2 equivalent, and between which values the sources put them."""
    sides = {"kg": "grams_per_kwh", "low": "low", "high": "high"}
    return {name: round(kwh * electricity[side] / 1000, 2) for name, side in sides.items()}


def _curve(points: Sequence[Mapping[str, float]], load: float) -> float:
    """Watts at a load: straight lines between the points, the ends beyond them."""
    for low, high in pairwise(points):
        if load <= high["load"]:
            part = max(0.0, (load - low["load"]) / (high["load"] - low["load"]))
            return low["watts"] + part * (high["watts"] - low["watts"])
    return points[-1]["watts"]
