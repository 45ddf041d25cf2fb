"""Rules of the hosting: machines have a place, fit when a node is lost, stop only by right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..paths import dotted
from ..wording import closest

if TYPE_CHECKING:
    from ..paths import KeyPath
    from ..view import View
    from . import form

MACHINES = "hosting_machines"


def check_names(view: View) -> None:
    """M130: machines, separations and removals refer to declared names."""
    town = view.declared.town
    variables = town.variables
    hosting = variables.hosting
    if hosting is None:
        if variables.hosting_machines:
            where: KeyPath = (MACHINES,)
            view.faults.add("PISTE-M130", MACHINES, town.where(where), "Aucune grappe n’est déclarée (hosting)")
        return
    for where, what, name, known in _references(variables.hosting_machines, view):
        if name not in known:
            _add(view, "PISTE-M130", where, f"{what} « {name} » n’est pas déclaré", closest(name, known))
    if hosting.site in view.sites:
        there = view.sites[hosting.site]["segments"]
        for index, segment in enumerate(hosting.segments):
            if segment not in there:
                where = ("hosting", "segments", index)
                message = f"Le site « {hosting.site} » n’a pas de segment « {segment} »"
                _add(view, "PISTE-M130", where, message, closest(segment, there))
    elif view.declared.complete:
        message = f"Le site « {hosting.site} » n’est pas déclaré"
        _add(view, "PISTE-M130", ("hosting", "site"), message, closest(hosting.site, view.sites))


def _references(machines: dict[str, form.Machine], view: View) -> Iterator[tuple[KeyPath, str, str, Iterable[str]]]:
    variables = view.declared.town.variables
    environments = variables.hosting.environments if variables.hosting else {}
    for name, machine in machines.items():
        yield (MACHINES, name, "environment"), f"{name} : l’environnement", machine.environment, environments
        families = variables.protection.families
        yield (MACHINES, name, "protection"), f"{name} : la famille de sauvegarde", machine.protection, families
        if machine.schedule is not None:
            schedules = variables.hosting_schedules
            yield (MACHINES, name, "schedule"), f"{name} : l’horaire de veille", machine.schedule, schedules
        if machine.image is not None:
            yield (MACHINES, name, "image"), f"{name} : le modèle de disque", machine.image, variables.hosting_images
    for group, entry in variables.hosting_separated.items():
        for index, name in enumerate(entry.machines):
            yield ("hosting_separated", group, "machines", index), f"{group} : le serveur", name, machines
    for name, retired in variables.hosting_retired.items():
        where: KeyPath = ("hosting_retired", name, "protection")
        yield where, f"{name} : la famille de sauvegarde", retired.protection, variables.protection.families


def check_addresses(view: View) -> None:
    """M131: the address of a machine, hence its network, is a reservation of the cluster's site."""
    variables = view.declared.town.variables
    hosting = variables.hosting
    if hosting is None or hosting.site not in view.sites:
        return
    segments = view.sites[hosting.site]["segments"]
    reserved = {name for key in hosting.segments if key in segments for name in segments[key]["reservations"]}
    for name in variables.hosting_machines:
        if name not in reserved:
            message = f"{name} : aucune adresse à ce nom dans {', '.join(hosting.segments)} ({hosting.site})"
            _add(view, "PISTE-M131", (MACHINES, name), message)


def check_capacity(view: View) -> None:
    """M132: all machines fit when the largest node is lost, and each fits in one node."""
    variables = view.declared.town.variables
    hosting = variables.hosting
    if hosting is None:
        return
    usable = sorted(max(0, node.memory_gib - hosting.cvm_memory_gib) for node in hosting.nodes.values())
    left, largest = sum(usable[:-1]), usable[-1]
    wanted = sum(machine.size.memory_gib for machine in variables.hosting_machines.values())
    if wanted > left:
        message = f"Les machines demandent {wanted} Gio de mémoire, il en reste {left} quand un nœud est perdu"
        _add(view, "PISTE-M132", (MACHINES,), message)
    for name, machine in variables.hosting_machines.items():
        if machine.size.memory_gib > largest:
            message = f"{name} demande {machine.size.memory_gib} Gio, aucun nœud n’en offre plus de {largest}"
            _add(view, "PISTE-M132", (MACHINES, name, "size", "memory_gib"), message)
    for group, entry in variables.hosting_separated.items():
        if len(set(entry.machines)) > len(hosting.nodes):
            message = f"{group} : {len(set(entry.machines))} machines à séparer sur {len(hosting.nodes)} nœuds"
            _add(view, "PISTE-M132", ("hosting_separated", group, "machines"), message)


def check_schedules(view: View) -> None:
    """M133: hours stop no production machine."""
    variables = view.declared.town.variables
    environments = variables.hosting.environments if variables.hosting else {}
    for name, machine in variables.hosting_machines.items():
        environment = environments.get(machine.environment)
        if machine.schedule is not None and environment and environment.production:
            message = f"{name} est en production ({machine.environment}) et suit l’horaire « {machine.schedule} »"
            _add(view, "PISTE-M133", (MACHINES, name, "schedule"), message)


def check_hours(view: View) -> None:
    """M135: a machine with hours does not declare its power, and the hours have a calendar."""
    variables = view.declared.town.variables
    if variables.hosting_schedules and variables.calendar is None:
        message = "Des horaires de veille sont déclarés, aucun calendrier ne l’est (calendar)"
        _add(view, "PISTE-M135", ("hosting_schedules",), message)
    for name, machine in variables.hosting_machines.items():
        if machine.schedule is not None and machine.power is not None:
            message = f"{name} suit l’horaire « {machine.schedule} » et dit aussi power: {machine.power}"
            _add(view, "PISTE-M135", (MACHINES, name, "power"), message)


def check_removals(view: View) -> None:
    """M134: a machine is declared or to remove, not both."""
    variables = view.declared.town.variables
    for name in variables.hosting_retired:
        if name in variables.hosting_machines:
            _add(view, "PISTE-M134", ("hosting_retired", name), f"{name} est déclarée, et à supprimer")


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    path = dotted(where, {})
    view.faults.add(rule, path, view.declared.town.where(where), message, *([advice] if advice else []))
