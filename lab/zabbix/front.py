"""The HTTPS front of Zabbix: passes requests to the frontend, through faults, counted.

All calls of its API have one path. Here the path of a call ends with its method, `/api_jsonrpc.php/host.create`, so
that faults and counts can name it.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.http import Request, Response, json_response
from lab.simulated import Simulated

SYSTEM = "zabbix"
API = "/api_jsonrpc.php"
_READS = ("get", "version", "export", "importcompare", "getsla", "getsli", "checkAuthentication")
_BATCH = "batch.get"
"""The name here of several reads in one request."""
_HOPS = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive", "host"})


class Front(Simulated):
    """Stands before the frontend, whose `place` it alone knows; adds nothing to its answers."""

    system = SYSTEM

    def __init__(self, clock: Clock, faults: Faults, calls: Calls) -> None:
        super().__init__(clock, faults, calls)
        self.place = ("127.0.0.1", 0)

    def handle(self, request: Request) -> Response:
        method = _method(request)
        return super().handle(replace(request, path=f"{request.path}/{method}") if method else request)

    def _kind(self, request: Request) -> str:
        method = request.path.removeprefix(f"{API}/")
        if method in ("user.login", "user.logout"):
            return "session"
        return "read" if _reads(method) else "write"

    def _answer(self, request: Request) -> Response:
        connection = http.client.HTTPConnection(*self.place, timeout=300)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOPS}
            path = API if request.path.startswith(API) else request.path
            connection.request(request.method, path, request.body or None, headers)
            answer = connection.getresponse()
            body = answer.read()
        except OSError as fault:
            return json_response(502, {"error": f"the frontend does not answer: {fault}"})
        finally:
            connection.close()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in (*_HOPS, "set-cookie")}
        cookies = tuple(answer.headers.get_all("Set-Cookie") or ())
        return Response(answer.status, kept, body, cookies)

    def straight(self, body: bytes, headers: Mapping[str, str]) -> Response:
        """Call the API as somebody else does: no fault strikes it, and no count sees it."""
        return self._answer(Request("POST", API, headers=headers, body=body))

    def _failure(self, effect: Fault, headers: Mapping[str, str]) -> Response:
        if effect.body is not None:
            return Response(effect.status, {"Content-Type": "application/json", **headers}, effect.body.encode())
        return json_response(effect.status, {"error": "fault of the lab"}, headers)

    def _edit_for(self, given: Mapping[str, Any]) -> None:
        """Write as another administrator; the body is a call of the API."""
        self._answer(Request("POST", API, headers=given.get("headers", {}), body=json.dumps(given["body"]).encode()))


def _reads(method: str) -> bool:
    return method.rpartition(".")[2] in _READS


def _method(request: Request) -> str:
    """Read the method of a call of the API; empty for another request."""
    if request.path != API:
        return ""
    try:
        content = json.loads(request.body)
        methods = {str(call["method"]) for call in (content if isinstance(content, list) else [content])}
    except (ValueError, LookupError, TypeError):
        return "invalid"
    return methods.pop() if len(methods) == 1 else _BATCH if all(map(_reads, methods)) else "batch"
