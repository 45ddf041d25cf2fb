"""Categories of a machine, changed by their own actions.

A replacement of the machine may leave them as they are: the vendor's Terraform provider and Ansible collection never
change them so [read in vendor code]. Source: vmm v4 `ahv/config/vms/{extId}/$actions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from piste.engine.converge.reading import listed, text
from piste.systems.nutanix import power
from piste.systems.nutanix.documents import references
from piste.systems.nutanix.prism import VMS, Prism
from piste.systems.nutanix.tasks import Script


def ids(machine: Mapping[str, Any]) -> set[str]:
    """Ids of the categories of a machine."""
    return {text(category["extId"]) for category in listed(machine.get("categories"))}


def rearrange(prism: Prism, ext_id: str, goal: Callable[[Mapping[str, Any]], set[str]]) -> Script:
    """Give a machine the categories of `goal`: add, then remove, each under a fresh ETag."""
    machine, etag = power.read(prism, ext_id)
    for action in ("associate", "disassociate"):
        there, desired = ids(machine), goal(machine)
        which = desired - there if action == "associate" else there - desired
        if which:
            body = {"categories": references(sorted(which))}
            task = prism.write("POST", VMS, ext_id, "$actions", f"{action}-categories", body=body, etag=etag)
            if task:
                yield task
            machine, etag = power.read(prism, ext_id)
