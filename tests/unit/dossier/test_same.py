"""The PDF, the page and the data of each kind of document have the same content.

The text of a PDF is read with pymupdf, which comes with outloud.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pymupdf
import pytest
from lxml import html

from piste.dossier import notation
from piste.dossier.blocks import Drawing, Facts, Row, Signatures, Steps, Table, french
from piste.dossier.document import Document
from piste.dossier.forms import _closing, _summary, as_page, as_pdf
from tests.support.papers import everything

SKIP, PAGE = "\0", "\f"
"""A drawing, whose text is its own; the end of a page."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    return {document.name: document for document in everything(tmp_path_factory.mktemp("everything"))}


def bare(text: str) -> str:
    """A text without what a line that ends may add or take: spaces, hyphens."""
    return re.sub(r"[\s\u00ad‐‑-]+", "", text)


def pieces(document: Document) -> Iterator[str]:
    """Each text of a document in its order, from its blocks."""
    if document.headline:
        yield document.headline.text
    if not document.letter:
        yield from _summary(document)
    closing = () if document.letter else _closing(document)
    for section in [*document.sections, *closing]:
        yield section.title
        for block in section.blocks:
            yield from _texts(block)


def _texts(block: object) -> Iterator[str]:
    if isinstance(block, Table):
        if not block.rows:
            yield f"{block.caption}. {'à renseigner' if block.required else block.empty}"
            return
        yield block.caption
        yield from (column.label for column in block.columns)
        yield from (cell.text for row in block.rows for cell in row.cells)
    elif isinstance(block, Facts):
        yield from (block.caption, "Donnée", "Valeur")
        for fact in block.facts:
            doubt = fact.status == "to_confirm" and not fact.cell.mark
            yield from (fact.label, fact.cell.text, *(["(à confirmer)"] if doubt else []))
    elif isinstance(block, Steps):
        yield from block.items
    elif isinstance(block, Signatures):
        yield from ("Signatures", *block.parties)
        yield from ("Nom et qualité :", "Date :", "Signature :") * len(block.parties)
    elif isinstance(block, Drawing):
        yield from (block.caption, SKIP)
    else:
        yield block.text  # type: ignore[attr-defined]


def heads(document: Document) -> set[str]:
    """The headings of the tables, which each page repeats."""
    tables = [block for section in document.sections for block in section.blocks if isinstance(block, Table)]
    tables += [block for section in _closing(document) for block in section.blocks if isinstance(block, Table)]
    return {bare("".join(column.label for column in table.columns)) for table in tables} | {"DonnéeValeur"}


def of_pdf(document: Document, content: bytes) -> str:
    with pymupdf.open(stream=content) as pdf:
        pages = [bare(page.get_text()) for page in pdf]
    reference = bare(french(f"{document.name} {document.about.id}, "))
    text = []
    for rank, page in enumerate(pages, start=1):
        top = bare(f"SPÉCIMEN LABORATOIRE{document.about.town}{french(document.title)}")
        kept = page.removeprefix(top if len(pages) > 1 else bare("SPÉCIMEN LABORATOIRE"))
        kept = re.sub(re.escape(reference) + rf"[^P]*?Page{rank}/{len(pages)}$", "", kept)
        assert kept != page
        text.append(kept)
    return PAGE.join(text)


def of_page(page: str) -> str:
    (main,) = html.fromstring(page).iter("main")
    for drawing in list(main.iter("svg")):
        drawing.drop_tree()
    return bare(main.text_content())


def follow(text: str, document: Document) -> str | None:
    """Follow the pieces of a document through a text.

    Give the first that is not there, or what is there beside them.
    """
    wanted = [piece if piece == SKIP else bare(french(piece)) for piece in pieces(document)]
    repeated = sorted(heads(document), key=len, reverse=True)
    at, drawn = text.find(wanted[0]), False
    for piece in wanted:
        if piece == SKIP:
            drawn = True
            continue
        end = _end(text, at, piece)
        if end is None and text[at : at + 1] == PAGE:
            # A table that goes on has its headings again.
            again = next((head for head in repeated if text.startswith(head, at + 1)), "")
            end = _end(text, at + 1 + len(again), piece)
        if end is None and drawn and text.find(piece, at) >= 0:
            end = text.find(piece, at) + len(piece)
        if end is None:
            return f"{piece} : {text[at : at + 60]}"
        at, drawn = end, False
    return text[at:] or None


def _end(text: str, at: int, piece: str) -> int | None:
    """Give the end of a piece that begins here, perhaps after the mark of an item.

    It may go on on the next page.
    """
    for begin in (at, re.compile(r"\f?(?:\d+\.|☐)?").match(text, at).end()):  # type: ignore[union-attr]
        if text.startswith(piece, begin):
            return begin + len(piece)
        page = text.find(PAGE, begin, begin + len(piece) + 1)
        if page >= 0 and (text[begin:page] + text[page + 1 :]).startswith(piece):
            return begin + len(piece) + 1
    return None


DATA_ONLY = {
    "identifiers: the document has the names": (
        "applications at by classes core_site id issuers key lever lifecycle link needs owner plan procedure publisher "
        "purchasing_body requirement same_as segment site sites source streams targets test to unknown "
        "carte-reseau:name registre-journaux:name dictionnaire-leviers:name plan-interface:what"
    ),
    "codes: the document says them in words": (
        "conformity days direction earliest environment every fitness hosting kind leads log_class medium method next "
        "outcome parity perimeter profile reason renewal sort state step stp_guard "
        "target type variant verdict note-mesure-postes:status"
    ),
    "figures: the document has them in another unit, as a range or as a sum": (
        "allowed_vlans lease members near_ports port rate_mbps rpo_seconds seconds vlans fiche-site:end "
        "fiche-site:start"
    ),
    "data that a shared shape has beside what this document prints": (
        "acme address alert_days audit back_up certificate clients clients_ca eligibility every_days fields formula "
        "host hours issue issuers key_copy message names organisational pilots purpose reader readers "
        "revoke risks role rotate security senders serial server share silence_hours silent_days size_bytes spread_min "
        "technical tls_port transport assumptions rapport-diagnostic:cctp catalogue-applications:cctp "
        "plan-interface:cctp plan-actions:cctp tableau-de-bord:figure tableau-de-bord:sources "
        "tableau-de-bord:cctp tableau-de-bord:count tableau-de-bord:kwh tableau-de-bord:label "
        "tableau-de-bord:why catalogue-applications:why "
        "rapport-diagnostic:note tableau-de-bord:note pv-impression:note note-mesure-postes:what "
        "note-mesure-postes:name registre-mesure-postes:name"
    ),
}
"""Keys of values that no form shows as they are, by reason; of a document alone where it has a name before it."""
WORDS = (notation.VERDICT, notation.ZONE, notation.MODE, notation.AUTHENTICATION, notation.GATEWAY, notation.DOT1X,
         notation.DAY, notation.ENVIRONMENT, notation.LIFECYCLE, notation.STATUS)  # fmt: skip


def leaves(data: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Each value below some data that a document may show, with its key."""
    if isinstance(data, dict):
        for name, item in data.items():
            yield from leaves(item, name)
    elif isinstance(data, list):
        for item in data:
            yield from leaves(item, key)
    elif data not in (None, "", True, False):
        yield key, data


def written(value: Any) -> Iterator[str]:
    """The ways in which a document writes a value."""
    if not isinstance(value, str):
        yield from (str(value), *(notation.number(value, decimals) for decimals in (0, 1, 2)))
        return
    yield from (value, notation.dated(value), *(words[value] for words in WORDS if value in words))
    for write in (notation.day, notation.moment, notation.month):
        with suppress(ValueError, IndexError):
            yield write(value)


def hidden(document: Document) -> set[str]:
    """The keys of the values of a document that it does not show."""
    text = "|".join([bare(french(piece)) for piece in pieces(document)] + [bare(french(document.title))])
    content = json.loads(document.data)["content"]
    return {key for key, value in leaves(content) if not any(bare(french(words)) in text for words in written(value))}


def test_page_and_pdf_have_each_text_of_each_kind_in_its_order(made: dict[str, Document]) -> None:
    followed = {
        name: (follow(of_pdf(each, as_pdf(each)), each), follow(of_page(as_page(each)), each))
        for name, each in made.items()
    }
    assert {name: faults for name, faults in followed.items() if any(faults)} == {}
    assert len(followed) > 30


def test_each_value_of_the_data_is_shown_or_is_known_as_data_only(made: dict[str, Document]) -> None:
    known = {name for names in DATA_ONLY.values() for name in names.split()}
    used, unknown = set(), set()
    for name, document in made.items():
        for key in hidden(document):
            own = {
                entry
                for entry in known
                if entry == key or (entry.endswith(f":{key}") and name.startswith(entry.split(":")[0]))
            }
            used |= own
            unknown |= set() if own else {f"{name}:{key}"}
    assert (unknown, known - used) == (set(), set())


def less(document: Document, change: Callable[[list[Row]], list[Row]]) -> Document:
    """A document with other rows in its first long table."""
    sections = [replace(section, blocks=[*section.blocks]) for section in document.sections]
    section, rank = next(
        (section, rank) for section in sections for rank, block in enumerate(section.blocks)
        if isinstance(block, Table) and len(block.rows) > 2
    )  # fmt: skip
    blocks = [*section.blocks]
    blocks[rank] = replace(blocks[rank], rows=change([*blocks[rank].rows]))  # type: ignore[type-var, union-attr]
    changed = tuple(replace(each, blocks=blocks) if each.key == section.key else each for each in sections)
    return replace(document, sections=changed)


@pytest.mark.parametrize(
    "change", [lambda rows: rows[:-1], lambda rows: rows[1:], lambda rows: rows[::-1], lambda rows: [*rows, rows[0]]]
)
def test_a_row_that_is_lost_moved_or_added_is_noticed(
    made: dict[str, Document], change: Callable[[list[Row]], list[Row]]
) -> None:
    for name in ("plan-adressage", "pv-impression"):
        other = less(made[name], change)
        assert follow(of_pdf(made[name], as_pdf(other)), made[name])
        assert follow(of_page(as_page(other)), made[name])
        assert follow(of_page(as_page(other)), other) is None


def test_a_value_that_the_document_drops_is_noticed(made: dict[str, Document]) -> None:
    bare_plan = less(made["plan-adressage"], lambda rows: rows[:1])
    assert hidden(bare_plan) - hidden(made["plan-adressage"])
