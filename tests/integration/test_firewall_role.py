"""The town's firewall as an operator runs it: planned, written, one site, then installed."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.playbooks import REPOSITORY, Console, console
from tests.support.small_town import small_town
from tests.support.terminal import PISTE, Terminal

TOWN = ("playbooks/domains/firewall.yml", "-l", "commune,ecole-jaures")
PAGE = REPOSITORY / "docs/flux.md"
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)


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


def test_a_policy_whose_sections_are_not_all_written_is_not_installed(terminal: Console) -> None:
    played = terminal.play("playbooks/domains/firewall.yml", "-l", "commune", "--tags", "installation")
    assert played.code == 2
    assert "convergez d’abord les règles" in played.said
    assert "VLB [Site mediatheque]" in played.said
    assert uploads(terminal) == []


INSTALL = "ansible-playbook playbooks/domains/firewall.yml -l commune --tags installation"


def test_the_commands_of_the_page_do_what_it_says(terminal: Console, tmp_path: Path) -> None:
    inventory = small_town(tmp_path)
    sources = ["-i", str(inventory), "-i", "inventories/lab"]
    assert terminal.play("playbooks/domains/network.yml", *sources).code == 0
    codes, installed = {}, []
    for line in "".join(SHELL.findall(PAGE.read_text("utf-8"))).splitlines():
        # The verb takes no inventory: this is the line that it shows and runs.
        played = line.replace("piste install --show", f"{INSTALL} --check --diff").replace("piste install", INSTALL)
        program, *rest = shlex.split(
            played.replace("$PWD/lu", str(tmp_path / "lu")).replace(" lu", f" {tmp_path}/lu"), comments=True
        )
        here = (
            sources if program == "ansible-playbook" else ["--inventory", str(inventory)] if rest[0] == "flows" else []
        )
        command = [program, *rest, *here] if program == "ansible-playbook" else [*PISTE, *rest, *here]
        terminal.lab.calls.clear()
        done = subprocess.run(
            command, cwd=REPOSITORY, env=Terminal(terminal).environment, capture_output=True, text=True, check=False
        )
        codes[" ".join(played.split()[:3])] = done.returncode
        installed += [played for _ in uploads(terminal)]
        assert done.returncode in (0, 2), done.stdout + done.stderr
    assert codes == {
        "piste plan commune": 0,
        "ansible-playbook playbooks/domains/firewall.yml": 0,
        "ansible-playbook playbooks/domains/firewall.yml -l": 0,
        "ansible-playbook playbooks/read_filtering.yml -e": 0,
        "piste flows --read": 0,
    }
    assert installed == [INSTALL]
