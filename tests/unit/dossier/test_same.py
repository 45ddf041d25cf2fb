"""The PDF, the page and the data of each kind of document have the same content.

The text of a PDF is read with a library that is not ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from lxml import html

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Drawing, Facts, Row, Signatures, Steps, Table, french
from piste.papers.dossier.document import Document
from piste.papers.dossier.forms import _closing, _summary, as_page, as_pdf
from tests.support.breadth import breadth
from tests.support.papers import everything
from tests.support.pdf_text import texts

SKIP, PAGE = "\0", "\f"
"""A drawing, whose text is its own; the end of a page."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    return {document.name: document for document in everything(tmp_path_factory.mktemp("everything"))}


def bare(text: str) -> str:
    """A text without what a line that ends may add or take: spaces, hyphens."""
    return re.sub(r"[\s\u00ad\u200b‐‑-]+", "", text)


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
        yield from block.parties
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
    pages = [*map(bare, texts(content))]
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
    captions = {piece for piece, after in pairwise(wanted) if after == SKIP}
    at, drawn, later, before = text.find(wanted[0]), False, "", ""
    for piece in wanted:
        if piece == SKIP:
            drawn = before != later
            continue
        before = piece
        end = _end(text, at, piece)
        if end is None and piece in captions and not drawn and text.find(PAGE + piece, at) >= 0:
            later = piece  # The drawing is at the top of the next page.
            continue
        if end is None and later and (drawn or text.startswith(PAGE + later, at)):
            drawn, later = True, ""
        if end is None and text[at : at + 1] == PAGE:
            # A table that goes on has its headings again.
            again = next((head for head in repeated if text.startswith(head, at + 1)), "")
            end = _end(text, at + 1 + len(again), piece)
        if end is None and drawn and (place := _past(text, at, piece, repeated)) >= 0:
            end = place + len(piece)
        if end is None:
            return f"{piece} : {text[at : at + 60]}"
        at, drawn = end, False
    return text[at:] or None


def _past(text: str, at: int, piece: str, repeated: Sequence[str]) -> int:
    """Find a piece beyond a drawing; a table that goes on there has its headings again."""
    page = text.find(PAGE, at + 1)
    for head in repeated:
        place = text.find(head + piece, at, page if page >= 0 else None)
        if place >= 0:
            return place + len(head)
    return text.find(piece, at)


def _end(text: str, at: int, piece: str) -> int | None:
    """Give the end of a piece that begins here, perhaps after the mark of an item.

    It may go on on the next page.
    """
    for begin in (at, re.compile(r"\f?(?:\d+\.|☐|•)?").match(text, at).end()):  # type: ignore[union-attr]
        if text.startswith(piece, begin):
            return begin + len(piece)
        page = text.find(PAGE, begin, begin + len(piece) + 1)
        if page >= 0 and (text[begin:page] + text[page + 1 :]).startswith(piece):
            return begin + len(piece) + 1
    return None


DATA_ONLY = {
    "identifiers: the document has the names": {
        "fiche-site": "id key segment sort to",
        "plan-baies-ports": "sort",
        "pv-recette": "id",
        "carte-reseau": "core_site link name site to",
        "conditions-wifi": "name",
        "catalogue-applications": "id publisher same_as site",
        "plan-onduleurs": "site",
        "plan-sauvegardes": "family name owner site",
        "certificats": "procedure",
        "registre-journaux": "name owner site sites source streams",
        "plan-interface": "applications purchasing_body",
        "pv-reception": "id",
        "pv-clients-legers": "id",
        "parite-mac": "id",
        "rapport-diagnostic": "by id key lever",
        "dictionnaire-leviers": "id name",
        "plan-actions": "lever",
        "tableau-de-bord": "figure id key lever",
        "kit-impression": "id",
        "pv-impression": "id target targets",
        "pra": "key needs plan set test",
        "pca": "key needs plan",
        "incident-": "incident key title",
        "exercice-ville-perdue": "key",
        "pv-restauration": "id",
    },
    "codes: the document says them in words": {
        "fiche-site": "days kind leads state variant",
        "plan-baies-ports": "leads profile rank stp_guard",
        "procedures-locales": "source",
        "carte-reseau": "lifecycle verdict",
        "catalogue-applications": "environment hosting state",
        "plan-sauvegardes": "kind medium",
        "certificats": "renewal",
        "registre-journaux": "kind log_class transport",
        "registre-mesure-postes": "state",
        "declaration-accessibilite": "conformity",
        "plan-interface": "classes kind what",
        "pv-clients-legers": "fitness state verdict",
        "moins-value": "kind reason",
        "parite-mac": "parity",
        "rapport-diagnostic": "method perimeter",
        "dictionnaire-leviers": "earliest next perimeter state step",
        "plan-actions": "next perimeter step",
        "tableau-de-bord": "direction kind method next perimeter step",
        "kit-impression": "state",
        "pv-impression": "method state step",
        "fiche-impression-communication": "every",
        "exercice-ville-perdue": "outcome",
        "pv-restauration": "method outcome requirement state step",
    },
    "figures: the document has them in another unit, rounded, as a range or as a sum": {
        "fiche-site": "end lease near_ports rate_mbps start vlans",
        "plan-baies-ports": "allowed_vlans members near_ports port rate_mbps vlans",
        "plan-adressage": "lease",
        "carte-reseau": "vlans",
        "plan-actions": "rank",
        "tableau-de-bord": "change count kwh label",
        "note-agents-impression": "observation_days",
        "exercice-ville-perdue": "seconds way_seconds",
        "pv-restauration": "rpo_seconds",
    },
    "names behind a count that the document prints": {
        "rapport-diagnostic": "unknown",
        "tableau-de-bord": "unknown",
    },
    "settings of machines: their readers are programs, and the document says what they do": {
        "registre-journaux": "address certificate clients clients_ca key port senders silence_hours tls_port",
    },
    "what a shared shape has beside what this document is for: another document prints it": {
        "catalogue-applications": "why",
        "plan-sauvegardes": "address source",
        "moins-value": "role",
        "rapport-diagnostic": "cctp max_age_days note",
        "plan-actions": "cctp",
        "tableau-de-bord": "assumptions cctp formula max_age_days note sources why",
        "pv-impression": "eligibility hours message note organisational procedure risks technical",
    },
}
"""The keys of values that no form shows as they are: by reason, then by the beginning of the name of documents."""
WORDS = (notation.VERDICT, notation.ZONE, notation.MODE, notation.AUTHENTICATION, notation.GATEWAY, notation.DOT1X,
         notation.DAY, notation.ENVIRONMENT, notation.LIFECYCLE, notation.STATUS)  # fmt: skip


SHORT, WORD = 2, re.compile(r"[\w,.%]+")


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
    """The keys of the values of a document that it does not show.

    A value of one or two characters is anywhere: it must be a word of a cell.
    """
    said = [french(piece) for piece in (*pieces(document), document.title, document.about.subtitle)]
    text, words = "|".join(map(bare, said)), {word for cell in cells(document) for word in WORD.findall(french(cell))}

    def shown(value: str) -> bool:
        return value in words if len(value) <= SHORT else bare(french(value)) in text

    content = json.loads(document.data)["content"]
    return {key for key, value in leaves(content) if not any(map(shown, written(value)))}


def cells(document: Document) -> Iterator[str]:
    """The texts of the cells of a document."""
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield from (cell.text for row in block.rows for cell in row.cells)
            elif isinstance(block, Facts):
                yield from (fact.cell.text for fact in block.facts)


def test_page_and_pdf_have_each_text_of_each_kind_in_its_order(made: dict[str, Document]) -> None:
    followed = {
        name: (follow(of_pdf(each, as_pdf(each)), each), follow(of_page(as_page(each)), each))
        for name, each in made.items()
    }
    assert {name: faults for name, faults in followed.items() if any(faults)} == {}
    assert len(followed) > 30


def test_each_value_of_the_data_is_shown_or_is_known_as_data_only(made: dict[str, Document]) -> None:
    known = {(name, key) for places in DATA_ONLY.values() for name, keys in places.items() for key in keys.split()}
    hid = {(name, key) for name, document in made.items() for key in hidden(document)}
    used = {place for place in known if any(name.startswith(place[0]) and key == place[1] for name, key in hid)}
    unknown = {
        (name, key) for name, key in hid if not any(name.startswith(begin) and key == own for begin, own in known)
    }
    assert (unknown, known - used) == (set(), set())


def test_a_short_value_counts_where_a_cell_says_it(made: dict[str, Document]) -> None:
    plan = made["plan-sauvegardes"]
    assert "max_age_hours" not in hidden(plan)
    without = [
        replace(section, blocks=[block for block in section.blocks if getattr(block, "key", "") != "stores"])
        for section in plan.sections
    ]
    assert "max_age_hours" in hidden(replace(plan, sections=tuple(without)))


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
    "change",
    breadth([lambda rows: rows[:-1], lambda rows: rows[1:], lambda rows: rows[::-1], lambda rows: [*rows, rows[0]]], 2),
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
