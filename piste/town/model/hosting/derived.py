"""The hosting of the town: categories, networks, images, machines, separations.

The network of a machine is the segment where its address is reserved, on the site of the cluster: nobody types a VLAN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from ..equipment import Item, derive_item
from ..sobriety.levers import standing
from .recovery import (
    TRIAL,
    TRIAL_KEY,
    HostingPlan,
    HostingPolicy,
    IsolatedNetwork,
    derive_isolated,
    derive_plans,
    derive_policies,
)

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..variables import TownLevel
    from . import form


# Keys of the categories of machines.
ENVIRONMENT, SCHEDULE, PROTECTION = "Environnement", "Horaires", "Sauvegarde"
OWNER, SEPARATION = "Responsable", "Groupe"
# Marks of the hours on a machine: asked to stop, asleep.
SLEEP, ASKED, ASLEEP = "Veille", "demandée", "endormie"


class HostingNode(Item):
    """A server of the cluster."""

    name: str
    threads: int
    serial: str | None
    model: str | None


class HostingCategory(TypedDict):
    key: str
    value: str
    description: str | None


class HostingNetwork(TypedDict):
    name: str
    description: str
    vlan: int


class HostingImage(TypedDict):
    name: str
    kind: Literal["disk", "iso"]
    url: str
    checksum: str | None


class HostingMachine(TypedDict):
    """A virtual machine. None: not managed.

    `categories` gives its values (`a, b`) by key, empty where it has none.
    """

    name: str
    role: str
    vcpus: int
    memory_gib: int
    environment: str
    production: bool
    network: str
    address: str
    disks_gib: list[int]
    container: str
    image: str | None
    guest: dict[str, Any] | None
    firmware: Literal["legacy", "uefi"] | None
    schedule: str | None
    power: Literal["running", "stopped"] | None
    stop: Literal["never", "clean", "forced"] | None
    owner: str
    categories: dict[str, str]
    status: str | None


class SeparatedMachines(TypedDict):
    """Machines that do not share a node."""

    name: str
    machines: list[str]


class Hours(TypedDict):
    """Sleep of machines: the hours of each schedule, and the special days (`town.model.hours`)."""

    timezone: str
    schedules: dict[str, dict[str, Any]]
    calendar: dict[str, Any]


class TownHosting(TypedDict):
    """The desired state of the cluster.

    `retired` gives, by machine to remove, the greatest age of its last copy, in hours.
    """

    cluster: str
    site: str
    nodes: list[HostingNode]
    cvm_memory_gib: int
    foreign: dict[str, Any] | None
    waits: dict[str, Any] | None
    categories: list[HostingCategory]
    networks: list[HostingNetwork]
    images: list[HostingImage]
    machines: list[HostingMachine]
    separated: list[SeparatedMachines]
    hours: Hours
    energy: dict[str, Any] | None
    retired: dict[str, int]
    isolated: list[IsolatedNetwork]
    policies: list[HostingPolicy]
    plans: list[HostingPlan]


def derive_hosting(town: TownLevel, segments: Mapping[str, Mapping[str, Segment]]) -> TownHosting | None:
    """Derive the desired state of the cluster; None where no cluster is declared.

    `segments` are the segments of each site.
    """
    hosting = town.hosting
    if hosting is None:
        return None
    here = segments.get(hosting.site, {})
    places = {
        name: (key, address)
        for key, segment in here.items()
        for name, address in segment["reservations"].items()
        if key in hosting.segments
    }
    foreign = hosting.foreign
    return TownHosting(
        cluster=hosting.cluster,
        site=hosting.site,
        nodes=[
            HostingNode(
                name=name,
                threads=node.threads,
                serial=node.serial,
                model=node.model,
                **derive_item(node, None, "open", f"Grappe {hosting.cluster}"),
            )
            for name, node in hosting.nodes.items()
        ],
        cvm_memory_gib=hosting.cvm_memory_gib,
        foreign=foreign.model_dump() if foreign else None,
        waits=hosting.waits.model_dump() if hosting.waits else None,
        categories=list(_categories(town, hosting)),
        networks=[
            HostingNetwork(name=key, description=here[key]["label"], vlan=here[key]["vlan"])
            for key in hosting.segments
            if key in here
        ],
        images=[
            HostingImage(name=name, kind=image.kind, url=image.url, checksum=image.checksum)
            for name, image in town.hosting_images.items()
        ],
        machines=[
            _machine(town, hosting, name, machine, *places.get(name, ("", "")))
            for name, machine in town.hosting_machines.items()
        ],
        separated=[
            SeparatedMachines(name=name, machines=list(entry.machines))
            for name, entry in town.hosting_separated.items()
        ],
        hours=_hours(town),
        energy=town.energy.model_dump(include={"node_power", "electricity"}) if town.energy else None,
        retired={
            name: town.protection.families[entry.protection].rpo_hours
            for name, entry in town.hosting_retired.items()
            if entry.protection in town.protection.families
        },
        isolated=derive_isolated(hosting),
        policies=list(derive_policies(town, hosting)),
        plans=list(derive_plans(town, hosting)),
    )


def _categories(town: TownLevel, hosting: form.Hosting) -> Iterator[HostingCategory]:
    for environment in hosting.environments.values():
        yield HostingCategory(key=ENVIRONMENT, value=environment.label, description=None)
    for name, schedule in town.hosting_schedules.items():
        yield HostingCategory(key=SCHEDULE, value=name, description=schedule.description)
    if town.hosting_schedules:
        yield HostingCategory(key=SLEEP, value=ASKED, description="Priée de s’arrêter par ses horaires")
        yield HostingCategory(key=SLEEP, value=ASLEEP, description="Arrêtée par ses horaires, qui la rallument")
    used = {machine.protection for machine in town.hosting_machines.values()}
    used |= {machine.protection for machine in town.hosting_retired.values()}
    for name, family in town.protection.families.items():
        if name not in used:
            continue
        text = f"Perte admise : {family.rpo_hours} h ; retour en {family.rto_hours} h"
        yield HostingCategory(key=PROTECTION, value=name, description=text)
    for owner in sorted({machine.owner for machine in town.hosting_machines.values()}):
        yield HostingCategory(key=OWNER, value=owner, description=None)
    if hosting.isolated:
        yield HostingCategory(key=TRIAL_KEY, value=TRIAL, description="Machine d’un essai, qui la supprime")
    for name in town.hosting_separated:
        yield HostingCategory(key=SEPARATION, value=name, description="Machines qui ne partagent pas un nœud")


def _hours(town: TownLevel) -> Hours:
    days = town.calendar.public_holidays if town.calendar else None
    school = town.calendar.school_holidays if town.calendar else None
    return Hours(
        timezone=town.network.timezone,
        schedules={name: schedule.model_dump() for name, schedule in town.hosting_schedules.items()},
        calendar={
            "holidays": {day.date: day.name for day in days.days} if days else {},
            "school": [period.model_dump() for period in school.periods] if school else [],
            "holidays_until": days.until if days else "",
            "school_until": school.until if school else "",
        },
    )


def _machine(
    town: TownLevel, hosting: form.Hosting, name: str, machine: form.Machine, network: str, address: str
) -> HostingMachine:
    environment = hosting.environments.get(machine.environment)
    schedule = machine.schedule if standing(town, name, "machine_hours").state != "off" else None
    groups = sorted(group for group, entry in town.hosting_separated.items() if name in entry.machines)
    categories = {
        ENVIRONMENT: environment.label if environment else "",
        PROTECTION: machine.protection,
        OWNER: machine.owner,
        SCHEDULE: schedule or "",
        SEPARATION: ", ".join(groups),
    }
    return HostingMachine(
        name=name,
        role=machine.role,
        vcpus=machine.size.vcpus,
        memory_gib=machine.size.memory_gib,
        environment=machine.environment,
        production=environment.production if environment else True,
        network=network,
        address=address,
        disks_gib=list(machine.disks),
        container=environment.container if environment else "",
        image=machine.image,
        guest=machine.guest.model_dump() if machine.guest else None,
        firmware=machine.firmware,
        schedule=schedule,
        power=machine.power or ("running" if environment and environment.production else None),
        stop=machine.stop,
        owner=machine.owner,
        categories=categories,
        status=machine.status,
    )
