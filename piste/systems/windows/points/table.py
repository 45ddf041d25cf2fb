"""The table of points and searches: its forms, and its loader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import StringConstraints, TypeAdapter, model_validator

from piste.systems.windows.points.conditions import check
from piste.town.model.forms import Form, Record

FOLDER = Path(__file__).parent
_SEARCHES = "searches"
AGENCY = "vuln_"
"""Beginning of the ids of the agency."""
BEST = 5
"""The level of a directory that passes every point."""
Attribute = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]


class Search(Record):
    """A search.

    `{domain}`, `{configuration}`, `{forest}` in its places are those of the directory. What it adds `joins` the objects
    of another search. `descriptor` asks for rights too, or for the owner.
    """

    places: tuple[str, ...]
    scope: Literal["base", "one", "subtree"] = "subtree"
    filter: str = "(objectClass=*)"
    attributes: tuple[Attribute, ...] = ()
    descriptor: bool | Literal["owner"] = False
    joins: str = ""


class Entry(Form):
    """A point: its condition by level, its meaning and its cure, what it cannot see.

    Objects `of` a search that are `among` a condition are judged; those that meet that of a level are at fault. The
    point is wrong from the first, or beyond a `share` in percent, or a count (`most`). Nothing to judge is unknown,
    unless `optional`. Names of `persons` are not kept. What is `partial` may fail the point, never pass it. `unread`
    says what reading it would take.
    """

    says: str
    levels: Mapping[int, Mapping[str, Any]] | tuple[int, ...]
    of: str = ""
    among: Mapping[str, Any] = {}
    needs: str = ""
    share: int = 0
    most: int = 0
    optional: bool = False
    persons: bool = False
    partial: bool = False
    means: str = ""
    cure: str = ""
    blind: str = ""
    unread: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.unread:
            return self
        if not (self.of and self.means and self.cure and isinstance(self.levels, Mapping)):
            raise ValueError("of, means, cure, and a condition by level")
        if self.partial and not self.blind:
            raise ValueError("blind: what is partial says what it cannot see")
        for condition in (self.among, *self.levels.values()):
            check(condition)
        return self


class Point:
    """A point at a level: an entry, with its condition; `id` is the agency's (`vuln_krbtgt-l2`)."""

    def __init__(self, name: str, level: int, entry: Entry) -> None:
        self.name, self.level, self.entry = name, level, entry
        self.id = f"{name}-l{level}" if level else name
        self.fault: Mapping[str, Any] = entry.levels[level] if isinstance(entry.levels, Mapping) else {}

    @property
    def of_agency(self) -> bool:
        return self.name.startswith(AGENCY)


@cache
def searches() -> Mapping[str, Search]:
    """Give the searches, by name. Raises ValueError for a file that has not the form."""
    return {name: TypeAdapter(Search).validate_python(search, strict=False) for name, search in _read(_SEARCHES)}


@cache
def points() -> Mapping[str, Point]:
    """Give every point, by id, those of the agency that are not read too. Raises ValueError."""
    files = sorted(path.stem for path in FOLDER.glob("*.yml") if path.stem != _SEARCHES)
    form = TypeAdapter(Entry)
    entries = {name: form.validate_python(entry, strict=False) for file in files for name, entry in _read(file)}
    if (
        astray := {place for entry in entries.values() for place in (entry.of, entry.needs) if place}
        - searches().keys()
    ):
        raise ValueError(f"searches: no {', '.join(sorted(astray))}")
    made = [Point(name, level, entry) for name, entry in entries.items() for level in entry.levels]
    return {point.id: point for point in sorted(made, key=lambda point: (point.level or BEST, point.id))}


@cache
def readable() -> Mapping[str, Point]:
    """Give the points that a reading judges, by id."""
    return {id_: point for id_, point in points().items() if not point.entry.unread}


def attributes() -> set[str]:
    """Name every attribute that a reading may ask for, those of filters too."""
    inside = re.compile(r"\(([\w-]+)(?::[\d.]+:)?=")
    return {name for search in searches().values() for name in (*search.attributes, *inside.findall(search.filter))}


def _read(file: str) -> Iterator[tuple[str, Any]]:
    import yaml

    content = yaml.load((FOLDER / f"{file}.yml").read_text("utf-8"), yaml.CSafeLoader)
    yield from content.items()
