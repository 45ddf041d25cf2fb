"""Every document prints, whatever the characters of a declared name; its data keep them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from lxml import html

from piste.papers.dossier.blocks import Cell, Drawing, Fact, Facts, Row, Section, Signatures, Steps, Table, Text
from piste.papers.dossier.document import KINDS, Document
from piste.papers.dossier.forms import as_page, as_pdf, typeset
from piste.papers.dossier.glyphs import DRAWN, drawn, in_fonts
from piste.papers.dossier.identity import Identity
from piste.papers.dossier.labels import SHEETS, Label, as_labels
from piste.town.model.documents import Approver, Documents
from tests.support.dossier import ORIGIN, commune, document, party, subject

HOSTILE = (
    "中文 مدرسة 😀👨\u200d👩\u200d👧 \0\x07\x1b[31m\x7f\x85 \u202egnp.exe\u2069 \ufeff\ue000\u0378\ufdd0 "
    "Z\u0351\u036b\u0353a\u0334l \ud800 \U000e0041 ₥ <b>#panic()$*_`"
)
SHOWN = "[U+4E2D][U+6587] مدرسة [U+1F600][U+1F468]"
"""The beginning of it, as the PDF names what its fonts lack."""
HIDDEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ue000]")
SOURCE = """#set document(title: "t")
#set text(lang: "fr", font: "Libertinus Serif")
#let d = json("d.json")
#title()
= t
#d #strong(d) #emph(d) #strong(emph(d)) #text(font: "DejaVu Sans Mono", d + strong(d))
"""


def hostile(value: Any) -> Any:
    """Put hostile characters into each text of free form; identifiers and codes stay."""
    if isinstance(value, dict):
        return {key: hostile(item) for key, item in value.items()}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    free = isinstance(value, str) and re.search(r"[A-ZÀ-ÿ ]", value) and not re.search(r"^[A-Z]\d|:|\d-|-\d|/\d", value)
    return f"{value} {HOSTILE}" if free else value


def test_every_character_said_to_be_drawn_is_drawn_in_every_style(tmp_path: Path) -> None:
    every = [chr(code) for first, last in DRAWN for code in range(first, last + 1) if drawn(chr(code))]
    assert {"é", "’", "œ", "€", "✓", "✗", "☐", "≤", "→", "م", "\N{NO-BREAK SPACE}", "…"} < set(every)
    (tmp_path / "d.json").write_text(json.dumps("".join(every)), encoding="utf-8")
    (tmp_path / "t.typ").write_text(SOURCE, encoding="utf-8")
    assert typeset(tmp_path / "t.typ", "t", 0).startswith(b"%PDF")


def test_what_is_not_drawn_is_named() -> None:
    assert in_fonts("École 中\n→ a\0e\N{COMBINING ACUTE ACCENT}") == "École [U+4E2D]\n→ a[U+0000]e[U+0301]"
    assert in_fonts("中文", "\N{REPLACEMENT CHARACTER}") == "\N{REPLACEMENT CHARACTER}" * 2


@pytest.mark.parametrize("name", [kind.name for kind in KINDS])
def test_a_site_whose_every_name_is_hostile_has_its_documents(name: str, tmp_path: Path) -> None:
    about = subject(folder=tmp_path)
    names = {key: hostile(text) for key, text in about.names.items()}
    record = about.verification
    assert record is not None
    said = dict.fromkeys(("title", "observed", "domain"), HOSTILE)
    tests = [test.model_copy(update=said) for test in record.tests]
    record = record.model_copy(update={"operator": HOSTILE, "reserves": [HOSTILE], "tests": tests})
    about = replace(about, site=hostile(about.site), town=HOSTILE, names=names, verification=record)
    # The model refuses the rest in what it validates; what systems answer may have it all.
    allowed = HOSTILE.translate(dict.fromkeys(map(ord, filter(HIDDEN.match, HOSTILE))))
    declared = Documents(reference="VLB", author=allowed, approver=Approver(role=allowed, person=allowed))
    made = document(name, about, replace(ORIGIN, identity=Identity(declared)))
    data = json.loads(made.data)
    assert data["identity"]["author"] == allowed
    assert data["site"]["name"].endswith(HOSTILE)
    page = as_page(made)
    page.encode()
    assert not HIDDEN.search(page)
    assert html.fromstring(page).findtext(".//h1").endswith("<b>#panic()$*_`")
    with pikepdf.open(BytesIO(as_pdf(made))) as pdf:
        assert SHOWN in str(pdf.docinfo.Title)
        assert SHOWN in str(pdf.docinfo.Author)
        assert pdf.attachments[f"{name}.json"].get_file().read_bytes() == made.data


def test_each_text_of_each_block_may_be_hostile() -> None:
    every: list[Document] = [document("carte-reseau", commune()), document("plan-interface", party())]
    blocks = [block for made in every for section in made.sections for block in section.blocks]
    blocks += [Text(""), Steps([""]), Steps([""], ordered=False), Signatures([""])]
    made = replace(
        every[0],
        title=HOSTILE,
        kind=HOSTILE,
        headline=Cell(HOSTILE, "good"),
        about=replace(every[0].about, id=HOSTILE, name=HOSTILE, subtitle=HOSTILE, town=HOSTILE),
        sections=[Section("all", HOSTILE, [spoiled(block) for block in blocks])],  # type: ignore[arg-type]
    )
    page = as_page(made)
    page.encode()
    assert not HIDDEN.search(page)
    assert as_pdf(made).startswith(b"%PDF")


def spoiled(block: Any) -> Any:
    cell = Cell(HOSTILE, link=f"mailto:{HOSTILE}")
    if isinstance(block, Table):
        rows = [Row(row.key, [cell for _ in row.cells]) for row in block.rows]
        columns = [replace(column, label=HOSTILE) for column in block.columns]
        return replace(block, caption=HOSTILE, columns=columns, rows=rows, empty=HOSTILE)
    if isinstance(block, Facts):
        return replace(block, caption=HOSTILE, facts=[Fact(fact.key, HOSTILE, cell) for fact in block.facts])
    if isinstance(block, Drawing):
        return replace(block, caption=HOSTILE, alt=HOSTILE)
    if isinstance(block, Text):
        return Text(HOSTILE)
    return Steps([HOSTILE], block.ordered) if isinstance(block, Steps) else Signatures([HOSTILE, HOSTILE])


def test_a_label_prints_too() -> None:
    label = Label("pc-jau-001", HOSTILE, HOSTILE, HOSTILE)
    assert as_labels([label], SHEETS["a4-21"], HOSTILE, 0).startswith(b"%PDF")
