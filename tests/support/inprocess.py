"""Modules on a simulator in the test's process: no socket, no TLS, faults at a request."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from lab.clock import Clock
from lab.http import ConnectionCut, Request
from lab.meraki.simulator import MerakiSimulator
from piste.engine.converge.errors import PisteError
from piste.engine.transport.http import Endpoint, Pace, Transport
from piste.engine.transport.response import Response
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.network import MODULES as NETWORK
from piste.runs.domains.routing import MODULES as ROUTING
from piste.systems.meraki import dashboard as dashboard_module
from piste.town.derived import keep

MODULES = ChainMap(dict(ROUTING), dict(NETWORK))
"""The modules that speak to the Dashboard."""
API_KEY = "clef-du-simulateur-en-memoire"
BASE = "https://lab.invalid/api/v1"


class Killed(BaseException):
    """The process dies here, as by SIGKILL: nothing after it runs."""


class LabTime:
    """The lab's clock as a `Clock` of the product: sleeping moves it and takes no time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.advance(seconds)

    def time(self) -> float:
        return self._clock.now()

    monotonic = time


class InProcess(Transport):
    """The project's transport with the socket replaced by a call."""

    def __init__(self, world: MerakiWorld, endpoint: Endpoint, pace: Pace) -> None:
        super().__init__(endpoint, None, world.time)
        self._world = world

    def map(self, work: Any, items: Any, workers: int = 4) -> list[Any]:
        return [work(item) for item in items]

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        request = Request.to(
            method,
            target,
            headers={**self.endpoint.headers, **headers},
            body=b"" if body is None else json.dumps(body).encode(),
            origin=self._world.origin,
        )
        self._world.before_request(method, parts.path, body)
        try:
            answer = self._world.simulator.handle(request)
        except ConnectionCut as cut:
            raise ConnectionResetError(str(cut)) from cut
        self._world.after_request(method)
        lower = {key.lower(): value for key, value in answer.headers.items()}
        return self._world.spoil(method, Response(answer.status, lower, answer.body, url))


class MerakiWorld:
    """A simulated organization and the means to run our modules on it, one run folder per run.

    `kill_before` and `kill_after` are the number of the write, counted from 1, at which the process dies.
    """

    def __init__(self, folder: Path, simulator: MerakiSimulator, secrets: Mapping[str, str]) -> None:
        self.folder, self.simulator, self.secrets = folder, simulator, dict(secrets)
        self.time = LabTime(simulator.clock)
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[Any] = []
        self.operations: list[dict[str, Any]] = []
        """Operations that results and errors give to the record of a run."""
        self.contents: list[dict[str, Any]] = []
        """Contents of the removed objects, given likewise."""
        self.kill_before = self.kill_after = 0
        self.origin = "https://lab.invalid"
        self.on_request: Callable[[str, str], None] = lambda method, path: None
        self.spoil: Callable[[str, Response], Response] = lambda method, answer: answer
        """Changes an answer on its way."""
        self._runs = 0

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [request for request in self.requests if request[0] != "GET"]

    @property
    def lock_file(self) -> Path:
        """The fingerprints of what cannot be read back."""
        return self.folder / "secrets.lock.yml"

    def forget_requests(self) -> None:
        self.requests.clear()
        self.bodies.clear()

    def before_request(self, method: str, path: str, body: Any) -> None:
        path = path.removeprefix("/api/v1")
        self.on_request(method, path)
        self.requests.append((method, path))
        self.bodies.append(body)
        if method != "GET" and len(self.writes) == self.kill_before:
            raise Killed

    def after_request(self, method: str) -> None:
        if method != "GET" and len(self.writes) == self.kill_after:
            raise Killed

    @contextmanager
    def run(self) -> Iterator[Run]:
        """A run of Ansible: its own folder, shared by its tasks."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        folder.mkdir()
        transport = lambda endpoint, pace: InProcess(self, endpoint, pace)  # noqa: E731
        environment = {VARIABLE: str(folder), "PISTE_LOCK_DIR": str(self.folder / "locks")}
        line = patch.object(dashboard_module.Dashboard, "line", staticmethod(transport))
        with line, patch.dict("os.environ", environment):
            yield Run(self)


class Run:
    def __init__(self, world: MerakiWorld) -> None:
        self.world = world

    def module(
        self, name: str, config: list[dict[str, Any]], *, check: bool = False, network: str = "", **options: Any
    ) -> dict[str, Any]:
        """Run a module as a task would; return its result, or raise its `PisteError`."""
        params: dict[str, Any] = {
            "dashboard": {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0},
            "config": config,
            "state": "merged",
            "owner": "essai",
            "absent": [],
            "confirm": [],
            "max_removals": 5,
            "secrets": self.world.secrets,
            "secrets_lock": str(self.world.lock_file),
            **({"network": network} if network else {}),
            **options,
        }
        return self._run(name, params, check)

    def domain(
        self, site: Mapping[str, Any] | None = None, *, name: str = "network", check: bool = False, **options: Any
    ) -> dict[str, Any]:
        """Run the task of a domain, for a derived site where there is one."""
        if site is not None:
            keep(site["id"], site)
            options["site"] = site["id"]
        module = MODULES[f"piste_{name}"]
        given = {
            "dashboard": {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0},
            "secrets": self.world.secrets,
            "secrets_lock": str(self.world.lock_file),
            **options,
        }
        return self._run(f"piste_{name}", {**module.defaults, **given}, check)

    def _run(self, name: str, params: dict[str, Any], check: bool) -> dict[str, Any]:
        try:
            result = MODULES[name].run(params, check)
        except PisteError as error:
            self._note(error.to_json())
            raise
        if not check:
            self._note(result)
        return result

    def _note(self, result: Mapping[str, Any]) -> None:
        self.world.operations += result.get("operations", [])
        self.world.contents += result.get("contents", [])
