"""Pages of the portal before they take a form, and what each audience sees of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from piste.dossier.blocks import Block, Cell, Facts, Row, Section, Table

Audience = Literal["public", "town", "engineer"]
AUDIENCES: Sequence[Audience] = ("public", "town", "engineer")
"""From the narrowest edition to the widest; each sees what those before it see."""
EDITIONS: Mapping[Audience, str] = {
    "public": "pour tous",
    "town": "pour la Ville",
    "engineer": "pour les exploitants",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A section and the narrowest edition that has it; an explicit word widens its audience."""

    section: Section
    audience: Audience = "engineer"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its path below the folder of the portal, its title, its parts.

    `menu` is its name in the menu, empty where the menu does not have it; `lead` is its first line.
    """

    path: str
    title: str
    parts: Sequence[Part]
    menu: str = ""
    lead: str = ""

    @property
    def depth(self) -> int:
        return self.path.count("/")


def edition(pages: Iterable[Page], audience: Audience) -> list[Page]:
    """Keep what an audience sees: its parts, the pages that have some, the links to them."""
    rank = AUDIENCES.index(audience)
    kept = [
        replace(page, parts=parts)
        for page in pages
        if (parts := [part for part in page.parts if AUDIENCES.index(part.audience) <= rank])
    ]
    paths = {page.path for page in kept}
    return [replace(page, parts=[_linked(part, paths) for part in page.parts]) for page in kept]


def _linked(part: Part, paths: Iterable[str]) -> Part:
    blocks = [_without_dead(block, set(paths)) for block in part.section.blocks]
    return replace(part, section=replace(part.section, blocks=blocks))


def _without_dead(block: Block, paths: set[str]) -> Block:
    """Take out the links to pages that the edition does not have."""

    def alive(cell: Cell) -> Cell:
        target = (cell.link or "").partition("#")[0]
        return replace(cell, link=None) if is_page(target) and target not in paths else cell

    if isinstance(block, Table):
        return replace(block, rows=[replace(row, cells=[alive(cell) for cell in row.cells]) for row in block.rows])
    if isinstance(block, Facts):
        return replace(block, facts=[replace(fact, cell=alive(fact.cell)) for fact in block.facts])
    return block


def is_page(target: str) -> bool:
    """Check that a link leads to a page of the portal."""
    return target.endswith(".html") and "://" not in target


def cells(section: Section) -> Iterator[Cell]:
    """List every cell of a section."""
    for block in section.blocks:
        if isinstance(block, Table):
            rows: Sequence[Row] = block.rows
            yield from (cell for row in rows for cell in row.cells)
        elif isinstance(block, Facts):
            yield from (fact.cell for fact in block.facts)
