"""The trial of a Windows server, compared with what is documented.

`contrib/windows/essai-serveur.ps1` writes it; it is read as foreign data. It has no value but words of enumerations,
so nothing in it is masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from piste.engine.converge.bounded import Unreadable, content, of_json
from piste.engine.finding import Finding
from piste.engine.words import agreed, some
from piste.exports.capture.verify import Examined
from piste.systems.beliefs import answers as believed
from piste.systems.windows.snippets import documented

_Count = Annotated[int, Field(ge=0, le=10_000_000)]
_Text = Annotated[str, Field(pattern=r"^[A-Za-z0-9.,_:+`\[\] -]{0,200}$")]
_FITTING: Mapping[str, tuple[str, ...]] = {
    "boolean": ("Boolean",),
    "string": ("String", "IPAddress"),
    "String": ("String",),
    "TimeSpan": ("TimeSpan",),
    "list": ("[]", "List", "Collection"),
    **dict.fromkeys(("uint32", "int32", "int64"), ("Byte", "UInt16", "Int16", "UInt32", "Int32", "UInt64", "Int64")),
}
"""Ends of the types of .NET that the snippets take for a documented type; any fits an enumeration."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Property(_Form):
    """A property over all objects: how often it is missing or null, its types, its words."""

    missing: _Count
    empty: _Count
    types: list[_Text] = Field(max_length=50)
    words: list[Annotated[str, Field(pattern=r"^[A-Za-z]{1,40}$")]] = Field(max_length=50)


class Asked(_Form):
    """A command that was run, and the shape of what it gave."""

    command: Annotated[str, Field(pattern=r"^[A-Z][a-z]+-[A-Za-z0-9]{1,60}$")]
    state: Literal["ok", "absent", "error"]
    error: _Text
    objects: _Count
    properties: dict[str, Property]


class Trial(_Form):
    """The whole of a trial."""

    format: Literal["piste-essai-windows-1"]
    at: _Text
    culture: _Text
    powershell: _Text
    windows: _Text
    language: _Text
    asked: list[Asked] = Field(max_length=200)


_TRIAL: TypeAdapter[Trial] = TypeAdapter(Trial)


def read(path: Path) -> Trial:
    """Read a trial, in UTF-8 or as a redirection of PowerShell writes it. Raises `Unreadable`."""
    raw = content(path)
    try:
        text = raw.decode("utf-16" if raw[:2] == b"\xff\xfe" else "utf-8-sig").strip().encode()
        of_json(text)  # its bounds: depth, values, numbers
        return _TRIAL.validate_json(text, strict=True)
    except UnicodeDecodeError:
        raise Unreadable((0, "n’est pas un texte")) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "le tout"
        raise Unreadable((0, f"n’a pas la forme d’un essai de serveur : {where} ({first['type']})")) from None


def findings(trial: Trial) -> Iterator[Finding]:
    """Judge each command whose answer Piste reads."""
    asked = {each.command: each for each in trial.asked}
    redo = "Relancez contrib/windows/essai-serveur.ps1, de cette version de Piste."
    for command, about in documented()["commands"].items():
        if "gives" not in about:
            continue
        id_, seen = f"server.{command.lower()}", asked.get(command)
        if seen is None:
            yield Finding(id_, "unknown", f"{command} n’a pas été essayée", redo)
        elif seen.state == "absent":
            yield Finding(id_, "ok", f"{command} : absente, ce serveur n’a pas ce rôle")
        elif seen.state == "error":
            todo = "Lancez la commande à la main, et lisez son message."
            yield Finding(id_, "unknown", f"{command} : {seen.error or 'erreur'}", todo)
        elif wrong := [*_wrong(seen, documented()["types"][about["gives"]])]:
            todo = "Ce qui lit cette commande est à revoir : envoyez cet essai avec le constat."
            yield Finding(id_, "wrong", f"{command} : {some(wrong)}", todo)
        else:
            yield Finding(id_, "ok", f"{command} : {agreed(seen.objects, 'objet(s)')}, comme documenté")
    if trial.language != "FullLanguage":
        todo = "Donnez à la session le langage entier : les lectures de Piste en ont besoin."
        yield Finding("server.language", "wrong", f"session en langage {trial.language}", todo)


def _wrong(seen: Asked, kind: Mapping[str, Any]) -> Iterator[str]:
    for name, documented_type in kind["has"].items():
        if name.endswith("()") or not seen.objects:
            continue
        about, plain = seen.properties.get(name), documented_type.rstrip("?")
        if about is None or about.missing:
            yield f"« {name} » n’y est pas"
            continue
        if about.empty and plain == "TimeSpan":
            yield f"« {name} » est vide"
        if odd := [type_ for type_ in about.types if not type_.endswith(_FITTING.get(plain, ("",)))]:
            yield f"« {name} » est d’un autre type : {odd[0]}"
        if odd := [word for word in about.words if word not in kind.get("words", {}).get(name, [word])]:
            yield f"« {name} » a un mot inconnu : {odd[0]}"


def examined(path: Path) -> Examined:
    """Examine a trial: its findings, the beliefs about Windows that it shows."""
    try:
        trial = read(path)
    except Unreadable as error:
        redo = "Relancez contrib/windows/essai-serveur.ps1 sur le serveur."
        return Examined([Finding("server.form", "wrong", f"{path.name} : {error}", redo)], None, [], {})
    given = [believed.Answer(f"TRIAL {each.command}", each.model_dump()) for each in trial.asked]
    return Examined([*findings(trial)], None, [], dict(believed.verdicts("windows", given)))
