"""The town's firewall as an operator runs it: planned, written, one site, then installed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkouts import lent
from tests.support.playbooks import PROGRAM, REPOSITORY, Console, console
from tests.support.small_town import OPEN
from tests.support.terminal import Terminal

TOWN = ("playbooks/domains/firewall.yml", "-l", "commune,ecole-jaures")
PAGE = REPOSITORY / "docs/flux.md"
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with lent(tmp_path_factory, OPEN), console(tmp_path_factory.mktemp("firewall"), firewall=True) as opened:
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


@pytest.mark.story
def test_the_commands_of_the_page_do_what_it_says(terminal: Console, tmp_path: Path) -> None:
    for domain in ("network", "firewall"):
        assert terminal.play(f"playbooks/domains/{domain}.yml").code == 0
    codes, installed = {}, []
    for line in "".join(SHELL.findall(PAGE.read_text("utf-8"))).splitlines():
        played = line.replace("$PWD/lu", str(tmp_path / "lu")).replace(" lu", f" {tmp_path}/lu")
        program, *rest = shlex.split(played, comments=True)
        terminal.lab.calls.clear()
        if program == "ansible-playbook":
            code, said, _ = terminal.run([PROGRAM, *rest], {})
        else:
            # Nobody is at the keyboard to say yes.
            done = Terminal(terminal).piste(*rest, *(["--yes"] if rest == ["install"] else []), together=True)
            code, said = done.code, done.out
        codes[" ".join(line.split()[:3])] = code
        installed += [line for _ in uploads(terminal)]
        assert code in (0, 2), said
    assert codes == {
        "piste plan commune": 0,
        "ansible-playbook playbooks/domains/firewall.yml": 0,
        "ansible-playbook playbooks/domains/firewall.yml -l": 0,
        "ansible-playbook playbooks/read_filtering.yml -e": 0,
        "piste install --show": 2,
        "piste install": 0,
        "piste flows --read": 0,
    }
    assert installed == ["piste install"]
