"""Names on a real domain controller: our modules beside `samba-tool dns`.

Ours is a whole `ansible-playbook`, whose modules count their requests and compare; theirs is a process for each record,
whose requests nobody counts.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import trustme

from lab.ad import Controller
from lab.ad.controller import ADMINISTRATION, CONFIGURATION
from tests.bench.measure import Measure, RunFailed, played, timed

PLAYBOOK = Path(__file__).parent / "playbooks/names_ours.yml"
NAMES = 30
CALLS = re.compile(r'"calls": \{\s*"reads": (\d+),\s*"writes": (\d+)\s*\}')
_REVERSE = {"ours": "94.10.in-addr.arpa", "peer": "95.10.in-addr.arpa"}


def names_measures() -> Iterator[tuple[str, Measure]]:
    """Measure both sides, each marked `ours` or `peer`.

    Raises Unavailable where no Samba can run.
    """
    with (
        tempfile.TemporaryDirectory(prefix="piste-bench-") as name,
        Controller(Path(name) / "ad", trustme.CA()) as controller,
    ):
        made, again = f"une zone inverse, {NAMES} A et leurs PTR : à faire", "les mêmes, rien à faire"
        yield "ours", _ours(controller, made, changed=2)
        yield "ours", _ours(controller, again, changed=0)
        peer = _Peer(controller)
        yield "peer", peer.run(made, peer.make)
        yield "peer", peer.run("les mêmes, relus, comparés par personne", peer.look)
        for side in _REVERSE:
            if (count := peer.count(side)) != NAMES:
                raise RunFailed(f"{side} : {count} noms sur {NAMES}")


def records(side: str, zone: str) -> list[tuple[str, str, str, str]]:
    """Give zone, name, type and value of each record of a side."""
    third = _REVERSE[side].partition(".")[0]
    listed = []
    for number in range(1, NAMES + 1):
        listed.append((zone, f"{side}-{number}", "A", f"10.{third}.0.{number}"))
        listed.append((_REVERSE[side], f"{number}.0", "PTR", f"{side}-{number}.{zone}"))
    return listed


def _ours(controller: Controller, label: str, changed: int) -> Measure:
    info, zone = controller.info, controller.forest.domain
    config = [
        {"zone": where, "name": name, "type": kind, "values": [value], "ttl": 3600}
        for where, name, kind, value in records("ours", zone)
    ]
    variables: dict[str, Any] = {
        "piste_model": 1,
        "piste_environment_bench": True,
        "zones": [{"name": _REVERSE["ours"], "updates": "secure"}],
        "records": config,
        "domain": {
            "controller": info["host"],
            "address": info["address"],
            "username": info["bind_dn"],
            "password": info["password"],
            "ca_file": str(controller.folder / "ca.pem"),
        },
    }
    environment = {"ANSIBLE_VERBOSITY": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    run = played(label, PLAYBOOK, inventory=["localhost,"], variables=variables, environment=environment)
    calls = [(int(reads), int(writes)) for reads, writes in CALLS.findall(run.said)]
    if run.changed != changed or len(calls) != 2:
        raise RunFailed(f"{label} : {run.changed} tâches ont changé quelque chose, {len(calls)} ont compté")
    reads, writes = (sum(column) for column in zip(*calls, strict=True))
    return Measure(label, run.seconds, run.cpu, reads, writes, run.tasks, run.changed)


class _Peer:
    def __init__(self, controller: Controller) -> None:
        self.controller, self.processes, self.zone = controller, 0, controller.forest.domain

    def run(self, label: str, work: Callable[[], object]) -> Measure:
        self.processes = 0
        with timed() as spent:
            work()
        return Measure(label, spent.seconds, spent.cpu, None, None, {}, 0, processes=self.processes)

    def make(self) -> None:
        self.dns("zonecreate", _REVERSE["peer"])
        for where, name, kind, value in records("peer", self.zone):
            self.dns("add", where, name, kind, value)

    def look(self) -> None:
        for zone in (self.zone, _REVERSE["peer"]):
            self.dns("query", zone, "@", "ALL")

    def count(self, side: str) -> int:
        third = _REVERSE[side].partition(".")[0]
        return len(re.findall(rf"A: 10\.{third}\.0\.\d+ ", self.dns("query", self.zone, "@", "ALL")))

    def dns(self, verb: str, *others: str) -> str:
        self.processes += 1
        common = (f"--configfile={CONFIGURATION}", f"--authentication-file={ADMINISTRATION}")
        done = self.controller.run("samba-tool", "dns", verb, self.controller.address, *others, *common)
        if done.returncode:
            raise RunFailed(f"samba-tool dns {verb} : {done.stdout}{done.stderr}")
        return done.stdout
