"""Windows servers that answer WinRM: authentication, then the shells of a server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lab.calls import Calls, Entry
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.http import ConnectionCut, Request, Response
from lab.winrm import powershell, soap
from lab.winrm.authentication import Authentication, Refused
from lab.winrm.behaviour import Behaviour
from lab.winrm.machine import Machine
from lab.winrm.powershell import PowerShellError
from lab.winrm.shells import Outcome, Shells
from lab.winrm.soap import Envelope, WsmanFault
from piste.systems.windows.snippets import SNIPPETS

SYSTEM = "winrm"
OWN_FAULTS = ("refuse", "answer", "tear", "silent")
"""Faults of a snippet (`method`) of a server (`path`).

refuse  it ends with an error (`body`)
answer  it answers `body` (JSON) and does nothing, as where a certificate is missing or a service stopped
tear    a snippet that writes does half of its work, and the connection is cut
silent  the server takes the request and does not answer (`behaviour.silence`)
"""


class WinrmSimulator:
    """Servers by name, each at `/<name>/wsman`.

    The first server is also at `/wsman`, the only path of some clients. For a fault of the common kinds, the method is
    that of WS-Management (`Create`, `Command`, `Send`, `Receive`, `Signal`, `Delete`), the path `/hdv-nps1/wsman`, and
    the name of the snippet where the request concerns a snippet. A run of a snippet counts as a call, a read or a
    write; a shell counts as a session.
    """

    def __init__(
        self,
        machines: Mapping[str, Machine],
        authentication: Authentication,
        *,
        clock: Clock,
        faults: Faults,
        calls: Calls,
    ) -> None:
        self.machines, self.authentication = dict(machines), authentication
        self.clock, self.faults, self.calls = clock, faults, calls
        self.calls.of(SYSTEM)
        self.behaviour = Behaviour()
        self.shells = {name: Shells() for name in machines}
        self.lock = threading.RLock()
        self.closed = threading.Event()

    def handle(self, request: Request) -> Response:
        """Answer a request. Raises ConnectionCut where a fault cuts it."""
        self.authentication.basic, self.authentication.ntlm = self.behaviour.basic, self.behaviour.ntlm
        name, _, place = request.path.strip("/").rpartition("/")
        machine = self.machines.get(name or next(iter(self.machines)))
        if machine is None or place != "wsman" or request.method != "POST":
            return Response(404)
        try:
            said = self.authentication.check(request)
        except Refused as refusal:
            return Response(401, {"WWW-Authenticate": refusal.challenge} if refusal.challenge else {})
        headers = {"WWW-Authenticate": said} if said else {}
        if not request.body:
            return Response(200, headers)
        response = self._answer(machine, request.body)
        return Response(response.status, {**headers, **response.headers}, response.body)

    def run(self, machine: str, snippet: str, **given: Any) -> dict[str, Any]:
        """Run a snippet as another administrator, without fault or count. Raises PowerShellError."""
        with self.lock:
            return self.machines[machine].snippets[snippet](given)

    def _answer(self, machine: Machine, body: bytes) -> Response:
        asked: Envelope | None = None
        try:
            if len(body) > self.behaviour.max_size:
                raise soap.too_large()
            asked = Envelope.parse(body)
            return self._suffer(machine, asked)
        except WsmanFault as wrong:
            return soap.fault(asked, wrong)

    def _suffer(self, machine: Machine, asked: Envelope) -> Response:
        """Answer through the armed faults."""
        snippet = powershell.named(self.shells[machine.name].command_line(asked))
        path = f"/{machine.name}/wsman/{snippet}".rstrip("/")
        if self.faults.on_event("silent", method=asked.action, path=path):
            self.closed.wait(self.behaviour.silence)
            raise ConnectionCut("a server that was made silent")
        effects = self.faults.on_request(asked.action, path)
        for effect in effects:
            if effect.kind == "edit":
                self._edit(effect)
            elif effect.when == "before":
                return self._strike(effect)
        with self.lock:
            response = soap.answer(asked, self._perform(machine, asked))
        for effect in effects:
            if effect.when == "after" and effect.kind != "edit":
                return self._strike(effect)
        return response

    def _perform(self, machine: Machine, asked: Envelope) -> str:
        shells = self.shells[machine.name]

        def run(line: str, given: bytes) -> Outcome:
            return self._run(machine, line, given)

        match asked.action:
            case "Create":
                opened = shells.create(asked, self.behaviour.max_shells)
                self.calls.open_session(SYSTEM)
                return opened
            case "Delete":
                return shells.delete(asked)
            case "Command":
                return shells.start(asked, waits=bool(powershell.named(shells.command_line(asked))))
            case "Send":
                return shells.send(asked, run)
            case "Receive":
                return shells.receive(asked, run)
            case "Signal":
                return shells.signal(asked)
        raise WsmanFault("wsa:ActionNotSupported", 2150858752, f"The action {asked.asked} is not supported. ")

    def _run(self, machine: Machine, line: str, given: bytes) -> Outcome:
        snippet = powershell.named(line)
        if not snippet:
            return powershell.run(line, given, machine.name, machine.snippets)
        machine.behaviour = self.behaviour
        path = f"/{machine.name}/{snippet}"
        if self.behaviour.constrained:
            self._count(snippet, path, 200)
            return powershell.constrained(snippet)
        instead = self.faults.on_event("refuse", "answer", method=snippet, path=path)
        if SNIPPETS[snippet].writes and self.faults.on_event("tear", method=snippet, path=path):
            self._count(snippet, path, 0)
            machine.tear(snippet, json.loads(given))
            raise ConnectionCut("a server that went down in the middle of its work")
        snippets = {snippet: _answering(instead)} if instead else machine.snippets
        outcome = powershell.run(line, given, machine.name, snippets)
        if self.behaviour.noisy:
            outcome = replace(outcome, out=powershell.WARNING + outcome.out)
        self._count(snippet, path, 200 if outcome.code == 0 else 500)
        return outcome

    def _count(self, snippet: str, path: str, status: int) -> None:
        kind = "write" if SNIPPETS[snippet].writes else "read"
        self.calls.record(Entry(SYSTEM, kind, "run", path, status, self.clock.now()))

    def _edit(self, effect: Fault) -> None:
        if callable(effect.edit):
            effect.edit()
        elif effect.edit:
            self.run(effect.edit["path"].strip("/"), effect.edit["method"], **effect.edit.get("body", {}))

    def _strike(self, effect: Fault) -> Response:
        if effect.kind == "cut":
            raise ConnectionCut("connection cut by a fault of the lab")
        if effect.status == 401:
            return Response(401, {"WWW-Authenticate": "Negotiate"})
        return Response(effect.status, {"Content-Type": "text/html"}, (effect.body or "").encode())


def _answering(fault: Fault) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def answer(given: Mapping[str, Any]) -> dict[str, Any]:
        if fault.kind == "refuse":
            raise PowerShellError(fault.body or "The operation failed.", "Refused,Microsoft.PowerShell.Commands")
        result: dict[str, Any] = json.loads(fault.body or "{}")
        return result

    return answer
