"""What is handed to ansible-runner."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ansible_runner
import pytest

from piste.runs.play import Order, play
from piste.runs.stop import Stopped


def test_ansible_is_found_beside_the_interpreter_where_no_environment_is_activated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(
        ansible_runner, "run", lambda **options: given.update(options) or SimpleNamespace(rc=0, status="successful")
    )
    monkeypatch.setenv("PATH", "/usr/bin")
    play(Order("playbooks/site.yml"), check=True)
    assert given["envvars"]["PATH"] == f"{Path(sys.executable).parent}:/usr/bin"


@pytest.mark.parametrize(("check", "said"), [(True, False), (False, True)])
def test_a_run_that_somebody_stops_says_what_may_be_half_done(
    check: bool, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(**options: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return SimpleNamespace(rc=254, status="canceled")

    monkeypatch.setattr(ansible_runner, "run", run)
    with pytest.raises(Stopped, match=r"PISTE-E045 l'exécution a été interrompue\. .*Relancez") as stopped:
        play(Order("playbooks/site.yml"), check=check)
    assert ("fait en partie" in str(stopped.value)) is said
