"""The measures that an environment keeps: in the store, personal, bounded in time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab.declared import declared_town
from piste.cli import main
from piste.engine.converge.private import NotWritten
from piste.engine.finding import Finding
from piste.readings import history, store
from piste.readings.computers import findings as computers
from piste.readings.computers import kept
from piste.readings.computers.judge import measured
from piste.readings.computers.kept import COMPUTERS, MEASURES, NOTHING, Collection, Day, Kept, Refused, added
from piste.readings.findings import findings
from piste.readings.sent import receive, send
from piste.town import declared
from piste.town.model import Fault, Town
from piste.town.model.dates import now
from tests.support.breadth import breadth
from tests.support.computers import NOW, measure, moment, states, weeks
from tests.unit.sobriety.test_figures_computers import kept as fleet_kept

COLLECTION = Collection(
    taken_at=NOW, state="complete", why="", files=2, read=1, more=0, owners="",
    refused=[Refused(file="X.json", why="trop long", since=NOW)],
)  # fmt: skip
PLANTED = "Logiciel-de-Julie-Moreau"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of the files of earlier versions."""
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "lab"))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")
    return tmp_path / "lab" / "computers"


@pytest.fixture(scope="module")
def town() -> Town:
    return declared_town()


def keeping(town: Town, days: int) -> Town:
    """Give a town that keeps its measures for some days."""
    assert town.commune
    measures: Mapping[str, Any] = {**(town.commune["computer_measures"] or {}), "keep_days": days}
    return replace(town, commune={**town.commune, "computer_measures": measures})  # type: ignore[arg-type, typeddict-item]


def on_disk() -> bytes:
    return b"".join(path.read_bytes() for path in store.place("lab").parent.iterdir())


def formerly(folder: Path, made: Kept) -> None:
    """Write the files of earlier versions."""
    folder.mkdir(parents=True)
    for name, entry in made.measures.items():
        (folder / f"{name}.json").write_text(entry.model_dump_json(by_alias=True), "utf-8")
    if made.collection:
        (folder / "collection.json").write_text(made.collection.model_dump_json(), "utf-8")


def test_what_is_kept_comes_back_and_silence_hides_no_measure() -> None:
    assert kept.last("lab") == NOTHING
    first = added(None, measure(states=weeks([(0, "on")], NOW - timedelta(days=3), NOW - timedelta(days=1))))
    made = Kept(COLLECTION, {"PC-JAU-001": first, "PC-JAU-002": measure("PC-JAU-002")})
    kept.keep("lab", NOTHING, made, NOW)
    assert kept.last("lab") == made
    fewer = Kept(COLLECTION, {"PC-JAU-001": first})
    kept.keep("lab", made, fewer, NOW)
    assert kept.last("lab") == fewer
    kept.keep("lab", fewer, fewer._replace(silence="muet"), NOW + timedelta(minutes=1))
    silent = kept.last("lab")
    assert silent == fewer._replace(silence="muet"), "the refused files too"


def test_a_share_that_falls_silent_is_said_and_what_it_gave_is_judged(town: Town) -> None:
    made = Kept(COLLECTION.model_copy(update={"rights": []}), {})
    kept.keep("lab", NOTHING, made, now() - timedelta(hours=1))
    kept.keep("lab", made, made._replace(silence="muet"), now())
    said = {finding.id: finding for finding in findings(town, "lab", [COMPUTERS, MEASURES])}
    assert (said["computers.silence"].state, said["computers.files"].state) == ("unknown", "wrong")
    assert "muet" in said["computers.silence"].what


@pytest.mark.parametrize(
    ("hours", "silence", "said"), [(1, "", "jamais"), (49, "", "trop ancien"), (1, "muet", "n’a pas répondu : muet")]
)
def test_a_collection_is_believed_for_a_time(hours: int, silence: str, said: str, town: Town) -> None:
    at = now() - timedelta(hours=hours)
    kept.keep("lab", NOTHING, Kept(COLLECTION.model_copy(update={"taken_at": at}), {}, silence), at)
    assert any(said in finding.what for finding in computers.findings(town, "lab")) == (said != "jamais")


def test_files_of_earlier_versions_are_taken_in_with_the_same_verdicts(folder: Path, town: Town) -> None:
    before = fleet_kept()
    formerly(folder, before)
    assert kept.last("lab") == before
    assert measured(town, kept.last("lab"), date(2026, 11, 26)) == measured(town, before, date(2026, 11, 26))
    said = list(computers.findings(town, "lab"))
    assert store.purge(town, "lab") == 0
    assert [*folder.iterdir()] == [], "the purge does not reach files: the store alone has them"
    assert (kept.last("lab"), list(computers.findings(town, "lab"))) == (before, said)


def test_a_former_silence_is_taken_in(folder: Path) -> None:
    formerly(folder, Kept(COLLECTION, {}))
    file = folder / "collection.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "state": "silent", "why": "éteint"}), "utf-8")
    assert kept.last("lab") == Kept(None, {}, "éteint")


@pytest.mark.parametrize("content", breadth([b"", b"[]", b"{", b'{"written": 1}', b"\xff", b"null"], 2))
def test_a_former_file_that_makes_no_sense_says_nothing(folder: Path, content: bytes, town: Town) -> None:
    folder.mkdir(parents=True)
    for name in ("PC-JAU-001.json", "collection.json"):
        (folder / name).write_bytes(content)
    assert kept.last("lab").measures == {}
    store.purge(town, "lab")
    assert [*folder.iterdir()] == []


def test_a_person_whose_days_are_over_is_nowhere_any_more(folder: Path, town: Town) -> None:
    """By the bytes of all that the environment keeps: store, journals, findings, former files."""
    old, young = NOW - timedelta(days=91), NOW - timedelta(days=89)
    program = {"name": PLANTED, "place": "run", "scope": "user", "enabled": True}
    planted = {"startup": [program], "taken_at": moment(old)}
    gone = {f"PC-JULIE-{number}": measure(f"PC-JULIE-{number}", **planted) for number in range(30)}
    here = {f"PC-JAU-{number:03d}": measure(f"PC-JAU-{number:03d}", taken_at=moment(young)) for number in range(30)}
    kept.keep("lab", NOTHING, Kept(COLLECTION, {**gone, **here}), NOW)
    formerly(folder, Kept(None, {"PC-JULIE-99": measure("PC-JULIE-99", **planted)}))
    history.note("lab", [Finding("computers.files", "wrong", f"{PLANTED}.json est refusé")])
    assert PLANTED.encode() in on_disk()
    assert store.purge(keeping(town, 90), "lab") == 31
    assert PLANTED.encode() not in on_disk()
    assert b"PC-JULIE" not in on_disk()
    assert [*folder.iterdir()] == []
    assert kept.last("lab").measures == here
    assert store.purge(keeping(town, 90), "lab") == 0
    assert store.purge(keeping(town, 88), "lab") == 30


@pytest.mark.parametrize(("days", "known"), [(90, False), (3, True)])
def test_a_fault_of_the_declaration_stops_no_purge_and_shortens_no_days(
    days: int, known: bool, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.keep("lab", NOTHING, Kept(None, {"PC-JAU-1": measure("PC-JAU-1", taken_at=moment(NOW - timedelta(91)))}), NOW)
    faulty = replace(keeping(town, days), faults=[Fault("PISTE-M001", "x", "town.yml", 1, "faux", "")])
    monkeypatch.setattr(declared, "derived", lambda environment: faulty)
    refused = CliRunner().invoke(main, ["read"])
    assert (refused.exit_code, "1 erreur" in refused.output) == (4, True)
    assert bool(kept.last("lab").measures) is known


def test_a_purge_that_fails_is_said_and_stops_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def purge(*given: object) -> None:
        raise NotWritten("disque plein")

    monkeypatch.setattr(store, "purge", purge)
    monkeypatch.setattr("piste.commands.read._wanted", lambda *given: [])
    said = CliRunner().invoke(main, ["read"])
    assert (said.exit_code, "disque plein" in said.output, "Rien n’est dû" in said.output) == (3, True, True)


def test_days_past_the_declared_ones_go_from_within_a_measure(town: Town) -> None:
    days = [Day(day=date(2026, 11, 26) - timedelta(days=ago), on=1, asleep=0, off=0) for ago in (91, 90, 0)]
    kept.keep("lab", NOTHING, Kept(COLLECTION, {"PC-JAU-001": measure().model_copy(update={"days": days})}), NOW)
    assert store.purge(keeping(town, 90), "lab") == 1
    assert kept.last("lab").measures["PC-JAU-001"].days == days[1:]
    assert b"2026-08-27" not in on_disk()


def test_measures_travel_to_no_other_machine(tmp_path: Path) -> None:
    kept.keep("lab", NOTHING, Kept(COLLECTION, {"PC-JAU-001": measure()}), NOW)
    parcel = tmp_path / "lectures.json"
    assert send("lab", parcel) == 0
    forged = {"subject": MEASURES.name, "thing": "PC-FAUX", "read_at": NOW.isoformat(),
              "value": measure("PC-FAUX").model_dump(mode="json", by_alias=True)}  # fmt: skip
    parcel.write_text(json.dumps({"format": 1, "environment": "lab", "readings": [forged]}), "utf-8")
    assert receive("lab", parcel).left == ["measures/PC-FAUX"]
    assert [*kept.last("lab").measures] == ["PC-JAU-001"]


def test_the_law_bounds_what_nothing_declares(town: Town) -> None:
    assert town.commune
    none = replace(town, commune={**town.commune, "computer_measures": None})
    assert (kept.keep_days(keeping(town, 395)), kept.keep_days(none)) == (395, 400)
    assert COMPUTERS.personal
    assert MEASURES.personal


def test_days_are_counted_once_and_the_better_known_stays() -> None:
    short = measure(states=states(("2026-11-24 12:00", "2026-11-24 18:00", "on")))
    whole = measure(
        states=states(("2026-11-24 00:00", "2026-11-24 18:00", "off"), ("2026-11-24 18:00", "2026-11-25 06:00", "on"))
    )
    first = Day(day=date(2026, 11, 24), on=360, asleep=0, off=1080)
    assert added(added(None, short), whole).days == [first, Day(day=date(2026, 11, 25), on=360, asleep=0, off=0)]
    assert added(added(None, whole), short).days[0] == first
