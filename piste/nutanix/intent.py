"""From the derived town to what Prism Central is to hold for it: the ``config`` of each module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.model.site_hosting import ENVIRONMENT, SEPARATION

_IMAGES = {"disk": "DISK_IMAGE", "iso": "ISO_IMAGE"}


def prism_intent(owner: Mapping[str, Any]) -> dict[str, Any]:
    """``config`` by kind, and what the tasks are told besides; empty lists for an owner that has no cluster."""
    hosting = owner.get("hosting") or {}
    return {
        "cluster": hosting.get("cluster", ""),
        "apart": hosting.get("apart") or {},
        "cvm_memory": f"{hosting['cvm_memory_gib']} GiB" if hosting.get("cvm_memory_gib") else None,
        "categories": [_told(entry) for entry in hosting.get("categories", ())],
        "subnets": [_told(entry) for entry in hosting.get("networks", ())],
        "images": [_image(image) for image in hosting.get("images", ())],
        "vms": [_machine(machine) for machine in hosting.get("machines", ())],
        "affinity_policies": [_separation(entry) for entry in hosting.get("separated", ())],
        "hours": _hours(hosting),
        "energy": hosting.get("energy"),
        "retired": sorted(hosting.get("retired", ())),
        "rpo_hours": dict(hosting.get("retired", {})),
    }


def _hours(hosting: Mapping[str, Any]) -> dict[str, Any]:
    """What the power hours are told: who follows which, and what every other machine is (`prism_power_hours`)."""
    told = ("name", "environment", "production", "schedule", "status")
    machines = [
        {**{name: machine[name] for name in told}, "label": machine["categories"][ENVIRONMENT]}
        for machine in hosting.get("machines", ())
    ]
    return {**(hosting.get("hours") or {}), "machines": machines}


def _told(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}


def _image(image: Mapping[str, Any]) -> dict[str, Any]:
    return _told({**image, "kind": None, "type": _IMAGES[image["kind"]]})


def _separation(entry: Mapping[str, Any]) -> dict[str, Any]:
    name = entry["name"]
    text = f"Ne partagent pas un nœud : {', '.join(entry['machines'])}"
    return {"name": f"Séparer {name}", "description": text, "categories": [f"{SEPARATION}:{name}"]}


def _machine(machine: Mapping[str, Any]) -> dict[str, Any]:
    """A machine; processors are single-core, so that their number may grow while it runs."""
    disks = {f"SCSI.{place}": _disk(machine, place, size) for place, size in enumerate(machine["disks_gib"])}
    config = {
        "name": machine["name"],
        "description": machine["role"],
        "num_sockets": machine["vcpus"],
        "num_cores_per_socket": 1,
        "memory": f"{machine['memory_gib']} GiB",
        # An empty value is a key that the machine must not have.
        "categories": {key: value or None for key, value in machine["categories"].items()},
        "disks": disks,
        "nics": {machine["network"]: {}},
        "boot": {"kind": machine["firmware"]} if machine["firmware"] else None,
        "power": machine["power"],
        "stop": machine["stop"],
        "guest": machine["guest"],
    }
    return _told(config)


def _disk(machine: Mapping[str, Any], place: int, size: int) -> dict[str, Any]:
    image = machine["image"] if place == 0 else None
    return _told({"size": f"{size} GiB", "container": machine["container"], "image": image})
