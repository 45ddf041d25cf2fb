"""Over every line of the table: what is past its age is unknown wherever it is said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.figure import Figure
from piste.engine.finding import Finding
from piste.exports.bag.contents import Contents
from piste.exports.bag.make import of_no_person, take_readings
from piste.exports.portal.known import known
from piste.readings import history, store
from piste.readings.belief import Reading, Unread
from piste.readings.findings import ages_of, figures, findings, summary
from piste.readings.subject import Subject, named
from piste.readings.table import OTHER_FIGURES, SUBJECTS
from piste.town.model import Town
from piste.town.model.dates import now
from piste.town.model.freshness import ages
from tests.support.breadth import breadth
from tests.support.samples import SAMPLES, sample

OLD = [name for name, subject in SUBJECTS.items() if subject.kept == "last" and subject.age and subject.judge]
HOUR = timedelta(hours=1)


def of(subject: Subject, every: Iterable[Finding]) -> list[Finding]:
    """List the findings of the things of a sample, else those of the whole subject."""
    mine = [finding for finding in every if finding.id.partition(".")[0] == subject.name]
    things = {f"{subject.name}.{thing}" for thing in SAMPLES.get(subject.name, dict)()}
    return [finding for finding in mine if finding.id in things] or mine


def keep(subject: Subject, town: Town, late: timedelta) -> set[str]:
    """Keep a sample of a subject, at the end of its age and somewhat later; name its things."""
    values = sample(subject.name, town)
    for thing, kept in values.items():
        limit = store.good_for(subject, thing, ages(town))
        assert limit is not None
        store.keep(subject, "lab", {thing: Reading(kept, now() - limit - late)})
    return {*values}


@pytest.mark.parametrize("name", breadth(OLD, 3))
def test_a_reading_past_its_age_is_unknown_everywhere(name: str, town: Town) -> None:
    subject = SUBJECTS[name]
    keep(subject, town, HOUR)
    every = findings(town, "lab")
    assert {finding.state for finding in of(subject, every)} == {"unknown"}
    assert [finding.state for finding in of(subject, summary(town, "lab", every))] == ["unknown"]
    assert any("trop ancien" in finding.what for finding in of(subject, every)), "the verb says why"
    assert [finding.state for finding in ages_of(town, "lab") if finding.id == f"readings.{name}"] == ["unknown"]
    portal = known(town, "lab", now().isoformat(), "", clean=True)
    assert {finding.state for finding in of(subject, portal.findings)} == {"unknown"}
    listed = json.loads(CliRunner().invoke(main, ["findings", "--format", "json"]).output)["findings"]
    assert {finding.state for finding in of(subject, map(Finding.from_json, listed))} == {"unknown"}


@pytest.mark.parametrize("name", breadth(OLD, 3))
def test_a_reading_within_its_age_says_something(name: str, town: Town) -> None:
    """The other half: the former test would pass on a judge that never says anything."""
    subject = SUBJECTS[name]
    keep(subject, town, -HOUR)
    assert not any("trop ancien" in finding.what for finding in of(subject, findings(town, "lab")))
    assert [finding.state for finding in ages_of(town, "lab") if finding.id == f"readings.{name}"] == ["ok"]


@pytest.mark.parametrize("name", breadth(OLD, 3))
def test_what_does_not_answer_any_more_is_believed_and_its_silence_is_said_everywhere(name: str, town: Town) -> None:
    subject = SUBJECTS[name]
    things = keep(subject, town, -HOUR)
    before = {finding.id: finding for finding in of(subject, findings(town, "lab"))}
    store.keep(subject, "lab", {thing: Unread("connexion refusée", now()) for thing in things})
    every = {finding.id: finding for finding in findings(town, "lab")}
    assert {id_: every[id_].state for id_ in before} == {id_: finding.state for id_, finding in before.items()}
    silence = every[f"{name}.silence"]
    assert (silence.state, silence.todo) == ("unknown", subject.again)
    assert "relu en vain le " in silence.what
    assert silence.what.endswith("connexion refusée")
    assert not [finding for finding in of(subject, summary(town, "lab", every.values())) if finding.state == "ok"]
    (age,) = [finding for finding in ages_of(town, "lab") if finding.id == f"readings.{name}"]
    assert (age.state, "connexion refusée" in age.what) == ("unknown", True)
    portal = known(town, "lab", now().isoformat(), "", clean=True)
    assert silence.what in [finding.what for finding in portal.findings]
    listed = json.loads(CliRunner().invoke(main, ["findings", "--format", "json"]).output)["findings"]
    assert silence.what in [finding["what"] for finding in listed]


def test_a_sample_is_that_of_a_subject_that_grows_old() -> None:
    """The others have the smallest value of their form."""
    aged = {name for name, subject in SUBJECTS.items() if subject.kept == "last" and subject.age is not None}
    assert SAMPLES.keys() <= aged


def test_every_figure_is_noted_and_none_is_believed_past_the_age_of_its_reading(town: Town) -> None:
    """F9 needs no reading; F10 comes with a bag, F1 to F8 with a diagnosis."""
    read = ("certificates", "copies", "logs", "supervision", "tenant", "edr")
    for name in read:
        keep(SUBJECTS[name], town, HOUR)
    old = {figure.id: figure for figure in figures(town, "lab")}
    tenant = {f"M365.{name}" for name in ("rules", "factors", "licences")}
    assert {*old} == {
        "F9", "F11", "F12", "F14", "F15", "F16", "F17", "F18", "F18.wired", "F19", "F20", "MAJ", "RPO", *tenant
    }  # fmt: skip
    assert [old[id_].value for id_ in ("F11", "F12", "F14", "F16", "RPO")] == [None] * 5
    history.note("lab", findings(town, "lab"), old.values())
    assert {*history.trends("lab")} == {*old}
    for name in read:
        keep(SUBJECTS[name], town, -HOUR)
    made = {figure.id: figure for figure in figures(town, "lab")}
    assert (made["F12"].numerator, old["F12"].numerator) == (0, None)
    assert made["F16"].value is not None
    assert made["F11"].value is not None


def test_a_figure_whose_source_cannot_be_read_is_unknown_until_it_is(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [Figure("F3", 12.5, "kWh", day="2026-08-01", method="estimated")]
    monkeypatch.setattr(history, "now", lambda: datetime(2026, 8, 20, tzinfo=UTC))
    monkeypatch.setattr("piste.sobriety.findings.figures", lambda *_: made)
    history.note("lab", [], figures(town, "lab"))
    with monkeypatch.context() as broken:
        broken.setattr("piste.sobriety.findings.figures", lambda *_: (_ for _ in ()).throw(ValueError("illisible")))
        history.note("lab", [], figures(town, "lab"))
        trend = history.trends("lab")["F3"]
        assert (trend.value, trend.before, trend.unit, trend.moved) == (None, 12.5, "kWh", True)
    history.note("lab", [], figures(town, "lab"))
    assert history.trends("lab")["F3"].value == 12.5


def test_a_line_names_the_figures_that_it_yields(town: Town) -> None:
    for name in ("certificates", "copies", "logs", "supervision"):
        keep(SUBJECTS[name], town, -HOUR)
    places = {subject.figures: subject.figure_ids for subject in SUBJECTS.values()} | OTHER_FIGURES
    assert all(bool(place) == bool(ids) for place, ids in places.items())
    for place, ids in places.items():
        assert {figure.id for figure in (named(place)(town, "lab") if place else ())} in ({*ids}, set())


def test_readings_of_persons_leave_in_no_bag() -> None:
    assert {subject.name for subject in of_no_person()} == {name for name in SUBJECTS if not SUBJECTS[name].personal}
    assert any(subject.personal for subject in SUBJECTS.values())


def test_a_store_that_cannot_be_read_stops_no_bag(town: Town, tmp_path: Path) -> None:
    store.place("lab").parent.mkdir(parents=True, mode=0o700)
    store.place("lab").write_bytes(b"rien" * 400)
    store.place("lab").chmod(0o600)
    contents = Contents(tmp_path)
    take_readings(contents, town, "lab")
    assert (contents.certificates, contents.backups, contents.logs) == ({}, {}, None)
    said = {finding.id: finding.what for finding in findings(town, "lab", of_no_person())}
    assert "PISTE-E163" in said["certificates"]
