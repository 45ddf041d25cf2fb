"""A run killed by the kernel is finished by the next run."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.support.playbooks import console

SITE = ("playbooks/site.yml", "-l", "cimetiere,halte-jeux")


def test_three_kills_at_different_moments_then_a_run_that_finishes(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        for writes in (1, 5, 9):
            terminal.lab.calls.clear()
            process = terminal.start(*SITE)
            deadline = time.monotonic() + 60
            while terminal.lab.calls.written() < writes:
                assert process.poll() is None, process.communicate()[0]
                assert time.monotonic() < deadline
                time.sleep(0.002)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            assert process.returncode == -signal.SIGKILL
        finished = terminal.play(*SITE)
        assert finished.code == 0, finished.said
        again = terminal.play(*SITE)
        assert [again.recap(site)["changed"] for site in ("cimetiere", "halte-jeux")] == [0, 0]
        assert terminal.lab.calls.writes() == []
        networks = terminal.lab.meraki.world.networks.values()
        assert sorted(network["name"] for network in networks) == ["VLB cimetiere", "VLB halte-jeux"]
        for network in networks:
            for objects in (network["policies"], network["ssids"]):
                names = [entry["name"] for entry in objects.values()]
                assert len(names) == len(set(names))
        assert terminal.run_folders == []
