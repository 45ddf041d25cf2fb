"""The witness of a process: it allows each question, and hears each answer.

Where there is a witness, a question that it does not know as a read is refused before it is sent: so a capture, or a
process that is read-only, can only read, whatever the code above asks for.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

from piste.engine.converge.errors import Missing, Rejected
from piste.engine.transport.response import Response

CAPTURE = "PISTE_CAPTURE"
"""The variable that says to the tasks of a run that it is a capture: a private folder, of its settings."""
READ_ONLY = "PISTE_READ_ONLY"
"""The variable that has a process, and those that it starts, read alone."""
_READER = "piste.systems.questions"
"""The module of the witness that lets reads alone pass: it knows the systems."""
SILENT = 0
"""The status of a question without an answer."""


class Question(NamedTuple):
    """A request as it leaves: the system by its name, and the address below that of the system.

    A transport other than HTTP has its own verb for a method (`SHOW`, `LIST`, `SEARCH`, `OPEN`, `RUN`); its path begins
    with the server that is asked.
    """

    system: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: Any


class Witness(Protocol):
    def allow(self, question: Question) -> None:
        """Let a read pass. Raises `Misused` for any other question."""
        ...

    def heard(self, question: Question, response: Response, seconds: float) -> None:
        """Hear an answer, or its lack: of status `SILENT`."""
        ...


_PRESENT: list[Witness] = []


def call(witness: Witness) -> None:
    """Put a witness beside every transport of this process, in the place of the former."""
    _PRESENT[:] = [witness]


def dismiss() -> None:
    _PRESENT.clear()


def is_read_only() -> bool:
    return os.environ.get(READ_ONLY, "") not in ("", "0")


@contextmanager
def only_reading() -> Iterator[None]:
    """Make this process, and those that it starts meanwhile, read-only."""
    before = os.environ.get(READ_ONLY)
    os.environ[READ_ONLY] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[READ_ONLY]
        else:
            os.environ[READ_ONLY] = before


def present() -> Witness | None:
    """Give the witness of this process; one that lets reads alone pass where it is read-only."""
    return _PRESENT[0] if _PRESENT else _reader() if is_read_only() else None


@cache
def _reader() -> Witness:
    reader: Witness = import_module(_READER).ReadOnly()
    return reader


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
    if present() is None:
        return send(method, url, body, headers)
    parts = urlsplit(url)
    path = parts.path.removeprefix(urlsplit(root).path.rstrip("/"))
    question = Question(system, method, path, tuple(parse_qsl(parts.query, keep_blank_values=True)), body)
    return observed(question, lambda: send(method, url, body, headers), lambda response: response)


def permit(question: Question) -> None:
    """Let a read pass the witness, if any. Raises `Misused` for what is no read there."""
    if witness := present():
        witness.allow(question)


def observed[T](question: Question, ask: Callable[[], T], shown: Callable[[T], Response]) -> T:
    """Ask a question past the witness, if any; `shown` gives the answer as it is to be heard.

    A refusal of the system is heard by its status, and so is its silence. Raises `Misused` for what is no read there.
    """
    witness = present()
    if witness is None:
        return ask()
    witness.allow(question)
    began = time.monotonic()
    try:
        answer = ask()
    except Exception as error:
        witness.heard(question, Response(_status(error), {}, b""), time.monotonic() - began)
        raise
    witness.heard(question, shown(answer), time.monotonic() - began)
    return answer


def _status(error: Exception) -> int:
    """Give the status of HTTP for a refusal of any system; `SILENT` where it did not answer."""
    if isinstance(error, Missing):
        return 404
    if not isinstance(error, Rejected):
        return SILENT
    return error.status if error.status >= 400 else 403


def document(content: Any) -> Response:
    """Show an answer of a transport other than HTTP; None is that of an absent object."""
    return Response(404 if content is None else 200, {}, json.dumps(content).encode())
