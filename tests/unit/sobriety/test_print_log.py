"""The kept log of the print server: months by queue, holes said, no name of anybody."""

from __future__ import annotations

import json
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.winrm import print_log
from piste.sobriety.printing import log as kept
from piste.sobriety.printing.log import PrintLog, UnreadableAccounting, added
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
    assert kept.holes_said(log)[0].startswith("du 2026-09-10 au 2026-10-07 : le journal a été vidé")
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


def test_nothing_kept_names_anybody(tmp_path: Path) -> None:
    server = Server()
    for queue in ("imp-jau-01", "HP (de PC-HDV-017) dans la session 3"):
        server.prints("2026-09-01", "2026-09-20", queue)
    source = json.dumps(server.log, ensure_ascii=False)
    names = [*print_log.PERSONS, *print_log.DOCUMENTS, "PC-HDV-017", "PC-CCAS-003"]
    assert all(name in source for name in names)
    kept.keep(tmp_path, server.read("2026-09-20"))
    text = (tmp_path / kept.FILE).read_text("utf-8")
    assert [name for name in names if name in text] == []
    assert stat.S_IMODE((tmp_path / kept.FILE).stat().st_mode) == 0o600
    assert kept.load(tmp_path) == server.kept


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"server": 3}', '{"server": "a", "persons": []}'])
def test_a_kept_file_of_another_form_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / kept.FILE).write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableAccounting) as failure:
        kept.load(tmp_path)
    assert failure.value.code == "PISTE-E151"


def test_the_playbook_goes_on_where_the_last_reading_ended(tmp_path: Path) -> None:
    assert kept.cursor(tmp_path) == {}
    assert kept.take(tmp_path, None, the_town()) is None
    server = Server()
    server.prints("2026-09-01", "2026-09-02")
    log = server.read("2026-09-03")
    kept.keep(tmp_path, log)
    assert kept.cursor(tmp_path) == {"print_log_after": 4, "print_log_at": log.last_at}
    assert kept.take(tmp_path, None, the_town()) == log


def test_an_empty_log_proves_nothing_of_the_days_that_follow() -> None:
    server = Server()
    assert server.read("2026-08-31").since == "2026-08-31"
    server.prints("2026-09-02", "2026-09-03")
    print_log.clear(server.log, restart=True)
    log = server.read("2026-11-02")
    assert [log.whole(name) for name in ("2026-09", "2026-10")] == [False, False]
    assert "était vide" in kept.holes_said(log)[0]
