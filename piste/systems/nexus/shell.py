"""A terminal on a Nexus over SSH: a pinned host key, `Command`s and nothing else.

The host key is compared before the account is sent. An answer is whole when the prompt comes back after it: what is
cut, too long or late is unknown.
"""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from piste.engine.converge.errors import Rejected, Unreachable, Unreadable
from piste.engine.transport.faults import reason
from piste.engine.transport.witness import Question, document, observed
from piste.systems.nexus import host_key
from piste.systems.nexus.commands import OF_TERMINAL, Command
from piste.systems.nexus.connection import Access

if TYPE_CHECKING:
    from paramiko import Channel, Transport

SYSTEM = "nexus"
LARGEST = 16_000_000
"""Bytes of an answer: a full chassis writes about 2 MB of configuration."""
_PROMPT = re.compile(rb"(?:^|\n)\r*([^\s#>()]{1,64}[#>] ?)$")
_REFUSED = re.compile(r"^\s*(% .+|Syntax error while parsing .+)$", re.MULTILINE)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_RIGHTS = (
    "network-operator ne suffit pas à lire la configuration : donnez au compte un rôle qui le permet "
    "(docs/nexus.md, « Le compte »)."
)


class Shell:
    """A terminal on a switch, open while its `with` block lasts; `calls` counts the reads."""

    def __init__(self, name: str, address: str, access: Access) -> None:
        self.name, self._access = name, access
        self._place = access.place(name, address)
        self._transport: Transport | None = None
        self._channel: Channel | None = None
        self._prompt = b""
        self.calls = {"reads": 0, "writes": 0}

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def ask(self, command: Command) -> str:
        """Give the answer to a command. Raises `Unreachable`, `Unreadable`, `Rejected`."""
        verb, _, rest = command.partition(" ")
        question = Question(SYSTEM, verb.upper(), f"/{self.name}/{rest}", (), None)
        answer: str = observed(question, partial(self._ask, command), document)
        return answer

    def _ask(self, command: Command) -> str:
        assert self._channel is not None
        if command not in OF_TERMINAL:
            self.calls["reads"] += 1
        try:
            self._channel.sendall(command.encode() + b"\n")
            heard = self._until(lambda content: content.endswith(self._prompt) and b"\n" in content)
        except OSError as error:
            raise self._silent(f"pas de réponse à « {command} »", error) from error
        text = _CONTROL.sub("", heard[: -len(self._prompt)].decode("utf-8", "replace").replace("\r\n", "\n"))
        echo, _, answer = text.partition("\n")
        if echo.strip() != command:
            raise self._nonsense(f"« {command} » n’y est pas répété")
        if "--More--" in answer:
            raise self._nonsense(f"la réponse à « {command} » est coupée en pages")
        if refused := _REFUSED.search(answer[:400]):
            denied = "Permission denied" in refused[1]
            raise Rejected(
                f"a refusé « {command} » : {refused[1][:200]}",
                status=403 if denied else 400,
                where=self.name,
                todo=_RIGHTS if denied else "Vérifiez sa version (docs/nexus.md).",
            )
        return answer

    def _open(self) -> None:
        # Imported here: a run that reads no Nexus does not pay for it.
        import paramiko

        # Its threads write to the terminal what the errors below say better.
        logging.getLogger("paramiko").setLevel(logging.CRITICAL)

        address, port = self._place
        if not address:
            raise Unreachable("son adresse n’est pas connue", where=self.name)
        pinned, timeout = self._access.host_keys.get(self.name, ""), self._access.timeout
        try:
            connection = socket.create_connection((address, port), timeout)
        except OSError as error:
            raise self._silent("ne répond pas", error) from error
        try:
            self._transport = transport = paramiko.Transport(connection)
            transport.banner_timeout = transport.auth_timeout = timeout
            if pinned:
                known = host_key.HostKey.of(self.name, pinned)
                _prefer(transport, known.kind)
            transport.start_client(timeout=timeout)
            shown = transport.get_remote_server_key()
            host_key.check(self.name, pinned, host_key.HostKey(shown.get_name(), shown.asbytes()))
            transport.auth_password(self._access.username, self._access.password)
            self._channel = channel = transport.open_session(timeout=timeout)
            channel.settimeout(timeout)
            channel.get_pty(width=511, height=1000)
            channel.invoke_shell()
            heard = self._until(lambda content: bool(_PROMPT.search(content)))
        except paramiko.AuthenticationException as error:
            raise Rejected(
                f"a refusé le compte « {self._access.username} »",
                status=401,
                where=self.name,
                todo="Vérifiez le compte et son mot de passe dans le coffre (SECRETS.md).",
            ) from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise self._silent("n’a pas ouvert de terminal par SSH", error) from error
        match = _PROMPT.search(heard)
        assert match
        self._prompt = match[1]
        for command in OF_TERMINAL:
            self.ask(command)

    def _until(self, whole: Callable[[bytes], bool]) -> bytes:
        assert self._channel is not None
        heard, end = bytearray(), time.monotonic() + self._access.timeout
        while not whole(bytes(heard[-2000:])) or self._channel.recv_ready():
            part = self._channel.recv(65_536)
            if not part:
                raise ConnectionError("la connexion s’est fermée avant la fin")
            heard += part
            if len(heard) > LARGEST:
                raise self._nonsense("la réponse est trop longue")
            if time.monotonic() > end and not self._channel.recv_ready():
                raise TimeoutError("la fin n’est pas venue")
        return bytes(heard)

    def _silent(self, what: str, error: Exception) -> Unreachable:
        address, port = self._place
        return Unreachable(
            what,
            where=self.name,
            why=f"{address}, port {port} : {reason(error, address)}",
            todo="Vérifiez qu’il est allumé, que SSH y est actif (feature ssh) et que ce poste l’atteint.",
        )

    def _nonsense(self, why: str) -> Unreadable:
        return Unreadable(
            "a répondu autre chose que ce qui se lit",
            where=self.name,
            why=f"{why[0].upper()}{why[1:]}.",
            todo="Rien n’en est déduit. Vérifiez que c’est bien un Nexus, et sa version.",
        )


def _prefer(transport: Transport, kind: str) -> None:
    """Ask a switch with several keys for the pinned key."""
    options = transport.get_security_options()
    kinds = ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
    options.key_types = sorted(options.key_types, key=lambda known: known not in kinds)
