"""A client of `upsd`, the server of Network UPS Tools: it reads, and has no account.

Source: *Network UPS Tools Developer Guide*, chapter 9 (network protocol): lines of text, values
between quotation marks. [belief ups.list], [belief ups.stale], [belief ups.tls]
"""

from __future__ import annotations

import re
import shlex
import socket
import ssl
import time
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self

from piste.engine.converge.errors import Missing, Misused, Unreachable
from piste.engine.transport.faults import reason
from piste.engine.transport.witness import Question, document, observed, permit

PORT, SYSTEM = 3493, "nut"
_LONGEST, _MOST = 4096, 2000
"""Bytes of a line, lines of an answer."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")


class Nut:
    """A connection to a server, secured where it offers it."""

    def __init__(self, address: str, port: int = PORT, ca_file: str = "", patience: float = 10.0) -> None:
        self.where, self._patience = f"{address}:{port}", patience
        self._end = time.monotonic() + patience
        self._pending = b""
        try:
            self._socket = socket.create_connection((address, port), patience)
        except OSError as error:
            raise self._silent(error) from error
        try:
            self._secure(address, ca_file)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def variables(self, name: str) -> Mapping[str, str]:
        """Return the variables of a supply. Raises `Missing`, `Unreachable`."""
        if not _NAME.fullmatch(name):
            raise Misused("ce n’est pas le nom d’un onduleur pour NUT", where=name)
        return observed(self._question(f"LIST VAR {name}"), partial(self._list, name), document)

    def _list(self, name: str) -> Mapping[str, str]:
        self._say(f"LIST VAR {name}")
        if (first := self._line()) != f"BEGIN LIST VAR {name}":
            raise self._refused(name, first)
        read: dict[str, str] = {}
        for _ in range(_MOST):
            line = self._line()
            if line == f"END LIST VAR {name}":
                return read
            try:
                var, ups, key, value = shlex.split(line)
            except ValueError as error:
                raise self._nonsense(line) from error
            if (var, ups) != ("VAR", name):
                raise self._nonsense(line)
            read[key] = value
        raise self._nonsense("trop de lignes")

    def _secure(self, address: str, ca_file: str) -> None:
        """Begin TLS where it is offered; an authority that is given makes it due."""
        self._say("STARTTLS")
        answer = self._line()
        if answer != "OK STARTTLS":
            if ca_file:
                raise Unreachable("ce serveur NUT n’offre pas TLS, qui lui est demandé", where=self.where, why=answer)
            return
        if not ca_file:
            # Nothing secret is sent, but an unverified peer is none that TLS would vouch for.
            raise Misused(
                "ce serveur NUT offre TLS, et rien ne dit à quelle autorité se fier",
                where=self.where,
                todo="Donnez ca_file (piste_nut).",
            )
        if self._pending:
            # In clear, by anybody on the way: after the handshake it would pass for an answer of the server.
            raise Unreachable(
                "a parlé en clair entre STARTTLS et le chiffrement : rien n’en est cru",
                where=self.where,
                why=repr(self._pending[:80]),
                todo="Cherchez qui répond entre ce poste et le serveur NUT, puis relancez.",
            )
        try:
            context = ssl.create_default_context(cafile=ca_file)
            self._socket = context.wrap_socket(self._socket, server_hostname=address)
        except OSError as error:
            raise self._silent(error) from error

    def _question(self, text: str) -> Question:
        verb, *rest = text.split()
        return Question(SYSTEM, verb, "/".join(["", self.where, *rest]), (), None)

    def _say(self, text: str) -> None:
        permit(self._question(text))
        try:
            self._socket.sendall(f"{text}\n".encode())
        except OSError as error:
            raise self._silent(error) from error

    def _line(self) -> str:
        while b"\n" not in self._pending:
            left = self._end - time.monotonic()
            if left <= 0 or len(self._pending) > _LONGEST:
                raise self._silent(TimeoutError("réponse inachevée"))
            self._socket.settimeout(left)
            try:
                part = self._socket.recv(_LONGEST)
            except OSError as error:
                raise self._silent(error) from error
            if not part:
                raise self._silent(ConnectionError("connexion fermée"))
            self._pending += part
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            return line.decode().rstrip("\r")
        except UnicodeDecodeError as error:
            raise self._nonsense(repr(line[:40])) from error

    def _refused(self, name: str, answer: str) -> Any:
        if answer.startswith("ERR UNKNOWN-UPS"):
            return Missing("ce serveur NUT ne connaît pas cet onduleur", where=name)
        if answer.startswith("ERR"):
            why = {"ERR DATA-STALE": "données périmées", "ERR DRIVER-NOT-CONNECTED": "pilote arrêté"}
            return Unreachable("ne répond pas à NUT", where=name, why=why.get(answer, answer[:80]))
        return self._nonsense(answer)

    def _nonsense(self, line: str) -> Unreachable:
        return Unreachable("répond autre chose que NUT", where=self.where, why=line[:80])

    def _silent(self, error: Exception) -> Unreachable:
        todo = "Vérifiez le serveur NUT, son adresse et son port, puis relancez."
        why = reason(error, self.where.rpartition(":")[0])
        return Unreachable("ne répond pas", where=self.where, why=why, todo=todo)
