"""The form of a belief, and its loader: a YAML file a system beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import StringConstraints, TypeAdapter, model_validator

from piste.town.model.forms import Form

FOLDER = Path(__file__).parent
DOCTOR = "doctor "
"""Beginning of a question that a check of `piste doctor` asks; its id follows. Others are a method and a path."""
Mark = Literal["documented", "inferred", "memory"]
Harm = Literal["data_lost", "cut", "false_green", "stop"]
GRAVE: tuple[Harm, ...] = ("data_lost", "cut")
"""Harms for which a write asks first."""
Place = Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+(\.\w+)?$")]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z0-9_]+$")]


class Belief(Form):
    """A belief: its texts are French, `relies` names the code that is wrong if it is false.

    `check` says what settles it: `read`, read-only questions, whose answers `shows` judges, or a check of doctor;
    `capture`, the same on the answers of a capture alone; `pilot`, the first write on a pilot, with its `undo`;
    `person`, what somebody sees. `writes` are the writes that ask for a word while it is not confirmed. A pilot whose
    reading back cannot show it (`blind`) is confirmed by a person. A part of the answers refutes nothing where `shows`
    looks for what is not in them (`whole`).
    """

    prose: ClassVar[frozenset[str]] = frozenset({"belief", "how", "expected", "otherwise", "source", "undo"})
    section: str
    belief: str
    mark: Mark = "inferred"
    source: str = ""
    harm: Harm
    relies: tuple[Place, ...] = ()
    check: Literal["read", "capture", "pilot", "person"] = "person"
    questions: tuple[str, ...] = ()
    shows: Place | None = None
    where: str = ""
    how: str
    expected: str
    otherwise: str = ""
    undo: str = ""
    writes: str = ""
    blind: bool = False
    whole: bool = False

    @property
    def asks(self) -> bool:
        """True where a write that rests on it asks for a word."""
        return bool(self.writes)

    @property
    def everywhere(self) -> bool:
        """True where some places do not do: its harm is more than a stop, and each place is asked."""
        return self.harm != "stop" and any(re.search(r"[{*]|^show ", question) for question in self.questions)

    def stands(self, state: str) -> bool:
        """Tell whether a verdict on some answers stands, whatever the others would show."""
        return state == "refuted" and not self.whole

    @property
    def findings(self) -> tuple[str, ...]:
        """Name the checks of doctor that settle it."""
        return tuple(question.removeprefix(DOCTOR) for question in self.questions if question.startswith(DOCTOR))

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.writes and self.harm not in GRAVE:
            raise ValueError(f"writes: harm is {self.harm}, only {', '.join(GRAVE)} asks")
        if self.check == "read" and not self.questions:
            raise ValueError("questions: a belief that is read has one")
        asked = len(self.questions) - len(self.findings)
        if (self.check == "capture" or asked) and not self.shows:
            raise ValueError("shows: answers have a judge")
        if self.check == "pilot" and not self.undo:
            raise ValueError("undo: a pilot says how it is taken back")
        return self


class Section(Form):
    """A part of a page: its heading, as Markdown, and what comes before its table."""

    prose: ClassVar[frozenset[str]] = frozenset({"text"})
    heading: str
    text: str = ""


class System(Form):
    """A file: the beliefs about a system, by id, in the order of its page."""

    name: str
    page: str
    sections: Mapping[str, Section]
    beliefs: Mapping[Id, Belief]

    @property
    def asked(self) -> bool:
        """True where a question about it goes to the system itself, not to the doctor."""
        return any(len(belief.questions) > len(belief.findings) for belief in self.beliefs.values())

    @model_validator(mode="after")
    def _has_its_sections(self) -> Self:
        if unknown := sorted({belief.section for belief in self.beliefs.values()} - self.sections.keys()):
            raise ValueError(f"sections: no {', '.join(unknown)}")
        return self


@cache
def systems() -> Mapping[str, System]:
    """Read the files, by system. Raises ValueError for a file that has not the form."""
    import yaml

    form = TypeAdapter(System)
    texts = {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yml"))}
    # Lists of YAML are tuples here.
    read = {name: form.validate_python(yaml.load(text, yaml.CSafeLoader), strict=False) for name, text in texts.items()}
    if astray := [id_ for name, system in read.items() for id_ in system.beliefs if not id_.startswith(f"{name}.")]:
        raise ValueError(f"beliefs of another system: {', '.join(astray)}")
    return read


@cache
def beliefs() -> Mapping[str, Belief]:
    """Give every belief, by id."""
    return {id_: belief for system in systems().values() for id_, belief in system.beliefs.items()}
