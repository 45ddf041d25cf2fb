"""Categories of a machine, which have actions of their own: a replacement of the machine may leave them as they are.

Source: vmm v4 ``ahv/config/vms/{extId}/$actions``. The vendor's Terraform provider and Ansible collection never change
them by a replacement [read in vendor code].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from piste.converge.reading import listed, text
from piste.nutanix import power
from piste.nutanix.documents import references
from piste.nutanix.prism import VMS, Prism
from piste.nutanix.tasks import Script


def held(machine: Mapping[str, Any]) -> set[str]:
    """Ids of the categories that a machine has."""
    return {text(category["extId"]) for category in listed(machine.get("categories"))}


def rearrange(prism: Prism, ext_id: str, goal: Callable[[Mapping[str, Any]], set[str]]) -> Script:
    """Leave a machine with the categories of ``goal``: what comes is set before what goes, each under a fresh ETag."""
    machine, etag = power.read(prism, ext_id)
    for action in ("associate", "disassociate"):
        there, wanted = held(machine), goal(machine)
        which = wanted - there if action == "associate" else there - wanted
        if which:
            body = {"categories": references(sorted(which))}
            task = prism.write("POST", VMS, ext_id, "$actions", f"{action}-categories", body=body, etag=etag)
            if task:
                yield task
            machine, etag = power.read(prism, ext_id)
