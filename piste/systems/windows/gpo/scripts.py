"""Scripts of a side at startup, shutdown, logon and logoff, in order.

Source: MS-GPSCR 2.2.2 and 2.2.3. `scripts.ini` lists commands, `psscripts.ini` those of PowerShell (`.ps1`). The script
itself is in a folder of the event's name, unless the command is a path elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo import extensions
from piste.systems.windows.gpo.edits import put_in_place
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side

EVENTS: Final[Mapping[Side, tuple[str, ...]]] = {"computer": ("startup", "shutdown"), "user": ("logon", "logoff")}
_LINE = re.compile(r"\s*([0-9]+)(CmdLine|Parameters)\s*=(.*)", re.IGNORECASE)
_SCRIPT = (
    Field("name", "File name of the script, or a path that the machine can run.", required=True),
    Field("parameters", "Parameters.", default=""),
    Field("content", "Text of the script, put in the policy; absent where C(name) is a path of its own."),
    Field("file", "Instead of C(content), path of the script on the control node.", type="path"),
)


class Scripts:
    """The part `scripts` of one side. Lists are in the order of execution."""

    def __init__(self, side: Side) -> None:
        self.sides: frozenset[Side] = frozenset({side})
        self.events = EVENTS[side]
        self.field = Field(
            "scripts",
            "Scripts, in their order; those in PowerShell and the others run in two lists.",
            type="dict",
            of=tuple(
                Field(f"{event}{suffix}", f"Scripts that run at {event}{doc}.", type="list", of=_SCRIPT)
                for event in self.events
                for suffix, doc in (("", ""), ("_powershell", ", in PowerShell"))
            ),
        )

    def take(self, content: Content, principals: Principals) -> dict[str, list[dict[str, Any]]] | None:
        result: dict[str, list[dict[str, Any]]] = {}
        texts: dict[str, str] = {}
        for name, event, sections in self._lists(content):
            title = _title(sections, event)
            lines = sections.get(title, [])
            if not (scripts := _read(lines)):
                continue
            lines[:] = [line for line in lines if not _LINE.fullmatch(line)]
            if not lines:
                del sections[title]
            for script in scripts:
                path = _path(content, event, script["name"])
                if (text := _text(content.files.get(path))) is not None:
                    script["content"] = texts[path] = text
            result[name] = scripts
        for path in texts:
            del content.files[path]
        return result or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        old, new = before or {}, after or {}
        for name, event, sections in self._lists(content):
            if old.get(name) == new.get(name):
                continue
            title = _title(sections, event)
            lines = sections.setdefault(title, [])
            desired = [
                line
                for number, script in enumerate(new.get(name) or ())
                for line in (f"{number}CmdLine={script['name']}", f"{number}Parameters={script.get('parameters', '')}")
            ]
            put_in_place(lines, lambda line: bool(_LINE.fullmatch(line)), desired)
            if not lines:
                del sections[title]
        kept = self._files(content, new)
        for path in self._files(content, old).keys() - kept.keys():
            content.files.pop(path, None)
        for path, text in kept.items():
            if _text(content.files.get(path)) != text:
                content.files[path] = text.replace("\n", "\r\n").encode(
                    "utf-8-sig" if path.endswith(".ps1") else "utf-8"
                )

    def pairs(self, content: Content) -> frozenset[Pair]:
        listed = any(_read(lines) for _, _, sections in self._lists(content) for lines in sections.values())
        return frozenset({extensions.SCRIPTS[content.side]}) if listed else frozenset()

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        faults = []
        contents: dict[tuple[str, str], str] = {}
        for name, scripts in (value or {}).items():
            for number, script in enumerate(scripts or ()):
                where = f"{path}.{name}[{number}]"
                if "name" not in script:
                    continue  # a fault of the table
                if reason := _misfit(script, powershell=name.endswith("_powershell")):
                    faults.append(Fault(where, reason))
                place = (name.removesuffix("_powershell"), script["name"].casefold())
                if "content" in script and contents.setdefault(place, script["content"]) != script["content"]:
                    faults.append(Fault(where, f"« {script['name']} » a deux contenus différents"))
        return faults

    def _lists(self, content: Content) -> list[tuple[str, str, dict[str, list[str]]]]:
        """Lists of scripts: name in YAML, event, document."""
        documents = (("", content.scripts), ("_powershell", content.powershell_scripts))
        return [(f"{event}{suffix}", event, sections) for event in self.events for suffix, sections in documents]

    def _files(self, content: Content, value: Mapping[str, Any]) -> dict[str, str]:
        return {
            _path(content, name.removesuffix("_powershell"), script["name"]): script["content"]
            for name, scripts in value.items()
            for script in scripts or ()
            if "content" in script
        }


COMPUTER_SCRIPTS: Final = Scripts("computer")
USER_SCRIPTS: Final = Scripts("user")


def with_contents(
    value: Mapping[str, Any], path: str, read: Callable[[str], bytes]
) -> tuple[dict[str, Any], list[Fault]]:
    """Replace each `file` of declared scripts by its text, under `content`; and list the faults.

    `read` gives the bytes of a file. A file that is absent (OSError) or that is no text is a fault.
    """
    result: dict[str, Any] = {}
    faults = []
    for name, scripts in value.items():
        result[name] = []
        for number, script in enumerate(scripts or ()):
            clean = {key: text for key, text in script.items() if key != "file"}
            if "file" in script:
                where = f"{path}.{name}[{number}].file"
                try:
                    text = _text(read(script["file"]))
                except OSError as error:
                    faults.append(Fault(where, f"« {script['file']} » est illisible : {error.strerror or error}"))
                    text = ""
                if text is None:
                    faults.append(Fault(where, f"« {script['file']} » n’est pas un texte"))
                elif "content" in script:
                    faults.append(Fault(where, "content et file ne se donnent pas ensemble"))
                clean["content"] = text or ""
            result[name].append(clean)
    return result, faults


def _title(sections: Mapping[str, list[str]], event: str) -> str:
    return next((title for title in sections if title.casefold() == event), event.capitalize())


def _read(lines: list[str]) -> list[dict[str, Any]]:
    """Scripts of a section, in the order of their numbers."""
    by_number: dict[int, dict[str, str]] = {}
    for line in lines:
        if known := _LINE.fullmatch(line):
            by_number.setdefault(int(known[1]), {})[known[2].casefold()] = known[3].strip()
    return [
        {"name": script["cmdline"], "parameters": script.get("parameters", "")}
        for _, script in sorted(by_number.items())
        if script.get("cmdline")
    ]


def _path(content: Content, event: str, name: str) -> str:
    """Path of a script, in the live spelling."""
    path = f"Scripts/{event.capitalize()}/{name}"
    return next((known for known in content.files if known.casefold() == path.casefold()), path)


def _text(raw: bytes | None) -> str | None:
    """Text of a script, with the line ends of YAML; None for bytes that are no text."""
    if raw is None:
        return None
    try:
        text = raw.decode("utf-16") if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n")


def _misfit(script: Mapping[str, Any], *, powershell: bool) -> str:
    name = script["name"]
    if "content" in script and PurePosixPath(name.replace("\\", "/")).name != name:
        return "un script dont le contenu est donné se nomme sans dossier"
    if name.casefold().endswith(".ps1") != powershell:
        return "un script .ps1 se déclare dans la liste _powershell, et lui seul"
    if not (name + script.get("parameters", "")).isprintable() or not name:
        return "un nom et des paramètres d’une seule ligne sont attendus"
    if "\r" in script.get("content", ""):
        return "le contenu s’écrit avec des fins de ligne simples"
    return ""
