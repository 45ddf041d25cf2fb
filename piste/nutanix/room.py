"""What a cluster has room for where its largest node is lost. Pure, on documents of Prism Central."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.nutanix.documents import memory, runs
from piste.nutanix.quantities import UNITS

GIB = UNITS["GiB"]


def room(machines: Sequence[Mapping[str, Any]], nodes: Sequence[int], cvm_bytes: int) -> dict[str, int]:
    """Memory, in GiB, for machines where the largest node is lost, and what the machines that run leave of it."""
    usable = sorted(max(0, memory - cvm_bytes) for memory in nodes)[:-1]
    running = sum(memory(one) for one in machines if runs(one))
    return {"memory_gib": sum(usable) // GIB, "free_gib": (sum(usable) - running) // GIB}


def vcpus(machine: Mapping[str, Any]) -> int:
    """Virtual processors of a machine, cores and threads counted."""
    parts = ("numSockets", "numCoresPerSocket", "numThreadsPerCore")
    sockets, cores, threads = (int(machine.get(part) or 1) for part in parts)
    return sockets * cores * threads
