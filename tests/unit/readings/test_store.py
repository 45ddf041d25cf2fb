"""The store of readings: what it believes, what it leaves out, what it refuses."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.private import NotWritten
from piste.engine.finding import Finding
from piste.readings import file, history, mounts, store
from piste.readings.belief import Doubted, Reading, Unread, UnreadableReading, left_out, tried_at
from piste.readings.table import SUBJECTS
from piste.town.model.dates import now
from piste.town.model.freshness import HOURS, Ages
from tests.support.playbooks import REPOSITORY
from tests.support.samples import AT, kept_value
from tests.unit.bag.test_make import certificate_readings

CERTIFICATES = SUBJECTS["certificates"]
AGES = Ages(converged_days=7, living_hours=24, readings_hours=HOURS)
HOUR = timedelta(hours=1)
TOWN: Any = object()


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")


def facts(fingerprint: str = "00") -> Any:
    return {**certificate_readings("a")["facts"]["a"], "fingerprint": fingerprint}


def last() -> dict[str, Any]:
    return store.last(CERTIFICATES, "lab", AGES)


def test_a_reading_is_kept_by_environment_for_its_owner_alone() -> None:
    assert last() == {}
    assert not store.place("lab").exists()
    read = {"site": Reading(facts(), AT), "mail": Unread("muet", AT)}
    assert store.keep(CERTIFICATES, "lab", read) == []
    assert last() == read
    assert store.last(CERTIFICATES, "production", AGES) == {}
    assert store.place("lab").stat().st_mode & 0o777 == 0o600
    assert store.place("lab").parent.stat().st_mode & 0o077 == 0


def test_a_reading_replaces_the_former_and_a_whole_scan_forgets_the_rest() -> None:
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT), "old": Reading(facts(), AT)})
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts("01"), AT)}, only=())
    assert last() == {"site": Reading(facts("01"), AT)}


def test_an_attempt_that_failed_is_kept_beside_the_reading_until_the_next() -> None:
    read, silence = Reading(facts(), AT - HOUR), Unread("muet", AT)
    store.keep(CERTIFICATES, "lab", {"site": read})
    store.keep(CERTIFICATES, "lab", {"site": Unread("refusé", AT - HOUR)})
    store.keep(CERTIFICATES, "lab", {"site": silence})
    assert store.keep(CERTIFICATES, "lab", {"site": Unread("avant", AT - HOUR)}) == ["site"]
    assert last() == {"site": read._replace(silence=silence)}
    assert tried_at(last()["site"]) == AT
    store.keep(CERTIFICATES, "lab", {"site": Reading({"x": 1}, AT)})
    assert last()["site"].silence.why.startswith("ce qui a été lu ne se comprend pas : ")
    again = Reading(facts("01"), AT - HOUR)  # a clock of its own, some minutes late
    store.keep(CERTIFICATES, "lab", {"site": again})
    assert last() == {"site": again}


def test_past_its_age_a_thing_is_unknown_with_the_reason_of_the_last_attempt() -> None:
    limit = timedelta(hours=AGES["readings_hours"]["certificates"])
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT - limit - HOUR)})
    store.keep(CERTIFICATES, "lab", {"site": Unread("connexion refusée", AT)})
    known = last()["site"]
    assert isinstance(known, Doubted)
    assert "trop ancien" in known.why
    assert "relu en vain le 26/11/2026 à 13:00 : connexion refusée" in known.why
    assert tried_at(known) == AT


_FORM_2 = """
CREATE TABLE reading (
    subject TEXT NOT NULL, thing TEXT NOT NULL, read_at TEXT NOT NULL, content BLOB, why TEXT,
    PRIMARY KEY (subject, thing)) STRICT;
CREATE TABLE former (
    subject TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (subject, path)) STRICT;
CREATE TABLE finding (
    id TEXT NOT NULL, site TEXT NOT NULL, state TEXT NOT NULL, gravity TEXT NOT NULL, what TEXT NOT NULL,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, cleared_at TEXT, PRIMARY KEY (id, state, first_seen)) STRICT;
CREATE TABLE day (
    day TEXT NOT NULL PRIMARY KEY, wrong INTEGER NOT NULL, unknown INTEGER NOT NULL, ok INTEGER NOT NULL) STRICT;
INSERT INTO day VALUES ('2026-11-25', 1, 2, 3);
INSERT INTO former VALUES ('links', '/former', '1 2');
INSERT INTO finding VALUES (
    'a.b', '', 'wrong', 'major', 'b', '2026-11-25T10:00:00+00:00', '2026-11-25T10:00:00+00:00', NULL);
PRAGMA user_version = 2;
"""


def test_what_is_read_together_opens_the_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT)})
    connect, opened = sqlite3.connect, list[Path]()
    monkeypatch.setattr(sqlite3, "connect", lambda path, **given: opened.append(path) or connect(path, **given))
    with file.together("lab"):
        assert last() == last()
        store.keep(CERTIFICATES, "lab", {"mail": Reading(facts(), AT)})
        assert set(last()) == {"site", "mail"}
        with ThreadPoolExecutor() as threads:  # a connection is of a thread
            assert set(threads.submit(last).result()) == {"site", "mail"}
    assert len(opened) == 2
    assert set(last()) == {"site", "mail"}
    assert len(opened) == 3


def test_what_does_not_open_is_said_by_each_that_reads_it() -> None:
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT)})
    store.place("lab").write_bytes(b"rien" * 400)
    with file.together("lab"):
        for _ in range(2):
            with pytest.raises(UnreadableReading):
                last()


@pytest.mark.parametrize("form", [1, 2])
def test_a_file_of_an_earlier_form_is_brought_to_this_one_with_all_that_it_has(form: int) -> None:
    path = store.place("lab")
    path.parent.mkdir(parents=True, mode=0o700)
    at = AT.isoformat(timespec="seconds")
    with closing(sqlite3.connect(path)) as base:
        base.executescript(_FORM_2)
        base.execute("INSERT INTO reading VALUES ('certificates', 'a', ?, ?, NULL)", (at, json.dumps(facts()).encode()))
        base.execute("INSERT INTO reading VALUES ('certificates', 'b', ?, NULL, 'muet')", (at,))
        if form == 1:
            base.executescript("DROP TABLE finding; DROP TABLE day; PRAGMA user_version = 1;")
        base.commit()
    path.chmod(0o600)
    assert last() == {"a": Reading(facts(), AT), "b": Unread("muet", AT)}
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA user_version").fetchone() == (file.FORM,)
        assert base.execute("SELECT count(*) FROM former").fetchone() == (1,)
        assert base.execute("SELECT count(*) FROM finding").fetchone() == (form - 1,)
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [day[1:] for day in history.days("lab")] == [(1, 2, 3)] * (form - 1)


def test_two_processes_bring_a_file_at_once() -> None:
    """Each opens it in its earlier form: one brings it, the other finds it brought."""
    test_a_file_of_an_earlier_form_is_brought_to_this_one_with_all_that_it_has(2)
    with closing(sqlite3.connect(store.place("lab"), isolation_level=None)) as base:
        file._bring(base)
    assert last()["b"] == Unread("muet", AT)


OLD = [name for name in SUBJECTS if name in AGES["readings_hours"]]


@pytest.mark.parametrize("name", OLD)
def test_a_reading_past_the_age_of_its_subject_says_nothing_of_now(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every subject of the table: the forms and the places differ, the belief does not."""
    subject, limit = SUBJECTS[name], timedelta(hours=AGES["readings_hours"][name])
    kept = kept_value(name) if subject.kept == "last" else {}
    read = {"in time": Reading(kept, AT - limit), "old": Reading(kept, AT - limit - HOUR)}
    if subject.kept == "last":
        store.keep(subject, "lab", read)
    else:
        monkeypatch.setattr(subject.kept_in.replace(":", "."), lambda environment: read)
    known = store.last(subject, "lab", AGES)
    assert known["in time"] == Reading(kept, AT - limit)
    assert isinstance(known["old"], Doubted)
    assert "trop ancien pour le dire encore" in known["old"].why
    assert subject.again in known["old"].why
    hours = AGES["readings_hours"]
    wider = Ages(converged_days=7, living_hours=24, readings_hours={**hours, f"{name}/old": hours[name] + 1})
    assert store.last(subject, "lab", wider)["old"] == Reading(kept, AT - limit - HOUR)


def days_of_people(town: Any) -> int:
    assert town is TOWN
    return 90


@pytest.mark.parametrize("lone", [True, False], ids=["alone", "among others"])
def test_personal_readings_are_forgotten_and_the_file_no_longer_has_them(
    lone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the findings on them; what is young stays, and what is not personal."""
    days = "tests.unit.readings.test_store:days_of_people"
    people = replace(CERTIFICATES, name="people", personal=True, keep_days=days, former="")
    monkeypatch.setattr(store, "SUBJECTS", {"people": people, CERTIFICATES.name: CERTIFICATES})
    old = {"agent-ancien": Reading(facts("MotPersonnelAncien"), AT - 2161 * HOUR)}
    young = {} if lone else {f"agent-{n}": Reading(facts(), AT - 2159 * HOUR) for n in range(50)}
    store.keep(people, "lab", {**old, **young})
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts("00"), AT - 9999 * HOUR)})
    with monkeypatch.context() as before:
        before.setattr(history, "now", lambda: AT - 2161 * HOUR)
        history.note("lab", [Finding("people.agent-ancien", "wrong", "MotPersonnelAncien est invité")])
    assert b"MotPersonnelAncien" in store.place("lab").read_bytes()
    assert store.purge(TOWN, "lab") == 2
    assert store.purge(TOWN, "lab") == 0
    left = [path.read_bytes() for path in store.place("lab").parent.iterdir()]
    assert not any(b"MotPersonnelAncien" in content or b"agent-ancien" in content for content in left)
    assert store.last(people, "lab", AGES).keys() == young.keys()
    assert "site" in last()


def test_a_personal_subject_of_the_store_has_its_days() -> None:
    assert all(bool(subject.keep_days) == subject.personal for subject in SUBJECTS.values())
    assert all(subject.kept == "last" for subject in SUBJECTS.values() if subject.personal), "what the purge reaches"


def test_what_is_from_the_future_or_late_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT)})
    late = {"site": Reading(facts("01"), AT - HOUR), "mail": Reading(facts(), AT + HOUR)}
    assert store.keep(CERTIFICATES, "lab", late) == ["site", "mail"]
    future = Unread(left_out(AT + HOUR, now()), now())
    assert last() == {"site": Reading(facts(), AT), "mail": future}
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts("01"), AT + HOUR)})
    assert last()["site"] == Reading(facts(), AT, future)
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts("01"), AT + HOUR)}, elsewhere=True)
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT)})
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts("01"), AT + HOUR)}, elsewhere=True)
    assert last()["site"] == Reading(facts(), AT)
    monkeypatch.setenv("PISTE_TODAY", "2026-11-20")  # the clock was ahead
    assert "dans l’avenir" in last()["site"].why
    assert store.keep(CERTIFICATES, "lab", {"site": Reading(facts("02"), AT - 144 * HOUR)}) == []
    assert last()["site"].value["fingerprint"] == "02"


@pytest.mark.parametrize(
    "change",
    [
        "content = x'7b7d'", "content = NULL", "content = x'ff'", "read_at = 'demain'",
        "read_at = '2026-11-26T12:00:00'",
        "content = zeroblob(67108865)", "content = CAST(replace(content, '\"why\"', '\"autre\"') AS BLOB)",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_doubted_and_the_rest_is_read(change: str) -> None:
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT), "mail": Reading(facts(), AT)})
    with sqlite3.connect(store.place("lab")) as base:
        base.execute(f"UPDATE reading SET {change} WHERE thing = 'site'")
    known = last()
    assert isinstance(known["site"], Doubted), known["site"]
    assert "illisible" in known["site"].why
    assert known["mail"] == Reading(facts(), AT)


@pytest.mark.parametrize("value", [{}, {**certificate_readings("a")["facts"]["a"], "key_bits": "256"}, None])
def test_what_has_not_the_form_of_its_subject_is_unread(value: Any) -> None:
    store.keep(CERTIFICATES, "lab", {"mail": Reading(facts(), AT), "site": Reading(value, AT)})
    known = last()
    assert isinstance(known["site"], Unread)
    assert known["site"].why.startswith("ce qui a été lu ne se comprend pas : ")
    assert not any(word in known["site"].why for word in ("Input", "should", "Field", "required", "Extra")), "French"
    assert known["mail"] == Reading(facts(), AT)


@pytest.mark.parametrize("thing", ["", "a" * 201, "a\x1b[31m", "a\nb"])
def test_a_thing_without_a_name_is_left_out(thing: str) -> None:
    assert store.keep(CERTIFICATES, "lab", {thing: Reading(facts(), AT), "site": Reading(facts(), AT)}) == [thing]
    assert [*last()] == ["site"]


def test_a_file_of_another_account_another_name_or_a_later_version_is_refused(tmp_path: Path) -> None:
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT)})
    path = store.place("lab")
    path.chmod(0o622)
    with pytest.raises(UnreadableReading, match="d’autres comptes peuvent l’écrire"):
        last()
    path.chmod(0o600)
    os.link(path, tmp_path / "other")
    with pytest.raises(UnreadableReading):
        last()
    (tmp_path / "other").unlink()
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(UnreadableReading, match="version plus récente"):
        last()
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    with pytest.raises(NotWritten):
        last()


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "mountinfo"
    line = "36 35 98:0 / {} rw shared:1 - {} srv:/export rw\n"
    table.write_text(line.format("/", "ext4") + line.format(tmp_path, "nfs4"), "utf-8")
    assert (mounts.network(tmp_path / "state", table), mounts.network(Path("/etc"), table)) == ("nfs4", "")
    assert mounts.network(tmp_path / "absent") == ""
    monkeypatch.setattr(file, "network", lambda folder: mounts.network(folder, table))
    with pytest.raises(file.MisplacedStore, match="nfs4"):
        store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT)})


def test_a_full_disk_is_an_error_of_piste_and_the_former_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT)})
    with sqlite3.connect(store.place("lab")) as base:
        (pages,) = base.execute("PRAGMA page_count").fetchone()
    monkeypatch.setattr(file, "_SETTINGS", f"{file._SETTINGS} PRAGMA max_page_count = {pages};")
    with pytest.raises(NotWritten, match="database or disk is full"):
        store.keep(CERTIFICATES, "lab", {f"site-{n}": Reading(facts("0" * 4000), AT) for n in range(20)})
    assert last() == {"site": Reading(facts(), AT)}


_WRITER = """
import sys
from tests.unit.readings.test_store import CERTIFICATES, AT, facts
from piste.readings import store
from piste.readings.belief import Reading
for n in range(10_000):
    store.keep(CERTIFICATES, "lab", {f"{sys.argv[1]}-{k}": Reading(facts(str(n)), AT) for k in range(20)})
    print(n, flush=True)
"""


def test_two_writers_and_a_kill_leave_whole_readings() -> None:
    """Each reading is whole: all of its things have the same number."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, name], stdout=subprocess.PIPE, env=environment)
        for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdout is not None
        for _ in range(3):
            assert writer.stdout.readline()
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    known = last()
    for name in ("a", "b"):
        numbers = {known[f"{name}-{k}"].value["fingerprint"] for k in range(20)}
        assert len(numbers) == 1
    store.keep(CERTIFICATES, "lab", {"site": Reading(facts(), AT)})
    assert "site" in last()
