"""The town's firewall as an operator runs it: planned, written, a site alone, installed apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.playbooks import Console, console

TOWN = ("playbooks/domains/firewall.yml", "-l", "commune,ecole-jaures")
INSTALLATION = ("playbooks/domains/firewall.yml", "-l", "commune", "--tags", "installation")
ENGINE = "upload"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("firewall"), firewall=True) as opened:
        yield opened


def uploads(terminal: Console) -> list[str]:
    return [entry.path for entry in terminal.lab.calls.log if re.search(r"/upload\b", entry.path)]


def diff_of(said: str) -> list[str]:
    return [line for line in said.splitlines() if line[:1] in "+-" and line.strip()]


def test_plan_apply_and_nothing_left_to_do_and_nothing_installed(terminal: Console) -> None:
    planned = terminal.play(*TOWN, "--check", "--diff")
    assert planned.code == 0, planned.said
    assert terminal.lab.calls.of("smc")["writes"] == 0
    for line in (
        "--- before: policy VLB [Site ecole-jaures] (création)",
        "+- id: ecoles-noms.ecole-jaures",
        "+  - network/VLB-ecole-jaures-pedagogique",
        "+- id: refus-journalise",
    ):
        assert line in planned.said.splitlines()

    applied = terminal.play(*TOWN, "--diff")
    assert applied.code == 0, applied.said
    assert diff_of(applied.said) == diff_of(planned.said)
    assert uploads(terminal) == []

    again = terminal.play(*TOWN)
    assert [again.recap(host)["changed"] for host in ("commune", "ecole-jaures")] == [0, 0]
    assert terminal.lab.calls.of("smc")["writes"] == 0
