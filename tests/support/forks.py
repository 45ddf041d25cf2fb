"""Tests on several processes, forks of the process that collected: `pytest --forks 3`.

What all need, the imports and the collection, is done once. A file stays on one process, as what its tests share; the
files are taken in their order by the process that is free.
"""

from __future__ import annotations

import atexit
import os
import random
import signal
import struct
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support import spent

_PLACE = struct.Struct("I")
"""The place of a file among those to run: so small that it is read whole from the pipe."""
_START, _REPORT, _END = "start", "report", "end"

type Files = Sequence[Sequence[pytest.Item]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=0, help="run the files of tests on so many forked processes")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the files on forked processes, and report what they report."""
    count = session.config.option.forks
    if not count or session.testsfailed or session.config.option.collectonly:
        return None
    files = [[*some] for _, some in groupby(session.items, key=lambda item: item.path)]
    base = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    left = _queue(len(files))
    started: dict[int, Connection] = {}
    try:
        for number in range(count):
            hearing, saying = Pipe(duplex=False)
            if (pid := os.fork()) == 0:
                _run(session, files, left, saying, base / f"fork{number}")
            saying.close()
            started[pid] = hearing
        os.close(left)
        _follow(session, started)
    finally:
        for pid in started:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    return True


def _queue(count: int) -> int:
    """Make a pipe with the places of the files, from which each process takes the next."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(map(_PLACE.pack, range(count))))
    os.close(writing)
    return reading


def _follow(session: pytest.Session, started: dict[int, Connection]) -> None:
    """Report what the processes say, until each has ended or the session is to stop."""
    hook, running = session.config.hook, dict.fromkeys(started.values(), "")
    left = {item.nodeid: None for item in session.items}
    while running and not session.shouldfail:
        for process in wait([*running]):
            assert isinstance(process, Connection)
            try:
                what, said = process.recv()
            except EOFError:
                hook.pytest_runtest_logreport(report=_died(running.pop(process), "pendant"))
                continue
            if what == _START:
                running[process] = said[0]
                left.pop(said[0], None)
                hook.pytest_runtest_logstart(nodeid=said[0], location=said[1])
            elif what == _REPORT:
                report = hook.pytest_report_from_serializable(config=session.config, data=said)
                hook.pytest_runtest_logreport(report=report)
            else:
                del running[process]
    for test in () if session.shouldfail else left:
        hook.pytest_runtest_logreport(report=_died(test, "avant"))


def _died(test: str, when: str) -> pytest.TestReport:
    """Make the report of a test whose process ended in it, or before it."""
    why = f"le processus s’est arrêté {when} ce test"
    return pytest.TestReport(test, (test.partition("::")[0], None, test), {}, "failed", why, "call")


def _run(session: pytest.Session, files: Files, left: int, saying: Connection, folder: Path) -> NoReturn:
    """Be a process: run the files that are left, and say what each test gives."""
    code = 1
    try:
        _alone(session, folder)
        session.config.pluginmanager.register(_Saying(session.config, saying))
        items = _items(files, left)
        item = next(items, None)
        while item is not None and not (session.shouldfail or session.shouldstop):
            following = next(items, None)
            saying.send((_START, (item.nodeid, item.location)))
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following
        spent.note(spent.TESTS, time.process_time())
        saying.send((_END, None))
        atexit._run_exitfuncs()
        code = 0
    finally:
        os._exit(code)


def _alone(session: pytest.Session, folder: Path) -> None:
    """Leave to the first process what is its own: terminal, capture, temporary files, end."""
    config = session.config
    atexit._clear()
    random.seed()
    folder.mkdir(mode=0o700)
    config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
    reporter, capture = (config.pluginmanager.getplugin(name) for name in ("terminalreporter", "capturemanager"))
    reporter._tw._file = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  as long as the process
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()


def _items(files: Files, left: int) -> Iterator[pytest.Item]:
    while place := os.read(left, _PLACE.size):
        yield from files[_PLACE.unpack(place)[0]]


class _Saying:
    """Says each report of a process to the first process, as it comes."""

    def __init__(self, config: pytest.Config, saying: Connection) -> None:
        self._config, self._saying = config, saying

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._saying.send((_REPORT, data))
