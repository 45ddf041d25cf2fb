"""The table of subjects: each line is whole, and nothing new is kept beside it."""

from __future__ import annotations

import re

import click
import pytest

from piste.cli import main
from piste.model.freshness import HOURS
from piste.readings.table import SUBJECTS, Subject, named
from tests.unit.repository.tree import tracked

OF_THEIR_OWN = {"CONFIGURATIONS", "LIVING", "PENDING", "PROBES", "PROTECTION", "RESTORES", "VERIFICATIONS"}
"""Folders of readings and proofs that have files of their own still: the set only shrinks."""
OTHERS = {"DERIVED", "JOURNAL", "LAB", "LOCK", "LOG_SEALS", "PLANS", "RUN", "STATE", "TWINS"}
"""Folders that keep no reading."""


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda subject: subject.name)
def test_a_line_has_a_form_a_command_and_the_files_of_before(subject: Subject) -> None:
    assert isinstance(named(subject.form), type)
    with pytest.raises(ValueError, match="validation error"):
        subject.parsed(b"[1]")
    assert subject.formers("nowhere") == {}
    verb: click.Command = main
    for word in subject.again.split()[1:]:
        assert isinstance(verb, click.Group)
        verb = verb.commands[word]


def test_a_subject_that_grows_old_is_a_subject() -> None:
    assert HOURS.keys() <= SUBJECTS.keys()


def test_no_subject_is_kept_beside_the_table() -> None:
    text = "\n".join(path.read_text("utf-8") for path in tracked("piste/*.py"))
    assert set(re.findall(r"PISTE_([A-Z_]+)_DIR", text)) == OF_THEIR_OWN | OTHERS
