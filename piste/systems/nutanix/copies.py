"""Copies that the cluster keeps of protected sets: its recovery points, read in bulk.

Source: dataprotection v4 `config/recovery-points`, by pages, once a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import listed, number, optional, reading, text
from piste.engine.converge.resource import Field
from piste.engine.transport.subjects import subject
from piste.readings.protection import copies
from piste.systems.nutanix.connection import PRISM_CENTRAL
from piste.systems.nutanix.names import Names
from piste.systems.nutanix.prism import RECOVERY_POINTS, VMS, Prism

DECLARED = Field("declared", "Protection of the town: its stores and its sets.", type="dict", required=True)


def stores(declared: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the stores that Prism reads."""
    return [store for store in declared["stores"] if store["reader"] == "prism"]


def points(prism: Prism, cluster: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each recovery point of the cluster with each of its machines, if not expired."""
    here = Names(prism, cluster).cluster_id
    for point in prism.all(RECOVERY_POINTS):
        places = [text(place["locationExtId"]) for place in listed(point.get("locationReferences"))]
        until = optional(text, point.get("expirationTime"))
        if (places and here not in places) or (until and _at(until).timestamp() <= prism.now()):
            continue
        for machine in listed(point.get("vmRecoveryPoints")):
            yield point, machine


def read(prism: Prism, declared: Mapping[str, Any]) -> list[copies.Reading]:
    """Read every store of Prism; a store that cannot be read is unknown, with the reason."""
    return [_reading(prism, store, declared["sets"]) for store in stores(declared)]


def _reading(prism: Prism, store: Mapping[str, Any], sets: Iterable[Mapping[str, Any]]) -> copies.Reading:
    name = text(store["name"])
    try:
        with reading(f"{prism.host} {RECOVERY_POINTS.path}"):
            return copies.reading(name, [*_copies(prism, store, sets)])
    except PisteError as error:
        return copies.reading(name, [], unknown=error.sentence())


def _copies(prism: Prism, store: Mapping[str, Any], sets: Iterable[Mapping[str, Any]]) -> Iterator[copies.Copy]:
    """Yield the copies of the sets of a store: a copy of a machine has what its disks have."""
    machines = {text(machine["extId"]): text(machine["name"]) for machine in prism.all(VMS)}
    count = Counter(machines.values())
    inside: dict[str, list[str]] = {}
    for entry in sets:
        if store["name"] in entry["stores"] and entry["server"]:
            inside.setdefault(text(entry["server"]), []).append(text(entry["name"]))
    for point, machine in points(prism, text(store["carrier"] or "")):
        server = machines.get(optional(text, machine.get("vmExtId")) or "", "")
        for name in inside.get(server, ()):
            yield copies.Copy(
                set=name,
                store=text(store["name"]),
                taken_at=copies.stamp(_at(text(point["creationTime"]))),
                size_bytes=optional(number, machine.get("totalExclusiveUsageBytes")),
                id=f"{text(point['extId'])}/{text(machine['extId'])}",
                immutable_until=None,
                state=_state(point, count[server]),
            )


def _state(point: Mapping[str, Any], machines: int) -> copies.State:
    """State of a copy; of two machines of one name, none is known to be the declared.

    Of a copy without a place, nothing says on which cluster it is: it would count in the store of each.
    """
    known = machines == 1 and listed(point.get("locationReferences"))
    return "complete" if known and point.get("status") == "COMPLETE" else "unknown"


def _at(moment: str) -> datetime:
    """Read a moment of the system. Raises ValueError."""
    return datetime.fromisoformat(moment)


MODULES: Mapping[str, Module] = subject(
    "prism_recovery_points",
    PRISM_CENTRAL,
    lambda prism, params: {"readings": read(prism, params["declared"])},
    DECLARED,
)
