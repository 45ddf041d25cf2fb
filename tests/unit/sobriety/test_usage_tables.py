"""The week of the town as a drawing and a table, from the list that a reading keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from piste.papers.dossier.blocks import Drawing, Table, Text
from piste.sobriety.activity import use_of
from piste.sobriety.breakdown import Listing
from piste.sobriety.documents.diagnosis import diagnosis, diagnosis_sections
from piste.sobriety.documents.part_tables import list_blocks
from piste.sobriety.documents.usage_tables import activity_drawing, activity_table, usage_blocks
from piste.sobriety.figures_usage import profile_list
from tests.support.sobriety import sobriety
from tests.unit.sobriety.weeks import at, curve, week


def profile() -> Listing:
    """Return two sites: four clients on Tuesday at 10, and six; the second lacks Monday at 3."""
    first = week(points={"a": curve(0.0, at([1], 10, 11), 4.0)})
    second = week(points={"b": curve(0.0, at([1], 10, 11), 6.0)}, site="ccas")
    second["sites"]["ccas"]["points"]["b"][3] = None
    third = week(points={"c": curve(None)}, site="mediatheque")
    uses = {"ecole-jaures": use_of([first], "ecole-jaures", ["a"]), "ccas": use_of([second], "ccas", ["b"])}
    return profile_list({**uses, "mediatheque": use_of([third], "mediatheque", ["c"])})


def test_the_drawing_says_its_peak_in_words_and_draws_each_hour() -> None:
    drawing = activity_drawing(profile())
    assert "La pointe est le mardi de 10 h à 11 h, avec 10 clients" in drawing.alt
    assert "Somme des moyennes de 2 sites" in drawing.alt
    root = ElementTree.fromstring(drawing.svg)
    squares = root.findall(".//{http://www.w3.org/2000/svg}rect")
    # A square an hour, and that of the pattern.
    assert len(squares) == 7 * 24 + 1
    texts = [text.text for text in root.findall(".//{http://www.w3.org/2000/svg}text")]
    assert texts.count("10") == 2
    assert {"lundi", "dimanche"} <= {*texts}


def test_the_table_has_the_values_of_the_drawing() -> None:
    table = activity_table(profile())
    assert [row.cells[2].text for row in table.rows[9:12]] == ["0", "10", "0"]
    assert table.columns[2].label == "Mardi"
    # An hour that a site lacks is that of the other.
    assert table.rows[3].cells[1].text == "0"


def test_an_hour_that_nobody_measured_is_hatched_and_unknown() -> None:
    listing = profile()
    rows = [(*row[:2], None, *row[3:]) for row in listing.rows]
    silent = replace(listing, rows=rows)
    assert activity_table(silent).rows[0].cells[1].text == "inconnu"
    drawing = activity_drawing(silent)
    assert "7 heures n’ont été mesurées nulle part" in drawing.alt
    assert drawing.svg.count("url(#usage-hatch)") == 7


def blocks(*lists: Listing) -> list[Any]:
    subject = sobriety()
    subject = replace(subject, reading=replace(subject.reading, lists=lists))
    sections = diagnosis_sections(diagnosis(subject), subject)
    return list(next(section for section in sections if section.key == "reseau").blocks)


def test_the_diagnosis_draws_the_week_among_the_network() -> None:
    kinds = [type(block) for block in blocks(profile())]
    assert Drawing in kinds
    words = [block.text for block in blocks() if isinstance(block, Text)]
    assert any("n’a pas encore été relevé" in text for text in words)


def test_the_profile_is_no_list_to_act_on() -> None:
    subject = sobriety()
    shown = list(list_blocks(subject.town, [profile()]))
    assert not [block for block in shown if isinstance(block, Table)]
    assert len(list(usage_blocks(replace(subject.reading, lists=[profile()])))) == 2
