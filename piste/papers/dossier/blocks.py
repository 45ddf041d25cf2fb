"""Blocks that documents are made of, and the values that they still lack.

The PDF and the page know only these blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from piste.engine.words import in_french
from piste.papers.dossier.notation import STATUS
from piste.papers.drawings.canvas import Canvas, size_of
from piste.papers.drawings.text import clean

MISSING, NOTHING, LINES = "à renseigner", "—", "\n\t"
TO_CONFIRM = "to_confirm"
"""The status of an example, which nobody confirmed."""
type Mark = Literal["missing", "to_confirm", "good", "bad", "doubt"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it prints, with the `link` under it.

    `required`: the document must have the value; the mark `missing`: it has none. `unconfirmed`: it rests on an
    example; the portal alone says so in a table.
    """

    text: str
    mark: Mark | None = None
    required: bool = False
    link: str | None = None
    unconfirmed: bool = False


def required(value: object) -> Cell:
    """Make the cell of a value that the document must have; its absence is visible."""
    return Cell(str(value), required=True) if value not in (None, "") else Cell(MISSING, "missing", True)


def address(mail: str | None) -> Cell:
    """Make the cell of a mail address that the document must have, with its link."""
    return replace(required(mail), link=f"mailto:{mail}" if mail else None)


def optional(value: object) -> Cell:
    """Make the cell of a value that may be absent."""
    return Cell(str(value) if value not in (None, "") else NOTHING)


@dataclass(frozen=True, slots=True)
class Fact:
    key: str
    label: str
    cell: Cell
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values; the label is the header of its row.

    `tiles`: on a screen, each is a tile, its value in large.
    """

    caption: str
    facts: Sequence[Fact]
    tiles: bool = False
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading: `weight` is its share of the width, 0 for that of its text.

    `code` prints the column in a fixed font, for figures that must not be misread; `typed` in a size that a reader
    types from paper.
    """

    key: str
    label: str
    weight: float = 0
    code: bool = False
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`key` names the subject of the row; `status` is that of the whole row."""

    key: str
    cells: Sequence[Cell]
    status: str | None = None


def _cell(value: object) -> Cell:
    return value if isinstance(value, Cell) else required(value)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; the first cell names the row.

    Without rows, the table prints `empty`; a `required` table is then missing. `folded`: on a screen, its rows are
    behind its caption.
    """

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str = "Néant."
    required: bool = False
    folded: bool = False
    kind: str = field(default="table", init=False)

    @classmethod
    def of[T](
        cls,
        key: str,
        caption: str,
        items: Iterable[T],
        name: Callable[[T], str],
        *columns: tuple[Column, Callable[[T], object]],
        status: Callable[[T], str | None] = lambda _: None,
        empty: str = "Néant.",
        required: bool = False,
    ) -> Table:
        """Make a table with a row an item, from columns that each know their cell of an item.

        `name` keys the row. A value that is not a cell is a value that the document must have.
        """
        rows = [Row(name(item), [_cell(show(item)) for _, show in columns], status(item)) for item in items]
        return cls(key, caption, [column for column, _ in columns], rows, empty, required)


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; with a `mark`, the verdict of a page."""

    text: str
    mark: Mark | None = None
    kind: str = field(default="text", init=False)


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps in order; unordered, boxes to tick or, where nobody ticks, points."""

    items: Sequence[str]
    ordered: bool = True
    ticked: bool = True
    kind: str = field(default="steps", init=False)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing in SVG, and the same in words (`alt`); the table beneath it gives the figures.

    `size` is the width and height at which its text is read.
    """

    key: str
    svg: str
    alt: str
    caption: str
    size: tuple[float, float]
    kind: str = field(default="figure", init=False)

    @classmethod
    def of[T](
        cls, key: str, caption: str, words: str, chart: Callable[[str, str, str, Sequence[T]], str], values: Sequence[T]
    ) -> Drawing:
        """Draw values with a chart of `papers.dossier.charts`; `words` say what the drawing shows."""
        svg = chart(key, caption, words, values)
        return cls(key, svg, f"{caption}. {words.removesuffix('.')}.", caption, size_of(svg))

    @classmethod
    def drawn(cls, key: str, caption: str, words: str, canvas: Canvas) -> Drawing:
        """Take what was drawn on a canvas; `words` say what it shows."""
        said = f"{words.removesuffix('.')}."
        return cls(key, canvas.svg(key, caption, said), f"{caption}. {said}", caption, (canvas.width, canvas.height))


@dataclass(frozen=True, slots=True)
class Signatures:
    """Places to sign, one a party."""

    parties: Sequence[str]
    kind: str = field(default="signatures", init=False)


type Block = Facts | Table | Text | Steps | Drawing | Signatures


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    blocks: Sequence[Block]
    own_page: bool = False
    """It begins a page of the PDF: people fill it by hand."""


@lru_cache(2**14)
def french(text: str) -> str:
    """Write a text as French prints it, with a visible sign for what has none; lines stay."""
    return clean(in_french(text.replace("\r\n", "\n")), LINES)


def printed(section: Section) -> dict[str, Any]:
    """Give the plain data of a section as French prints it; a column of code stays as it is."""
    return {
        "key": section.key,
        "title": french(section.title),
        "own_page": section.own_page,
        "blocks": [_printed(block) for block in section.blocks],
    }


_PROGRAMS = ("key", "kind", "svg", "mark", "status")
"""Fields that no reader sees."""
_SPACE = "[ \u00a0\u202f]"
_NUMBER = re.compile(
    rf"(?:[✓✗?]{_SPACE})?[−-]?(?!0\d)\d+(?:{_SPACE}\d{{3}})*(?:,\d+)?(?:{_SPACE}(?P<unit>%|[^\W\d]\S*))?"
)
_NO_NUMBER = ("", MISSING, NOTHING, "inconnu")


def _printed(block: Block) -> dict[str, Any]:
    plain: dict[str, Any] = _written(asdict(block))
    if isinstance(block, Table):
        for rank, column in enumerate(block.columns):
            if column.code:
                for row, printed in zip(block.rows, plain["rows"], strict=True):
                    printed["cells"][rank]["text"] = clean(row.cells[rank].text, LINES)
            cells = [row["cells"][rank] for row in plain["rows"]]
            compared = rank > 0 and len(cells) > 1 and not column.code and not any(cell["link"] for cell in cells)
            plain["columns"][rank]["number"] = compared and are_numbers(cell["text"] for cell in cells)
    return plain


def are_numbers(texts: Iterable[str]) -> bool:
    """Say whether all texts are numbers of a single unit, which are read to the right."""
    read = [_NUMBER.fullmatch(text) for text in texts if text not in _NO_NUMBER]
    return bool(read) and all(read) and len({match and match["unit"] for match in read}) == 1


def _written(plain: Any, field: str = "") -> Any:
    if isinstance(plain, dict):
        return {name: _written(item, name) for name, item in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_written(item, field) for item in plain]
    if not isinstance(plain, str) or field in _PROGRAMS:
        return plain
    return clean(plain) if field == "link" else french(plain)


class Gap(NamedTuple):
    """An absent or doubtful value: its path for programs; its table, row, column for people."""

    path: str
    where: str
    what: str = ""
    column: str = ""

    @property
    def label(self) -> str:
        return " : ".join(filter(None, (self.where, ", ".join(filter(None, (self.what, self.column))))))


@dataclass(frozen=True, slots=True)
class Gaps:
    """The number of `mandatory` values of a document, and its gaps."""

    mandatory: int
    missing: Sequence[Gap]
    to_confirm: Sequence[Gap]


def gaps(sections: Sequence[Section]) -> Gaps:
    """Count the mandatory values of a document; list the missing and the doubtful."""
    cells = [place for section in sections for place in _cells(section)]
    return Gaps(
        sum(cell.required for _, cell, _ in cells),
        [gap for gap, cell, _ in cells if cell.mark == "missing"],
        list(dict.fromkeys(gap for gap, _, status in cells if status == TO_CONFIRM)),
    )


def _cells(section: Section) -> Iterator[tuple[Gap, Cell, str | None]]:
    for block in section.blocks:
        if isinstance(block, Facts):
            for fact in block.facts:
                yield Gap(f"{section.key}.{fact.key}", section.title, fact.label), fact.cell, fact.status
        elif isinstance(block, Steps):
            for rank, item in enumerate(block.items, 1):
                if MISSING in item:
                    line = Gap(f"{section.key}.steps[{rank}]", section.title, f"ligne {rank}")
                    yield line, Cell(MISSING, "missing", True), None
        elif isinstance(block, Table):
            if block.required and not block.rows:
                yield Gap(f"{section.key}.{block.key}", block.caption), Cell(MISSING, "missing", True), None
            for row in block.rows:
                place = f"{section.key}.{block.key}[{row.key}]"
                name = next((cell.text for cell in row.cells if cell.text != NOTHING), row.key)
                for column, cell in zip(block.columns, row.cells, strict=True):
                    yield Gap(f"{place}.{column.key}", block.caption, name, column.label.lower()), cell, None
                yield Gap(place, block.caption, name), Cell(""), row.status


def with_states(table: Table) -> Table:
    """Add the state of each row as a last column, unless the tender states them all."""
    if not any(row.status for row in table.rows):
        return table
    states: Mapping[str | None, Mark] = {TO_CONFIRM: "to_confirm"}
    rows = [
        Row(row.key, [*row.cells, Cell(STATUS[row.status], states.get(row.status))], row.status) for row in table.rows
    ]
    return replace(table, columns=[*table.columns, Column("status", "État")], rows=rows)
