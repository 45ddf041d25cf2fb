"""The page of the acceptance on the spot: its commands print what it shows.

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
from tests.support.probe import as_declared
from tests.support.readings import write
from tests.support.terminal import PISTE
from tests.support.twin import alone, needs_machine

pytestmark = needs_machine

PAGE = REPOSITORY / "docs/recette-sur-place.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
COMMAND = re.compile(r"^\$ (piste .*)$", re.MULTILINE)
_MOVING = (
    (re.compile(r"dressé en \d+,\d s"), "dressé en 1,2 s"),
    (re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}"), "02:00:5e:00:53:01"),
    (re.compile(r"10\.93\.41\.5\d par"), "10.93.41.50 par"),
    (re.compile(r"en [\d,]+ ms"), "en 1,5 ms"),
    (re.compile(r"[\d,]+ à [\d,]+ ms"), "0,5 à 1,5 ms"),
    (re.compile(r"à -?[\d,]+ s de la sonde"), "à 0 s de la sonde"),
)


@alone()
def test_the_page_shows_what_the_commands_say(tmp_path: Path) -> None:
    read = write(tmp_path / "lu", as_declared("ecole-jaures"))
    (tmp_path / "twins").mkdir()
    environment = {
        **os.environ,
        machine.VARIABLE: str(tmp_path / "twins"),
        "PISTE_LAB_DIR": str(tmp_path / "lab"),
        "PISTE_PROBES_DIR": str(tmp_path / "probes"),
        "NO_COLOR": "1",
    }

    def say(line: str) -> str:
        words = [str(read) if word == "lu" else word for word in line.split()[1:]]
        done = subprocess.run(
            [*PISTE, *words], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
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
