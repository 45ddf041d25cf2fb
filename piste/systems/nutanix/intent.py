"""Intent of the town for Prism Central: the `config` of each module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from piste.town.model.hosting.derived import ENVIRONMENT, PROTECTION, SEPARATION
from piste.town.model.hosting.rhythm import LINEAR

if TYPE_CHECKING:
    from piste.town.model.hosting.derived import HostingImage, HostingMachine, SeparatedMachines
    from piste.town.model.hosting.recovery import HostingPlan, HostingPolicy, IsolatedNetwork
    from piste.town.model.site import Commune, Site

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
        "subnets": [*(_declared(entry) for entry in hosting["networks"]), *map(_isolated, hosting["isolated"])],
        "images": [_image(image) for image in hosting["images"]],
        "vms": [_machine(machine) for machine in hosting["machines"]],
        "affinity_policies": [_separation(entry) for entry in hosting["separated"]],
        "protection_policies": [protection_policy(policy) for policy in hosting["policies"]],
        "recovery_plans": [_plan(plan) for plan in hosting["plans"]],
        "hours": {**hosting["hours"], "machines": [_sleeper(machine) for machine in hosting["machines"]]},
        "energy": hosting["energy"],
        "waits": hosting["waits"],
        "retired": sorted(hosting["retired"]),
        "rpo_hours": dict(hosting["retired"]),
    }


_NOTHING: Mapping[str, Any] = {
    "cluster": "",
    "apart": {},
    "cvm_memory": None,
    **{kind: [] for kind in ("categories", "subnets", "images", "vms", "affinity_policies")},
    "protection_policies": [],
    "recovery_plans": [],
    "hours": {"machines": []},
    "energy": None,
    "waits": None,
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


def _isolated(network: IsolatedNetwork) -> dict[str, Any]:
    """Entry of an isolated network: no address, no gateway."""
    return _declared(
        {
            "name": network["name"],
            "description": f"{network['label']} : sans issue",
            "vlan": network["vlan"],
            "virtual_switch": network["virtual_switch"],
        }
    )


_LAST_FREQUENCY = 24
"""Most copies of an interval that a roll-up keeps [documented]."""


def protection_policy(policy: HostingPolicy) -> dict[str, Any]:
    """Entry of a family: copies on the cluster itself, the machines by category."""
    label, family = policy["cluster"], policy["family"]
    return {
        "name": f"Sauvegarde {family}",
        "description": f"Copies de la famille {family}, sur la grappe",
        "categories": [f"{PROTECTION}:{family}"],
        "locations": [{"label": label, "clusters": [policy["cluster"]], "primary": True}],
        "schedules": [{"source": label, "rpo_seconds": policy["rpo_hours"] * 3_600, **_kept(policy)}],
    }


def _kept(policy: HostingPolicy) -> dict[str, Any]:
    """Retention of at least the declared days: the older the rarer, where copies are many."""
    hours, days = policy["rpo_hours"], policy["keep_days"]
    if hours >= LINEAR:
        return {"keep": max(1, -(-days * 24 // hours))}
    for every, span in (("DAILY", 1), ("WEEKLY", 7), ("MONTHLY", 30)):
        if (count := -(-days // span)) <= _LAST_FREQUENCY:
            return {"keep": count, "keep_every": every}
    return {"keep": min(_LAST_FREQUENCY, -(-days // 365)), "keep_every": "YEARLY"}


def _plan(plan: HostingPlan) -> dict[str, Any]:
    """Entry of a plan; a network keeps its name on the other cluster."""
    return {
        "name": plan["name"],
        "description": plan["description"],
        "clusters": plan["clusters"],
        "recovery_cluster": plan["recovery_cluster"],
        "stages": [{"machines": stage["machines"], "delay": stage["delay"]} for stage in plan["stages"]],
        "mappings": [
            {"network": network, "recovery": network, "recovery_test": test}
            for network, test in plan["networks"].items()
        ],
    }


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
