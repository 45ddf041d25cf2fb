"""The documents on the measure of computers: they say all that the form has, and no more."""

from __future__ import annotations

import json

from piste.papers.dossier.blocks import Steps, Text
from piste.papers.dossier.measured import DATA, NEVER
from piste.readings.computers.report import Report
from tests.support.dossier import commune, document, table, texts


def test_every_field_of_the_form_is_in_the_record_and_no_other() -> None:
    named = [field for entry in DATA for field in entry.fields]
    assert sorted(named) == sorted(Report.model_fields)


def test_the_record_says_what_the_declaration_says() -> None:
    made = document("registre-mesure-postes", commune())
    assert len(texts(table(made, "data", "data"))) == len(DATA)
    said = json.loads(made.data)["content"]
    assert (said["measures"]["keep_days"], said["measures"]["readers"]) == (395, ["GG-Sobriete-Lecture"])
    assert [gap.label for gap in made.gaps.missing if "informés" in gap.label] != []


def test_the_note_is_a_letter_that_says_what_is_never_read() -> None:
    made = document("note-mesure-postes", commune())
    assert made.letter
    blocks = [block for section in made.sections for block in section.blocks]
    assert [block.items for block in blocks if isinstance(block, Steps)] == [list(NEVER)]
    words = " ".join(block.text for block in blocks if isinstance(block, Text))
    assert "395 jours" in words.replace("\N{NO-BREAK SPACE}", " ")
    assert [word for word in ("GPO", "SMB", "JSON", "CCTP") if word in words] == []
