"""A reader that gets nothing: its reason for each thing, beside what was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Misused
from piste.readings import store
from piste.readings.belief import Reading, Unread, silence_of, tried_at
from piste.readings.desk.kept import over
from piste.readings.due import due
from piste.readings.findings import about, ages_of, findings
from piste.readings.links import kept as links
from piste.readings.subject import named
from piste.readings.table import READERS, SUBJECTS, Answer, Reader
from piste.runs.plans import play
from piste.runs.plans.reading import read
from piste.town.model import Town
from piste.town.model.dates import now
from piste.town.model.freshness import ages
from tests.support.samples import SAMPLES, kept_value, sample
from tests.unit.bag.test_make import certificate_readings

PLAYED = [reader for reader in READERS.values() if reader.playbook]
HOUR = timedelta(hours=1)


def things(reader: Reader) -> dict[tuple[str, str], Any]:
    """Give what is kept of the subjects of a reader; `measures` are tried by their share."""
    every = [(name, *entry) for name in reader.subjects for entry in store.last(SUBJECTS[name], "lab").items()]
    return {(name, thing): last for name, thing, last in every if name != "measures"}


@pytest.mark.parametrize("reader", PLAYED, ids=lambda reader: reader.name)
def test_a_playbook_that_gives_nothing_says_why_of_each_thing(
    reader: Reader, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {*reader.subjects} & {*SAMPLES}:
        at = now() - timedelta(hours=ages(town)["readings_hours"][name]) + HOUR  # believed still, and due
        store.keep(SUBJECTS[name], "lab", {thing: Reading(value, at) for thing, value in SAMPLES[name]().items()})
    before = things(reader)

    def closed(order: play.Order, **_: Any) -> Any:
        assert order.limit == "commune"  # no site is derived for it
        raise Misused("le coffre ne s’ouvre pas")

    monkeypatch.setattr(play, "play", closed)
    with pytest.raises(Misused):
        read(reader, town, "lab")
    after = things(reader)
    assert after
    assert {*before} <= {*after}
    assert all("le coffre ne s’ouvre pas" in (silence_of(last) or last).why for last in after.values()), after
    assert {key: after[key].value for key in before} == {key: before[key].value for key in before}


def test_the_recipe_says_the_same() -> None:
    page = (Path(__file__).parents[3] / "docs/adding-a-reading.md").read_text("utf-8")
    assert "store.unanswered(answer" in page


def test_a_zabbix_that_is_silent_is_said_though_the_dashboard_answers(town: Town) -> None:
    month = "2026-10"
    port = {"Q1/1": {"2026-10-01": {"kilobytes": 1.0, "seconds": 9.0}}}
    traffic = {"read_at": now().isoformat(timespec="seconds"), "traffic": port}
    answer = Answer({"measures": None, "traffic": traffic}, {"month": month}, {"Lire les mesures": "Zabbix : 503"})
    assert named(READERS["links"].take)(town, "lab", answer)
    known = links.known("lab")[month]
    assert isinstance(known, Reading), known
    assert known.silence
    assert (known.silence.why, known.value["traffic"]) == ("Zabbix : 503", port)
    measures = {"read_at": now().isoformat(timespec="seconds"), "links": {}}
    assert named(READERS["links"].take)(town, "lab", Answer({"measures": measures}, {"month": month}, {}))
    assert silence_of(links.known("lab")[month]) is None


def test_what_failed_is_asked_again_the_next_day_though_its_reader_waits_longer(town: Town) -> None:
    energy = READERS["energy"]
    value = kept_value("energy")
    store.keep(SUBJECTS["energy"], "lab", {"commutateurs": Reading(value, now() - 30 * HOUR)})
    assert not due(energy, town, "lab")
    store.keep(SUBJECTS["energy"], "lab", {"commutateurs": Unread("503", now() - 23 * HOUR)})
    assert due(energy, town, "lab")
    store.keep(SUBJECTS["energy"], "lab", {"commutateurs": Unread("503", now() - HOUR)})
    assert not due(energy, town, "lab")


def test_computers_that_were_collected_keep_the_word_of_their_module(town: Town) -> None:
    (value,) = SAMPLES["computers"]().values()
    store.keep(SUBJECTS["computers"], "lab", {"partage": Reading(value, now())})
    assert named(READERS["computers"].take)(town, "lab", Answer(None, {}, {}, begun=now() - HOUR))
    last = store.last(SUBJECTS["computers"], "lab")["partage"]
    assert (silence_of(last), tried_at(last)) == (None, last.read_at)


def said(town: Town, id_: str) -> str:
    return next((finding.what for finding in findings(town, "lab") if finding.id == id_), "")


@pytest.mark.parametrize("before", [True, False], ids=["believed", "never read"])
def test_the_silence_of_what_nobody_judges_is_said(before: bool, town: Town) -> None:
    assert [name for name, subject in SUBJECTS.items() if not (subject.judge or subject.judged_with)] == ["desk"]
    (month,) = over(town)
    counts = ("opened", "incidents", "requests", "solved", "open_at_end")
    means = ("first_answer_hours_median", "resolution_hours_median", "resolution_hours_mean", "satisfaction_mean",
             "satisfaction_answers")  # fmt: skip
    desk, value = SUBJECTS["desk"], {"month": month, **dict.fromkeys(counts, 0), **dict.fromkeys(means)}
    if before:
        store.keep(desk, "lab", {month: Reading(value, now() - HOUR)})
    store.keep(desk, "lab", {month: Unread("503", now())})
    assert "503" in said(town, "desk.silence")
    store.keep(desk, "lab", {month: Reading(value, now())})
    assert not said(town, "desk.silence")


def test_what_nobody_judges_says_so_or_is_judged_with_another() -> None:
    assert {name: subject.judged_with for name, subject in SUBJECTS.items() if subject.judged_with} == {
        "tickets": "certificates", "measures": "computers", "configurations": "copies", "versions": "beliefs",
    }  # fmt: skip


def test_the_silence_of_a_week_of_usage_ends_with_the_week(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")
    store.keep(SUBJECTS["usage"], "lab", {"2026-W47": Unread("503", now())})
    assert "503" in said(town, "usage.2026-W47")
    monkeypatch.setenv("PISTE_TODAY", "2026-12-03")
    assert not said(town, "usage.2026-W47")


GONE = {
    "storage": {"storage": None}, "nexus": {"nexus": {"switches": []}}, "capacity": {"hosting": None},
    "hosting": {"hosting": None}, "printing": {"print_accounting": None}, "computers": {"computer_measures": None},
    "logs": {"logs": None},
}  # fmt: skip


@pytest.mark.parametrize("name", GONE)
def test_what_nobody_declares_any_more_is_asked_of_nobody(name: str, town: Town) -> None:
    subject = SUBJECTS[name]
    kept = {thing: Reading(value, now() - HOUR) for thing, value in sample(name, town).items()}
    store.keep(subject, "lab", kept)
    store.keep(subject, "lab", {thing: Unread("muet", now()) for thing in kept})
    assert "muet" in said(town, f"{name}.silence")
    gone = replace(town, commune={**town.commune, **GONE[name]})  # type: ignore[typeddict-item]
    assert not said(gone, f"{name}.silence")
    assert f"readings.{name}" not in {finding.id for finding in ages_of(gone, "lab")}


def test_a_site_says_that_what_judges_it_is_silent_and_so_does_its_evidence(town: Town) -> None:
    (value,) = SAMPLES["network"]().values()
    store.keep(SUBJECTS["network"], "lab", {"ports": Reading(value, now() - HOUR)})
    store.keep(SUBJECTS["network"], "lab", {"ports": Unread("Dashboard : 503", now())})
    mine = [finding for finding in about("ecole-jaures", findings(town, "lab")) if finding.id.startswith("network.")]
    assert "network.silence" in {finding.id for finding in mine}
    assert all("Dashboard : 503" in finding.what + finding.evidence for finding in mine)
    assert "vaut encore" not in said(town, "network.silence"), "a part is not believed beside newer parts"


def test_the_evidence_of_a_thing_has_its_own_silence_alone(town: Town) -> None:
    every = {name: certificate_readings(name)["facts"][name] for name in ("assistance", "ac-ville")}
    store.keep(SUBJECTS["certificates"], "lab", {name: Reading(facts, now() - HOUR) for name, facts in every.items()})
    store.keep(SUBJECTS["certificates"], "lab", {"assistance": Unread("refusé", now())})
    proofs = {finding.id: finding.evidence for finding in findings(town, "lab")}
    assert "refusé" in proofs["certificates.assistance"]
    assert "refusé" not in proofs["certificates.ac-ville"]
