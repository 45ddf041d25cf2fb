"""Modules run against a simulator in the test's own process: no socket, no TLS, faults at an exact request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from lab.http import ConnectionCut, Request
from lab.meraki.simulator import MerakiSimulator
from piste.meraki import dashboard as dashboard_module
from piste.meraki.modules import MODULES
from piste.transport.http import Endpoint, Pace, Response, Transport
from piste.transport.shared import VARIABLE

API_KEY = "clef-du-simulateur-en-memoire"
BASE = "https://lab.invalid/api/v1"


class Killed(BaseException):
    """The process dies here, as by SIGKILL: nothing after it runs."""


class InProcess(Transport):
    """The project's transport with the socket replaced by a call."""

    def __init__(self, world: MerakiWorld, endpoint: Endpoint, pace: Pace) -> None:
        super().__init__(endpoint, None, sleep=lambda seconds: None)
        self._world = world

    def map(self, work: Any, items: Any, workers: int = 4) -> list[Any]:
        return [work(item) for item in items]

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        import json

        parts = urlsplit(url)
        self._count(method)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        request = Request.to(
            method,
            target,
            headers={**self.endpoint.headers, **headers},
            body=b"" if body is None else json.dumps(body).encode(),
            origin="https://lab.invalid",
        )
        self._world.before_request(method, parts.path)
        try:
            answer = self._world.simulator.handle(request)
        except ConnectionCut as cut:
            raise ConnectionResetError(str(cut)) from cut
        self._world.after_request(method, parts.path)
        lower = {key.lower(): value for key, value in answer.headers.items()}
        return Response(answer.status, lower, answer.body, url)


class MerakiWorld:
    """One simulated organization and the means to run our modules on it, one run folder a run."""

    def __init__(self, folder: Path, simulator: MerakiSimulator, secrets: Mapping[str, str]) -> None:
        self.folder, self.simulator, self.secrets = folder, simulator, dict(secrets)
        self.requests: list[tuple[str, str]] = []
        self.kill_before: Callable[[str, str, int], bool] = lambda method, path, count: False
        self.kill_after: Callable[[str, str, int], bool] = lambda method, path, count: False
        self._runs = 0
        self._writes = 0

    def before_request(self, method: str, path: str) -> None:
        self.requests.append((method, path.removeprefix("/api/v1")))
        if method != "GET":
            self._writes += 1
            if self.kill_before(method, path, self._writes):
                raise Killed

    def after_request(self, method: str, path: str) -> None:
        if method != "GET" and self.kill_after(method, path, self._writes):
            raise Killed

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [request for request in self.requests if request[0] != "GET"]

    def forget_requests(self) -> None:
        self.requests.clear()
        self._writes = 0

    @contextmanager
    def run(self) -> Iterator[Run]:
        """One run of Ansible: its own folder, shared by its tasks."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        folder.mkdir()
        transport = lambda endpoint, pace: InProcess(self, endpoint, pace)  # noqa: E731
        environment = {VARIABLE: str(folder), "PISTE_LOCK_DIR": str(self.folder / "locks")}
        with patch.object(dashboard_module, "Transport", transport), patch.dict("os.environ", environment):
            yield Run(self)


class Run:
    def __init__(self, world: MerakiWorld) -> None:
        self._world = world

    def module(
        self, name: str, config: list[dict[str, Any]], *, check: bool = False, network: str = "", **options: Any
    ) -> dict[str, Any]:
        """Run one module as a task would; its result, or the :class:`PisteError` that it raises."""
        params: dict[str, Any] = {
            "dashboard": {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0},
            "config": config,
            "state": "merged",
            "owner": "essai",
            "absent": [],
            "confirm": [],
            "max_removals": 5,
            "secrets": self._world.secrets,
            "secrets_lock": str(self._world.folder / "secrets.lock.yml"),
            **({"network": network} if network else {}),
            **options,
        }
        return MODULES[name].run(params, check)
