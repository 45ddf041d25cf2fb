"""The table of subjects: each line is whole, and nothing new is kept beside it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from piste.cli import main
from piste.engine.repository import ROOT
from piste.readings.subject import Subject, named
from piste.readings.table import READERS, SUBJECTS, Reader
from tests.unit.repository.tree import tracked

OF_THEIR_OWN: set[str] = set()
"""Folders of readings and proofs that have files of their own still: the set only shrinks."""
SEALED = {"CONFIGURATIONS", "PROBES", "RESTORES", "VERIFICATIONS"}
"""Folders of the files of subjects whose line says it."""
WITHOUT_JUDGE = {"tickets", "measures", "configurations", "energy", "usage", "versions", "desk"}
"""Judged with certificates, with computers; judged by their copies; what the figures of sobriety are made of."""
OTHERS = {"DERIVED", "JOURNAL", "LAB", "LOCK", "LOG_SEALS", "PENDING", "PLANS", "RUN", "STATE", "TWINS"}
"""Folders that keep no reading; `PENDING` has notes of what is being written, until it is read again."""


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda subject: subject.name)
def test_a_line_has_a_form_a_command_and_the_files_of_before(subject: Subject) -> None:
    if subject.kept == "last":
        assert subject.form
        with pytest.raises(ValueError, match="validation error"):
            subject.parsed(b"[1]")
    else:
        assert not subject.form
    assert not subject.judge or len(subject.label) <= 14, "a column of piste status"
    assert bool(subject.kept_in) == (subject.kept == "sealed")
    shown = (subject.judge, subject.figures, subject.stands, subject.imported)
    places = (*shown, subject.former, subject.joined, subject.kept_in)
    assert all(callable(named(place)) for place in places if place)
    assert subject.formers("nowhere") == {}
    verb: click.Command = main
    assert subject.judge or subject.name in WITHOUT_JUDGE
    words = subject.again.split()[1:]
    if words[0] == "read":
        readers = [reader.name for reader in READERS.values() if subject.name in reader.subjects]
        given = [subject.name, "--from", "FICHIER"] if subject.imported else []
        # What judges the declaration may take the readings of others.
        given = [name for name in READERS if name == words[1]] if subject.kept == "declared" else given
        assert words[1:] == (readers or given), f"the Reader of {subject.name} in piste/readings/table.py"
        return
    for word in words:
        assert isinstance(verb, click.Group)
        below = verb.get_command(click.Context(verb), word)
        assert below
        verb = below


@pytest.mark.parametrize("reader", READERS.values(), ids=lambda reader: reader.name)
def test_a_reader_has_a_playbook_and_keeps_its_subjects(reader: Reader) -> None:
    assert all(callable(named(place)) for place in (reader.take, reader.extra, reader.own) if place)
    assert reader.asks
    assert not reader.playbook or (ROOT / reader.playbook).is_file(), f"write {reader.playbook}"
    written = Path(reader.file).name in "".join(path.read_text("utf-8") for path in tracked("playbooks/*.yml"))
    assert written, f"a task of {reader.playbook} writes {{{{ folder }}}}/{reader.file}"
    assert {*reader.subjects} <= SUBJECTS.keys(), "a Subject in piste/readings/table.py"
    assert all(SUBJECTS[name].dated for name in reader.subjects)


def test_a_subject_of_the_store_has_a_reader() -> None:
    read = [name for reader in READERS.values() for name in reader.subjects]
    assert len(read) == len(set(read))
    assert {name for name, subject in SUBJECTS.items() if subject.kept == "last" and not subject.imported} <= {*read}


@pytest.mark.parametrize("reader", READERS.values(), ids=lambda reader: reader.name)
def test_what_is_read_is_believed_until_it_is_read_again(reader: Reader) -> None:
    ages = {name: SUBJECTS[name].age for name in reader.subjects}
    assert {name: age for name, age in ages.items() if age is not None and age <= reader.hours} == {}


def test_every_package_of_readings_is_in_the_table() -> None:
    packages = {path.relative_to(ROOT).parts[2] for path in tracked("piste/readings/*/*.py")}
    places = {place for line in (*SUBJECTS.values(), *READERS.values()) for place in map(str, vars(line).values())}
    named = {place.split(".")[2] for place in places if place.startswith("piste.readings.")}
    assert packages - named == set(), "a Subject and a Reader in piste/readings/table.py"


def test_what_is_named_needs_a_derivation_alone() -> None:
    """No type checker follows a name, and what the table calls is given no whole town."""
    lines = (*SUBJECTS.values(), *READERS.values())
    places = [place for line in lines for place in vars(line).values() if ":" in str(place)]
    given = {place: getattr(named(place), "__annotations__", {}).get("town", "Derived") for place in places}
    assert {place: form for place, form in given.items() if form != "Derived"} == {}
    lie = re.compile(r"cast\(.?(Town|Derived)\b")
    assert [path for path in tracked("piste/*.py") if lie.search(path.read_text("utf-8"))] == []


def test_no_subject_is_kept_beside_the_table() -> None:
    text = "\n".join(path.read_text("utf-8") for path in tracked("piste/*.py"))
    assert set(re.findall(r"PISTE_([A-Z_]+)_DIR", text)) == OF_THEIR_OWN | SEALED | OTHERS
