"""The messages of SMB that a capture lets pass."""

from __future__ import annotations

from piste.systems.windows import smb


def test_a_message_without_a_command_is_no_read() -> None:
    assert smb._verb(object()) == "WRITE"
