"""The shape of a table of a bag: stable English columns, their meaning in French, rows.

What they are, but for the rows, is in `templates/tables.yml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from piste.exports.bag.contents import Contents

if TYPE_CHECKING:
    from piste.town.model import Town

Row = Mapping[str, Any]
_FILE = Path(__file__).parent / "templates" / "tables.yml"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    doc: str
    type: str = "string"
    """Its JSON Schema type; an empty cell is an absent value."""


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file."""

    name: str
    rows: Callable[[Contents, Town], Iterable[Row]]

    @property
    def doc(self) -> str:
        doc: str = _described()[self.name]["doc"]
        return doc

    @property
    def of(self) -> tuple[str, ...]:
        """The domains that it needs to be whole; none: the declaration alone."""
        return tuple(_described()[self.name].get("of", ()))

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(_described()[self.name]["columns"])


@cache
def _described() -> Mapping[str, Mapping[str, Any]]:
    written = yaml.load(_FILE.read_text("utf-8"), yaml.CSafeLoader)
    everywhere = written["everywhere"]
    return {
        name: {**table, "columns": [_column(key, text, everywhere) for key, text in table["columns"].items()]}
        for name, table in written["tables"].items()
    }


def _column(name: str, written: str | list[str] | None, everywhere: Mapping[str, str]) -> Column:
    if isinstance(written, list):
        type_, doc = written
        return Column(name, doc, type_)
    return Column(name, written or everywhere[name])
