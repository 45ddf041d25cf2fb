"""Write the operating dossiers by domain as pages of text, from the declaration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from piste.commands.validate import INVENTORY
from piste.engine.words import in_french
from piste.papers.dossier.blocks import Block, Section, Steps, Table, Text, gaps, with_states
from piste.papers.dossier.operations import TITLES, operations, operations_sections
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.dossier.subject import Commune
from piste.town.model import Town
from piste.town.town import load_town

DOCS = Path(__file__).parent.parent / "docs/exploitation"


def pages(town: Town) -> Iterator[tuple[Path, str]]:
    """Give each page with its text."""
    subject = Commune(town, read_plan())
    for name, title in TITLES.items():
        sections = [*operations_sections(operations(name)(subject), subject)]
        counted = gaps(sections)
        owed = f"{len(counted.missing)} à renseigner sur {counted.mandatory}, {len(counted.to_confirm)} à confirmer"
        head = [
            f"# {title}", "",
            f"*Page écrite par `make docs` d’après la déclaration et [exploitation.yml](../exploitation.yml) : "
            f"{owed}. Le PDF/A : `piste dossier commune`.*",
        ]  # fmt: skip
        yield (
            DOCS / f"{name}.md",
            "\n".join([*head, *(line for section in sections for line in _section(section))]) + "\n",
        )


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


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    for path, text in pages(load_town(INVENTORY)):
        path.write_text(text, "utf-8")
