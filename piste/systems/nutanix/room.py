"""Room of a cluster once its largest node is lost, from documents of Prism Central. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.systems.nutanix.documents import memory, runs
from piste.systems.nutanix.quantities import UNITS

GIB = UNITS["GiB"]


def room(machines: Sequence[Mapping[str, Any]], nodes: Sequence[int], cvm_bytes: int) -> dict[str, int]:
    """Memory for machines once the largest node is lost, and the rest that is free, in GiB."""
    usable = sorted(max(0, memory - cvm_bytes) for memory in nodes)[:-1]
    running = sum(memory(machine) for machine in machines if runs(machine))
    return {"memory_gib": sum(usable) // GIB, "free_gib": (sum(usable) - running) // GIB}


def vcpus(machine: Mapping[str, Any]) -> int:
    """Virtual processors of a machine: sockets × cores × threads."""
    parts = ("numSockets", "numCoresPerSocket", "numThreadsPerCore")
    sockets, cores, threads = (int(machine.get(part) or 1) for part in parts)
    return sockets * cores * threads
