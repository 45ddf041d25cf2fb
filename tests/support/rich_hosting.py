"""An object of each kind of Prism Central, each field far from its default."""

from __future__ import annotations

from typing import Any

CATEGORIES = [
    {"key": "Environnement", "value": "Essai", "description": "Ce qui s’essaie"},
    {"key": "Horaires", "value": "jour"},
    {"key": "Horaires", "value": "nuit"},
]
SUBNETS = [
    {
        "name": "essai",
        "description": "Réseau d’essai",
        "vlan": 399,
        "virtual_switch": "vs0",
        "advanced": False,
        "ip": {
            "network": "10.93.250.0/24",
            "gateway": "10.93.250.254",
            "dhcp_server": "10.93.250.253",
            "pools": ["10.93.250.10-10.93.250.20", "10.93.250.30-10.93.250.40"],
        },
        "dhcp": {
            "dns": ["10.93.2.11", "10.93.2.12"],
            "domain": "ad.lebourget.example",
            "search": ["ad.lebourget.example", "lebourget.example"],
            "tftp": "10.93.2.16",
            "boot_file": "pxelinux.0",
        },
    },
    {"name": "autre", "vlan": 0},
]
IMAGES = [
    {
        "name": "debian-13",
        "description": "Debian 13",
        "type": "DISK_IMAGE",
        "url": "https://images.lebourget.example/debian-13.qcow2",
        "checksum": "sha256:" + "0a" * 32,
    }
]
VMS = [
    {
        "name": "essai-1",
        "description": "Tout ce qu’une machine peut avoir",
        "num_sockets": 3,
        "num_cores_per_socket": 2,
        "num_threads_per_core": 2,
        "memory": "3584 MiB",
        "memory_overcommit": True,
        "cpu_hotplug": False,
        "cpu_passthrough": True,
        "vga_console": False,
        "agent": True,
        "machine_type": "Q35",
        "hardware_clock_timezone": "Europe/Paris",
        "vtpm": True,
        "boot": {"kind": "uefi", "order": ["NETWORK", "DISK"], "secure": True},
        "categories": {"Environnement": "Essai", "Horaires": "jour, nuit"},
        "disks": {
            "SCSI.0": {"size": "50 GiB", "container": "ctr-horsprod", "image": "debian-13"},
            "PCI.1": {"size": "1536 MiB", "container": "ctr-prod"},
        },
        "nics": {
            "essai": {"model": "E1000", "connected": False, "mac": "50:6b:8d:00:00:01", "ip": "10.93.250.15"},
            "essai (2)": {"model": "VIRTIO", "connected": True, "mac": "50:6b:8d:00:00:02"},
            "autre": {"model": "VIRTIO", "connected": True, "mac": "50:6b:8d:00:00:03"},
        },
        "power": "running",
    }
]
AFFINITY_POLICIES = [
    {
        "name": "Séparer",
        "kind": "vm_anti_affinity",
        "description": "Chacune son nœud",
        "categories": ["Environnement:Essai", "Horaires:nuit"],
    },
    {
        "name": "Retenir",
        "kind": "host_affinity",
        "description": "Sur ces nœuds",
        "vm_categories": ["Horaires:jour"],
        "host_categories": ["Environnement:Essai"],
    },
]
PROTECTION_POLICIES = [
    {
        "name": "Copier",
        "description": "Chaque heure, gardées cinq semaines",
        "categories": ["Environnement:Essai", "Horaires:nuit"],
        "locations": [
            {"label": "ici", "clusters": ["ntnx-hdv"], "primary": True},
            {"label": "partout", "clusters": [], "primary": False},
        ],
        "schedules": [
            {
                "source": "ici",
                "remote": "partout",
                "rpo_seconds": 3600,
                "type": "APPLICATION_CONSISTENT",
                "start": "22h:30m",
                "day": None,
                "keep": 5,
                "keep_every": "WEEKLY",
                "keep_remote": 3,
                "keep_remote_every": "MONTHLY",
            },
            {
                "source": "partout",
                "remote": "ici",
                "rpo_seconds": 604800,
                "type": "CRASH_CONSISTENT",
                "start": None,
                "day": "SUNDAY",
                "keep": 4,
                "keep_every": None,
                "keep_remote": 2,
                "keep_remote_every": None,
            },
        ],
    }
]
RECOVERY_PLANS = [
    {
        "name": "Repartir",
        "description": "L’annuaire d’abord",
        "clusters": ["ntnx-hdv"],
        "recovery_cluster": "ntnx-hdv",
        "stages": [
            {"categories": ["Environnement:Essai", "Horaires:jour"], "machines": [], "delay": 120},
            {"categories": ["Horaires:nuit"], "machines": [], "delay": 0},
        ],
        "mappings": [
            {"network": "autre", "recovery": "autre", "test": None, "recovery_test": None},
            {"network": "essai", "recovery": "essai", "test": "autre", "recovery_test": "autre"},
        ],
    }
]
OTHER: dict[str, dict[str, Any]] = {
    "categories": {"description": "Autre"},
    "subnets": {"description": "Autre", "vlan": 398, "ip": {"gateway": "10.93.250.1"}, "dhcp": {"dns": ["10.93.2.12"]}},
    "images": {"description": "Autre"},
    "vms": {
        "description": "Autre",
        "num_sockets": 2,
        "num_cores_per_socket": 1,
        "num_threads_per_core": 1,
        "memory": "4 GiB",
        "memory_overcommit": False,
        "cpu_hotplug": True,
        "cpu_passthrough": False,
        "vga_console": True,
        "agent": False,
        "machine_type": "PC",
        "hardware_clock_timezone": "UTC",
        "vtpm": False,
        "boot": {"order": ["DISK"]},
        "categories": {"Horaires": "nuit"},
        "disks": {"PCI.1": {"size": "2 GiB"}},
        "nics": {"autre": {"connected": False}},
        "power": "stopped",
    },
    "affinity_policies": {"description": "Autre", "categories": ["Environnement:Essai"]},
    "protection_policies": {
        "description": "Autre",
        "categories": ["Environnement:Essai"],
        "locations": [{"label": "ici", "primary": True}, {"label": "partout", "clusters": ["ntnx-hdv"]}],
        "schedules": [{"source": "ici", "rpo_seconds": 7200, "keep": 3}],
    },
    "recovery_plans": {
        "description": "Autre",
        "stages": [{"categories": ["Horaires:nuit"], "delay": 60}],
        "mappings": [{"network": "essai", "recovery": "autre"}],
    },
}
"""Another value of each field that can change, for the first object of each kind."""


def estate() -> dict[str, list[dict[str, Any]]]:
    """`config` of each module, in the order of the role."""
    return {
        "categories": CATEGORIES,
        "subnets": SUBNETS,
        "images": IMAGES,
        "vms": VMS,
        "affinity_policies": AFFINITY_POLICIES,
        "protection_policies": PROTECTION_POLICIES,
        "recovery_plans": RECOVERY_PLANS,
    }
