"""The modules of Prism Central on a simulator in the process, on a clock moved by sleeping."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from lab.clock import Clock
from lab.declared import declared_town
from lab.http import ConnectionCut, Request
from lab.prism.seeds import CLUSTER, seeded
from lab.prism.simulator import PrismSimulator
from lab.prism.world import World
from piste.engine.converge.errors import PisteError
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.engine.transport.http import Endpoint, Pace, Transport
from piste.engine.transport.response import Response, cookies
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.hosting import MODULES
from piste.systems.nutanix import prism
from piste.systems.nutanix.administrators import MODULES as ADMINISTRATORS
from piste.systems.nutanix.authors import MODULES as AUTHORS
from piste.systems.nutanix.capacity import MODULES as CAPACITY
from piste.systems.nutanix.checks import MODULES as CHECKS
from piste.systems.nutanix.clusters import MODULES as CLUSTERS
from piste.systems.nutanix.copies import MODULES as COPIES
from piste.systems.nutanix.intent import prism_intent
from piste.systems.nutanix.living import MODULES as LIVING
from piste.systems.nutanix.power_hours import MODULES as POWER_HOURS
from tests.support.inprocess import Killed, LabTime
from tests.support.orphans import MODULES as ORPHANS

NOON = 1_790_000_000.0
BASE = "https://prism.invalid:9440"
PASSWORD = "mot-de-passe-du-simulateur"
ALL = {
    **ADMINISTRATORS, **AUTHORS, **MODULES, **CLUSTERS, **ORPHANS, **CHECKS, **POWER_HOURS, **CAPACITY, **LIVING,
    **COPIES,
}  # fmt: skip
IN_CLUSTER = ("prism_images", "prism_subnets", "prism_vms", "prism_recovery_plans")
CITRIX = {"tool": "Citrix", "categories": ["Outil:Citrix"], "names": ["CTX-*"]}

_SEEDS: dict[str, bytes] = {}


def simulator(seed: str = "empty") -> PrismSimulator:
    """A simulated Prism Central without limits, in the state of a seed."""
    clock = Clock()
    clock.freeze(NOON)
    if seed not in _SEEDS:
        _SEEDS[seed] = seeded(seed, lambda world: PrismSimulator("piste", "", "", world=world, clock=clock)).snapshot()
    world = World(pickle.loads(_SEEDS[seed]))
    made = PrismSimulator("piste", PASSWORD, "", world=world, clock=clock)
    made.behaviour.set(rate_limit=None, same_cluster_plan="accept")
    return made


class InProcess(Transport):
    """The project's transport with the socket replaced by a call."""

    def __init__(self, world: PrismWorld, endpoint: Endpoint, pace: Pace) -> None:
        super().__init__(endpoint, None, world.time)
        self._world = world

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        content = b"" if body is None else json.dumps(body).encode()
        asked = {**self.endpoint.headers, **headers}
        request = Request.to(method, target, headers=asked, body=content, origin=BASE)
        self._world.before(method, parts.path, asked, body)
        try:
            answer = self._world.simulator.handle(request)
        except ConnectionCut as cut:
            raise ConnectionResetError(str(cut)) from cut
        self._world.after(method)
        lower = {key.lower(): value for key, value in answer.headers.items()}
        return self._world.spoil(method, Response(answer.status, lower, answer.body, url, cookies(answer.cookies)))


class PrismWorld:
    """A simulated Prism Central and the means to run our modules on it, one run folder per run.

    `kill_before` and `kill_after` are the number of the write, counted from 1, at which the process dies.
    """

    def __init__(self, folder: Path, seed: str = "empty") -> None:
        self.folder, self.simulator = folder, simulator(seed)
        self.time = LabTime(self.simulator.clock)
        self.secrets: dict[str, str] = {FINGERPRINT_KEY: "clef-des-empreintes"}
        self.requests: list[tuple[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.bodies: list[Any] = []
        self.operations: list[dict[str, Any]] = []
        """Operations that results and errors give to the record of a run."""
        self.kill_before = self.kill_after = 0
        self.on_request: Callable[[str, str], None] = lambda method, path: None
        self.spoil: Callable[[str, Response], Response] = lambda method, answer: answer
        """Changes an answer on its way."""
        self._runs = 0

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [request for request in self.requests if request[0] not in ("GET", "OPTIONS")]

    @property
    def reads(self) -> list[str]:
        return [path for method, path in self.requests if method == "GET"]

    def forget_requests(self) -> None:
        self.requests.clear()
        self.headers.clear()
        self.bodies.clear()

    def named(self, kind: str, name: str) -> dict[str, Any]:
        return self.simulator.world.named(kind, name)

    def machines(self) -> list[str]:
        """Names of the machines, in order."""
        return sorted(vm["name"] for vm in self.simulator.world.of("Vm").values())

    def before(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> None:
        self.on_request(method, path)
        self.requests.append((method, path.removeprefix("/api/")))
        self.headers.append(headers)
        self.bodies.append(body)
        if method not in ("GET", "OPTIONS") and len(self.writes) == self.kill_before:
            raise Killed

    def after(self, method: str) -> None:
        if method not in ("GET", "OPTIONS") and len(self.writes) == self.kill_after:
            raise Killed

    def keep(self, *names: str) -> PrismWorld:
        """Leave only these machines: each costs every run a part of its time."""
        machines = self.simulator.world.of("Vm")
        for other in [key for key, vm in machines.items() if vm["name"] not in names]:
            del machines[other]
        return self

    @contextmanager
    def run(self) -> Iterator[Run]:
        """A run of Ansible: its own folder, shared by its tasks."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        folder.mkdir()
        environment = {VARIABLE: str(folder), "PISTE_LOCK_DIR": str(self.folder / "locks")}
        transport = lambda endpoint, pace: InProcess(self, endpoint, pace)  # noqa: E731
        with patch.object(prism.Prism, "line", staticmethod(transport)), patch.dict("os.environ", environment):
            yield Run(self)


class Run:
    def __init__(self, world: PrismWorld) -> None:
        self.world = world

    def module(
        self, name: str, config: list[dict[str, Any]] | None = None, *, check: bool = False, **options: Any
    ) -> dict[str, Any]:
        """Run a module as a task would; return its result, or raise its `PisteError`."""
        params: dict[str, Any] = {
            "prism": {"base_url": BASE, "username": "piste", "password": PASSWORD, "rate": 0},
            "config": config or [],
            "state": "merged",
            "owner": "commune",
            "absent": [],
            "confirm": [],
            "max_removals": 5,
            "secrets": self.world.secrets,
            "secrets_lock": str(self.world.folder / "secrets.lock.yml"),
            "cluster": CLUSTER,
            "apart": CITRIX,
            **options,
        }
        try:
            result = ALL[name].run(params, check)
        except PisteError as error:
            self.world.operations += error.to_json().get("operations", [])
            raise
        if not check:
            self.world.operations += result.get("operations", [])
        return result


def once(world: PrismWorld, name: str, config: list[dict[str, Any]] | None = None, **options: Any) -> dict[str, Any]:
    """Run a module in a run of its own."""
    with world.run() as run:
        return run.module(name, config, **options)


ROLE = (
    ("prism_categories", "categories"),
    ("prism_subnets", "subnets"),
    ("prism_images", "images"),
    ("prism_vms", "vms"),
    ("prism_affinity_policies", "affinity_policies"),
    ("prism_protection_policies", "protection_policies"),
    ("prism_recovery_plans", "recovery_plans"),
)
"""The tasks of the role: a module, and the part of the intent that is its config."""


@cache
def _declared() -> Any:
    return prism_intent(declared_town().commune)


def intent(**changes: Any) -> dict[str, Any]:
    """A copy of what the town declares of its hosting, with what a test changes."""
    return {**copy.deepcopy(_declared()), **changes}


def converge(world: PrismWorld, desired: Mapping[str, Any] | None = None, **options: Any) -> list[dict[str, Any]]:
    """Run the role, rehearsed first; return the results of its tasks, in order.

    The requests of earlier runs are forgotten.
    """
    world.forget_requests()
    whole = desired or intent()
    with world.run() as run:
        for module, part in () if options.get("check") else ROLE:
            run.module(module, whole[part], **_of(module, whole, options), rehearse=True)
        return [run.module(module, whole[part], **_of(module, whole, options)) for module, part in ROLE]


def _of(module: str, whole: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    removal = {"absent": whole["retired"], "rpo_hours": whole["rpo_hours"]} if module == "prism_vms" else {}
    return {"cluster": whole["cluster"], "apart": whole["apart"], **removal, **options}


def operations(results: list[dict[str, Any]]) -> list[str]:
    """Each operation of some results, as `create vm/hdv-dc1`."""
    done = [operation for result in results for operation in result["operations"]]
    return [f"{operation['action']} {operation['kind']}/{operation['key']}" for operation in done]
