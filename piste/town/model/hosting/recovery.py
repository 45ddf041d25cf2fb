"""Copies taken by the cluster, isolated networks, recovery plans, order of start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypedDict

from ..protection.derived import carrier_of

if TYPE_CHECKING:
    from ..variables import TownLevel
    from . import form

TRIAL_KEY, TRIAL = "Essai", "restauration"
"""Category of a machine that a restore test has made, and that it removes."""


class IsolatedNetwork(TypedDict):
    """A network that leads nowhere; `virtual_switch` None: the cluster's own."""

    name: str
    label: str
    vlan: int
    virtual_switch: str | None


class HostingPolicy(TypedDict):
    """Copies that the cluster takes of the machines of a family."""

    family: str
    cluster: str
    rpo_hours: int
    keep_days: int


class RecoveryStage(TypedDict):
    """Machines that start together; `delay` in seconds after them."""

    machines: list[str]
    delay: int


class HostingPlan(TypedDict):
    """A recovery plan; `networks` gives the network of a test, or None, by network."""

    name: str
    description: str
    clusters: list[str]
    recovery_cluster: str
    stages: list[RecoveryStage]
    networks: dict[str, str | None]


def derive_isolated(hosting: form.Hosting) -> list[IsolatedNetwork]:
    return [
        IsolatedNetwork(
            name=name, label=network.label or name, vlan=network.vlan, virtual_switch=network.virtual_switch
        )
        for name, network in hosting.isolated.items()
    ]


def derive_policies(town: TownLevel, hosting: form.Hosting) -> Iterator[HostingPolicy]:
    """Derive a policy for each family of machines with a store that Prism reads."""
    used = {machine.protection for machine in town.hosting_machines.values()}
    machines = town.hosting_machines
    stores = {
        name
        for name, store in town.protection.stores.items()
        if store.reader == "prism" and carrier_of(store, hosting.cluster, machines) == hosting.cluster
    }
    for name, family in town.protection.families.items():
        if name in used and stores.intersection(family.stores):
            yield HostingPolicy(
                family=name, cluster=hosting.cluster, rpo_hours=family.rpo_hours, keep_days=family.keep_days
            )


def derive_plans(town: TownLevel, hosting: form.Hosting) -> Iterator[HostingPlan]:
    order = start_order(town)
    for name, plan in town.hosting_recovery.items():
        chosen = {
            machine
            for machine, entry in town.hosting_machines.items()
            if not plan.families or entry.protection in plan.families
        }
        stages = [[machine for machine in stage if machine in chosen] for stage in order]
        filled = [stage for stage in stages if stage]
        yield HostingPlan(
            name=name,
            description=plan.label or name,
            clusters=[hosting.cluster],
            recovery_cluster=plan.cluster,
            stages=[
                RecoveryStage(machines=stage, delay=0 if stage is filled[-1] else plan.delay_seconds)
                for stage in filled
            ],
            networks=dict.fromkeys(hosting.segments, plan.test_network),
        )


def needs(town: TownLevel) -> dict[str, set[str]]:
    """Give, for each machine, the machines that it cannot do without.

    Each needs the domain controllers; an application needs the machines and the applications of its `needs`.
    """
    machines = town.hosting_machines
    controllers = {name for name in town.directory.controllers if name in machines}
    result: dict[str, set[str]] = {name: set() if name in controllers else set(controllers) for name in machines}
    for entry in town.applications.values():
        wanted = set(_machines_of(town, entry.needs))
        for machine in entry.machines:
            if machine in result:
                result[machine] |= wanted - {machine}
    return result


def _machines_of(town: TownLevel, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name in town.hosting_machines:
            yield name
        elif name in town.applications:
            yield from (machine for machine in town.applications[name].machines if machine in town.hosting_machines)


def start_order(town: TownLevel) -> list[list[str]]:
    """Order the machines in stages: each needs only machines of the stages before.

    Machines that need each other come last, in a stage of their own.
    """
    left, stages = needs(town), list[list[str]]()
    started: set[str] = set()
    while left:
        ready = [name for name, wanted in left.items() if wanted <= started]
        stages.append(ready or [*left])
        started |= set(stages[-1])
        left = {name: wanted for name, wanted in left.items() if name not in started}
    return stages


def circles(wanted: Mapping[str, set[str]]) -> list[str]:
    """Name the machines that need each other, or need such machines."""
    left = dict(wanted)
    while ready := [name for name, names in left.items() if not names & set(left)]:
        for name in ready:
            del left[name]
    return sorted(left)
