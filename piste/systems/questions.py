"""Questions that only read, by system, known by what is sent: for a capture, for an auditor.

What is in no line is refused, so a system without a line is not asked at all. A login is no read, and writes no
object: it passes, and a capture keeps nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from piste.engine.converge.errors import Misused
from piste.engine.transport.response import Response
from piste.engine.transport.witness import READ_ONLY, Question
from piste.systems.nexus.commands import OF_TERMINAL, Command

Sort = Literal["read", "session"]


class Line(NamedTuple):
    """A line of the table: the verb, the form of the path, and what the body must be."""

    sort: Sort
    method: str
    path: str
    body: Callable[[Any], bool] = lambda body: body is None


def _is_a_value(body: Any) -> bool:
    """Tell whether a body names an element alone, as the questions of the SMC do."""
    return isinstance(body, Mapping) and body.keys() == {"value"} and isinstance(body["value"], str)


def _reads_by_call(body: Any) -> bool:
    """Tell whether a body is a call of JSON-RPC, or several, which only read."""
    calls = body if isinstance(body, list) else [body]
    methods = [call.get("method") if isinstance(call, Mapping) else None for call in calls]
    return bool(methods) and all(
        isinstance(method, str) and (method in _CALLS or re.fullmatch(r"[a-z]+\.get", method)) for method in methods
    )


def _names_itself(body: Any) -> bool:
    """Tell whether a body asks Zabbix who its own token is."""
    return isinstance(body, Mapping) and body.get("method") == "user.checkAuthentication"


def _reads_by_snippet(body: Any) -> bool:
    """Tell whether a body names a snippet of PowerShell that changes nothing on its host."""
    from piste.systems.windows.snippets import SNIPPETS

    called = body.get("method") if isinstance(body, Mapping) else None
    return isinstance(called, str) and called in SNIPPETS and not SNIPPETS[called].writes


@cache
def _of_snippets() -> frozenset[str]:
    """List the digests of the commands that a capture may run on a Windows host."""
    from piste.systems.windows.snippets import COMMAND, SNIPPETS, arguments

    reading = (name for name, snippet in SNIPPETS.items() if not snippet.writes)
    return frozenset(sha256("\0".join([COMMAND, *arguments(name)]).encode()).hexdigest() for name in reading)


_CALLS = frozenset({"apiinfo.version", "configuration.export", "configuration.importcompare", "sla.getsli"})
"""Methods of Zabbix that read, besides all those of the form `<object>.get`."""
QUESTIONS: Mapping[str, tuple[Line, ...]] = {
    "meraki": (Line("read", "GET", r"/.*"),),
    "prism": (Line("read", "GET", r"/api/[a-z]+/v4\.\d+(\.[ab]\d+)?/.*"), Line("session", "OPTIONS", r"/api/.*")),
    "glpi": (
        Line("session", "GET", r"/api\.php/v1/(init|kill)Session"),
        Line("session", "POST", r"/api\.php/token", lambda body: True),
        Line("read", "GET", r"/api\.php/((v1|v2\.\d+)/[A-Z].*)?"),
    ),
    "veeam": (
        Line("session", "POST", r"/api/oauth2/(token|logout)", lambda body: True),
        Line("read", "GET", r"/api/v\d+/.*"),
    ),
    "microsoft": (
        Line("session", "POST", r"/[^/]+/oauth2/v2\.0/token", lambda body: True),
        Line("read", "GET", r"/v1\.0/.*|/api/machines"),
    ),
    "zabbix": (
        Line("session", "POST", r"/api_jsonrpc\.php", _names_itself),
        Line("read", "POST", r"/api_jsonrpc\.php", _reads_by_call),
    ),
    "smc": (
        Line("read", "GET", r"/api|/\d+\.\d+/.*"),
        Line("read", "POST", r"/\d+\.\d+/system/(references_by_element|monitoring_status)", _is_a_value),
        Line("session", "POST", r"/\d+\.\d+/(login|lms_login)", lambda body: True),
        Line("session", "PUT", r"/\d+\.\d+/logout"),
    ),
    "nexus": tuple(
        Line("session" if command in OF_TERMINAL else "read", verb.upper(), f"/[^/]+/{re.escape(rest)}")
        for command in Command
        for verb, _, rest in [command.partition(" ")]
        if verb == "show" or command in OF_TERMINAL
    ),
    "ad": (
        Line("read", "SEARCH", r"/[^/]+"),
        *(Line("session", verb, r"/[^/]+") for verb in ("BIND", "UNBIND")),
        Line("read", "READ", r"/[^/]+/sysvol/[^/]*"),
        Line("read", "RIGHTS", r"/[^/]+/sysvol/rights"),
        Line("read", "LIST", r"/[^/]+/sysvol"),
    ),
    "smb": tuple(
        Line("session", verb, r"/[^/]*")
        for verb in ("NEGOTIATE", "SESSION", "LOGOFF", "CONNECT", "DISCONNECT", "OPEN", "CLOSE", "READ", "LIST",
                     "RIGHTS", "ECHO", "CANCEL", "ASK")
    ),
    "winrm": (
        Line("read", "RUN", r"/[^/]+", _reads_by_snippet),
        Line("session", "COMMAND", r"/[0-9a-f]{64}"),
    ),
    "nut": (Line("read", "LIST", r"/[^/]+/VAR/[^/]+"), Line("session", "STARTTLS", r"/[^/]+")),
}
"""What may be asked, by system. Source of each line: the client of the system, and its vendor's API."""


def sort(question: Question) -> Sort | None:
    """Tell what a question is; None for what a capture must not send."""
    if question.method == "COMMAND" and question.path[1:] not in _of_snippets():
        return None
    for line in QUESTIONS.get(question.system, ()):
        if line.method == question.method and re.fullmatch(line.path, question.path) and line.body(question.body):
            return line.sort
    return None


class ReadOnly:
    """The witness of a process that may only read, on every system."""

    def allow(self, question: Question) -> None:
        if sort(question) is None:
            raise read_only(f"{question.system or 'système inconnu'} : {question.method} {question.path}")

    def heard(self, question: Question, response: Response, seconds: float) -> None:
        return


def read_only(where: str) -> Misused:
    """Refuse what may write, where only reads may be sent."""
    return Misused(
        "ce n’est pas une lecture, et Piste est ici en lecture seule",
        where=where,
        why="Rien n’a été envoyé.",
        todo=f"Pour écrire : sans --read-only, {READ_ONLY} ni piste_read_only (docs/comptes.md).",
    )
