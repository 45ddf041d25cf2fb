"""Services that are no page: a server of shares and a print queue say that they are there.

Nothing signs in, nothing is printed: a negotiation of SMB stops before any account (MS-SMB2 2.2.3, 2.2.4), and an
operation of IPP asks for the state of a queue (RFC 8011 4.2.5, 5.4.11; its form is RFC 8010 3.1).
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from typing import Any

Answer = dict[str, Any]
DIALECTS = {0x0202: "2.0.2", 0x0210: "2.1", 0x0300: "3.0", 0x0302: "3.0.2", 0x0311: "3.1.1"}
_SIGNING_REQUIRED, _LARGEST = 2, 65536
_STATE = b"\x23\x00\x0dprinter-state\x00\x04"
"""An enumeration named `printer-state`, of four bytes."""


def smb(plain: socket.socket, host: str, port: int) -> Answer:
    """Negotiate a dialect. Raises ValueError for what is no answer of SMB, OSError."""
    salt = os.urandom(32)
    hashes = struct.pack("<HHH", 1, len(salt), 1) + salt
    context = struct.pack("<HHI", 1, len(hashes), 0) + hashes
    dialects = struct.pack(f"<{len(DIALECTS)}H", *DIALECTS)
    start = 64 + 36 + len(dialects)
    padding = bytes(-start % 8)
    body = struct.pack("<HHHHI16sIHH", 36, len(DIALECTS), 1, 0, 0, os.urandom(16), start + len(padding), 1, 0)
    head = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ16s", 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, bytes(16))
    message = head + body + dialects + padding + context
    plain.sendall(struct.pack(">I", len(message)) + message)
    size = struct.unpack(">I", _exactly(plain, 4))[0]
    if size >> 24 or not 72 <= size <= _LARGEST:
        raise ValueError("sa réponse n’est pas du SMB")
    said = _exactly(plain, size)
    if said[:4] != b"\xfeSMB":
        raise ValueError("il ne parle que SMB 1" if said[:4] == b"\xffSMB" else "sa réponse n’est pas du SMB")
    status, mode, dialect = *struct.unpack("<I", said[8:12]), *struct.unpack("<HH", said[66:70])
    if status or dialect not in DIALECTS:
        raise ValueError(f"il refuse de négocier (0x{status:08x})")
    return {"dialect": DIALECTS[dialect], "signed": bool(mode & _SIGNING_REQUIRED)}


def ipp(plain: socket.socket, host: str, port: int) -> Answer:
    """Ask for the state of the queue of a printer.

    Raises ValueError for what is no answer of IPP, OSError.
    """
    named = ((0x47, b"attributes-charset", b"utf-8"), (0x48, b"attributes-natural-language", b"fr"),
             (0x45, b"printer-uri", f"ipp://{host}:{port}/ipp/print".encode()),
             (0x44, b"requested-attributes", b"printer-state"))  # fmt: skip
    parts = [struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value
             for tag, name, value in named]  # fmt: skip
    asked = struct.pack(">HHIB", 0x0101, 0x000B, 1, 1) + b"".join(parts) + b"\x03"
    connection = HTTPConnection(host, port)
    connection.sock = plain
    connection.request("POST", "/ipp/print", asked, {"Content-Type": "application/ipp", "Connection": "close"})
    response = connection.getresponse()
    said = response.read(_LARGEST)
    if response.status != 200 or len(said) < 9:
        raise ValueError(f"sa réponse n’est pas de l’IPP ({response.status})")
    status = struct.unpack(">H", said[2:4])[0]
    if status >= 0x0100 or _STATE not in said:
        raise ValueError(f"elle ne dit pas son état (0x{status:04x})")
    return {"state": struct.unpack(">I", said.partition(_STATE)[2][:4])[0]}


PROTOCOLS: Mapping[str, Callable[[socket.socket, str, int], Answer]] = {"smb": smb, "ipp": ipp}


def _exactly(plain: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = plain.recv(size - len(content))
        if not part:
            raise ValueError("il ferme sans répondre")
        content += part
    return content
