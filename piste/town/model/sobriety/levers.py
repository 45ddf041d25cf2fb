"""The state of a lever of sobriety on a day, for each target.

Pure: levers, inscribed steps, a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypedDict

if TYPE_CHECKING:
    from ..declaration import DeclaredSite
    from ..directory.form import Rollout
    from ..variables import SiteVariables, TownLevel
    from .form import Drives, Lever, RolloutStep, SobrietyException


class LeverHere(TypedDict):
    """State of a lever at a site today; `spared`: why it is off there, for a time or for good."""

    state: Rollout
    spared: str


APPLIED = ("pilot", "general")
"""The steps that change the systems; the others prepare them or take them back."""


class Standing(NamedTuple):
    """State of a lever for a target today; `spared`: why it is off although it was rolled out."""

    state: Rollout
    spared: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """State of each target by the steps of one lever."""

    steps: Sequence[RolloutStep]
    everywhere: Rollout
    named: dict[str, Rollout]

    def of(self, target: str) -> Rollout:
        return self.named.get(target, self.everywhere)


def reach(lever: Lever, steps: Iterable[RolloutStep]) -> Reach:
    """Follow the steps of a lever, in the order in which they were inscribed."""
    ordered = list(steps)
    everywhere: Rollout = "off"
    named: dict[str, Rollout] = {}
    for step in ordered:
        if step.step not in (*APPLIED, "reverted"):
            continue
        state: Rollout = {"pilot": "pilot", "general": "enforced"}.get(step.step, "off")  # type: ignore[assignment]
        targets = step.targets or (lever.pilot if step.step == "pilot" else [])
        if targets:
            named |= dict.fromkeys(targets, state)
        else:
            everywhere, named = state, {}
    return Reach(ordered, everywhere, named)


def steps_of(town: TownLevel, lever: str) -> list[RolloutStep]:
    """List the steps of a lever, in order."""
    return [step for step in town.sobriety_rollout if step.lever == lever]


def lever_of(town: TownLevel, drives: Drives) -> tuple[str, Lever] | None:
    """Give the lever of a part, and its name; None where none is declared."""
    return next(((name, lever) for name, lever in town.sobriety_levers.items() if lever.drives == drives), None)


def standing(
    town: TownLevel, target: str, drives: Drives, exceptions: Iterable[SobrietyException] = (), today: str = ""
) -> Standing:
    """Give the state of a lever for a target.

    `exceptions` are those of the target, `today` as 2026-12-31.
    """
    match = lever_of(town, drives)
    if match is None:
        return Standing("off")
    name, lever = match
    state = reach(lever, steps_of(town, name)).of(target)
    if state == "off" or target in lever.spared:
        return Standing("off")
    for exception in exceptions:
        if name in (exception.levers or [name]) and exception.start <= today <= exception.until:
            return Standing("off", exception.why)
    return Standing(state)


def at_site(variables: SiteVariables, site: str, drives: Drives, today: str) -> Standing:
    """Give the state of a lever at a site."""
    return standing(variables, site, drives, variables.sobriety_exceptions, today)


def was_applied(variables: SiteVariables, site: str, drives: Drives) -> Rollout:
    """Give the last state of a lever at a site before it was taken back; off if it never was on."""
    match = lever_of(variables, drives)
    if match is None:
        return "off"
    name, lever = match
    return reach(lever, [step for step in steps_of(variables, name) if step.step in APPLIED]).of(site)


def levers_here(declared: DeclaredSite, today: date) -> dict[str, LeverHere]:
    """Give the state of each lever at a site, by name; levers of other targets are left out."""
    levers = {}
    for name, lever in declared.variables.sobriety_levers.items():
        if lever.target == "site":
            here = at_site(declared.variables, declared.id, lever.drives, today.isoformat())
            levers[name] = LeverHere(state=here.state, spared=lever.spared.get(declared.id, here.spared))
    return levers


BEFORE = {"information": "diagnosis", "pilot": "information", "general": "pilot"}
_SAID = {
    "diagnosis": "le diagnostic",
    "information": "l’information",
    "pilot": "le pilote",
    "general": "la généralisation",
}


def out_of_order(lever: Lever, former: list[RolloutStep], step: RolloutStep) -> str:
    """Give the reason why a step may not follow the former steps; empty where it may."""
    if former and step.date < former[-1].date:
        return f"un pas du {step.date} suit un pas du {former[-1].date}"
    if step.step == "reverted":
        applied = any(earlier.step in APPLIED for earlier in former)
        return "" if applied else "rien n’a été appliqué, rien n’est à retirer"
    needed = BEFORE.get(step.step)
    last = next((earlier for earlier in reversed(former) if earlier.step == needed), None)
    if needed and last is None and not step.decided:
        return f"{_SAID[step.step]} demande d’abord {_SAID[needed]}"
    if step.step == "general" and last and not step.decided and (end := observed_until(lever, former)) > step.date:
        return f"l’observation dure jusqu’au {end}, la généralisation est du {step.date}"
    return ""


def observed_until(lever: Lever, steps: list[RolloutStep]) -> str:
    """Give the day from which a lever may be general: the end of its observation.

    Empty without a pilot.
    """
    last = next((step for step in reversed(steps) if step.step == "pilot"), None)
    return (date.fromisoformat(last.date) + timedelta(days=lever.observation_days)).isoformat() if last else ""
