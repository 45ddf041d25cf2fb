"""The form of a paper of the transfer: as declared in `papers.yml`, and as it is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from piste.engine.clock import DAY, in_town
from piste.town.model.forms import Form, Record

type Line = tuple[str | None, ...]
"""The cells of a row; None is what the declaration lacks, an empty cell is written by hand."""


class Check(Form):
    """A thing to ascertain before signing, and the command or place that shows it."""

    what: str
    how: str


class Declared(Form):
    """A paper of the transfer, by the name of the act that it proves."""

    title: str
    place: str
    step: str
    says: str
    lot: str | None = None
    systems: Sequence[str] = ()
    classes: Sequence[str] = ()
    domains: Sequence[str] = ()
    lists: Annotated[Sequence[str], Field(min_length=1)]
    checks: Annotated[Sequence[Check], Field(min_length=1)]


class PaperList(Record):
    """A list of a paper: `heads` and `widths` of its columns, its rows, `empty` for no row."""

    key: str
    caption: str
    heads: list[str]
    widths: list[float]
    rows: list[Line]
    empty: str = "Néant."


class Paper(Record):
    """A paper as it is sealed; `made` is its moment (ISO 8601)."""

    format: int = 1
    environment: str
    town: str
    name: str
    title: str
    place: str
    says: str
    lot: str | None
    made: str
    lists: list[PaperList]
    checks: list[Check]
    hash: str = ""

    @property
    def day(self) -> str:
        return self.made[:10]

    @property
    def number(self) -> str:
        return f"PV-{self.name.upper()}-{self.day.replace('-', '')}"

    @property
    def lacking(self) -> int:
        """Count what the declaration lacks."""
        return sum(cell is None for listed in self.lists for row in listed.rows for cell in row)

    @property
    def said(self) -> str:
        return f"{self.title}, du {in_town(self.made, DAY)}"


@cache
def papers() -> Mapping[str, Declared]:
    """Give the papers of the transfer by name, in their order."""
    import yaml

    content = yaml.load(Path(__file__).with_name("papers.yml").read_text("utf-8"), yaml.CSafeLoader)
    return TypeAdapter(dict[str, Declared]).validate_python(content["papers"])


@cache
def copies() -> Sequence[Line]:
    """Give where a leaver has copies, how they are erased and how that is checked."""
    import yaml

    content = yaml.load(Path(__file__).with_name("copies.yml").read_text("utf-8"), yaml.CSafeLoader)
    return [(each["where"], each["how"], each["check"]) for each in content["copies"]]
