"""The 802.1X of a site, proven by real exchanges with the servers that Piste has configured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.playbooks import console
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("verify"), directory=True) as opened:
        assert opened.lab.directory is not None
        done = opened.play("playbooks/site.yml", "-l", "commune:ccas", "--tags", "directory,access")
        assert done.code == 0, done.said
        yield Terminal(opened)


def test_a(terminal: Terminal) -> None:
    said = terminal.piste("verify", "ccas")
    print(said.out, said.err)
    terminal.console.lab.directory.tool("group", "addmembers", "GV-Agents", "agent.test")
    said = terminal.piste("verify", "ccas")
    print(said.out, said.err)
    assert said.code == 0
