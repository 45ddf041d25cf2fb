"""The modules of GLPI on a simulator in the process, on a clock moved by sleeping."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, unquote, urlsplit

from lab.clock import Clock
from lab.declared import declared_town
from lab.glpi.seeds import seeded
from lab.glpi.simulator import GlpiSimulator
from lab.http import ConnectionCut, Request
from piste.engine.converge.errors import PisteError
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.engine.transport.http import Endpoint, Pace, Transport
from piste.engine.transport.response import Response
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.inventory import MODULES
from piste.systems.glpi import client
from piste.systems.glpi.intent import glpi_intent
from piste.systems.kinds import of_domain
from tests.support.inprocess import Killed, LabTime

NOON = 1_790_000_000.0
BASE = "https://glpi.invalid"
SECRETS = {"client_secret": "secret-du-client", "password": "mot-de-passe", "user_token": "jeton", "app_token": "appli"}
READS = ("GET", "OPTIONS")


def simulator(seed: str = "empty") -> GlpiSimulator:
    clock = Clock()
    clock.freeze(NOON)
    return GlpiSimulator(*SECRETS.values(), world=seeded(seed), clock=clock)


class InProcess(Transport):
    """The project's transport with the socket replaced by a call."""

    def __init__(self, world: GlpiWorld, endpoint: Endpoint, pace: Pace | None = None) -> None:
        super().__init__(endpoint, None, world.time)
        self._world = world

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        asked = {**self.endpoint.headers, **headers}
        self._world.before(method, parts.path, parts.query, body)
        query = parse_qs(parts.query, keep_blank_values=True)
        request = Request(method, unquote(parts.path), query, asked, content, BASE)
        started = process_time()
        try:
            answer = self._world.simulator.handle(request)
        except ConnectionCut as cut:
            raise ConnectionResetError(str(cut)) from cut
        self._world.answering += process_time() - started
        self._world.after(method, parts.path)
        lower = {key.lower(): value for key, value in answer.headers.items()}
        return self._world.spoil(parts.path, Response(answer.status, lower, answer.body, url))


class GlpiWorld:
    """A simulated GLPI and the means to run our modules on it, one run folder per run.

    `kill_before` and `kill_after` are the number of the write, counted from 1, at which the process dies.
    """

    def __init__(self, folder: Path, seed: str = "empty", **switches: Any) -> None:
        self.folder, self.simulator = folder, simulator(seed)
        self.simulator.behaviour.set(**switches)
        self.time = LabTime(self.simulator.clock)
        self.secrets: dict[str, str] = {FINGERPRINT_KEY: "clef-des-empreintes"}
        self.requests: list[tuple[str, str]] = []
        self.operations: list[dict[str, Any]] = []
        self.connection: dict[str, Any] = {
            "base_url": BASE, "client_id": "piste", "username": "svc-piste", "rate": 0, "api_version": "2.3", **SECRETS,
        }  # fmt: skip
        self.kill_before = self.kill_after = 0
        self.answering = 0.0
        """CPU seconds of the simulator."""
        self.spoil: Callable[[str, Response], Response] = lambda path, answer: answer
        """Changes an answer on its way."""
        self._runs = 0

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path in self.requests if method not in READS and "token" not in path]

    def before(self, method: str, path: str, query: str, body: Any) -> None:
        self.requests.append((method, path.removeprefix("/api.php/")))
        if method not in READS and "token" not in path and len(self.writes) == self.kill_before:
            raise Killed

    def after(self, method: str, path: str) -> None:
        if method not in READS and "token" not in path and len(self.writes) == self.kill_after:
            raise Killed

    def named(self, itemtype: str, name: str) -> dict[str, Any]:
        return next(item for item in self.simulator.world.of(itemtype).values() if item["name"] == name)

    def count(self, itemtype: str) -> int:
        return len(self.simulator.world.of(itemtype))

    @contextmanager
    def run(self) -> Iterator[Run]:
        """A run of Ansible: its own folder, shared by its tasks."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        folder.mkdir()
        environment = {VARIABLE: str(folder), "PISTE_LOCK_DIR": str(self.folder / "locks")}
        transport = lambda endpoint, pace: InProcess(self, endpoint, pace)  # noqa: E731
        with patch.object(client.Glpi, "line", staticmethod(transport)), patch.dict("os.environ", environment):
            yield Run(self)


class Run:
    def __init__(self, world: GlpiWorld) -> None:
        self.world = world

    def module(
        self, name: str, config: list[dict[str, Any]] | None = None, *, check: bool = False, **options: Any
    ) -> dict[str, Any]:
        """Run a module as a task would; return its result, or raise its `PisteError`."""
        params: dict[str, Any] = {
            "glpi": self.world.connection,
            "config": config or [],
            "state": "merged",
            "owner": "commune",
            "absent": [],
            "confirm": [],
            "max_removals": 5,
            "secrets": self.world.secrets,
            "secrets_lock": str(self.world.folder / "secrets.lock.yml"),
            **options,
        }
        try:
            result = MODULES[name].run(params, check)
        except PisteError as error:
            self.world.operations += error.to_json().get("operations", [])
            raise
        if not check:
            self.world.operations += result.get("operations", [])
        return result

    def owner(self, name: str, *, check: bool = False, **options: Any) -> list[dict[str, Any]]:
        """Run the kinds of the domain for an owner of the sample town, in order."""
        whole = intents()[name]
        return [
            self.module(kind.module, whole[kind.part], owner=name, check=check, **options)
            for kind in of_domain("inventory")
            if whole[kind.part]
        ]


@cache
def intents() -> dict[str, Any]:
    return {name: glpi_intent(owner) for name, owner in declared_town().owners.items()}


def once(world: GlpiWorld, name: str, config: list[dict[str, Any]] | None = None, **options: Any) -> dict[str, Any]:
    """Run a module in a run of its own."""
    with world.run() as run:
        return run.module(name, config, **options)


def operations(results: list[dict[str, Any]]) -> list[str]:
    """Each operation of some results, as `create asset/Computer/pc-1`."""
    done = [operation for result in results for operation in result["operations"]]
    return [f"{operation['action']} {operation['kind']}/{operation['key']}" for operation in done]
