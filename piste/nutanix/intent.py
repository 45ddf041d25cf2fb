"""Intent of the town for Prism Central: the `config` of each module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from piste.model.hosting.derived import ENVIRONMENT, SEPARATION

if TYPE_CHECKING:
    from piste.model.hosting.derived import HostingImage, HostingMachine, SeparatedMachines
    from piste.model.site import Commune, Site

_IMAGES = {"disk": "DISK_IMAGE", "iso": "ISO_IMAGE"}


def prism_intent(owner: Site | Commune) -> dict[str, Any]:
    """Intent of an owner: `config` by kind, and other options; empty lists without a cluster."""
    if "hosting" not in owner or owner["hosting"] is None:
        return dict(_NOTHING)
    hosting = owner["hosting"]
    return {
        "cluster": hosting["cluster"],
        "apart": hosting["foreign"] or {},
        "cvm_memory": f"{hosting['cvm_memory_gib']} GiB" if hosting["cvm_memory_gib"] else None,
        "categories": [_declared(entry) for entry in hosting["categories"]],
        "subnets": [_declared(entry) for entry in hosting["networks"]],
        "images": [_image(image) for image in hosting["images"]],
        "vms": [_machine(machine) for machine in hosting["machines"]],
        "affinity_policies": [_separation(entry) for entry in hosting["separated"]],
        "hours": {**hosting["hours"], "machines": [_sleeper(machine) for machine in hosting["machines"]]},
        "energy": hosting["energy"],
        "retired": sorted(hosting["retired"]),
        "rpo_hours": dict(hosting["retired"]),
    }


_NOTHING: Mapping[str, Any] = {
    "cluster": "",
    "apart": {},
    "cvm_memory": None,
    **{kind: [] for kind in ("categories", "subnets", "images", "vms", "affinity_policies")},
    "hours": {"machines": []},
    "energy": None,
    "retired": [],
    "rpo_hours": {},
}


def _sleeper(machine: HostingMachine) -> dict[str, Any]:
    """Entry of a machine for `prism_power_hours`: its schedule, its environment, its label."""
    return {
        "name": machine["name"],
        "environment": machine["environment"],
        "production": machine["production"],
        "schedule": machine["schedule"],
        "status": machine["status"],
        "label": machine["categories"][ENVIRONMENT],
    }


def _declared(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}


def _image(image: HostingImage) -> dict[str, Any]:
    return _declared({**image, "kind": None, "type": _IMAGES[image["kind"]]})


def _separation(entry: SeparatedMachines) -> dict[str, Any]:
    name = entry["name"]
    text = f"Ne partagent pas un nœud : {', '.join(entry['machines'])}"
    return {"name": f"Séparer {name}", "description": text, "categories": [f"{SEPARATION}:{name}"]}


def _machine(machine: HostingMachine) -> dict[str, Any]:
    """Entry of a machine; processors have one core, so that their number may grow while it runs."""
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
    return _declared(config)


def _disk(machine: HostingMachine, place: int, size: int) -> dict[str, Any]:
    image = machine["image"] if place == 0 else None
    return _declared({"size": f"{size} GiB", "container": machine["container"], "image": image})
