"""A session of tests leaves nothing behind; what others began is theirs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import forkserver


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
