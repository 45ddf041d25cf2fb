"""The state of a lever of sobriety on a day, for each target. Pure: levers, inscribed steps, a day."""

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
    """What a lever of sobriety does at a site today; `spared`: why it does nothing there, for a time or for good."""

    state: Rollout
    spared: str


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


def levers_here(declared: DeclaredSite, today: date) -> dict[str, LeverHere]:
    found = {}
    for name, lever in declared.variables.sobriety_levers.items():
        if lever.drives != "machine_hours":
            here = at_site(declared.variables, declared.id, lever.drives, today.isoformat())
            found[name] = LeverHere(state=here.state, spared=lever.spared.get(declared.id, here.spared))
    return found


BEFORE = {"information": "diagnosis", "pilot": "information", "general": "pilot"}
_SAID = {
    "diagnosis": "le diagnostic",
    "information": "l'information",
    "pilot": "le pilote",
    "general": "la généralisation",
}


def out_of_order(lever: Lever, told: list[RolloutStep], step: RolloutStep) -> str:
    """Why a step may not follow those that were told; empty where it may."""
    if told and step.date < told[-1].date:
        return f"un pas du {step.date} suit un pas du {told[-1].date}"
    if step.step == "reverted":
        return "" if any(one.step in APPLIED for one in told) else "rien n'a été appliqué, rien n'est à retirer"
    needed = BEFORE.get(step.step)
    last = next((one for one in reversed(told) if one.step == needed), None)
    if needed and last is None and not step.decided:
        return f"{_SAID[step.step]} demande d'abord {_SAID[needed]}"
    if step.step == "general" and last and not step.decided and (end := observed_until(lever, told)) > step.date:
        return f"l'observation dure jusqu'au {end}, la généralisation est du {step.date}"
    return ""


def observed_until(lever: Lever, told: list[RolloutStep]) -> str:
    """The day from which a lever may be for all: so many days after its pilot began; empty without a pilot."""
    last = next((one for one in reversed(told) if one.step == "pilot"), None)
    return (date.fromisoformat(last.date) + timedelta(days=lever.observation_days)).isoformat() if last else ""
