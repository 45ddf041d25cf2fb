"""How far a lever of sobriety is, for whom, on a day. Pure: declared levers, the steps that were inscribed, a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .schema_directory import Rollout
from .schema_sobriety import Drives, Lever, RolloutStep, SobrietyException
from .variables import SiteVariables, TownLevel

APPLIED = ("pilot", "general")
"""The steps that change something on the systems; the others prepare them or take them back."""


class Standing(NamedTuple):
    """What a lever does to a target today; `spared` says why it does nothing although it was rolled out."""

    state: Rollout
    spared: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the steps of one lever bring each target."""

    steps: Sequence[RolloutStep]
    everywhere: Rollout
    named: dict[str, Rollout]

    def of(self, target: str) -> Rollout:
        return self.named.get(target, self.everywhere)


def reach(lever: Lever, steps: Iterable[RolloutStep]) -> Reach:
    """Follow the steps of a lever, in the order in which they were inscribed."""
    told = list(steps)
    everywhere: Rollout = "off"
    named: dict[str, Rollout] = {}
    for step in told:
        if step.step not in (*APPLIED, "reverted"):
            continue
        state: Rollout = {"pilot": "pilot", "general": "enforced"}.get(step.step, "off")  # type: ignore[assignment]
        targets = step.targets or (lever.pilot if step.step == "pilot" else [])
        if targets:
            named |= dict.fromkeys(targets, state)
        else:
            everywhere, named = state, {}
    return Reach(told, everywhere, named)


def steps_of(town: TownLevel, lever: str) -> list[RolloutStep]:
    return [step for step in town.sobriety_rollout if step.lever == lever]


def lever_of(town: TownLevel, drives: Drives) -> tuple[str, Lever] | None:
    """Give the lever that turns something on, by its name; None where none is declared."""
    return next(((name, lever) for name, lever in town.sobriety_levers.items() if lever.drives == drives), None)


def standing(
    town: TownLevel, target: str, drives: Drives, exceptions: Iterable[SobrietyException] = (), today: str = ""
) -> Standing:
    """Tell what a lever does to a target; `exceptions` are those of the target, `today` as 2026-12-31."""
    found = lever_of(town, drives)
    if found is None:
        return Standing("off")
    name, lever = found
    state = reach(lever, steps_of(town, name)).of(target)
    if state == "off" or target in lever.spared:
        return Standing("off")
    for one in exceptions:
        if name in (one.levers or [name]) and one.start <= today <= one.until:
            return Standing("off", one.why)
    return Standing(state)


def at_site(variables: SiteVariables, site: str, drives: Drives, today: str) -> Standing:
    """Tell what a lever does at a site."""
    return standing(variables, site, drives, variables.sobriety_exceptions, today)
