"""A program that gives `snmpd` the values of a file, by its protocol `pass_persist`.

A line of the file is `OID type value`; the file is read again when it changes. Standard library only: it runs by its
path. Source: snmpd.conf(5), `pass_persist`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

Oid = tuple[int, ...]


def parsed(text: str) -> dict[Oid, tuple[str, str]]:
    """Read the lines of a file, in the order of their OIDs."""
    lines = [line.split(" ", 2) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return dict(sorted((oid(name), (kind, value)) for name, kind, value in lines))


def oid(text: str) -> Oid:
    return tuple(int(part) for part in text.strip().strip(".").split(".") if part)


def answered(values: dict[Oid, tuple[str, str]], command: str, asked: Oid) -> str:
    """Answer `get` or `getnext`, as `snmpd` reads it."""
    known = asked if command == "get" else next((name for name in values if name > asked), None)
    if known is None or known not in values:
        return "NONE"
    return "\n".join(["." + ".".join(map(str, known)), *values[known]])


def serve(path: Path, ask: Callable[[], str]) -> None:
    """Answer commands until their end."""
    seen, values = 0, dict[Oid, tuple[str, str]]()
    while command := ask():
        if command.strip() == "PING":
            print("PONG", flush=True)
            continue
        asked = oid(ask())
        if (now := path.stat().st_mtime_ns) != seen:
            seen, values = now, parsed(path.read_text("utf-8"))
        print(answered(values, command.strip(), asked), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.stdin.readline)
