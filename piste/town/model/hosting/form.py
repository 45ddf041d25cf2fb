"""Forms of the hosting: the cluster, its machines, the machines of another tool."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .. import values
from ..changes import ChangeWindow, OpeningHours
from ..forms import (
    FamilyName,
    Form,
    MachineName,
    Marked,
    NameIn,
    Owned,
    Reference,
    SegmentName,
    Short,
    SiteName,
    Vlan,
)

Gibibytes = Annotated[int, Field(ge=1, le=1_000_000)]
Term = Annotated[str, AfterValidator(values.category_term)]
ExtId = Annotated[str, AfterValidator(values.ext_id)]


class Node(Owned):
    """A server of the cluster; `assigned_to` absent: the cluster."""

    serial: Short | None = None
    model: Short | None = None
    cores: int = Field(ge=1, le=4096)
    threads: int = Field(ge=1, le=8192)
    memory_gib: Gibibytes


class Environment(Form):
    """An environment; `container` is the place of new disks.

    Hours never stop the machines of `production`.
    """

    label: Term
    production: bool
    container: str


class Foreign(Form):
    """Objects of another tool on the cluster.

    They are named by category (`key:value`), patterns of names, project or account.
    """

    tool: str
    categories: list[str] = Field(default_factory=list)
    names: list[str] = Field(default_factory=list)
    projects: list[ExtId] = Field(default_factory=list)
    owners: list[ExtId] = Field(default_factory=list)


class IsolatedNetwork(Marked):
    """A network that leads nowhere, for restored machines; nothing else uses its VLAN."""

    label: str | None = None
    vlan: Vlan
    virtual_switch: str | None = None


class Waits(Marked):
    """The longest waits that a session stands, for a processor and a disk, in `hours`."""

    cpu_ready_percent: Annotated[float, Field(gt=0, le=100)]
    io_latency_ms: Annotated[float, Field(gt=0, le=10_000)]
    hours: Annotated[list[OpeningHours], Field(min_length=1)]


class Hosting(Marked):
    """The cluster.

    `site` gives the VLANs of `segments`; `cvm_memory_gib` is the memory that each node keeps for itself.
    """

    cluster: str
    site: SiteName
    segments: Annotated[list[SegmentName], Field(min_length=1)]
    nodes: Annotated[dict[str, Node], Field(min_length=1)]
    cvm_memory_gib: int = Field(ge=0, le=4096)
    environments: Annotated[dict[str, Environment], Field(min_length=1)]
    foreign: Foreign | None = Field(alias="apart", default=None)
    isolated: dict[Annotated[str, AfterValidator(values.label)], IsolatedNetwork] = Field(default_factory=dict)
    waits: Waits | None = None


class Image(Marked):
    kind: Literal["disk", "iso"]
    url: Annotated[str, AfterValidator(values.https)]
    checksum: str | None = None


class PowerSchedule(Marked):
    """Waking hours of machines, and the effect of public and school holidays on them."""

    description: str
    awake: Annotated[list[ChangeWindow], Field(min_length=1)]
    holidays: Literal["asleep", "as_usual"] = "asleep"
    school_holidays: Literal["asleep", "as_usual"] = "as_usual"


class Separated(Marked):
    machines: Annotated[list[MachineName], Field(min_length=2)]


class Size(Form):
    vcpus: int = Field(ge=1, le=240)
    memory_gib: Gibibytes


class Guest(Form):
    kind: Literal["cloud_init", "sysprep"]
    script: Reference


class Machine(Marked):
    """A virtual machine.

    `disks` are in GiB, the system's first. `power` absent: a production machine runs, another is not managed.
    """

    role: Short
    size: Size
    environment: Annotated[str, NameIn("hosting.environments")]
    protection: FamilyName
    owner: Term
    disks: Annotated[list[Gibibytes], Field(min_length=1)] = Field(default_factory=lambda: [60])
    image: Annotated[str, NameIn("hosting_images")] | None = None
    guest: Guest | None = None
    schedule: Annotated[str, NameIn("hosting_schedules")] | None = None
    firmware: Literal["legacy", "uefi"] | None = None
    power: Literal["running", "stopped"] | None = None
    stop: Literal["never", "clean", "forced"] | None = None


class Retired(Marked):
    """A machine to remove; `protection` says how fresh its last copy must be."""

    protection: FamilyName


class RecoveryPlan(Marked):
    """A recovery plan of Prism Central: machines that start again on another cluster, in order.

    `families` empty: all machines; `delay_seconds` separates two stages.
    """

    label: str | None = None
    cluster: str
    families: list[FamilyName] = Field(default_factory=list)
    test_network: Annotated[str, NameIn("hosting.isolated")] | None = None
    delay_seconds: int = Field(default=300, ge=0, le=86_400)
