"""The kept log of the print server: months by queue, holes said, no name of anybody."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.winrm import print_log
from piste.readings import store
from piste.readings.belief import UnreadableReading, silence_of
from piste.readings.former import private_place
from piste.readings.table import SUBJECTS, Answer
from piste.runs.plans.play import Played, Trouble
from piste.sobriety import report
from piste.sobriety.counting import Known
from piste.sobriety.imports import Imports
from piste.sobriety.printing import reading
from piste.sobriety.printing.log import PrintLog, added, holes_said
from piste.sobriety.printing.quotas import consumptions
from piste.sobriety.readings import Readings
from tests.unit.sobriety.small import whole as the_town

AUGUST = datetime(2026, 8, 31, 9, tzinfo=print_log.ZONE)


class Server:
    """The log of a print server of the lab, and what is kept of it."""

    def __init__(self) -> None:
        self.log = print_log.log()
        self.kept: PrintLog | None = None

    def prints(self, first: str, last: str, queue: str = "imp-jau-01", pages: int = 10, **more: Any) -> None:
        day = datetime.fromisoformat(f"{first}T09:00:00").replace(tzinfo=print_log.ZONE)
        while day.date().isoformat() <= last:
            print_log.printed(self.log, queue, day, pages, **more)
            day += timedelta(days=1)

    def read(self, day: str, *, limit: int = 10_000) -> PrintLog:
        before = self.kept
        after = before.last if before else 0
        given = {"after": after, "queues": (), "limit": limit}
        answer = print_log.read(self.log, ("imp-jau-01", "imp-jau-02"), given)
        anchored = answer.get("anchor_at", "")[:19] == ((before.last_at if before else None) or "")[:19]
        lost = bool(after) and not anchored
        if lost:
            answer = print_log.read(self.log, ("imp-jau-01", "imp-jau-02"), {**given, "after": 0})
        self.kept = added(
            before,
            {
                "server": "hdv-imp1", "oldest_at": None, "last_at": None, **answer, "lost": lost,
                "complete": not answer["more"], "read_at": f"{day}T18:00:00+00:00",
            },
            37,
        )  # fmt: skip
        return self.kept


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))


def month(log: PrintLog, name: str) -> list[tuple[str, int, int]]:
    return [(line.queue, line.jobs, line.pages) for line in log.months if line.month == name]


def test_months_add_up_over_readings_and_are_whole_once_over() -> None:
    server = Server()
    server.prints("2026-08-31", "2026-09-10")
    first = server.read("2026-09-10")
    # The day of the oldest record may have lost its morning: the log counts from the next day.
    assert (first.since, first.through, first.whole("2026-09")) == ("2026-09-01", "2026-09-10", False)
    server.prints("2026-09-11", "2026-09-30", copies=2)
    again = server.read("2026-10-01")
    assert month(again, "2026-09") == [("imp-jau-01", 30, 10 * 10 + 20 * 20)]
    assert (again.whole("2026-09"), again.whole("2026-08"), again.holes) == (True, False, [])
    assert server.read("2026-10-01") == again


@pytest.mark.parametrize("how", ["wrapped", "cleared", "restarted"])
def test_days_that_the_log_lost_are_a_hole_and_not_zero(how: str) -> None:
    server = Server()
    server.prints("2026-08-31", "2026-09-10")
    server.read("2026-09-10")
    if how == "wrapped":
        server.prints("2026-09-11", "2026-10-20")
        print_log.wrap(server.log, 30)
    else:
        print_log.clear(server.log, restart=how == "restarted")
        server.prints("2026-10-06", "2026-10-20")
    log = server.read("2026-11-02")
    (hole,) = log.holes
    assert (hole.since, hole.until, "vidé" in hole.why) == ("2026-09-10", "2026-10-07", True)
    assert [log.whole(name) for name in ("2026-09", "2026-10", "2026-11")] == [False] * 3
    assert month(log, "2026-10") == [("imp-jau-01", 15, 150)]
    assert holes_said(log)[0].startswith("du 2026-09-10 au 2026-10-07 : le journal a été vidé")
    server.prints("2026-11-03", "2026-12-05")
    assert server.read("2026-12-05").whole("2026-11") is True


def test_a_log_that_was_off_has_a_hole_until_it_is_on_again() -> None:
    server = Server()
    server.prints("2026-08-31", "2026-09-10")
    server.read("2026-09-10")
    server.log["enabled"] = False
    assert server.read("2026-10-05").off is True
    assert server.read("2026-10-06").holes == []
    server.log["enabled"] = True
    server.prints("2026-11-10", "2026-12-31")
    log = server.read("2027-01-02")
    assert [tuple(hole.model_dump().values()) for hole in log.holes] == [
        ("2026-09-10", "2026-11-10", "le journal était éteint")
    ]
    assert [log.whole(f"2026-{name:02d}") for name in range(9, 13)] == [False, False, False, True]


def test_a_log_that_is_off_and_empty_counts_nothing() -> None:
    server = Server()
    server.log["enabled"] = False
    log = server.read("2026-09-10")
    assert (log.since, log.whole("2026-09"), log.months) == (None, False, [])


def test_another_server_leaves_a_hole() -> None:
    server = Server()
    server.prints("2026-08-31", "2026-09-10")
    log = server.read("2026-09-10")
    other = added(
        log,
        {"server": "hdv-imp2", "enabled": True, "lost": False, "complete": True, "oldest_at": None, "last": 0,
         "last_at": None, "read_at": "2026-09-20T08:00:00+00:00", "days": []},
        37,
    )  # fmt: skip
    assert (other.server, [hole.since for hole in other.holes]) == ("hdv-imp2", ["2026-09-10"])


def test_a_reading_cut_short_stops_at_its_last_day() -> None:
    server = Server()
    server.prints("2026-08-31", "2026-09-10")
    log = server.read("2026-09-30", limit=8)
    assert (log.through, log.whole("2026-09")) == ("2026-09-03", False)
    assert server.read("2026-09-30").through == "2026-09-30"
    assert month(server.read("2026-09-30"), "2026-09") == [("imp-jau-01", 10, 100)]


def test_old_months_and_holes_go() -> None:
    server = Server()
    server.prints("2022-01-03", "2022-01-20")
    server.read("2022-01-20")
    print_log.clear(server.log)
    server.prints("2026-09-01", "2026-09-02")
    log = server.read("2026-09-03")
    assert [line.month for line in log.months] == ["2026-09"]
    assert log.used == {"imp-jau-01": "2026-09-02"}


def test_nothing_kept_names_anybody() -> None:
    server = Server()
    for queue in ("imp-jau-01", "HP (de PC-HDV-017) dans la session 3"):
        server.prints("2026-09-01", "2026-09-20", queue)
    source = json.dumps(server.log, ensure_ascii=False)
    names = [*print_log.PERSONS, *print_log.DOCUMENTS, "PC-HDV-017", "PC-CCAS-003"]
    assert all(name in source for name in names)
    reading.keep("lab", server.read("2026-09-20"))
    content = store.place("lab").read_bytes()
    assert [name for name in names if name.encode() in content] == []
    assert reading.last("lab") == server.kept


def test_the_file_of_earlier_versions_is_taken_in_and_counts_the_same() -> None:
    server = Server()
    server.prints("2026-08-31", "2026-10-10")
    log = server.read("2026-11-02")
    file = private_place("printing", "lab") / "log.json"
    file.parent.mkdir()
    file.write_text(log.model_dump_json(indent=1) + "\n", "utf-8")
    assert reading.last("lab") == log
    assert reading.variables(the_town(), "lab") == {"print_log_after": log.last, "print_log_at": log.last_at}
    before, after = (
        consumptions(Known(the_town(), Readings(accounting=known), Imports(), date(2026, 11, 2)))
        for known in (log, reading.last("lab"))
    )
    assert before == after
    assert file.exists(), "no person is in it, and an older commit may run again"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"server": 3}', '{"server": "a", "persons": []}'])
def test_a_former_file_of_another_form_says_nothing(content: str) -> None:
    file = private_place("printing", "lab") / "log.json"
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    assert reading.last("lab") is None


def test_a_spoilt_accounting_is_said_and_counted_again_from_the_start_of_the_log() -> None:
    server = Server()
    server.prints("2026-09-01", "2026-09-02")
    reading.keep("lab", server.read("2026-09-03"))
    with sqlite3.connect(store.place("lab")) as base:
        base.execute("UPDATE reading SET content = x'7b7d'")
    with pytest.raises(UnreadableReading, match="illisible"):
        reading.last("lab")
    assert reading.variables(the_town(), "lab") == {}


def test_the_playbook_goes_on_where_the_last_reading_ended() -> None:
    assert reading.variables(the_town(), "lab") == {}
    assert reading.take(the_town(), "lab", Answer(None, {}, {})) is False
    assert (reading.last("lab"), reading.variables(the_town(), "lab")) == (None, {})
    (never,) = reading.findings(the_town(), "lab")
    assert (never.state, "n’a pas répondu" in never.what) == ("unknown", True)
    server = Server()
    server.prints("2026-09-01", "2026-09-02")
    log = server.read("2026-09-03")
    reading.keep("lab", log)
    assert reading.variables(the_town(), "lab") == {"print_log_after": 4, "print_log_at": log.last_at}
    assert reading.take(the_town(), "lab", Answer(None, {}, {"lire": "éteint"})) is False
    assert reading.last("lab") == log
    (known,) = store.last(SUBJECTS["printing"], "lab").values()
    assert (known.value, known.silence.why) == (log, "éteint")


def test_a_report_says_why_nothing_was_counted_and_a_finding_until_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_TODAY", "2026-09-04")
    town, cut = the_town(), Trouble("bourget", "Compter les travaux", "unknown", "hdv-imp1 : coupé")
    monkeypatch.setattr(report, "folder", lambda environment: tmp_path)
    report.take(town, "lab", None, lambda order: Played(troubles=[cut]))
    (never,) = reading.findings(town, "lab")
    assert (never.state, never.what) == ("unknown", "hdv-imp1 : hdv-imp1 : coupé")
    server = Server()
    server.prints("2026-09-01", "2026-09-02")
    reading.keep("lab", server.read("2026-09-03"))
    (known,) = reading.findings(town, "lab")
    assert (known.state, known.what) == ("ok", "hdv-imp1 : compté jusqu’au 03/09/2026")


def test_a_count_of_a_server_whose_clock_is_ahead_is_said_and_takes_nothing_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PISTE_TODAY", "2026-09-03")
    server, town = Server(), the_town()
    server.prints("2026-09-01", "2026-09-02")
    log = server.read("2026-09-03")
    assert reading.keep("lab", log)
    for name in ("hdv-imp1", "hdv-imp2"):
        answer = {
            "server": name, "enabled": True, "lost": False, "complete": True, "oldest_at": None, "last": 4,
            "last_at": None, "read_at": "2026-09-04T18:00:00+00:00", "days": [],
        }  # fmt: skip
        assert reading.take(town, "lab", Answer(answer, {}, {})) is False
        known = store.last(SUBJECTS["printing"], "lab")
        assert "daté de l’avenir" in str(silence_of(known[name]))
        assert known["hdv-imp1"].value == log  # type: ignore[union-attr]


def test_an_empty_log_proves_nothing_of_the_days_that_follow() -> None:
    server = Server()
    assert server.read("2026-08-31").since == "2026-08-31"
    server.prints("2026-09-02", "2026-09-03")
    print_log.clear(server.log, restart=True)
    log = server.read("2026-11-02")
    assert [log.whole(name) for name in ("2026-09", "2026-10")] == [False, False]
    assert "était vide" in holes_said(log)[0]
