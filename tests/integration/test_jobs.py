"""The verbs as jobs of a service: a plan made by a job is applied by another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.runs.records.journal import latest, verify
from tests.support import forkserver
from tests.support.playbooks import PROGRAM, Console, console
from tests.support.terminal import Terminal


class Jobs:
    """Jobs of two machines that share plans and journal, started with callbacks of the service."""

    def __init__(self, here: Console) -> None:
        self.here = here

    @property
    def journal(self) -> Path:
        return self.here.folder / "journal"

    def run(self, machine: str, **variables: str) -> tuple[int, str]:
        environment = Terminal(self.here).environment
        given = " ".join(f"{name}='{value}'" for name, value in variables.items())
        command = [PROGRAM, "-i", "localhost,", "contrib/jobs/verb.yml", "-e", f"piste_job_environment=lab {given}"]
        own = {
            "ANSIBLE_CALLBACKS_ENABLED": "junit",
            "ANSIBLE_SHOW_CUSTOM_STATS": "1",
            "JUNIT_OUTPUT_DIR": str(self.here.folder / "junit"),
            "PATH": f"{forkserver.home() / 'venv/bin'}:{environment['PATH']}",
            "PISTE_LOCK_DIR": str(self.here.folder / machine),
            "PISTE_NODE": "service",
        }
        self.here.lab.calls.clear()
        code, said, _ = self.here.run(command, environment | own)
        return code, said


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    with console(tmp_path) as here:
        yield Jobs(here)


def test_a_plan_goes_from_job_to_job(jobs: Jobs) -> None:
    code, said = jobs.run("machine-1", verb="plan", target="ecole-jaures")
    assert code == 0, said
    (plan,) = re.findall(r"saved_plan: (\S+)", said)
    assert jobs.here.lab.calls.writes() == []
    code, said = jobs.run("machine-2", verb="apply", saved_plan=plan)
    assert code == 0, said
    assert jobs.here.lab.calls.writes()
    assert verify(jobs.journal) == []
    assert [(record["node"], record["check"], record["plan"]) for record in latest(jobs.journal)] == [
        ("service", True, None),
        ("service", True, plan),
        ("service", False, plan),
    ]


STRANGE: list[Any] = [
    {"verb": "undo", "target": "ecole-jaures"},
    pytest.param({"verb": "plan"}, marks=pytest.mark.story),
    pytest.param({"verb": "plan", "target": "ecole-jaures --confirm"}, marks=pytest.mark.story),
    {"verb": "apply", "saved_plan": "../plan.json"},
]


@pytest.mark.parametrize("variables", STRANGE)
def test_a_job_takes_no_other_verb_option_or_file(jobs: Jobs, variables: dict[str, str]) -> None:
    code, said = jobs.run("machine-1", **variables)
    assert (code, "Assertion failed" in said, "Lancer le verbe" in said) == (2, True, False)
    assert not jobs.journal.exists()
