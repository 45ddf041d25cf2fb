"""Printing as a person runs it: planned, applied, given back by the undo, drift named."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.winrm import print_log
from tests.support.playbooks import console, only
from tests.support.terminal import Terminal

SITE, OTHER = "ecole-jaures", "ecole-auriol"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("printing")
    with console(folder) as opened:
        opened.environment |= {**only("printing"), "PISTE_STATE_DIR": str(folder / "kept")}
        yield Terminal(opened)


def queues(terminal: Terminal) -> list[dict[str, Any]]:
    live: list[dict[str, Any]] = terminal.console.lab.systems["winrm"].state()["hdv-imp1"]["queues"]
    return copy.deepcopy(live)


def test_the_rule_is_applied_and_given_back_exactly(terminal: Terminal) -> None:
    planned = terminal.piste("plan", SITE, "--domain", "printing")
    assert planned.code == 2, planned.err
    before = queues(terminal)
    assert {(queue["duplexing"], queue["color"]) for queue in before} == {("OneSided", True)}

    applied = terminal.piste("apply", planned.plan_id, "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert [(path, status) for _, path, status in terminal.writes] == [("/hdv-imp1/print_queues_write", 200)]
    changed = [queue for queue, old in zip(queues(terminal), before, strict=True) if queue != old]
    assert {queue["name"] for queue in changed} == {"imp-jau-01", "imp-jau-02", "imp-jau-03"}
    assert {(queue["duplexing"], queue["color"]) for queue in changed} == {("TwoSidedLongEdge", False)}

    again = terminal.console.play("playbooks/domains/printing.yml", "-l", f"{SITE},{OTHER}", "--check")
    assert (again.code, again.recap(SITE)["changed"], again.recap(OTHER)["changed"]) == (0, 0, 1)
    assert terminal.console.lab.calls.of("winrm") == {"reads": 1, "writes": 0, "sessions": 1}

    inverse = terminal.piste("undo", planned.plan_id)
    assert inverse.code == 2, inverse.out + inverse.err
    undone = terminal.piste("apply", inverse.plan_id, "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert queues(terminal) == before


def test_a_print_server_that_is_silent_is_unknown(terminal: Terminal) -> None:
    system = terminal.console.lab.systems["winrm"]
    system.faults.add("cut", path="/hdv-imp1/", times=None)
    try:
        played = terminal.console.play("playbooks/domains/printing.yml", "-l", SITE)
    finally:
        system.faults.clear()
    assert played.code != 0
    assert f"{SITE} n’a pas abouti (impression : sans réponse)" in played.said


def test_what_was_printed_is_counted_once_and_names_nobody(terminal: Terminal) -> None:
    machine = terminal.console.lab.systems["winrm"].simulator.machines["hdv-imp1"]  # type: ignore[attr-defined]
    read = terminal.piste("printing", "read")
    assert read.code == 0, read.out + read.err
    assert terminal.console.lab.calls.of("winrm") == {"reads": 1, "writes": 0, "sessions": 1}
    assert "journal" not in read.out

    again = terminal.piste("printing", "read", "--format", "json")
    assert again.code == 0, again.err
    pages = {event["record"]: event["values"][7] for event in machine.print_log["events"] if event["id"] == 307}
    assert sum(month["pages"] for month in json.loads(again.out)["log"]["months"]) == sum(pages.values()) > 1000

    print_log.clear(machine.print_log)
    machine.print_log["enabled"] = False
    off = terminal.piste("printing", "read")
    assert "le journal a été vidé" in off.out
    assert (off.code, "le journal des impressions est éteint" in off.err.lower()) == (1, True)

    said = "".join((read.out, read.err, again.out, off.out, off.err))
    kept = (Path(terminal.console.environment["PISTE_STATE_DIR"]) / "lab" / "readings.db").read_bytes()
    journal = "".join(path.read_text("utf-8") for path in terminal.console.folder.rglob("journal/**/*.json"))
    names = [*print_log.PERSONS, *print_log.DOCUMENTS, *(name.strip("\\") for name in print_log.COMPUTERS)]
    assert [name for name in names if name in said + journal or name.encode() in kept] == []
