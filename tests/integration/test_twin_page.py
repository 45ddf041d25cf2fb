"""The page of the twin: its commands print what it shows.

After a change of an output, run this test with `PISTE_WRITE_PAGES=1`: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from piste.trials.twin import machine
from tests.support.playbooks import REPOSITORY
from tests.support.readings import write
from tests.support.terminal import PISTE
from tests.support.twin import alone, needs_machine, readings

pytestmark = needs_machine

PAGE = REPOSITORY / "docs/jumeau.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
COMMAND = re.compile(r"^\$ (piste .*)$", re.MULTILINE)
_MOVING = (
    (re.compile(r"dressé en \d+,\d s"), "dressé en 1,2 s"),
    (re.compile(r"depuis le \d\d/\d\d à \d\d:\d\d"), "depuis le 24/11 à 17:55"),
    (re.compile(r"time \d+ms"), "time 0ms"),
)


@alone()
def test_the_page_shows_what_the_commands_say(tmp_path: Path) -> None:
    read = write(tmp_path / "lu", readings("ecole-jaures", "police-municipale"))
    (tmp_path / "twins").mkdir()
    environment = {**os.environ, machine.VARIABLE: str(tmp_path / "twins"), "PISTE_LAB_DIR": str(tmp_path / "lab")}

    def say(line: str) -> str:
        words = [str(read) if word == "lu" else word for word in line.split()[1:]]
        done = subprocess.run(
            [*PISTE, *words], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (1 if "ping" in line else 0, ""), done.stderr
        said = done.stdout
        for pattern, shown in _MOVING:
            said = pattern.sub(shown, said)
        return f"$ {line}\n{said}"

    page = PAGE.read_text("utf-8")
    try:
        played = BLOCK.sub(lambda block: "".join(map(say, COMMAND.findall(block.group()))), page)
    finally:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(machine.VARIABLE, str(tmp_path / "twins"))
            for identity in machine.ids():
                machine.down(identity)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(played, "utf-8")
    assert page.splitlines() == played.splitlines()
