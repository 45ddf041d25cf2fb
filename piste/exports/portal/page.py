"""Pages of the portal before they take a form, and what each audience sees of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from piste.papers.dossier.blocks import NOTHING, TO_CONFIRM, Block, Cell, Facts, Row, Section, Table

FIRST, LEGAL = "index.html", "mentions.html"
"""The paths of the first page, and of the legal notice."""
Audience = Literal["public", "town", "engineer"]
AUDIENCES: Sequence[Audience] = ("public", "town", "engineer")
"""From the narrowest edition to the widest; each sees what those before it see."""
EDITIONS: Mapping[Audience, str] = {
    "public": "pour tous",
    "town": "pour la Ville",
    "engineer": "pour les exploitants",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A title above neighbouring sections; `key` is its anchor."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section and the narrowest edition that has it; an explicit word widens its audience.

    `only`: no wider edition has it, as another part says it there with more. The contents of the page name a `group`
    in the place of its sections.
    """

    section: Section
    audience: Audience = "engineer"
    only: bool = False
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its path below the folder of the portal, its title, its parts.

    `menu` is its name in the menu, empty where the menu does not have it; `lead` is its first line; `above` is the path
    of the page that it is under, empty for the first page.
    """

    path: str
    title: str
    parts: Sequence[Part]
    menu: str = ""
    lead: str = ""
    above: str = FIRST

    @property
    def depth(self) -> int:
        return self.path.count("/")


LONG = 20
"""Rows beyond which a list is behind its caption."""
WITHHELD = "pas encore confirmé"
"""What everybody reads in the place of an unconfirmed value."""


def edition(pages: Iterable[Page], audience: Audience, files: Iterable[str] = ()) -> list[Page]:
    """Keep what an audience sees: its parts, their pages, the links to them and to its `files`.

    An unconfirmed value is not in the edition for all; a wider edition says what it is.
    """
    kept = [
        replace(page, parts=parts)
        for page in pages
        if (parts := [part for part in page.parts if _seen(part, audience)])
    ]
    targets = {*files, *(page.path for page in kept)}
    targets |= {f"{page.path}#{anchor}" for page in kept for anchor in _anchors(page)}
    return [replace(page, parts=[_prepared(part, audience, targets) for part in page.parts]) for page in kept]


def _seen(part: Part, audience: Audience) -> bool:
    narrowest, own = AUDIENCES.index(part.audience), AUDIENCES.index(audience)
    return narrowest == own if part.only else narrowest <= own


def _anchors(page: Page) -> Iterator[str]:
    for part in page.parts:
        yield part.section.key
        if part.group:
            yield part.group.key


def _prepared(part: Part, audience: Audience, targets: set[str]) -> Part:
    doubted = _withheld if audience == "public" else _marked
    blocks = [_without_dead(doubted(block), targets) for block in part.section.blocks]
    return replace(part, section=replace(part.section, blocks=blocks))


def _marked(block: Block) -> Block:
    """Mark the unconfirmed cells of a table; facts mark their own."""
    if not isinstance(block, Table):
        return block

    def cell(of: Cell) -> Cell:
        return replace(of, text=f"{of.text} (à confirmer)") if of.unconfirmed else of

    return replace(block, rows=[replace(row, cells=[cell(of) for of in row.cells]) for row in block.rows])


def _withheld(block: Block) -> Block:
    """Put words in the place of each unconfirmed value; unconfirmed rows become a single line."""

    def cell(of: Cell) -> Cell:
        return Cell(WITHHELD, "doubt") if of.unconfirmed else of

    if isinstance(block, Facts):
        return replace(block, facts=[
            replace(fact, cell=Cell(WITHHELD, "doubt") if fact.status == TO_CONFIRM else cell(fact.cell), status=None)
            for fact in block.facts
        ])  # fmt: skip
    if isinstance(block, Table):
        block = _confirmed(block)
        rows = [replace(row, cells=[cell(of) for of in row.cells]) for row in block.rows if row.status != TO_CONFIRM]
        if len(rows) < len(block.rows):
            rows.append(Row("unconfirmed", [Cell(WITHHELD, "doubt"), *(Cell(NOTHING) for _ in block.columns[1:])]))
        return replace(block, rows=rows)
    return block


def _confirmed(table: Table) -> Table:
    """Leave out the columns in which nothing is confirmed; the caption names them once."""
    doubted = [
        rank for rank, column in enumerate(zip(*(row.cells for row in table.rows), strict=True))
        if rank and any(cell.unconfirmed for cell in column)
        and all(cell.unconfirmed or cell.mark == "doubt" or cell.text == NOTHING for cell in column)
    ]  # fmt: skip
    if not doubted:
        return table
    kept = [rank for rank in range(len(table.columns)) if rank not in doubted]
    named = ", ".join(table.columns[rank].label.lower() for rank in doubted)
    return replace(
        table, caption=f"{table.caption} ({WITHHELD} : {named})", columns=[table.columns[rank] for rank in kept],
        rows=[replace(row, cells=[row.cells[rank] for rank in kept]) for row in table.rows],
    )  # fmt: skip


def _without_dead(block: Block, targets: set[str]) -> Block:
    """Take out the links to pages, sections and documents that the edition does not have."""

    def alive(cell: Cell) -> Cell:
        return replace(cell, link=None) if is_inside(cell.link or "") and cell.link not in targets else cell

    if isinstance(block, Table):
        return replace(block, rows=[replace(row, cells=[alive(cell) for cell in row.cells]) for row in block.rows])
    if isinstance(block, Facts):
        return replace(block, facts=[replace(fact, cell=alive(fact.cell)) for fact in block.facts])
    return block


def is_inside(target: str) -> bool:
    """Check that a link leads to a page of the portal, or to a document."""
    return target.partition("#")[0].endswith((".html", ".pdf")) and "://" not in target
