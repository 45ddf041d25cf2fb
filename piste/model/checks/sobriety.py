"""Digital sobriety: levers that name what exists, steps in their order, eligible targets, exceptions that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ..levers import APPLIED, at_site, lever_of, steps_of
from ..paths import KeyPath, dotted
from ..schema_sobriety import Drives, Lever, RolloutStep
from ..wording import closest
from .view import View

LEVERS, ROLLOUT = "sobriety_levers", "sobriety_rollout"
LEVER = "un levier déclaré"
BY_HOURS: tuple[Drives, ...] = ("shutdown", "ssid_hours", "port_hours")
"""What follows the opening hours of a site."""
BEFORE = {"information": "diagnosis", "pilot": "information", "general": "pilot"}
_SAID = {
    "diagnosis": "le diagnostic",
    "information": "l'information",
    "pilot": "le pilote",
    "general": "la généralisation",
}


def names(view: View) -> None:
    """M160: what levers, steps and exceptions name is declared."""
    town = view.declared.town
    levers = town.variables.sobriety_levers
    for where, what, name, known in _references(view):
        if name not in known and (what == LEVER or view.declared.complete):
            _add(view, "PISTE-M160", where, f"« {name} » n'est pas {what}", closest(name, known))
    for declared in view.declared.sites:
        for index, exception in enumerate(declared.variables.sobriety_exceptions):
            for name in exception.levers:
                if name not in levers:
                    key: KeyPath = ("sobriety_exceptions", index, "levers")
                    path = f"sites[{declared.id}].{dotted(key, {})}"
                    message = f"« {name} » n'est pas {LEVER}"
                    view.faults.add("PISTE-M160", path, declared.where(key), message, closest(name, levers))


def _references(view: View) -> Iterator[tuple[KeyPath, str, str, list[str]]]:
    variables = view.declared.town.variables
    levers = list(variables.sobriety_levers)
    for name, lever in variables.sobriety_levers.items():
        for index, other in enumerate(lever.depends_on):
            yield (LEVERS, name, "depends_on", index), LEVER, other, levers
        what, known = _targets(view, lever)
        for index, target in enumerate(lever.pilot):
            yield (LEVERS, name, "pilot", index), what, target, known
        for field in ("spared", "justified"):
            for target in getattr(lever, field):
                yield (LEVERS, name, field, target), what, target, known
    for index, step in enumerate(variables.sobriety_rollout):
        yield (ROLLOUT, index, "lever"), LEVER, step.lever, levers
        if step.lever in variables.sobriety_levers:
            what, known = _targets(view, variables.sobriety_levers[step.lever])
            for rank, target in enumerate(step.targets):
                yield (ROLLOUT, index, "targets", rank), what, target, known


def _targets(view: View, lever: Lever) -> tuple[str, list[str]]:
    if lever.drives == "machine_hours":
        return "une machine déclarée", list(view.declared.town.variables.hosting_machines)
    return "un site déclaré", list(view.sites)


def drives(view: View) -> None:
    """M161: what a lever turns on is turned by it alone."""
    variables = view.declared.town.variables
    for name, lever in variables.sobriety_levers.items():
        first, _ = lever_of(variables, lever.drives) or (name, lever)
        if first != name:
            message = f"« {name} » met en marche la même chose que « {first} » ({lever.drives})"
            _add(view, "PISTE-M161", (LEVERS, name, "drives"), message)


def steps(view: View) -> None:
    """M162: each step comes after the one that it needs, and after its observation, unless somebody decided so."""
    variables = view.declared.town.variables
    for name, lever in variables.sobriety_levers.items():
        told: list[RolloutStep] = []
        for index, step in enumerate(variables.sobriety_rollout):
            if step.lever != name:
                continue
            if message := out_of_order(lever, told, step):
                _add(view, "PISTE-M162", (ROLLOUT, index), f"{name} : {message}")
            told.append(step)


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


def eligible(view: View) -> None:
    """M163: who is named in a step is not spared it; what follows hours has some, and is not at work day and night."""
    variables = view.declared.town.variables
    for index, step in enumerate(variables.sobriety_rollout):
        lever = variables.sobriety_levers.get(step.lever)
        for rank, target in enumerate(step.targets if lever and step.step != "reverted" else ()):
            if lever and target in lever.spared:
                message = f"{step.lever} : {target} en est dispensé ({lever.spared[target]})"
                _add(view, "PISTE-M163", (ROLLOUT, index, "targets", rank), message)
    for what in BY_HOURS:
        found = lever_of(variables, what)
        if found is None:
            continue
        name, lever = found
        told = steps_of(variables, name)
        where: KeyPath = (ROLLOUT, variables.sobriety_rollout.index(told[-1])) if told else (LEVERS,)
        for declared in view.declared.sites:
            own = declared.variables
            if own.site.lifecycle == "closed" or at_site(own, declared.id, what, "").state == "off":
                continue
            if own.opening_hours is None:
                _add(view, "PISTE-M163", where, f"{name} : {declared.id} n'a pas d'heures d'ouverture")
            elif own.category.continuous and declared.id not in lever.justified:
                message = f"{name} : {declared.id} est un service continu, et rien ne le justifie"
                _add(view, "PISTE-M163", where, message)


def exceptions(view: View) -> None:
    """M164: an exception that is over is to be taken away."""
    today = view.today.isoformat()
    for declared in view.declared.sites:
        for index, exception in enumerate(declared.variables.sobriety_exceptions):
            if exception.until < today:
                key: KeyPath = ("sobriety_exceptions", index)
                what = f"l'exception du {exception.start} ({exception.why})"
                message = f"{declared.id} : {what} a fini le {exception.until}"
                path = f"sites[{declared.id}].{dotted(key, {})}"
                view.faults.add("PISTE-M164", path, declared.where(key), message)


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    town = view.declared.town
    view.faults.add(rule, dotted(where, {}), town.where(where), message, *([advice] if advice else []))
