"""Session settings of the tests: files that no test may leave behind, order of files.

Records of runs, saved plans and derivations go to a folder of the session. The end shows the count of tests by folder;
a whole run notes what each file takes.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support import durations, forkserver, frozen, memory, real_town, spent

_OWNER = "PISTE_TESTS_OWNER"
if forkserver.SESSION not in os.environ:
    memory.use()
    # The number of a process stays the same where it starts again in the tree of the tests.
    own = {forkserver.SESSION: tempfile.mkdtemp(prefix="piste-tests-"), _OWNER: str(os.getpid())}
    os.environ.update(own)
_session = os.environ[forkserver.SESSION]
os.environ.setdefault("PISTE_JOURNAL_DIR", f"{_session}/journal")
os.environ.setdefault("PISTE_PLANS_DIR", f"{_session}/plans")
os.environ.setdefault("PISTE_DERIVED_DIR", f"{_session}/derived")
os.environ.setdefault("PISTE_PROBES_DIR", f"{_session}/probes")
os.environ.setdefault("PISTE_STATE_DIR", f"{_session}/state")
os.environ.setdefault("PISTE_LOG_SEALS_DIR", f"{_session}/log-seals")

# A job in the background of a shell inherits an ignored interrupt; tests send some.
signal.signal(signal.SIGINT, signal.default_int_handler)

# By its own threshold, Python spends a tenth of a session looking for cycles among what never dies: modules and tests.
gc.set_threshold(50_000, 20, 20)

# No machine fails meanwhile: a test need not wait until what it writes is on the disk.
os.fsync = lambda descriptor: None

pytest_plugins = ["tests.support.forks", *(["tests.support.samba"] if frozen.repository() else [])]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Go on in the tree of the tests, with the terminal given back by what captures it."""
    if not frozen.repository():
        config.pluginmanager.getplugin("capturemanager").stop_global_capturing()
        frozen.enter(config)
    real_town.guard()


def pytest_collection_finish() -> None:
    """Leave aside what the session keeps to its end."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _owns_the_session():
        forkserver.close()
        if exitstatus == pytest.ExitCode.OK:
            memory.leave(session.config)
    spent.note(spent.TESTS, time.process_time())


def pytest_unconfigure() -> None:
    """Leave nothing of the session on the disk."""
    if _owns_the_session():
        shutil.rmtree(os.environ[forkserver.SESSION], ignore_errors=True)


def _owns_the_session() -> bool:
    """Tell whether this process began the session: a fork, or a session in a test, did not."""
    return os.environ.get(_OWNER) == str(os.getpid())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin a whole run with the longest files: no process is left alone with them at the end."""
    if durations.NOTED in os.environ:
        files = {_file(item.nodeid) for item in items}
        turns = durations.turns(files, durations.read(durations.ROOT / durations.TESTS))
        items.sort(key=lambda item: (turns[_file(item.nodeid)], _file(item.nodeid)))


def _file(test: str) -> str:
    return test.partition("::")[0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    by_folder: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.getreports(outcome):
            by_folder.setdefault("/".join(report.nodeid.split("/")[:2]), Counter())[outcome] += 1
    for folder, counts in sorted(by_folder.items()):
        line = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        terminalreporter.write_line(f"{folder} : {line}")
    if path := os.environ.get(durations.NOTED):
        spent: Counter[str] = Counter()
        for report in (report for reports in terminalreporter.stats.values() for report in reports):
            if isinstance(report, pytest.TestReport):
                spent[_file(report.nodeid)] += report.duration
        durations.write(Path(path), spent)
