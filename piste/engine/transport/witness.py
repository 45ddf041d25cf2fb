"""The witness of a capture: it allows each question of a process, and hears each answer.

Where there is a witness, a question that it does not know as a read is refused before it is sent: so a capture can
only read, whatever the code above asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

from piste.engine.transport.response import Response

CAPTURE = "PISTE_CAPTURE"
"""The variable that says to the tasks of a run that it is a capture: a private folder, of its settings."""


class Question(NamedTuple):
    """A request as it leaves: the system by its name, and the address below that of the system."""

    system: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: Any


class Witness(Protocol):
    def allow(self, question: Question) -> None:
        """Let a read pass. Raises `Misused` for any other question."""
        ...

    def heard(self, question: Question, response: Response, seconds: float) -> None: ...


_PRESENT: list[Witness] = []


def call(witness: Witness) -> None:
    """Put a witness beside every transport of this process, in the place of the former."""
    _PRESENT[:] = [witness]


def dismiss() -> None:
    _PRESENT.clear()


def present() -> Witness | None:
    return _PRESENT[0] if _PRESENT else None


def witnessed(
    system: str,
    root: str,
    send: Callable[[str, str, Any, Mapping[str, str]], Response],
    method: str,
    url: str,
    body: Any,
    headers: Mapping[str, str],
) -> Response:
    """Send a request past the witness, if any. Raises `Misused` for what is no read there."""
    witness = present()
    if witness is None:
        return send(method, url, body, headers)
    parts = urlsplit(url)
    path = parts.path.removeprefix(urlsplit(root).path.rstrip("/"))
    question = Question(system, method, path, tuple(parse_qsl(parts.query, keep_blank_values=True)), body)
    witness.allow(question)
    began = time.monotonic()
    response = send(method, url, body, headers)
    witness.heard(question, response, time.monotonic() - began)
    return response
