"""A connection of SMB that is signed, and waits for each answer with a limit."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from smbprotocol.connection import Connection
from smbprotocol.header import Commands

from piste.engine.transport.witness import Question, permit

PORT = 445


_ASKING: Mapping[int, str] = {
    Commands.SMB2_NEGOTIATE: "NEGOTIATE", Commands.SMB2_SESSION_SETUP: "SESSION", Commands.SMB2_LOGOFF: "LOGOFF",
    Commands.SMB2_TREE_CONNECT: "CONNECT", Commands.SMB2_TREE_DISCONNECT: "DISCONNECT", Commands.SMB2_CLOSE: "CLOSE",
    Commands.SMB2_READ: "READ", Commands.SMB2_QUERY_DIRECTORY: "LIST", Commands.SMB2_QUERY_INFO: "RIGHTS",
    Commands.SMB2_ECHO: "ECHO", Commands.SMB2_CANCEL: "CANCEL",
}  # fmt: skip
"""The verbs of a question, by the commands that write nothing whatever they contain."""
_READING = 0x1 | 0x8 | 0x20 | 0x80 | 0x20000 | 0x100000 | 0x20000000 | 0x80000000
"""Rights that write nothing: data, attributes, execution, descriptor, synchronisation (MS-SMB2 2.2.13.1)."""
_OPEN, _DELETE_ON_CLOSE = 1, 0x1000
_CONTROLS = (0x00140204, 0x00060194)
"""FSCTL_VALIDATE_NEGOTIATE_INFO and FSCTL_DFS_GET_REFERRALS: of a session, they write nothing."""


def _verb(message: Any) -> str:
    """Name what a message does, for the witness of a capture."""
    command = getattr(message, "COMMAND", -1)
    if command == Commands.SMB2_CREATE:
        access, how = message["desired_access"].get_value(), message["create_options"].get_value()
        opens = message["create_disposition"].get_value() == _OPEN and not how & _DELETE_ON_CLOSE
        return "OPEN" if opens and not access & ~_READING else "CREATE"
    if command == Commands.SMB2_IOCTL:
        return "ASK" if message["ctl_code"].get_value() in _CONTROLS else "CONTROL"
    return _ASKING.get(command, "WRITE")


class Patient(Connection):  # type: ignore[misc]
    """A connection that waits for an answer with a limit, in seconds.

    Each message passes the witness of a capture before it is sent.
    """

    patience: float = 60.0

    def _send(self, messages: Any, *sent: Any, **options: Any) -> Any:
        for message in messages:
            permit(Question("smb", _verb(message), f"/{self.server_name}", (), None))
        return super()._send(messages, *sent, **options)

    def receive(self, request: Any, wait: bool = True, timeout: float | None = None, **options: Any) -> Any:
        return super().receive(request, wait, timeout or self.patience, **options)


def connected(address: str, port: int, patience: float) -> Patient:
    """Connect; smbprotocol raises anything where the server does not answer."""
    connection = Patient(uuid.uuid4(), address, port, require_signing=True)
    connection.patience = patience
    connection.connect(timeout=patience)
    return connection
