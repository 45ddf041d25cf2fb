"""Versions of the declared applications, as computers have them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.computers import kept, software
from piste.town.model import Town
from tests.support.computers import NOW, measure, moment
from tests.unit.computers.test_updates import NAMES, town

__all__ = ["town"]


def wrote(name: str, *programs: tuple[str, str | None], **changes: Any) -> None:
    listed = [{"name": label, "version": version} for label, version in programs]
    made = measure(name.upper(), **{"software": listed, **changes})
    store.keep(kept.MEASURES, "lab", {name.upper(): Reading(made, NOW)})


@pytest.fixture
def suite(town: Town, tmp_path: Path) -> Town:
    """A town with a suite, declared as 7.6."""
    assert town.commune
    for entry in town.commune["applications"]:
        entry["installed_as"] = None
    town.commune["applications"][0].update(
        label="Suite", installed_as="Suite bureautique", version="7.6", way_back="Paquet 7.5 gardé"
    )
    return town


def states(town: Town) -> list[tuple[str, str]]:
    return [(finding.state, finding.what) for finding in software.findings(town, "lab")]


def test_versions_that_differ_are_counted(suite: Town) -> None:
    assert states(suite) == [], "nothing is said before a first list"
    wrote(NAMES[0], ("Suite bureautique 7", "7.6.1"), ("Autre", "1"))
    assert states(suite) == [("ok", "Suite : 7.6 sur 1 poste")]
    wrote(NAMES[1], ("SUITE BUREAUTIQUE", "7.60"))
    wrote(NAMES[2], ("Suite bureautique", None))
    assert states(suite) == [("wrong", "Suite : 2 postes sans la version 7.6")]
    shown = CliRunner().invoke(main, ["computers", "applications"])
    assert "7.6.1 (1), 7.60 (1), sans version (1)" in shown.output
    assert "Paquet 7.5 gardé" in shown.output
    (row,) = json.loads(CliRunner().invoke(main, ["computers", "applications", "--format", "json"]).output)
    assert (row["behind"], row["unread"], row["version"]) == (2, 0, "7.6")
    assert suite.commune
    which = CliRunner().invoke(main, ["computers", "applications", suite.commune["applications"][0]["id"]]).output
    assert [line.split()[0] for line in which.splitlines()[1:4]] == [NAMES[1], NAMES[2], NAMES[0]], "others come first"
    assert "n’est pas une application à lire" in CliRunner().invoke(main, ["computers", "applications", "autre"]).output


def test_an_old_file_and_a_former_program_say_nothing(suite: Town) -> None:
    wrote(NAMES[0], ("Suite bureautique", "7.5"), taken_at=moment(NOW - timedelta(days=20)))
    wrote(NAMES[1], software=None)
    (entry,) = software.versions(suite, "lab")
    assert (entry.seen, entry.unread) == ({}, 3)
    assert states(suite) == []


def test_a_version_that_nobody_declared_is_unknown(suite: Town) -> None:
    assert suite.commune
    suite.commune["applications"][0]["version"] = None
    wrote(NAMES[0], ("Suite bureautique", "7.5"))
    assert states(suite) == [("unknown", "Suite : aucune version déclarée, 7.5 sur les postes")]
