"""The PowerShell that Windows hosts run: fixed files, never text built from data.

Arguments come on standard input. A command line would show them to those who list processes or read event 4688; the
text of a script, to those who read event 4104.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

FRAME = "frame"
_PLACE = "# SNIPPET"
COMMAND = "powershell.exe"
OPTIONS = ("-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-EncodedCommand")
LONGEST = 8191
"""Most characters of a command line, program included, through `cmd.exe`, which a host's shell uses."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """`writes`: the snippet changes the host.

    `within`: names of the files that surround it, outermost first.
    """

    writes: bool = False
    within: tuple[str, ...] = (FRAME,)


_WITH_FILE = (FRAME, "private_folder")
_PACKED = (*_WITH_FILE, "packed_file")
SNIPPETS: Mapping[str, Snippet] = {
    "certificates": Snippet(),
    "dhcp_export": Snippet(within=_PACKED),
    "dhcp_leases_read": Snippet(),
    "dhcp_relation_add": Snippet(writes=True),
    "dhcp_relation_set": Snippet(writes=True),
    "dhcp_replicate": Snippet(writes=True),
    "dhcp_scopes_read": Snippet(),
    "dhcp_scopes_remove": Snippet(writes=True),
    "dhcp_scopes_write": Snippet(writes=True),
    "dhcp_server_read": Snippet(),
    "dhcp_settings_read": Snippet(),
    "dhcp_settings_write": Snippet(writes=True),
    "dns_server_read": Snippet(),
    "host": Snippet(),
    "language": Snippet(within=()),
    "local_administrators_add": Snippet(writes=True),
    "local_administrators_read": Snippet(),
    "local_administrators_remove": Snippet(writes=True),
    "nps_export": Snippet(within=_PACKED),
    "nps_import": Snippet(writes=True, within=_WITH_FILE),
    "print_log_read": Snippet(),
    "print_queues_read": Snippet(),
    "print_queues_write": Snippet(writes=True),
}


@cache
def documented() -> Mapping[str, Any]:
    """Read what is documented of the commands and of the types that the snippets use."""
    read: Mapping[str, Any] = yaml.load((files(__name__) / "documented.yml").read_text("utf-8"), yaml.CSafeLoader)
    return read


@cache
def script(name: str) -> str:
    """Return the whole text that a host runs for a snippet, without comments."""
    text = _lines(name)
    for outer in reversed(SNIPPETS[name].within):
        text = _lines(outer).replace(_PLACE, text)
    return text


@cache
def arguments(name: str) -> tuple[str, ...]:
    """Return the arguments of `COMMAND` for a snippet."""
    return (*OPTIONS, b64encode(script(name).encode("utf-16-le")).decode())


def _lines(name: str) -> str:
    source = (files(__name__) / f"{name}.ps1").read_text("utf-8")
    kept = [line for raw in source.splitlines() if (line := raw.strip())]
    return "\n".join(line for line in kept if line == _PLACE or not re.match(r"#", line))
