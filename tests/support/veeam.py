"""The modules of Veeam on a simulator in the process, on a clock that tests move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, unquote, urlsplit

from lab.clock import Clock
from lab.http import ConnectionCut, Request
from lab.veeam.simulator import USERNAME, VeeamSimulator
from lab.veeam.world import World
from piste.engine.converge.errors import PisteError
from piste.engine.transport.http import Endpoint, Transport
from piste.engine.transport.response import Response
from piste.systems.veeam import client
from piste.systems.veeam.modules import MODULES
from tests.support.inprocess import LabTime

NOON = 1_790_000_000.0
BASE = "https://veeam.invalid"
PASSWORD = "mot-de-passe-de-veeam"
MACHINES = ("srv-app1", "srv-bdd1", "srv-fic1")
PROTECTION: dict[str, Any] = {
    "stores": [
        {"name": "prism", "medium": "hci", "reader": "prism"},
        {"name": "sauvegarde", "medium": "disk", "reader": "veeam", "max_age_hours": None},
        {"name": "durci", "medium": "disk", "reader": "veeam", "max_age_hours": None},
    ],
    "sets": [{"name": name, "stores": ["sauvegarde", "durci"]} for name in MACHINES],
}


def simulator(**switches: Any) -> VeeamSimulator:
    clock = Clock()
    clock.freeze(NOON)
    made = VeeamSimulator(PASSWORD, World([*MACHINES, "vm-inconnue"], {"sauvegarde": 0, "durci": 14}), clock=clock)
    made.behaviour.set(**switches)
    return made


class InProcess(Transport):
    """The project's transport with the socket replaced by a call."""

    def __init__(self, simulated: VeeamSimulator, endpoint: Endpoint) -> None:
        super().__init__(endpoint, None, LabTime(simulated.clock))
        self._simulated = simulated

    def certificate_end(self) -> float:
        return NOON + 365 * 86_400

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        query = parse_qs(parts.query, keep_blank_values=True)
        request = Request(method, unquote(parts.path), query, {**self.endpoint.headers, **headers}, content, BASE)
        try:
            answer = self._simulated.handle(request)
        except ConnectionCut as cut:
            raise ConnectionResetError(str(cut)) from cut
        lower = {key.lower(): value for key, value in answer.headers.items()}
        return Response(answer.status, lower, answer.body, url)


@contextmanager
def spoken(simulated: VeeamSimulator) -> Iterator[None]:
    """Have the modules of Veeam speak to a simulator."""
    with patch.object(client.Veeam, "line", staticmethod(lambda endpoint, pace: InProcess(simulated, endpoint))):
        yield


def run(
    module: str, simulated: VeeamSimulator, declared: Any = None, *, days: int = 45, **connection: Any
) -> dict[str, Any]:
    """Run a module of Veeam on a simulator."""
    veeam = {"base_url": BASE, "username": USERNAME, "password": PASSWORD, **connection}
    params = {"veeam": veeam, "declared": declared or PROTECTION, "days": days, "sizes": True}
    with spoken(simulated):
        try:
            return MODULES[module].run(params, False)
        except PisteError as error:
            raise AssertionError(error.sentence()) from error
