"""A session of tests leaves nothing behind; what others began is theirs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.support import forkserver, memory


@pytest.mark.parametrize(("ahead", "kept"), [(0, False), (1, True)])
def test_the_process_that_began_a_session_alone_removes_its_folder(
    ahead: int, kept: bool, tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(forkserver.SESSION, str(tmp_path / "session"))
    monkeypatch.setenv("PISTE_TESTS_OWNER", str(os.getpid() + ahead))
    (tmp_path / "session/forks").mkdir(parents=True)
    (tmp_path / "session/forks/spent").write_text("commands 1.0\n", "utf-8")
    (conftest,) = (plugin for plugin in pytestconfig.pluginmanager.get_plugins() if _is_of_all(plugin))
    conftest.pytest_unconfigure()
    assert (tmp_path / "session").exists() is kept


def _is_of_all(plugin: object) -> bool:
    return getattr(plugin, "__file__", "") == str(Path(forkserver.__file__).parents[1] / "conftest.py")


def test_temporary_files_are_in_memory_where_a_session_fits_and_nobody_has_said_another_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(memory, "_fits", lambda: False)
    monkeypatch.delenv("TMPDIR", raising=False)
    memory.use()
    assert "TMPDIR" not in os.environ
    monkeypatch.setattr(memory, "_fits", lambda: True)
    monkeypatch.setenv("TMPDIR", "/var/tmp")
    memory.use()
    assert os.environ["TMPDIR"] == "/var/tmp"
    monkeypatch.delenv("TMPDIR")
    memory.use()
    assert os.environ["TMPDIR"] == "/dev/shm"


def test_a_session_does_not_fit_in_a_memory_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_available", lambda: 2**30)
    assert not memory._fits()
