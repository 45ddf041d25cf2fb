"""The operating dossiers by domain as pages of text, which the repository keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from piste.engine.repository import ROOT
from piste.engine.words import in_french
from piste.papers.dossier.blocks import Block, Section, Steps, Table, Text, gaps, with_states
from piste.papers.dossier.operations import TITLES, operations_of, operations_sections
from piste.town.model.derived import Derived

DOCS = ROOT / "docs/exploitation"


class Page(NamedTuple):
    """A dossier as text; `missing` counts what the declaration lacks."""

    path: Path
    text: str
    missing: int


def pages(town: Derived) -> Iterator[Page]:
    """Give the page of each dossier."""
    for name, title in TITLES.items():
        sections = [*operations_sections(operations_of(name, town))]
        counted = gaps(sections)
        owed = f"{len(counted.missing)} à renseigner sur {counted.mandatory}, {len(counted.to_confirm)} à confirmer"
        head = [
            f"# {title}", "",
            f"*Page écrite par `make docs` d’après la déclaration et [exploitation.yml](../exploitation.yml) : "
            f"{owed}. Le PDF/A : `piste dossier commune`.*",
        ]  # fmt: skip
        text = "\n".join([*head, *(line for section in sections for line in _section(section))]) + "\n"
        yield Page(DOCS / f"{name}.md", text, len(counted.missing))


def _section(section: Section) -> Iterator[str]:
    yield from ("", f"## {section.title}")
    for block in section.blocks:
        yield from ("", *_block(block))


def _block(block: Block) -> Iterator[str]:
    match block:
        case Text():
            yield block.text
        case Steps():
            yield from (f"{rank}. {item}" for rank, item in enumerate(block.items, 1))
        case Table():
            block = with_states(block)
            yield from (f"{block.caption} :", "", _line([column.label for column in block.columns]))
            yield _line(["---"] * len(block.columns))
            if not block.rows:
                yield _line(["*à renseigner*", *[""] * (len(block.columns) - 1)])
            for row in block.rows:
                shown = [f"*{cell.text}*" if cell.mark else _escaped(cell.text) for cell in row.cells]
                yield _line(
                    f"`{text}`" if column.code and text.startswith("piste ") else text
                    for column, text in zip(block.columns, shown, strict=True)
                )
        case _:
            raise TypeError(block)


def _escaped(text: str) -> str:
    return in_french(text).replace("|", r"\|").replace("<", "&lt;")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
