"""The modules of Microsoft 365 on a simulator in the process, on a clock that tests move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, unquote, urlsplit

from lab.clock import Clock
from lab.http import ConnectionCut, Request
from lab.microsoft.simulator import APPLICATION, TENANT, MicrosoftSimulator
from lab.microsoft.system import made
from piste.engine.transport.http import Endpoint
from piste.engine.transport.response import Response
from piste.runs.read import of
from piste.systems.microsoft.client import Microsoft, ReadOnly
from tests.support.inprocess import LabTime

NOON = 1_790_000_000.0
BASE = "https://microsoft.invalid"
CONNECTION: Mapping[str, Any] = {
    **dict.fromkeys(("base_url", "login_url", "security_url"), BASE),
    "tenant": TENANT, "application": APPLICATION,
    **dict(zip(("certificate", "private_key"), made(), strict=True)),
}  # fmt: skip


def simulator(**switches: Any) -> MicrosoftSimulator:
    clock = Clock()
    clock.freeze(NOON)
    simulated = MicrosoftSimulator(made()[0].encode(), clock=clock)
    simulated.behaviour.set(**switches)
    return simulated


class InProcess(ReadOnly):
    """The client's own transport with the socket replaced by a call; what leaves is noted."""

    def __init__(self, simulated: MicrosoftSimulator, endpoint: Endpoint) -> None:
        super().__init__(endpoint, None, LabTime(simulated.clock))
        self._simulated = simulated
        self.left: list[tuple[str, str]] = []

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        self.left.append((method, parts.path))
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        query = parse_qs(parts.query, keep_blank_values=True)
        every = {**self.endpoint.headers, **headers}
        try:
            answer = self._simulated.handle(Request(method, unquote(parts.path), query, every, content, BASE))
        except ConnectionCut as cut:
            raise ConnectionResetError(str(cut)) from cut
        lower = {key.lower(): value for key, value in answer.headers.items()}
        return Response(answer.status, lower, answer.body, url)


@contextmanager
def spoken(simulated: MicrosoftSimulator) -> Iterator[None]:
    """Have the modules of Microsoft 365 speak to a simulator."""
    with patch.object(Microsoft, "line", staticmethod(lambda endpoint, pace: InProcess(simulated, endpoint))):
        yield


def run(subject: str, simulated: MicrosoftSimulator, **connection: Any) -> dict[str, Any]:
    """Run a subject of Microsoft 365 on a simulator."""
    with spoken(simulated):
        return dict(of(subject).run({"microsoft": {**CONNECTION, **connection}}, False))
