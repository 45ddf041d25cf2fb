"""Rules of digital sobriety: names are known, steps come in order, targets are eligible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..paths import dotted
from ..wording import closest
from .autostart import AUTOSTART
from .levers import at_site, lever_of, out_of_order, steps_of

if TYPE_CHECKING:
    from ..directory.form import DirectoryPolicy
    from ..paths import KeyPath
    from ..view import View
    from .form import Drives, Lever, RolloutStep

LEVERS, ROLLOUT = "sobriety_levers", "sobriety_rollout"
LEVER = "un levier déclaré"
BY_HOURS: tuple[Drives, ...] = ("shutdown", "ssid_hours", "port_hours")
"""The parts that follow the opening hours of a site."""


def check_names(view: View) -> None:
    """M160: the names in levers, steps and exceptions are declared."""
    town = view.declared.town
    levers = town.variables.sobriety_levers
    for where, what, name, known in _references(view):
        if name not in known and (what == LEVER or view.declared.complete):
            _add(view, "PISTE-M160", where, f"« {name} » n’est pas {what}", closest(name, known))
    for declared in view.declared.sites:
        for index, exception in enumerate(declared.variables.sobriety_exceptions):
            for name in exception.levers:
                if name not in levers:
                    key: KeyPath = ("sobriety_exceptions", index, "levers")
                    path = f"sites[{declared.id}].{dotted(key, {})}"
                    message = f"« {name} » n’est pas {LEVER}"
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
    variables = view.declared.town.variables
    match lever.target:
        case "machine":
            return "une machine déclarée", list(variables.hosting_machines)
        case "share":
            return "un partage visé (storage.shares)", list(variables.storage.shares if variables.storage else ())
        case "lot":
            return "un lot de clients légers", list(variables.thin_client_lots)
        case "site":
            return "un site déclaré", list(view.sites)


def check_drives(view: View) -> None:
    """M161: each part has one lever."""
    variables = view.declared.town.variables
    for name, lever in variables.sobriety_levers.items():
        first, _ = lever_of(variables, lever.drives) or (name, lever)
        if first != name:
            message = f"« {name} » met en marche la même chose que « {first} » ({lever.drives})"
            _add(view, "PISTE-M161", (LEVERS, name, "drives"), message)


def check_steps(view: View) -> None:
    """M162: a step comes after the step it needs and its observation, or is decided by somebody."""
    variables = view.declared.town.variables
    for name, lever in variables.sobriety_levers.items():
        former: list[RolloutStep] = []
        for index, step in enumerate(variables.sobriety_rollout):
            if step.lever != name:
                continue
            if message := out_of_order(lever, former, step):
                _add(view, "PISTE-M162", (ROLLOUT, index), f"{name} : {message}")
            former.append(step)


def check_eligible(view: View) -> None:
    """M163: targets of a step are not spared; sites that follow hours have some, and rest."""
    variables = view.declared.town.variables
    for index, step in enumerate(variables.sobriety_rollout):
        lever = variables.sobriety_levers.get(step.lever)
        for rank, target in enumerate(step.targets if lever and step.step != "reverted" else ()):
            if lever and target in lever.spared:
                message = f"{step.lever} : {target} en est dispensé ({lever.spared[target]})"
                _add(view, "PISTE-M163", (ROLLOUT, index, "targets", rank), message)
    for what in BY_HOURS:
        match = lever_of(variables, what)
        if match is None:
            continue
        name, lever = match
        inscribed = steps_of(variables, name)
        where: KeyPath = (ROLLOUT, variables.sobriety_rollout.index(inscribed[-1])) if inscribed else (LEVERS,)
        for declared in view.declared.sites:
            own = declared.variables
            if own.site.lifecycle == "closed" or at_site(own, declared.id, what, "").state == "off":
                continue
            if own.opening_hours is None:
                _add(view, "PISTE-M163", where, f"{name} : {declared.id} n’a pas d’heures d’ouverture")
            elif own.category.continuous and declared.id not in lever.justified:
                message = f"{name} : {declared.id} est un service continu, et rien ne le justifie"
                _add(view, "PISTE-M163", where, message)


def check_exceptions(view: View) -> None:
    """M164: an exception is not over."""
    today = view.today.isoformat()
    for declared in view.declared.sites:
        for index, exception in enumerate(declared.variables.sobriety_exceptions):
            if exception.until < today:
                key: KeyPath = ("sobriety_exceptions", index)
                what = f"l’exception du {exception.start} ({exception.why})"
                message = f"{declared.id} : {what} a fini le {exception.until}"
                path = f"sites[{declared.id}].{dotted(key, {})}"
                view.faults.add("PISTE-M164", path, declared.where(key), message)


def check_owners(view: View) -> None:
    """M376: no other policy writes a setting of a policy that follows a lever."""
    policies = view.declared.town.variables.directory_policies
    written: dict[str, dict[tuple[str, ...], KeyPath]] = {
        name: {setting: ("directory_policies", name, *setting) for setting in _settings(policy)}
        for name, policy in policies.items()
    }
    startup = view.declared.town.variables.sobriety_autostart
    for name, policy in policies.items():
        if policy.follows == "autostart" and startup:
            written[name] |= {
                ("computer", "preferences", "services", program.entry): (AUTOSTART, "programs", key, "entry")
                for key, program in startup.programs.items()
                if program.place == "service"
            }
    for name, policy in policies.items():
        if policy.follows in (None, "dot1x"):
            continue
        for other in policies:
            # Two policies that both follow a lever: said once.
            if other == name or (policies[other].follows not in (None, "dot1x") and other < name):
                continue
            for setting in sorted(written[name].keys() & written[other].keys()):
                _add(view, "PISTE-M376", written[name][setting], f"« {name} » et « {other} » écrivent {setting[-1]}")


def _settings(policy: DirectoryPolicy) -> Iterator[tuple[str, ...]]:
    """List the settings of a policy: a name in a part of a side; preferences by their kind."""
    for side in ("computer", "user"):
        for part, content in (getattr(policy, side) or {}).items():
            for name, value in content.items() if isinstance(content, Mapping) else ():
                deeper = value if part == "preferences" and isinstance(value, Mapping) else None
                yield from [(side, part, name, key) for key in deeper] if deeper is not None else [(side, part, name)]


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    town = view.declared.town
    view.faults.add(rule, dotted(where, {}), town.where(where), message, *([advice] if advice else []))
