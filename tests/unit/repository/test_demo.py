"""The script of the demonstration, with stand-ins for the programs that it calls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.meraki.behaviour import Behaviour
from tests.unit.repository.tree import ROOT

DIRECTORY = "Annuaire (AD)    dc1.lab à l’adresse 127.0.0.2, LDAPS et SMB"
# Many lines after the wanted line: a reader that left early would make their writer fail.
INFO = "Dossier          /lab\n{directory}\n" + "  ligne\n" * 20_000
REAL = Behaviour()
BACK = f"lab set claim_limit={REAL.claim_limit} rate_limit={REAL.rate_limit:g}"
RECAP = "PLAY RECAP ***\ncommune : ok=3 changed={changed} unreachable=0 failed={failed}\n"


class Stage:
    """A folder with the script, and stand-ins for the programs that it calls.

    Where it is `slow`, a long step lasts a second.
    """

    def __init__(self, folder: Path, *, slow: bool = False) -> None:
        self.folder, self.pause = folder, "sleep 1" if slow else ":"
        (folder / "scripts").mkdir()
        for name in ("common.sh", "demo.sh"):
            shutil.copy(ROOT / "scripts" / name, folder / "scripts" / name)
        self.program("scripts/bootstrap.sh", "exit 0")
        self.describes(DIRECTORY)
        self.passes((7, 0), (0, 0))

    def program(self, path: str, body: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/usr/bin/env bash\n{body}\n", "utf-8")
        file.chmod(0o755)

    def describes(self, directory: str) -> None:
        """Set the answer of `piste lab info` on the directory."""
        (self.folder / "info").write_text(INFO.format(directory=directory), "utf-8")
        complaint = "" if directory else "echo 'Attention : Samba manque' >&2\n"
        said = f'echo "$*" >>asked\n[[ "$*" != "lab up" ]] || {{ echo "  démarre : l’annuaire" >&2; {self.pause}; }}\n'
        self.program(".venv/bin/piste", f'{said}[[ "$*" != "lab info" ]] || {{ {complaint}cat info; }}')

    def passes(self, *counts: tuple[int, int]) -> None:
        """Set the counts of changes and failures of each run."""
        for number, (changed, failed) in enumerate(counts, 1):
            (self.folder / f"recap-{number}").write_text(RECAP.format(changed=changed, failed=failed), "utf-8")
        task = f'echo "TASK [network : Converger le réseau] ****"; [[ $n == 2 ]] || {self.pause}'
        body = f'echo "rate $PISTE_RATE" >>asked\necho "$*" >>runs\nn=$(wc -l <runs)\n{task}\ncat "recap-$n"'
        self.program(".venv/bin/ansible-playbook", body)

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "scripts/demo.sh"],
            cwd=self.folder, env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text("utf-8").splitlines()

    @property
    def runs(self) -> list[str]:
        return (self.folder / "runs").read_text("utf-8").splitlines()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_the_demonstration_shows_every_domain_and_lifts_the_limits_for_the_two_passes_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, slow=True)
    done = stage.run()
    said = done.stdout
    assert done.returncode == 0, said + done.stderr
    assert stage.runs == ["playbooks/site.yml", "playbooks/site.yml"]
    assert "INCOMPLET" not in said
    # Each long step says what it waits for.
    for awaited in ("l’annuaire", "Converger le réseau"):
        assert re.search(rf"^    à [0-9]+,[0-9] s : {awaited} … ", said, re.MULTILINE), said
    passes = [line for line in stage.asked if line.startswith(("rate", "lab set"))]
    assert passes == ["lab set claim_limit=null rate_limit=null", "rate 0", "rate 0", BACK]
    assert "Lever les limites du tableau de bord : 10 affectations en 5 min, 10 appels par seconde" in said
    assert "Remettre ces limites" in said


def test_a_domain_that_cannot_be_shown_is_named_in_the_last_line(stage: Stage) -> None:
    stage.describes("")
    done = stage.run()
    assert done.returncode == 3
    assert stage.runs == ["playbooks/site.yml --skip-tags directory,names,access"] * 2
    assert "Attention : Samba manque" in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last.startswith("INCOMPLET : l’annuaire et le contrôle d’accès n’ont pas été montrés.")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (((0, 0), (0, 0)), "Le premier passage devait créer la ville"),
        (((7, 0), (1, 0)), "Le second passage devait ne rien modifier"),
        (((7, 0), (0, 1)), "Le second passage devait ne rien modifier"),
    ],
)
def test_a_pass_that_does_otherwise_fails(stage: Stage, counts: tuple[tuple[int, int], ...], said: str) -> None:
    stage.passes(*counts)
    done = stage.run()
    assert done.returncode == 1
    assert said in done.stderr
    assert stage.asked[-1] == BACK


@pytest.mark.parametrize("code", [1, 4])
def test_a_pass_that_dies_leaves_no_limit_lifted(stage: Stage, code: int) -> None:
    stage.program(".venv/bin/ansible-playbook", f"exit {code}")
    assert stage.run().returncode == code
    assert stage.asked[-1] == BACK
    assert stage.asked.count(BACK) == 1
