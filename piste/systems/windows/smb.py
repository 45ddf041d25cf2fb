"""A connection of SMB that is signed, and waits for each answer with a limit."""

from __future__ import annotations

import uuid
from typing import Any

from smbprotocol.connection import Connection

PORT = 445


class Patient(Connection):  # type: ignore[misc]
    """A connection that waits for an answer with a limit, in seconds."""

    patience: float = 60.0

    def receive(self, request: Any, wait: bool = True, timeout: float | None = None, **options: Any) -> Any:
        return super().receive(request, wait, timeout or self.patience, **options)


def connected(address: str, port: int, patience: float) -> Patient:
    """Connect; smbprotocol raises anything where the server does not answer."""
    connection = Patient(uuid.uuid4(), address, port, require_signing=True)
    connection.patience = patience
    connection.connect(timeout=patience)
    return connection
