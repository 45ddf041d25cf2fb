"""Readings of a town that is as declared, and twins of it; a test may spoil a reading first."""

from __future__ import annotations

import copy
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_inventory, declared_town
from lab.nexus.configuration import running
from lab.nexus.seeds import configurations
from piste.town.derived import compute
from piste.trials.twin import machine
from piste.trials.twin.build import build
from piste.trials.twin.layout import Layout
from piste.trials.twin.place import Place
from piste.trials.twin.process import PATH
from piste.trials.twin.readings import Readings

_CLOCK = "2026-11-27"
_OUT_OF_THE_BOX = {"type": "trunk", "vlan": 1, "allowed_vlans": "all", "enabled": True}

needs_machine = pytest.mark.skipif(
    os.geteuid() != 0 or any(not shutil.which(program, path=PATH) for program in machine.PROGRAMS),
    reason="un jumeau demande root et les paquets de requirements/twin.txt et radius.txt",
)


@cache
def town() -> Any:
    return declared_town()


@cache
def _cables() -> list[dict[str, str]]:
    """List the cables from each of their ends; a declared aggregate, once made, is heard too."""
    inventory = declared_inventory(town())
    serials = {entry["mac"]: entry["serial"] for entry in inventory}
    led = {entry["serial"]: entry["cabled"] for entry in inventory}
    ends = [
        (entry["serial"], port, serials[heard["mac"]], heard["port"])
        for entry in inventory
        for port, heard in entry["neighbours"].items()
    ]
    for serial in led:
        for other in {*led[serial].values()} & {*led}:
            ours, theirs = (_ports(led[here], there) for here, there in ((serial, other), (other, serial)))
            ends += [(serial, port, other, to_port) for port, to_port in zip(ours, theirs, strict=False)]
    return [dict(zip(("serial", "port", "to", "to_port"), end, strict=True)) for end in ends]


def _ports(led: Mapping[str, str], serial: str) -> list[str]:
    return [port for port, there in led.items() if there == serial]


@cache
def _intents(domain: str) -> list[Mapping[str, Any]]:
    sites = [site for site in town().sites.values() if site["lifecycle"] == "open"]
    return [compute(domain, owner) for owner in (town().commune, *sites)]


def _all(domain: str, kind: str) -> list[Any]:
    return [item for intent in _intents(domain) for item in intent[kind]]


def network(name: str) -> dict[str, list[Any]]:
    """Give the kinds of the network of a site, as an export has them."""
    intent = compute("network", town().sites[name])
    kinds = {kind: value for kind, value in intent.items() if isinstance(value, list)}
    ports = [{**_OUT_OF_THE_BOX, **port} for port in intent["switch_ports"]]
    wan = {item["serial"]: item["management_interface"] for item in kinds["management"]}
    devices = [{**device, "management_interface": wan.get(device["serial"])} for device in kinds["devices"]]
    return {**kinds, "switch_ports": ports, "network_settings": kinds["settings"], "devices": devices}


def readings(*sites: str) -> Readings:
    """Give readings of a town that is as declared, with the networks of some sites."""
    core = town().commune["core"]["site"]
    whole = compute("firewall", town().commune)
    nexus = configurations(town().commune["nexus"], "town")
    made = Readings(
        networks={name: network(name) for name in dict.fromkeys([*sites, core])},
        cables=_cables(),
        routed_interfaces=_all("routing", "routed_interfaces"),
        static_routes=_all("routing", "static_routes"),
        engine_interfaces=_all("firewall", "engine_interfaces"),
        engine_routes=_all("firewall", "engine_routes"),
        elements=whole["elements"],
        policies=whole["installed"],
        installed=whole["policy"] if "policy" in whole else town().commune["firewall"]["policy"],
        scopes=_all("addressing", "scopes"),
        records=_all("names", "records"),
        zones=_all("names", "zones"),
        network_policies=_all("access", "network_policies"),
        connection_request_policies=_all("access", "request_policies"),
        radius_clients=_all("access", "clients"),
        nexus={name: running(config, _CLOCK) for name, config in nexus.items()},
    )
    return copy.deepcopy(made)


def standing(folder: Path, readings: Readings, *sites: str) -> AbstractContextManager[str]:
    """Raise a twin of some sites in a folder; remove it in the end."""
    return standing_at(folder, build(readings, town(), sites), *sites)


@contextmanager
def standing_at(folder: Path, layout: Layout, *sites: str) -> Iterator[str]:
    """Raise a twin by its layout; remove it in the end."""
    before = os.environ.get(machine.VARIABLE)
    os.environ[machine.VARIABLE] = str(folder)
    identity = machine.new_identity()
    try:
        machine.up(layout, identity, {"sites": list(sites), "environment": "lab"})
        yield identity
    finally:
        machine.down(identity)
        if before is None:
            del os.environ[machine.VARIABLE]
        else:
            os.environ[machine.VARIABLE] = before


def computer(identity: str, site: str, name: str) -> Place:
    (place,) = [place for place in machine.places(identity) if (place.site, place.name) == (site, name)]
    return place


def python(place: Place, program: str, *words: str) -> Any:
    """Run a program of Python on a computer; return what it prints, as JSON."""
    done = machine.run(place, ["python3", "-I", "-c", program, *words], timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


_REACH = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def ask(target):
    address, _, port = target.partition(":")
    try:
        with socket.create_connection((address, int(port)), 3) as made:
            return made.makefile("rb").read().decode().splitlines()[-1]
    except OSError:
        return None
with ThreadPoolExecutor(32) as pool:
    print(json.dumps(dict(zip(sys.argv[1:], pool.map(ask, sys.argv[1:])))))
"""


def reached(place: Place, targets: Sequence[str]) -> dict[str, str | None]:
    """Connect to `address:port`; give what answers, and None where nothing does."""
    answers: dict[str, str | None] = python(place, _REACH, *targets)
    return answers


@contextmanager
def alone() -> Iterator[None]:
    """Keep the twin of the pages to a test: its namespaces have one name in all workers."""
    with Path(tempfile.gettempdir(), "piste-twin-of-the-pages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
