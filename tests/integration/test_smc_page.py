"""The page of the day on which the SMC changes hands, executed line by line on two labs."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from lab import Lab
from piste.engine.converge.text import as_declaration
from tests.support.playbooks import PROGRAM, REPOSITORY, console
from tests.support.smc import SmcWorld

PAGE = REPOSITORY / "docs/reprise-smc.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXPORTS = "/srv/exports"


def steps() -> list[tuple[str, list[str]]]:
    """List the commands of the page, each with its printed lines."""
    listed: list[tuple[str, list[str]]] = []
    for line in "".join(BLOCK.findall(PAGE.read_text("utf-8"))).splitlines():
        if line.startswith("$ "):
            listed.append((line.removeprefix("$ "), []))
        else:
            listed[-1][1].append(line)
    return listed


@pytest.mark.story
def test_every_line_of_the_page_does_what_it_says(tmp_path: Path) -> None:
    with console(tmp_path) as opened, Lab("brownfield", tls=True, folder=tmp_path / "other", others=("smc",)) as other:
        environment = {"PISTE_LAB_OTHER_DIR": str(other.folder)}
        for command, said in steps():
            words = command.replace(EXPORTS, str(tmp_path / "exports")).split()
            played = words[0] == "ansible-playbook"
            program = PROGRAM if played else words[0]
            code, out, err = opened.run([program, *words[1:]], environment, together=False, forked=played)
            assert not any(lab.info["smc"]["api_key"] in out + err for lab in (opened.lab, other))
            assert code == 0, (command, out[-3000:], err[-1000:])
            printed = [line[: len(start)] for start in said for line in out.splitlines() if line.startswith(start)]
            assert printed == said, (command, out[-3000:])
            if not said:
                assert out == ""
        assert other.calls.writes() == []
        assert other.calls.of("smc")["reads"] > 100
        for lab in (opened.lab, other):
            assert lab.systems["smc"].simulator.sessions.open == {}
        assert not opened.run_folders
    private = tmp_path / "exports/pare-feu/firewall"
    assert private.stat().st_mode & 0o777 == 0o700
    assert opened.lab.info["smc"]["api_key"] not in "".join(file.read_text("utf-8") for file in private.iterdir())


def test_a_replay_that_is_killed_is_finished_by_the_next_which_closes_its_session(tmp_path: Path) -> None:
    inherited = SmcWorld(tmp_path / "inherited", "inherited")
    export = {kind: inherited.gathered(f"smc_{kind}") for kind in ("elements", "policies")}
    folder = tmp_path / "export" / "firewall"
    folder.mkdir(parents=True)
    for kind, items in export.items():
        (folder / f"{kind}.yml").write_text(as_declaration({kind: items}), encoding="utf-8")
    replay = ("playbooks/replay_firewall.yml", "-e", f"folder={folder.parent}")
    with console(tmp_path) as opened:
        simulator = opened.lab.systems["smc"].simulator
        killed = opened.start(*replay)
        while opened.lab.calls.of("smc")["writes"] < 150:
            time.sleep(0.02)
            assert killed.poll() is None
        opened.kill(killed)
        assert len(simulator.sessions.open) == 1
        assert opened.play(*replay).code == 0
        assert simulator.sessions.open == {}
        assert opened.play(*replay).recap("commune")["changed"] == 0
