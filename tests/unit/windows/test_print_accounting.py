"""The accounting of a print server: counts by queue and day, and no name of anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.winrm import WinrmSimulator, print_log
from lab.winrm.print_server import queue
from piste.engine.converge.errors import Rejected, Unreachable
from piste.systems.windows import print_accounting
from piste.systems.windows.print_accounting import MODULES
from piste.systems.windows.snippets import script

MONDAY, TUESDAY = datetime(2026, 11, 2, 9, tzinfo=print_log.ZONE), datetime(2026, 11, 3, 9, tzinfo=print_log.ZONE)
NAMED = ("names", *print_log.PERSONS, *print_log.DOCUMENTS, *print_log.COMPUTERS)


class Printers:
    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        simulator = lab.systems["winrm"].simulator
        assert isinstance(simulator, WinrmSimulator)
        self.simulator, self.state = simulator, simulator.machines["hdv-imp1"].state
        self.state["queues"] = [queue("IMP-JAU-01"), queue("imp-jau-02"), queue("local", shared=False)]
        self.log = self.state["print_log"] = print_log.log()

    def run(self, after: int = 0, after_at: str | None = None) -> dict[str, Any]:
        info = self.lab.info["winrm"]
        named = {"username": info["username"], "password": info["password"], "urls": info["hosts"]}
        winrm = {**named, "authentication": "basic", "ca_file": self.lab.info["ca_file"]}
        task = {"winrm": winrm, "server": "hdv-imp1", "queues": ["imp-jau-02"], "after": after, "after_at": after_at}
        return MODULES["win_print_accounting"].run(task, False)

    def days(self, before: dict[str, Any]) -> list[tuple[str, str, int, int]]:
        days = self.run(before["last"], before["last_at"])["accounting"]["days"]
        return [(line["day"][-2:], line["queue"], line["jobs"], line["pages"]) for line in days]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def printers(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Printers:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path))
    lab.reset("empty")
    return Printers(lab)


def test_jobs_are_counted_by_queue_and_day_with_their_copies(printers: Printers) -> None:
    print_log.printed(printers.log, "imp-jau-01", MONDAY, 3, copies=2)
    print_log.printed(printers.log, "imp-jau-01", MONDAY, 5, copies=None)
    print_log.printed(printers.log, "imp-jau-02", MONDAY, 1, color=2)
    print_log.printed(printers.log, "imp-jau-01", TUESDAY, 4, copies=0)
    answer = printers.run()["accounting"]
    first, second, third = answer["days"]
    # 3 pages × 2 copies, and 5 pages whose copies nobody knows
    assert first == {
        "day": "2026-11-02", "queue": "IMP-JAU-01", "jobs": 2, "pages": 11, "copied": 1, "mono": 1, "color": 0
    }  # fmt: skip
    assert (second["queue"], second["pages"], second["color"]) == ("imp-jau-02", 1, 1)
    assert (third["day"], third["pages"], third["copied"]) == ("2026-11-03", 4, 0)
    assert (answer["last"], answer["complete"], answer["lost"]) == (7, True, False)
    assert answer["last_at"] == "2026-11-03T08:00:00+00:00"


def test_a_second_reading_counts_only_what_came_since(printers: Printers) -> None:
    print_log.printed(printers.log, "imp-jau-01", MONDAY, 3)
    first = printers.run()["accounting"]
    assert printers.days(first) == []
    print_log.printed(printers.log, "imp-jau-01", TUESDAY, 4)
    again = printers.run(first["last"], first["last_at"])["accounting"]
    assert [line["pages"] for line in again["days"]] == [4]
    assert again["lost"] is False


@pytest.mark.parametrize("how", ["wrapped", "cleared", "cleared and numbered again"])
def test_a_log_without_the_last_record_says_so_and_is_counted_whole(printers: Printers, how: str) -> None:
    for rank in range(6):
        print_log.printed(printers.log, "imp-jau-01", MONDAY, 1 + rank)
    first = printers.run()["accounting"]
    if how != "wrapped":
        print_log.clear(printers.log, restart="again" in how)
    for rank in range(8):
        print_log.printed(printers.log, "imp-jau-02", TUESDAY, 1 + rank)
    if how == "wrapped":
        print_log.wrap(printers.log, 4)
    again = printers.run(first["last"], first["last_at"])["accounting"]
    assert again["lost"] is True
    assert again["days"][0]["pages"] == (7 + 8 if how == "wrapped" else 36)


def test_an_empty_log_after_a_clearing_is_lost_and_not_zero(printers: Printers) -> None:
    print_log.printed(printers.log, "imp-jau-01", MONDAY, 3)
    first = printers.run()["accounting"]
    print_log.clear(printers.log)
    again = printers.run(first["last"], first["last_at"])["accounting"]
    assert (again["lost"], again["oldest_at"], again["days"], again["last"]) == (True, None, [], 0)


def test_large_logs_are_counted_in_batches_and_within_a_bound(
    printers: Printers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rank in range(9):
        print_log.printed(printers.log, "imp-jau-01", MONDAY, 1 + rank)
    monkeypatch.setattr(print_accounting, "BATCH", 4)
    whole = printers.run()
    assert whole["accounting"]["days"][0]["pages"] == 45
    assert whole["accounting"]["days"][0]["copied"] == 9
    assert whole["accounting"]["complete"] is True
    monkeypatch.setattr(print_accounting, "BATCHES", 2)
    cut = printers.run()["accounting"]
    assert (cut["complete"], cut["last"]) == (False, 8)
    assert printers.days(cut) == [("02", "IMP-JAU-01", 4, 5 + 6 + 7 + 8)]


def test_no_name_of_anybody_leaves_the_server(printers: Printers) -> None:
    for name in ("imp-jau-01", "local", "HP (de PC-HDV-017) dans la session 3"):
        for _ in range(4):
            print_log.printed(printers.log, name, MONDAY, 2)
    kept = json.dumps(printers.log, ensure_ascii=False)
    assert all(name in kept for name in print_log.PERSONS)
    result = printers.run()
    said = json.dumps(result, ensure_ascii=False)
    assert [name for name in NAMED if name.strip("\\") in said] == []
    assert [line["queue"] for line in result["accounting"]["days"]] == ["", "IMP-JAU-01"]


def test_the_snippet_does_not_even_read_the_names() -> None:
    text = script("print_log_read")
    assert set(re.findall(r"\$values\[(\d)\]", text)) == {"0", "4", "7"}
    assert set(re.findall(r"\$job\.(\w+)", text)) == {"JobId", "Copies", "Color"}
    assert not re.search(r"entry\.Message|FormatDescription|UserId|MachineName", text)


@pytest.mark.parametrize(
    ("settings", "state", "words"),
    [
        ({}, "ok", "allumé"),
        ({"enabled": False}, "wrong", "éteint"),
        ({"size": 1_052_672}, "wrong", "1 Mio"),
        ({"mode": "Retain"}, "wrong", "Retain"),
    ],
)
def test_the_settings_of_the_log_are_judged(
    printers: Printers, settings: dict[str, Any], state: str, words: str
) -> None:
    printers.log.update(settings)
    (finding,) = printers.run()["findings"]
    assert (finding["state"], words in finding["what"]) == (state, True)


@pytest.mark.parametrize("wrong", [{"pages": -1}, {"pages": 2**60}, {"day": "hier"}, {"day": "2026-02-30"}])
def test_nonsense_is_unknown(printers: Printers, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]) -> None:
    print_log.printed(printers.log, "imp-jau-01", MONDAY, 3)
    read = print_log.read

    def lying(*arguments: Any) -> dict[str, Any]:
        answer = read(*arguments)
        return answer | {"days": [answer["days"][0] | wrong]}

    monkeypatch.setattr(print_log, "read", lying)
    with pytest.raises(Unreachable):
        printers.run()


def test_a_log_that_does_not_read_is_unknown_to_the_doctor() -> None:
    class Refused:
        host = "hdv-imp1"

        def run(self, snippet: str, **given: Any) -> dict[str, Any]:
            raise Rejected("refusé", where=self.host, why="Accès refusé")

    (finding,) = print_accounting.checks(Refused())  # type: ignore[arg-type]
    assert (finding.state, "Accès refusé" in finding.what) == ("unknown", True)
