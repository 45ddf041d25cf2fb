"""The remote shells of a host: command lines, their input, their output (MS-WSMV 3.1.4)."""

from __future__ import annotations

import uuid
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.winrm import soap
from lab.winrm.soap import Envelope, WsmanFault

ANSWER = 100_000
"""Bytes of output in an answer: its envelope stays below the 150 kB that clients accept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code and the output of a command."""

    code: int
    out: bytes = b""
    err: bytes = b""


Run = Callable[[str, bytes], Outcome]
"""Runs a command line with its whole input."""


@dataclass(slots=True)
class Command:
    """A command of a shell; `waits`: it runs once it has all its input."""

    line: str
    waits: bool
    given: bytes = b""
    closed: bool = False
    left: list[tuple[str, bytes]] = field(default_factory=list)
    code: int | None = None


@dataclass(slots=True)
class Shells:
    """Shells by id, each with its commands by id."""

    open: dict[str, dict[str, Command]] = field(default_factory=dict)

    def create(self, request: Envelope, most: int) -> str:
        if len(self.open) >= most:
            raise soap.too_many_shells(most)
        # A client may choose the id itself.
        shell = next((shell.get("ShellId") for shell in request.all("Shell")), None) or str(uuid.uuid4()).upper()
        self.open[shell] = {}
        return soap.created(shell)

    def delete(self, request: Envelope) -> str:
        self._commands(request)
        del self.open[request.shell]
        return ""

    def start(self, request: Envelope, *, waits: bool) -> str:
        commands = self._commands(request)
        request.part("Command")
        identity = str(uuid.uuid4()).upper()
        commands[identity] = Command(self.command_line(request), waits)
        return f"<rsp:CommandResponse><rsp:CommandId>{identity}</rsp:CommandId></rsp:CommandResponse>"

    def send(self, request: Envelope, run: Run) -> str:
        """Take input; a command runs once it has all of it."""
        given = request.part("Stream")
        command = self._command(request, given.get("CommandId"))
        if command.closed:
            raise WsmanFault("w:InternalError", 109, "The pipe has been ended. ")
        try:
            command.given += b64decode(given.text or "", validate=True)
        except Error as fault:
            raise soap.not_a_request(str(fault)) from fault
        if (given.get("End") or "").lower() == "true":
            self._run(command, run)
        return "<rsp:SendResponse/>"

    def receive(self, request: Envelope, run: Run) -> str:
        """Return the next part of the output. Raises WsmanFault while the command waits."""
        identity = request.part("DesiredStream").get("CommandId") or ""
        command = self._command(request, identity)
        if not command.closed and not command.waits:
            self._run(command, run)
        if not command.closed:
            raise soap.nothing_yet()
        body = ""
        if command.left:
            name, content = command.left.pop(0)
            body = soap.stream(name, identity, b64encode(content).decode())
        if command.left:
            return f"<rsp:ReceiveResponse>{body}{soap.state(identity, None)}</rsp:ReceiveResponse>"
        ends = "".join(soap.stream(name, identity, end=True) for name in ("stdout", "stderr"))
        return f"<rsp:ReceiveResponse>{body}{ends}{soap.state(identity, command.code)}</rsp:ReceiveResponse>"

    def signal(self, request: Envelope) -> str:
        identity = request.part("Signal").get("CommandId") or ""
        self._command(request, identity)
        del self.open[request.shell][identity]
        return "<rsp:SignalResponse/>"

    def command_line(self, request: Envelope) -> str:
        """Return the command line of a request, empty where its command is unknown."""
        commands = self.open.get(request.shell, {})
        for name in ("Stream", "DesiredStream", "Signal"):
            for element in request.all(name):
                command = commands.get(element.get("CommandId") or "")
                return command.line if command else ""
        words = [element.text or "" for name in ("Command", "Arguments") for element in request.all(name)]
        return " ".join(words)

    def _run(self, command: Command, run: Run) -> None:
        command.closed = True
        done = run(command.line, command.given)
        for name, content in (("stdout", done.out), ("stderr", done.err)):
            command.left += [(name, content[at : at + ANSWER]) for at in range(0, len(content), ANSWER)]
        command.code = done.code

    def _commands(self, request: Envelope) -> dict[str, Command]:
        if request.shell not in self.open:
            raise soap.no_such_shell(request.shell)
        return self.open[request.shell]

    def _command(self, request: Envelope, identity: str | None) -> Command:
        commands = self._commands(request)
        if identity not in commands:
            raise WsmanFault("w:InternalError", 87, "The parameter is incorrect. ")
        return commands[identity]
