"""Programs that need not start with the computer: form, derivation, rules (CCTP 4.4.4).

A program is never removed: it waits for somebody to open it. A security agent always starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypedDict

from pydantic import Field, model_validator

from .. import values
from ..forms import Form, Marked
from ..paths import dotted
from .levers import lever_of

if TYPE_CHECKING:
    from ..paths import KeyPath
    from ..variables import TownLevel
    from ..view import View

Place = Literal["run", "folder", "task", "service"]
Text = Annotated[str, Field(min_length=1)]
ProgramName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
_NAMES: dict[Place, tuple[str, str]] = {
    "run": (r'[^\\!"\x00-\x1f]{1,255}', "le nom d’une valeur de la clé Run"),
    "folder": (r'[^\\/:*?"<>|!\x00-\x1f]{1,200}', "le nom d’un fichier du dossier Démarrage"),
    # The path goes into a command line.
    "task": (r"(\\[A-Za-z0-9À-ÿ{}_. #()-]{1,120}){1,8}", "le chemin d’une tâche planifiée (\\Dossier\\Nom)"),
    "service": (r'[^\\/"\x00-\x1f]{1,256}', "le nom court d’un service"),
}


class StartupProgram(Marked):
    """A program that no longer starts by itself.

    `entry` is its name at that place: the value of the key Run, the file of the common start-up folder, the path of the
    task, the short name of the service. `x86`: the key Run of programs of 32 bits. `computers` are the groups of the
    computers concerned; empty: all.
    """

    label: Text
    place: Place
    entry: Text
    x86: bool = False
    computers: list[str] = Field(default_factory=list)
    why: Text

    @model_validator(mode="after")
    def _has_a_name_of_its_place(self) -> Self:
        pattern, what = _NAMES[self.place]
        if not re.fullmatch(pattern, self.entry) or " #" in self.entry:
            raise values.refuse(f"« {self.entry} » n’est pas {what}")
        if self.x86 and self.place != "run":
            raise values.refuse("x86 ne se dit que de la clé Run")
        return self


class Protected(Form):
    """A program that always starts; `entry` may have `*`."""

    entry: Text
    why: Text


class Autostart(Form):
    """Programs that no longer start by themselves, and those that nobody may stop."""

    protected: Annotated[list[Protected], Field(min_length=1)]
    programs: dict[ProgramName, StartupProgram] = Field(default_factory=dict)


class DerivedProgram(TypedDict):
    id: str
    label: str
    place: Place
    entry: str
    x86: bool
    computers: list[str]
    why: str


class Startup(TypedDict):
    """Programs whose start a policy takes away, or gives back."""

    given_back: bool
    programs: list[DerivedProgram]


LASTING: tuple[Place, ...] = ("task", "service")
"""Places whose setting stays on the computer after the policy is gone: the opposite has to be written."""


def derive_programs(town: TownLevel) -> list[DerivedProgram]:
    """List the programs that the town stops, in their order."""
    declared = town.sobriety_autostart
    return [
        DerivedProgram(
            id=name,
            label=program.label,
            place=program.place,
            entry=program.entry,
            x86=program.x86,
            computers=list(program.computers),
            why=program.why,
        )
        for name, program in (declared.programs.items() if declared else ())
    ]


def lasting(town: TownLevel) -> list[DerivedProgram]:
    """List the programs whose former start has to be written back."""
    return [program for program in derive_programs(town) if program["place"] in LASTING]


AUTOSTART = "sobriety_autostart"


def check_autostart(view: View) -> None:
    """M375, M378: no protected program is stopped; each is stopped once, by one policy."""
    town = view.declared.town
    declared = town.variables.sobriety_autostart
    if declared is None:
        return
    seen: dict[tuple[str, bool, str], str] = {}
    for name, program in declared.programs.items():
        where: KeyPath = (AUTOSTART, "programs", name)
        if guard := _guard(declared, program):
            message = f"{name} : « {program.entry} » démarre toujours ({guard.why})"
            view.faults.add("PISTE-M375", dotted(where), town.where((*where, "entry"), where), message)
        first = seen.setdefault((program.place, program.x86, program.entry.casefold()), name)
        if first != name:
            message = f"{name} : « {program.entry} » est déjà dans {first}"
            view.faults.add("PISTE-M378", dotted(where), town.where((*where, "entry"), where), message)
    for message in _not_carried(view, declared):
        view.faults.add("PISTE-M378", AUTOSTART, town.where((AUTOSTART,)), message)


def _guard(declared: Autostart, program: StartupProgram) -> Protected | None:
    """Find the line that protects a program, by its name or by the last part of its path."""
    names = {program.entry.casefold(), program.entry.casefold().rpartition("\\")[2]}
    return next(
        (line for line in declared.protected if any(fnmatchcase(name, line.entry.casefold()) for name in names)), None
    )


def _not_carried(view: View, declared: Autostart) -> Iterator[str]:
    variables = view.declared.town.variables
    if not declared.programs:
        return
    carriers = [name for name, policy in variables.directory_policies.items() if policy.follows == "autostart"]
    if len(carriers) > 1:
        yield f"plusieurs stratégies suivent le levier : {', '.join(carriers)}"
    elif not carriers:
        yield "aucune stratégie ne suit le levier (follows: autostart) : les programmes démarrent toujours"
    elif lever_of(variables, "autostart") is None:
        yield "aucun levier ne met la liste en marche (drives: autostart)"
