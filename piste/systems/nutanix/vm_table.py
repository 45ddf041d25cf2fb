"""Table of virtual machines. Source: vmm v4 `ahv/config/vms` (model `Vm`).

Attributes outside the table (CD-ROM drives, serial ports, graphics cards, volume groups, the account that owns the
machine) are read and sent back as they are, never changed.
"""

from __future__ import annotations

import re

from piste.engine.converge.resource import Field, Resource
from piste.systems.nutanix.categories import term
from piste.systems.nutanix.documents import At
from piste.systems.nutanix.prism import VMS
from piste.systems.nutanix.quantities import in_bytes, size

_DISK = re.compile(r"(SCSI|IDE|PCI|SATA|SPAPR)\.(\d{1,3})")
_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")
POWER = ("running", "stopped")

ADDED = frozenset(
    {
        "createTime",
        "updateTime",
        "source",
        "host",
        "powerState",
        "isLiveMigrateCapable",
        "isCrossClusterMigrationInProgress",
        "protectionType",
        "protectionPolicyState",
        "vmGuestCustomizationStatus",
        "nextScheduledReboot",
    }
)


def disk_address(text: str) -> str:
    """Normalise the address of a disk, its bus and place: `SCSI.0`. Raises `ValueError`."""
    if not _DISK.fullmatch(text.upper()):
        raise ValueError(text)
    return text.upper()


def values(text: str) -> str:
    """Normalise the values of an object under one key of category, sorted: `a, b`."""
    return ", ".join(sorted({term(value.strip()) for value in text.split(",")}))


def mac(text: str) -> str:
    spelt = text.lower().replace("-", ":")
    if not _MAC.fullmatch(spelt):
        raise ValueError(text)
    return spelt


DISK = (
    Field("size", "Size, C(40 GiB). It only grows.", normalise=size),
    Field("container", "Storage container of a new disk; without it the cluster's choice.", ref="storage_container"),
    Field("image", "Image that a new disk is a copy of.", ref="image"),
)
NIC = (
    Field("model", "Kind of card that the machine sees.", choices=("VIRTIO", "E1000"), default="VIRTIO"),
    Field("connected", "Whether its cable is plugged in.", type="bool", default=True),
    Field("mac", "Hardware address of a new card; the system's own choice without it.", normalise=mac),
    Field("ip", "Address that it is given, in a subnet whose addresses the cluster gives."),
)
COLD = {
    "num_cores_per_socket": "cœurs par processeur",
    "num_threads_per_core": "fils par cœur",
    "cpu_hotplug": "ajout de processeurs à chaud",
    "cpu_passthrough": "processeur de l’hôte",
    "machine_type": "type de machine",
    "hardware_clock_timezone": "fuseau de l’horloge",
    "boot": "démarrage",
    "vtpm": "TPM virtuel",
}
"""Fields that a running machine cannot change, and their names in messages [read in vendor code]."""


def _flag(name: str, doc: str, wire: str, default: bool) -> Field:
    return Field(name, doc, type="bool", wire=wire, default=default)


RESOURCE = Resource(
    system="prism",
    name="vm",
    doc="Machine virtuelle",
    endpoint=At(VMS, ADDED),
    daily=frozenset({"power"}),
    needs_secret=("guest",),
    known=frozenset(
        {
            "generationUuid",
            "biosUuid",
            "cluster",
            "availabilityZone",
            "project",
            "projectExtId",
            "ownershipInfo",
            "cdRoms",
            "gpus",
            "serialPorts",
            "pcieDevices",
            "storageConfig",
            "customAttributes",
            "sourceVmProfile",
            "apcConfig",
            "guestTools",
            "enabledCpuFeatures",
            "numNumaNodes",
            "isVcpuHardPinningEnabled",
            "isGpuConsoleEnabled",
            "isScsiControllerEnabled",
            "isBrandingEnabled",
            "bootConfig",
            "vtpmConfig",
            "memorySizeBytes",
        }
    ),
    fields=(
        Field("name", "Name of the machine; its identity in the cluster.", required=True, minimum=1, maximum=80),
        Field("formerly", "Names that it bore before: it is renamed.", type="list", path_only=True),
        Field("description", "Description; null clears it.", nullable=True, default=None, maximum=1000),
        Field("num_sockets", "Virtual processors.", type="int", minimum=1, maximum=240),
        Field("num_cores_per_socket", "Cores of each.", type="int", minimum=1, maximum=64, default=1),
        Field("num_threads_per_core", "Threads of each core.", type="int", minimum=1, maximum=8, default=1),
        Field("memory", "Memory, C(4 GiB).", wire="memorySizeBytes", normalise=size, encode=in_bytes),
        _flag("memory_overcommit", "Whether memory may be promised twice.", "isMemoryOvercommitEnabled", False),
        _flag("cpu_hotplug", "Whether processors may be added while it runs.", "isCpuHotplugEnabled", True),
        _flag("cpu_passthrough", "Whether it sees the node's own processor.", "isCpuPassthroughEnabled", False),
        _flag("vga_console", "Whether it has a console.", "isVgaConsoleEnabled", True),
        _flag("agent", "Whether it serves the node itself, and starts before the others.", "isAgentVm", False),
        Field("machine_type", "Chipset.", choices=("PC", "Q35", "PSERIES"), default="PC"),
        Field("hardware_clock_timezone", "Time zone of its clock.", default="UTC", maximum=64),
        Field("vtpm", "Whether it has a virtual TPM.", type="bool", default=False),
        Field(
            "boot",
            "How it starts.",
            type="dict",
            of=(
                Field("kind", "Firmware.", choices=("legacy", "uefi"), default="legacy"),
                Field(
                    "order",
                    "What it starts from, in order.",
                    type="list",
                    choices=("CDROM", "DISK", "NETWORK"),
                    default=["CDROM", "DISK", "NETWORK"],
                ),
                Field("secure", "Secure boot, of UEFI alone.", type="bool", default=False),
            ),
        ),
        Field(
            "categories",
            "Its values under each key of category, C(a) or C(a, b). Keys that are not named stay as they are.",
            type="map",
            normalise_key=term,
            normalise=values,
            listing="values",
            default={},
        ),
        Field(
            "disks",
            "Its disks, by bus and place, C(SCSI.0). Those that are not named stay as they are; removing one loses it.",
            type="map",
            normalise_key=disk_address,
            of=DISK,
        ),
        Field(
            "nics",
            "Its network cards, by the name of their subnet; a second one in a subnet is C(name (2)). Those that are "
            "not named stay as they are.",
            type="map",
            of=NIC,
        ),
        Field(
            "guest",
            "What its system is told when it first starts.",
            type="dict",
            create_only=True,
            of=(
                Field("kind", "Who reads it.", choices=("cloud_init", "sysprep"), required=True),
                Field("script", "User data, or answer file.", secret="prism/vm/{name}/guest", readable=False),
            ),
        ),
        Field("power", "Whether it runs. Without it nobody starts or stops it.", choices=POWER),
        Field(
            "stop",
            "What may be done where a change cannot be taken while it runs: C(never) stops it, its guest is asked to "
            "shut down and the change waits if it will not (C(clean)), or its power is cut in the end (C(forced)).",
            choices=("never", "clean", "forced"),
            path_only=True,
        ),
    ),
)
