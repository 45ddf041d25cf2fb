"""An SMC in the test's process, and our modules on it: faults at an exact request.

There is no socket and no TLS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from lab.clock import Clock
from lab.http import ConnectionCut, Request
from lab.smc.seeds import build_world
from lab.smc.simulator import SmcSimulator
from piste.engine.converge.errors import PisteError
from piste.engine.transport.http import Endpoint, Transport
from piste.engine.transport.response import Response
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.firewall import MODULES
from piste.systems.forcepoint import session, smc
from tests.support.inprocess import Killed, LabTime

NEVER_RE_RANKS = "7.4.1"
"""An SMC that puts no whole list in order, as most are: moves are written one by one unless a test says otherwise."""
API_KEY = "clef-du-smc-en-memoire"


class SmcWorld:
    """A simulated SMC at `host`, spoken to in `version`; the secret of its API is its own.

    `kill_before` and `kill_after` are the number of the write, counted from 1, at which the process dies.
    """

    def __init__(
        self,
        folder: Path,
        seed: Any = "empty",
        *,
        host: str = "smc-a.invalid",
        version: str = "7.4",
        key: str = API_KEY,
    ) -> None:
        self.folder, self.version, self.key = folder, version, key
        self.origin = f"https://{host}:8082"
        clock = Clock()
        self.simulator = SmcSimulator(key, clock=clock, world=build_world(seed, clock))
        self.simulator.behaviour.set(smc_version=NEVER_RE_RANKS, null_values="reject")
        self.time = LabTime(clock)
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[Any] = []
        self.kill_before = self.kill_after = 0
        self.on_request: Callable[[str, str], None] = lambda method, path: None
        self.spoil: Callable[[str, Response], Response] = lambda method, answer: answer
        """Changes an answer on its way."""
        self.operations: list[dict[str, Any]] = []
        self._runs = 0
        folder.mkdir(exist_ok=True)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Writes of the configuration: a session and a question are no writes."""
        return [request for request in self.requests if request[0] != "GET" and not request[1].endswith(QUESTIONS)]

    def forget_requests(self) -> None:
        self.requests.clear()
        self.bodies.clear()

    def connection(self) -> dict[str, Any]:
        return {"url": self.origin, "api_version": self.version, "api_key": self.key, "domain": "Shared Domain"}

    @contextmanager
    def run(self) -> Iterator[SmcRun]:
        """A run of Ansible: its own folder, shared by its tasks, its session closed at the end."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        folder.mkdir(parents=True)
        made = lambda endpoint, pace=None: InProcess(self, endpoint)  # noqa: E731
        environment = {VARIABLE: str(folder), "PISTE_LOCK_DIR": str(self.folder / "locks")}
        with patch.object(smc.Smc, "line", staticmethod(made)), patch.dict("os.environ", environment):
            yield SmcRun(self)
            session.close_sessions(folder, made)  # type: ignore[arg-type]

    def module(self, name: str, config: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
        """Run a module in a run of its own."""
        with self.run() as run:
            return run.module(name, config, **options)

    def gathered(self, name: str, **options: Any) -> list[dict[str, Any]]:
        gathered: list[dict[str, Any]] = self.module(name, [], state="gathered", **options)["gathered"]
        return gathered


QUESTIONS = ("/login", "/logout", "/references_by_element", "/monitoring_status")


class SmcRun:
    def __init__(self, world: SmcWorld) -> None:
        self.world = world

    def module(self, name: str, config: list[dict[str, Any]], *, check: bool = False, **options: Any) -> dict[str, Any]:
        """Run a module as a task would; return its result, or raise its `PisteError`."""
        params: dict[str, Any] = {
            "smc": self.world.connection(),
            "config": config,
            "state": "merged",
            "owner": "essai",
            "absent": [],
            "confirm": [],
            "max_removals": 5,
            "secrets": {},
            **options,
        }
        try:
            result = MODULES[name].run(params, check)
        except PisteError as error:
            self.world.operations += error.to_json().get("operations", [])
            raise
        self.world.operations += [] if check else result["operations"]
        return result


class InProcess(Transport):
    """The project's transport with the socket replaced by a call."""

    def __init__(self, world: SmcWorld, endpoint: Endpoint) -> None:
        super().__init__(endpoint, None, world.time)
        self._world = world

    def map(self, work: Any, items: Any, workers: int = 4) -> list[Any]:
        return [work(item) for item in items]

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        world, parts = self._world, urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        request = Request.to(
            method,
            target,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                **self.endpoint.headers,
                **headers,
            },
            body=b"" if body is None else json.dumps(body).encode(),
            origin=world.origin,
        )
        world.on_request(method, parts.path)
        world.requests.append((method, target))
        world.bodies.append(body)
        counted = method != "GET" and not target.endswith(QUESTIONS)
        if counted and len(world.writes) == world.kill_before:
            raise Killed
        try:
            answer = world.simulator.handle(request)
        except ConnectionCut as cut:
            raise ConnectionResetError(str(cut)) from cut
        if counted and len(world.writes) == world.kill_after:
            raise Killed
        lower = {key.lower(): value for key, value in answer.headers.items()}
        return world.spoil(method, Response(answer.status, lower, answer.body, url))


def rules(world: SmcWorld, name: str = "ipv4_access") -> list[dict[str, Any]]:
    (policy,) = world.gathered("smc_policies")
    listed: list[dict[str, Any]] = policy[name]
    return listed


def order(world: SmcWorld) -> list[str]:
    return [f"§{rule['section']}" if "section" in rule else rule.get("id") or rule["name"] for rule in rules(world)]
