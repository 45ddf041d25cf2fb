"""The bridge to the declared town: hardware, print queues, servers, paths of secrets."""

from __future__ import annotations

import os
import pickle
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lab.seeds import Inventory, inventory_from_sites
from lab.state import read_json, write_json
from piste.engine.converge.secrets import FINGERPRINT_KEY

REPOSITORY = Path(__file__).resolve().parent.parent
_SECRETS = "secrets.json"
TOWN = REPOSITORY / "inventories" / "town"
_loaded: dict[object, bytes] = {}


class Servers(NamedTuple):
    """The address of each reservation, and the names of servers: RADIUS, printing, DHCP, DNS.

    `cluster` is empty where the town declares no hosting; `nodes` are the servers of the cluster.
    """

    addresses: Mapping[str, str]
    radius: Sequence[str]
    printing: Sequence[str]
    cluster: str
    nodes: Sequence[str]
    dhcp: Sequence[str]
    dns: Sequence[str]
    forwarders: Sequence[str]


class Unavailable(RuntimeError):
    """The declaration cannot be read; the message has the remedy."""


def declared_town() -> Any:
    """Load the declared town. Raises Unavailable, ValueError with all faults of the declaration.

    A process reads the same files once: it is given a copy, which it may change.
    """
    try:
        from piste.town.model import load
        from piste.town.model.dates import today
    except ImportError as fault:
        raise Unavailable(f"Le laboratoire ne peut pas lire la déclaration de la ville : {fault}.") from fault
    try:
        state = (today(), *sorted(_files(TOWN)))
    except OSError:
        return load(TOWN).require()
    if state not in _loaded:
        _loaded.clear()
        # Nobody asks for the files as they were read: without them a copy takes a third of the time.
        _loaded[state] = pickle.dumps(replace(load(TOWN).require(), tree=None), pickle.HIGHEST_PROTOCOL)
    return pickle.loads(_loaded[state])


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    """List the files of a folder, each with what changes with it."""
    for entry in os.scandir(folder):
        if entry.is_dir():
            yield from _files(Path(entry))
        else:
            known = entry.stat()
            yield entry.path, known.st_mtime_ns, known.st_size


def declared_inventory(town: Any) -> Inventory:
    """Return the hardware of every declared site, in the form of the seeds."""
    return inventory_from_sites(town.sites.values(), town.hardware)


def declared_queues() -> list[str]:
    """Return the names of the print queues that the sites declare, sorted."""
    sites = declared_town().sites.values()
    return sorted(queue["name"] for site in sites if site["printing"] for queue in site["printing"]["queues"])


@cache
def servers() -> Servers:
    """Read the servers that the town declares, even from a faulty declaration."""
    from piste.town.model import load

    town = load(TOWN)
    sites, access = town.sites.values(), town.commune and town.commune["access"]
    segments = (segment for site in sites for segment in site["segments"].values())
    addresses = {name: address for segment in segments for name, address in segment["reservations"].items()}
    printing = sorted({site["printing"]["server"] for site in sites if site["printing"]})
    hosting = town.commune and town.commune["hosting"]
    cluster, nodes = (hosting["cluster"], [node["name"] for node in hosting["nodes"]]) if hosting else ("", [])
    dhcp = [server["name"] for server in town.commune["dhcp"]["servers"]] if town.commune else []
    names = town.commune["dns"] if town.commune else {"servers": [], "forwarders": None}
    radius = access["servers"] if access else []
    return Servers(addresses, radius, printing, cluster, nodes, dhcp, names["servers"], names["forwarders"] or [])


def write_secrets(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Draw a value in `secrets.json` for each path of a secret; known values stay."""
    known: dict[str, str] = read_json(folder / _SECRETS) or {}
    return keep_secrets(folder, {path: secrets.token_urlsafe(18) for path in {*paths, FINGERPRINT_KEY} - known.keys()})


def keep_secrets(folder: Path, values: Mapping[str, str]) -> dict[str, str]:
    """Set the values of paths of secrets in `secrets.json`; other values stay."""
    known: dict[str, str] = {**(read_json(folder / _SECRETS) or {}), **values}
    write_json(folder / _SECRETS, dict(sorted(known.items())))
    return known
