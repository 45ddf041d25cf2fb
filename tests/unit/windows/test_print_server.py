"""Readings of a print server, shared by the owners of a run, and of needed queues only."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lab.winrm.print_server import PrintServer as Lab
from lab.winrm.print_server import queue
from piste.engine.converge.errors import AnswerLost, PisteError, Unreachable
from piste.engine.transport.shared import VARIABLE
from piste.systems.windows.print_server import BATCH, PrintServer, expect

NAMES = [f"imp-{site}-0{number}" for site in ("jau", "aur", "mer") for number in (1, 2)]


class Host:
    """The print server as a session reaches it, without a socket; readings are noted."""

    host = "hdv-imp1"

    def __init__(self) -> None:
        self.lab = Lab([queue(name) for name in [*NAMES, "imp-direction"]])
        self.asked: list[list[str]] = []
        """Queues whose settings were read, for each reading."""
        self.before: Callable[[list[str]], None] = lambda names: None

    def run(self, snippet: str, **given: Any) -> dict[str, Any]:
        answer = self.lab.read(given)
        names = [entry["name"] for entry in answer["queues"] if {"duplexing", "error"} & entry.keys()]
        self.asked.append(names)
        self.before(names)
        return answer

    def owner(self) -> PrintServer:
        """Return the server as the task of another owner sees it."""
        return PrintServer(self)  # type: ignore[arg-type]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return Host()


def settings(queues: list[dict[str, Any]]) -> set[str]:
    return {entry["name"] for entry in queues if "duplexing" in entry}


def test_owners_that_are_expected_are_read_together_once(host: Host) -> None:
    for at in range(0, 6, 2):
        expect(host.host, NAMES[at : at + 2])
    for at in range(0, 6, 2):
        assert settings(host.owner().queues(NAMES[at : at + 2])) >= set(NAMES[at : at + 2])
    assert host.asked == [NAMES]


def test_a_run_of_one_owner_reads_its_own_settings_alone(host: Host) -> None:
    mine = host.owner()
    for _ in range(2):
        queues = mine.queues(NAMES[:2])
        assert (len(queues), settings(queues)) == (7, set(NAMES[:2]))
    assert host.asked == [NAMES[:2]]


def test_owners_that_wait_for_the_same_server_are_read_together(host: Host) -> None:
    reading, waiting = threading.Event(), threading.Barrier(3)
    seen: dict[int, set[str]] = {}

    def hold(names: list[str]) -> None:
        if not reading.is_set():
            reading.set()
            waiting.wait(10)

    def ask(at: int) -> None:
        server = host.owner()
        if at:
            expect(host.host, NAMES[at : at + 2])  # what the other thread's queues() does first
            waiting.wait(10)
        seen[at] = settings(server.queues(NAMES[at : at + 2]))

    host.before = hold
    threads = [threading.Thread(target=ask, args=(at,)) for at in (0, 2, 4)]
    threads[0].start()
    assert reading.wait(10)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert {at: names >= set(NAMES[at : at + 2]) for at, names in seen.items()} == {0: True, 2: True, 4: True}
    assert host.asked == [NAMES[:2], NAMES[2:]]


def test_a_survey_reads_the_prefix_of_every_owner(host: Host) -> None:
    for site in ("jau", "aur", "mer"):
        expect(host.host, [], f"IMP-{site}-")
    queues = host.owner().queues([], "IMP-jau-")
    assert settings(queues) == set(NAMES)
    assert settings(host.owner().queues([NAMES[3]], "IMP-aur-")) == set(NAMES)
    assert sorted(name for names in host.asked for name in names) == sorted(NAMES)


def test_more_than_a_run_of_the_snippet_takes_is_read_some_at_a_time(host: Host) -> None:
    names = [f"imp-jau-{number:03}" for number in range(2 * BATCH + 1)]
    host.lab.queues[:] = [queue(name) for name in names]
    expect(host.host, names[:30])
    assert settings(host.owner().queues(names[30:])) == set(names)
    assert [len(names) for names in host.asked] == [BATCH, BATCH, 1]


def test_the_look_again_is_the_server_s_own_answer_for_the_owner_alone(host: Host) -> None:
    expect(host.host, NAMES)
    host.owner().queues(NAMES[:2])
    host.lab.queues[0]["duplexing"] = "TwoSidedLongEdge"
    again = host.owner().queues(NAMES[:2], fresh=True)
    assert (settings(again), again[0]["duplexing"]) == (set(NAMES[:2]), "TwoSidedLongEdge")


def test_only_written_queues_are_read_again(host: Host) -> None:
    expect(host.host, NAMES)
    mine = host.owner()
    mine.queues(NAMES[:2])
    with suppress(AnswerLost), mine.writing(NAMES[:1]):
        host.owner().queues(NAMES[:2])  # another task looks in the middle of the write
        host.lab.queues[0]["color"] = False
        raise AnswerLost("la réponse à une écriture s’est perdue")
    assert host.owner().queues(NAMES[:2])[0]["color"] is False
    host.owner().queues(NAMES[2:])
    assert host.asked == [NAMES, NAMES[:1], NAMES[:1]]


def test_a_silent_server_gives_each_owner_the_error(host: Host) -> None:
    def down(names: list[str]) -> None:
        raise Unreachable("ne répond pas", where=host.host)

    host.before = down
    for _ in range(2):
        with pytest.raises(Unreachable, match="ne répond pas"):
            host.owner().queues(NAMES[:2])
    host.before = lambda names: None
    assert settings(host.owner().queues(NAMES[:2])) == set(NAMES[:2])


def test_a_queue_that_keeps_the_host_from_answering_hides_no_other_owner_s(host: Host) -> None:
    def hangs(names: list[str]) -> None:
        if NAMES[5] in names:
            raise Unreachable("rien au bout de 300 s", where=host.host)

    host.before = hangs
    expect(host.host, NAMES[4:])
    for at in (0, 2):
        assert settings(host.owner().queues(NAMES[at : at + 2])) >= set(NAMES[at : at + 2])
    with pytest.raises(PisteError, match="rien au bout"):
        host.owner().queues(NAMES[4:])
    assert host.asked == [[*NAMES[:2], *NAMES[4:]], NAMES[:2], NAMES[2:4], NAMES[4:]]


def test_a_queue_that_went_meanwhile_is_unknown(host: Host) -> None:
    names = [f"imp-jau-{number:03}" for number in range(BATCH + 1)]
    host.lab.queues[:] = [queue(name) for name in names]
    host.before = lambda asked: host.lab.queues.pop() and None if len(host.asked) == 1 else None
    (last,) = [entry for entry in host.owner().queues(names) if entry["name"] == names[-1]]
    assert last["error"] == "disparue"


def test_expected_queues_are_noted_without_the_libraries_of_winrm() -> None:
    """A task can note what the run will need without importing the libraries of WinRM."""
    code = "import sys, piste.systems.windows.print_server; print({'requests', 'winrm', 'ldap3'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
