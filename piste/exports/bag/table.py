"""The shape of a table of a bag: stable English columns, their meaning in French, rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from piste.exports.bag.contents import Contents

if TYPE_CHECKING:
    from piste.town.model import Town

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    doc: str
    type: str = "string"
    """Its JSON Schema type; an empty cell is an absent value."""


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file; `of` are the domains that it needs to be whole (none: the declaration alone)."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    rows: Callable[[Contents, Town], Iterable[Row]]
    of: tuple[str, ...] = ()


SITE = Column("site", "Identifiant du site (nom dans l’inventaire)")
NAME = Column("name", "Nom")
STATUS = Column("status", "« to_confirm » : donnée d’exemple, à confirmer avec la DSI")
"""Columns of most tables."""
