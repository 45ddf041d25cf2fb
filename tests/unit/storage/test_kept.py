"""The kept readings of shares: scans, files of earlier versions, what is due."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.engine.clock import TOWN
from piste.engine.finding import Finding
from piste.readings import due as of_due
from piste.readings import store
from piste.readings.belief import Reading, UnreadableReading
from piste.readings.due import due
from piste.readings.findings import findings as every
from piste.readings.storage import kept
from piste.readings.storage.figures import figure
from piste.readings.storage.kept import SUBJECT, Kept, added, findings, take, variables
from piste.readings.table import READERS, Answer
from piste.town import declared
from piste.town.model import Town
from tests.unit.storage.test_figures import STORAGE, made

READER = READERS["storage"]
NIGHT = datetime(2027, 2, 1, 22, tzinfo=TOWN)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", "2027-02-01")
    return tmp_path


@pytest.fixture(scope="module")
def town() -> Town:
    return declared.town("lab")


def of(name: str, town: Town) -> Any:
    (finding,) = (finding for finding in findings(town, "lab") if finding.id == f"storage.{name}")
    return finding


def test_only_a_whole_reading_says_something_of_a_share(town: Town) -> None:
    before = of("services", town)
    assert (before.state, before.what, before.todo) == (
        "unknown", "services : jamais relevé", "piste storage scan services"
    )  # fmt: skip
    assert kept.keep("lab", [made(on="2027-01-30")])
    assert (of("services", town).state, of("services", town).what) == ("ok", "services : relevé entier le 30/01/2027")
    assert kept.keep("lab", [made(on="2027-01-31", state="partial", why="dossier illisible")])
    assert (of("services", town).state, of("services", town).what) == ("unknown", "services : dossier illisible")
    known = kept.last(town, "lab")["services"]
    assert isinstance(known, Reading)
    assert [known.value[name]["read_at"][:10] for name in ("before", "after", "last")] == [
        "2027-01-30", "2027-01-30", "2027-01-31"
    ]  # fmt: skip


def test_a_scan_that_has_not_ended_is_no_reading_yet(town: Town) -> None:
    kept.keep("lab", [made(on="2027-01-30")])
    assert kept.keep("lab", [made(on="2027-01-31", state="unfinished", why="temps écoulé")])
    assert of("services", town).state == "ok"


def test_a_scan_that_no_night_ends_is_a_finding_and_goes_on_each_hour(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silences() -> list[Finding]:
        return [finding for finding in every(town, "lab", [SUBJECT]) if finding.id == "storage.silence"]

    kept.keep("lab", [{**made(on="2027-01-20"), "share": name} for name in kept.targeted(town)])
    late = made(on="2027-01-31", state="unfinished", why="temps écoulé")
    kept.keep("lab", [{**late, "begun_at": "2027-01-29T20:00:00Z"}])
    assert not silences()
    kept.keep("lab", [{**late, "begun_at": "2027-01-27T20:00:00Z"}])
    (said,) = silences()
    assert (said.state, said.todo) == ("unknown", "piste storage scan")
    assert "commencé le 27/01/2027, et toujours pas fini : augmentez storage.limits" in said.what
    monkeypatch.setattr(of_due, "now", lambda: NIGHT)
    assert variables(town, "lab")["names"] == ["services"]
    kept.keep("lab", [made(on="2027-02-01")])
    assert not silences()


def test_a_scan_that_no_night_ends_takes_the_place_of_a_silence_before_it(town: Town) -> None:
    kept.keep("lab", [made(on="2027-01-30", state="silent", why="coupé")])
    kept.keep("lab", [{**made(on="2027-01-31", state="unfinished"), "begun_at": "2027-01-27T20:00:00Z"}])
    assert "toujours pas fini" in of("services", town).what


def test_a_share_that_does_not_answer_loses_no_reference(town: Town) -> None:
    assert not take(town, "lab", Answer(None, {}, {}))
    kept.keep("lab", [made(on="2027-01-29")])
    assert not take(town, "lab", Answer([made(on="2027-01-30", state="silent", why="coupé")], {}, {}))
    assert take(town, "lab", Answer([made(on="2027-01-31", waste=70)], {}, {}))
    known = kept.last(town, "lab")["services"]
    assert isinstance(known, Reading)
    assert known.value["before"]
    assert known.value["before"]["read_at"].startswith("2027-01-29")


def test_a_partial_scan_is_no_new_reference(town: Town) -> None:
    kept.keep("lab", [made(on="2027-01-20"), made("echanges", on="2027-01-20")])
    kept.keep("lab", [made(on="2027-01-30", state="partial"), made("echanges", on="2027-01-30")], anew=True)
    days = {
        name: [(known.value[part] or {"read_at": ""})["read_at"][:10] for part in ("before", "after", "last")]
        for name, known in kept.last(town, "lab").items()
        if isinstance(known, Reading)
    }
    assert days == {"services": ["2027-01-20", "2027-01-20", "2027-01-30"], "echanges": ["2027-01-30"] * 3}


def test_a_reference_that_makes_no_sense_is_replaced_by_a_person_alone_and_stops_no_other(town: Town) -> None:
    kept.keep("lab", [made(on="2027-01-29"), made("echanges", on="2027-01-29")])
    with store.opened("lab") as base:
        spoil = "UPDATE reading SET content = CAST(replace(content, '\"complete\"', '\"partial\"') AS BLOB)"
        base.execute(f"{spoil} WHERE thing = 'services'")
    again = "piste storage scan services --reference"
    with pytest.raises(UnreadableReading, match="entière") as refused:
        kept.keep("lab", [made(on="2027-01-30"), made("echanges", on="2027-01-30")])
    assert refused.value.todo == f"Repartez d’une nouvelle référence : {again}."
    assert (of("echanges", town).what, of("services", town).todo) == ("echanges : relevé entier le 30/01/2027", again)
    assert of("services", town).what.endswith("(piste storage scan PARTAGE --reference)")
    assert kept.keep("lab", [made(on="2027-01-31")], anew=True)
    assert of("services", town).state == "ok"


def former(folder: Path) -> dict[str, Kept]:
    """Write what earlier versions kept of two shares, the last scan of the second silent."""
    whole = {name: added(None, made(name)) for name in ("services", "echanges")}
    every = {name: added(before, made(name, "2027-01-20", 70)) for name, before in whole.items()}
    every["echanges"] = added(every["echanges"], made("echanges", "2027-01-25", state="silent", why="coupé"))
    (folder / "storage").mkdir()
    for name, content in every.items():
        (folder / "storage" / f"{name}.json").write_text(json.dumps(content, indent=1), "utf-8")
    return every


def test_what_earlier_versions_kept_is_taken_in_whole_and_stays(folder: Path, town: Town) -> None:
    every = former(folder)
    files = {path: path.read_bytes() for path in (folder / "storage").iterdir()}
    known = store.last(SUBJECT, "lab")
    assert {name: last.value for name, last in known.items() if isinstance(last, Reading)} == every
    assert figure(STORAGE, known)["unknown"] == ["echanges (sans réponse : coupé)"]
    assert (of("services", town).state, of("echanges", town).what) == ("ok", "echanges : coupé")
    assert {path: path.read_bytes() for path in (folder / "storage").iterdir()} == files
    kept.keep("lab", [made("echanges", "2027-01-30", 60)])
    f5 = figure(STORAGE, store.last(SUBJECT, "lab"))
    assert (f5["value"], f5["before_on"]) == (pytest.approx(-35), "2027-01-04")


@pytest.mark.parametrize("spoilt", ["", "[]", "{}", '{"share": "services"}', None])
def test_a_file_of_earlier_versions_that_makes_no_sense_says_nothing(
    folder: Path, town: Town, spoilt: str | None
) -> None:
    former(folder)
    path = folder / "storage/services.json"
    partial = path.read_text("utf-8").replace('"complete"', '"partial"', 1)
    path.write_text(partial if spoilt is None else spoilt, "utf-8")
    assert of("services", town).state == "unknown"
    assert of("echanges", town).what == "echanges : coupé"


def test_each_share_is_due_by_itself_and_at_night_alone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([NIGHT.replace(hour=14), NIGHT])
    monkeypatch.setattr(of_due, "now", lambda: next(moments, NIGHT))
    assert not due(READER, town, "lab")
    assert due(READER, town, "lab")
    names = kept.targeted(town)
    assert variables(town, "lab") == {"names": names, "scan_minutes": 30}
    kept.keep("lab", [{**made(on="2027-01-30"), "share": name} for name in names[1:]])
    kept.keep("lab", [{**made(on=f"{NIGHT - timedelta(days=31):%Y-%m-%d}"), "share": names[0]}])
    assert (due(READER, town, "lab"), variables(town, "lab")["names"]) == (True, names[:1])
    kept.keep("lab", [{**made(on="2027-01-31"), "share": names[0]}])
    assert (due(READER, town, "lab"), variables(town, "lab")["names"]) == (False, names)


def test_a_share_that_was_silent_is_due_the_next_night(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    names, night = kept.targeted(town), NIGHT - timedelta(days=1)
    kept.keep("lab", [{**made(on="2027-01-30"), "share": name} for name in names])
    dead = {**made(state="silent", why="coupé"), "share": names[0], "read_at": night.isoformat()}
    assert not take(town, "lab", Answer([dead], {"names": names[:1]}, {}))
    known = kept.last(town, "lab")[names[0]]
    assert isinstance(known, Reading)
    assert known.silence
    for hours, again in ((2, False), (23, True)):
        monkeypatch.setattr(of_due, "now", lambda hours=hours: night + timedelta(hours=hours))
        assert due(READER, town, "lab") is again
    assert variables(town, "lab")["names"] == names[:1]
