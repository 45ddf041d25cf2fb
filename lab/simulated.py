"""The base of the simulators of HTTP APIs: a request at a time, through faults, counted."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from functools import reduce
from typing import Any, ClassVar

from lab.calls import Calls, Entry
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.http import ConnectionCut, Request, Response


class Simulated(ABC):
    """A simulator that answers with or without a socket.

    `system` is its name in the counts, `own_faults` are the kinds of faults that strike its events. Tests change or
    read `faults`, `clock` and `calls`.
    """

    system: ClassVar[str]
    own_faults: ClassVar[tuple[str, ...]] = ()

    def __init__(self, clock: Clock | None, faults: Faults | None, calls: Calls | None) -> None:
        self.clock = clock or Clock()
        self.faults = faults or Faults(*self.own_faults)
        self.calls = calls or Calls()
        self.calls.of(self.system)
        self.lock = threading.RLock()

    def handle(self, request: Request) -> Response:
        """Answer a request. Raises ConnectionCut where a fault cuts it."""
        status = 0
        with self.lock:
            try:
                response = self._suffer(request)
                # Only this header gives a client the time of most systems.
                date = {"Date": formatdate(self.clock.now(), usegmt=True)}
                status = response.status
                return replace(response, headers={**date, **response.headers})
            finally:
                kind, agent, now = self._kind(request), request.header("User-Agent"), self.clock.now()
                self.calls.record(Entry(self.system, kind, request.method, request.path, status, now, agent))

    def _suffer(self, request: Request) -> Response:
        """Answer through the armed faults."""
        effects = self.faults.on_request(request.method, request.path)
        for effect in effects:
            if effect.kind == "edit":
                if callable(effect.edit):
                    effect.edit()
                elif effect.edit:
                    self._edit_for(effect.edit)
            elif effect.when == "before" and effect.kind != "lie":
                return self._strike(effect)
        response = self._answer(request)
        for effect in effects:
            if effect.kind == "lie" and effect.edit and response.status == 200:
                response = _lied(response, effect.edit)
            elif effect.when == "after" and effect.kind != "edit":
                return self._strike(effect)
        return response

    def _strike(self, effect: Fault) -> Response:
        if effect.kind == "cut":
            raise ConnectionCut("connection cut by a fault of the lab")
        headers = {} if effect.retry_after is None else {"Retry-After": str(effect.retry_after)}
        return self._failure(effect, headers)

    def _kind(self, request: Request) -> str:
        """Classify a request: `read`, `write` or `session`."""
        return "read" if request.method == "GET" else "write"

    @abstractmethod
    def _answer(self, request: Request) -> Response: ...

    @abstractmethod
    def _failure(self, effect: Fault, headers: Mapping[str, str]) -> Response:
        """Return the answer of a fault with a status, in the words of the system."""

    @abstractmethod
    def _edit_for(self, given: Mapping[str, Any]) -> None:
        """Write as another administrator: `{"method", "path", "body"}`."""


def _lied(response: Response, edit: Callable[[Any], Any] | Mapping[str, Any]) -> Response:
    """Return an answer whose document is changed, by a function or at a place."""
    document = response.json()
    if callable(edit):
        document = edit(document)
    else:
        *within, last = (int(step) if step.lstrip("-").isdigit() else step for step in str(edit["at"]).split("/"))
        reduce(lambda part, step: part[step], within, document)[last] = edit["value"]
    return replace(response, body=json.dumps(document).encode())
