"""Rules of recoveries: isolated networks lead nowhere, plans have a place and an order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..paths import dotted
from ..wording import closest
from .recovery import circles, derive_policies, needs
from .rhythm import HOURS, LINEAR

if TYPE_CHECKING:
    from ..paths import KeyPath
    from ..view import View


def check_isolated(view: View) -> None:
    """M310, M311: the VLAN of an isolated network is nobody else's, and no port carries it."""
    hosting = view.declared.town.variables.hosting
    if hosting is None:
        return
    segments = [
        (name, key, segment["vlan"]) for name, site in view.sites.items() for key, segment in site["segments"].items()
    ]
    seen: dict[int, str] = {}
    for name, network in hosting.isolated.items():
        where: KeyPath = ("hosting", "isolated", name)
        for site, key, vlan in segments:
            if vlan == network.vlan:
                _add(view, "PISTE-M310", (*where, "vlan"), f"{name} : le VLAN {vlan} est celui de {key} ({site})")
                break
        if name in hosting.segments:
            _add(view, "PISTE-M310", where, f"« {name} » est aussi un segment de la grappe")
        if (other := seen.setdefault(network.vlan, name)) != name:
            _add(view, "PISTE-M310", (*where, "vlan"), f"{name} et {other} ont le VLAN {network.vlan}")
        if carriers := sorted(_carriers(view, network.vlan)):
            shown = ", ".join(carriers[:5])
            _add(view, "PISTE-M311", (*where, "vlan"), f"{name} : le VLAN {network.vlan} est porté par {shown}")


def _carriers(view: View, vlan: int) -> Iterator[str]:
    """Ports that name the VLAN, alone or in a range; a port that takes all VLANs names none."""
    for site in view.sites.values():
        for device in site["devices"]:
            for port in device["ports"]:
                if vlan in (port["vlan"], port["voice_vlan"]) or _within(port["allowed_vlans"], vlan):
                    yield f"{device['name']}/{port['port']}"


def _within(allowed: str | None, vlan: int) -> bool:
    for part in (allowed or "").split(","):
        first, _, last = part.strip().partition("-")
        if first.isdecimal() and int(first) <= vlan <= int(last or first):
            return True
    return False


def check_plans(view: View) -> None:
    """M312: a plan goes to another cluster, for known families, with an isolated network."""
    variables = view.declared.town.variables
    hosting = variables.hosting
    for name, plan in variables.hosting_recovery.items():
        where: KeyPath = ("hosting_recovery", name)
        if hosting is None:
            _add(view, "PISTE-M312", where, "Aucune grappe n’est déclarée (hosting)")
            continue
        if plan.cluster == hosting.cluster:
            message = f"{name} : la grappe de secours est celle des machines, {plan.cluster}"
            _add(view, "PISTE-M312", (*where, "cluster"), message)
        for index, family in enumerate(plan.families):
            if family not in variables.protection.families:
                message = f"{name} : la famille « {family} » n’est pas déclarée"
                advice = closest(family, variables.protection.families)
                _add(view, "PISTE-M312", (*where, "families", index), message, advice)
        if plan.test_network is not None and plan.test_network not in hosting.isolated:
            message = f"{name} : le réseau isolé « {plan.test_network} » n’est pas déclaré"
            _add(view, "PISTE-M312", (*where, "test_network"), message, closest(plan.test_network, hosting.isolated))


def check_order(view: View) -> None:
    """M313: machines start in some order."""
    variables = view.declared.town.variables
    if variables.hosting is not None and (waiting := circles(needs(variables))):
        message = f"S’attendent l’une l’autre : {', '.join(waiting)}"
        _add(view, "PISTE-M313", ("applications",), message)


def check_stores(view: View) -> None:
    """M314: a store on a cluster names it; a store that Prism reads lies on a cluster.

    A cluster that is not named would count as a second medium of its own machines.
    """
    variables = view.declared.town.variables
    cluster = variables.hosting.cluster if variables.hosting else None
    for name, store in variables.protection.stores.items():
        # A carrier that nothing declares is the fault of another rule.
        if store.reader == "prism" and (cluster is None or store.carried_by is None):
            message = f"{name} : lu dans Prism Central, il n’est pas sur la grappe « {cluster or 'aucune'} »"
            _add(view, "PISTE-M314", ("protection", "stores", name), message)
        elif store.medium == "hci" and store.carried_by is None:
            message = f"{name} : ses copies sont sur une grappe, et rien ne dit laquelle"
            _add(view, "PISTE-M314", ("protection", "stores", name), message)


def check_rhythms(view: View) -> None:
    """M318: the copies that Prism Central takes have a rhythm that it admits."""
    variables = view.declared.town.variables
    for policy in derive_policies(variables, variables.hosting) if variables.hosting else ():
        family, hours = policy["family"], policy["rpo_hours"]
        if hours < LINEAR and hours not in HOURS:
            message = f"{family} : Prism Central ne copie pas toutes les {hours} h"
            _add(view, "PISTE-M318", ("protection", "families", family, "rpo_hours"), message)


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    path = dotted(where, {})
    view.faults.add(rule, path, view.declared.town.where(where), message, *([advice] if advice else []))
