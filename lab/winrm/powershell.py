"""The substitute for PowerShell, which knows our snippets by their text and nothing else.

It recognises a snippet as a whole, with its frame, so that a host of the lab runs exactly the text that a real host
would run. Input and answer have the form of the frame (`piste/systems/windows/snippets/frame.ps1`).
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

from lab.winrm.shells import Outcome
from piste.systems.windows.snippets import SNIPPETS, script

LONGEST = 8191
WARNING = "AVERTISSEMENT : Attente du démarrage du service « Serveur NPS »...\r\n".encode("cp850", "replace")
Snippets = Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]


class PowerShellError(Exception):
    """The error of a cmdlet: its message and its id."""

    def __init__(self, message: str, identity: str) -> None:
        super().__init__(message)
        self.identity = identity


@cache
def _known() -> dict[str, str]:
    return {script(name): name for name in SNIPPETS}


def named(line: str) -> str:
    """Return the snippet that a command line runs, empty for anything else."""
    return _known().get(_script(line) or "", "")


def run(line: str, given: bytes, host: str, snippets: Snippets) -> Outcome:
    if len(line) > LONGEST:
        return Outcome(1, err=b"The command line is too long.\r\n")
    text = _script(line)
    if text is None:
        if line.strip().lower() == "hostname":
            return Outcome(0, f"{host}\r\n".encode())
        return Outcome(
            1,
            err=f"'{line.split(' ')[0]}' is not recognized as an internal or external command,\r\n"
            "operable program or batch file.\r\n".encode(),
        )
    name = named(line)
    if not name:
        first = text.split()[0] if text.split() else ""
        return Outcome(1, err=_clixml(f"{first} : The term '{first}' is not recognized as the name of a cmdlet."))
    try:
        arguments = json.loads(given.decode("ascii"))
    except ValueError:
        return _framed({"error": "Invalid JSON primitive.", "id": "System.ArgumentException"})
    try:
        return _framed({"result": snippets[name](arguments)})
    except PowerShellError as fault:
        return _framed({"error": str(fault), "id": fault.identity})
    except KeyError as fault:
        wrong = f"The property {fault} cannot be found on this object. Verify that the property exists."
        return _framed({"error": wrong, "id": "PropertyNotFoundStrict"})


def constrained(name: str) -> Outcome:
    """Answer in the constrained language: `language` returns its mode, other snippets fail."""
    if name == "language":
        return _framed({"result": {"language": "ConstrainedLanguage"}})
    return Outcome(1, err=_clixml("Cannot invoke method. Method invocation is supported only on core types."))


def _framed(answer: Mapping[str, Any]) -> Outcome:
    return Outcome(int("error" in answer), json.dumps(answer, separators=(",", ":")).encode("ascii"))


def _script(line: str) -> str | None:
    """Return the text of an encoded command; None where the line has no such command."""
    words = line.split()
    for option, value in pairwise(words):
        if option.lower() == "-encodedcommand":
            try:
                return b64decode(value).decode("utf-16-le")
            except ValueError:
                return ""
    return None


def _clixml(message: str) -> bytes:
    return (
        '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
        f'<S S="Error">{escape(message)}_x000D__x000A_</S></Objs>'
    ).encode()
