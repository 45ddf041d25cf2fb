"""The PowerShell that a Windows host is asked to run: fixed files, never text that is put together from data.

What a snippet needs comes to it on standard input. A command line would show it to whoever lists processes or reads
event 4688; the text of a script, to whoever reads event 4104.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FRAME = "frame"
_PLACE = "# SNIPPET"
COMMAND = "powershell.exe"
OPTIONS = ("-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-EncodedCommand")
LONGEST = 8191
"""Characters of a command line, its program included, through `cmd.exe`, which a host's shell goes through."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """`writes` says whether it changes the host; `within` names the files that it is put into, outermost first."""

    writes: bool = False
    within: tuple[str, ...] = (FRAME,)


_WITH_FILE = (FRAME, "private_folder")
SNIPPETS: Mapping[str, Snippet] = {
    "certificates": Snippet(),
    "host": Snippet(),
    "language": Snippet(within=()),
    "local_administrators_read": Snippet(),
    "local_administrators_remove": Snippet(writes=True),
    "nps_export": Snippet(within=_WITH_FILE),
    "nps_import": Snippet(writes=True, within=_WITH_FILE),
    "print_queues_read": Snippet(),
    "print_queues_write": Snippet(writes=True),
}


@cache
def script(name: str) -> str:
    """The whole text that a host runs for a snippet, without its comments."""
    text = _lines(name)
    for outer in reversed(SNIPPETS[name].within):
        text = _lines(outer).replace(_PLACE, text)
    return text


@cache
def arguments(name: str) -> tuple[str, ...]:
    """The arguments of `COMMAND` for a snippet."""
    return (*OPTIONS, b64encode(script(name).encode("utf-16-le")).decode())


def _lines(name: str) -> str:
    source = (files(__name__) / f"{name}.ps1").read_text("utf-8")
    kept = [line for raw in source.splitlines() if (line := raw.strip())]
    return "\n".join(line for line in kept if line == _PLACE or not re.match(r"#", line))
