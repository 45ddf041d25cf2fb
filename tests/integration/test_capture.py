"""The capture by its real command: killed, taken up again, and a lab made from it.

Two sites are open: a capture reads a site as it reads another.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lab import Lab
from lab.declared import declared_inventory, declared_town
from piste.exports.bag import openapi
from piste.exports.capture import forms, make
from tests.support import forkserver, playbooks
from tests.support.checkouts import lent
from tests.support.playbooks import Console, console

SITES = ("hotel-de-ville", "ecole-jaures")
PISTE = ["-c", "from piste.cli import main; main(prog_name='piste')"]


def piste(there: Console, *arguments: str) -> tuple[int, str]:
    code, said, _ = there.run(["python", *PISTE, *arguments], {})
    return code, said


def lines(said: str) -> list[str]:
    """Leave out the name of the plan, which has its moment, and authors: no log is captured."""
    return [re.sub(r"\d{8}T\d{6}Z-[0-9a-f]+| · (par|auteur) .*", "", line) for line in said.splitlines()]


@pytest.fixture(autouse=True)
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with lent(tmp_path_factory, SITES) as folder:
        yield folder


def kill_begun(there: Console, folder: Path) -> None:
    """Begin a capture, and kill it once it has kept an answer."""
    # A Python of its own, beside which Ansible is asked for.
    python = forkserver.home() / "venv/bin/python"
    begun = subprocess.Popen(
        [python, *PISTE, "capture", "--to", str(folder), "--keep-names", "--system", "meraki"],
        cwd=playbooks.REPOSITORY,
        env=there.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    answers = make.draft_of(folder) / "data/answers/meraki"
    while begun.poll() is None and not (answers.is_dir() and any(answers.iterdir())):
        time.sleep(0.1)
    there.kill(begun)
    assert not folder.exists()


def fitting(folder: Path) -> int:
    """Check each answer against the OpenAPI document of the Dashboard; count them."""
    made = openapi.document("meraki")
    answers = [json.loads(path.read_bytes()) for path in (folder / "data/answers/meraki").iterdir()]
    read = [each for each in answers if each["status"] == 200]
    for each in read:
        line = forms.template("meraki", each["path"])
        assert line is not None
        said = made["paths"][openapi.numbered(line[0])]["get"]["responses"]["200"]["content"][openapi.JSON]["schema"]
        whole = {**said, "components": made["components"]}
        assert [*Draft202012Validator(whole).iter_errors(each["answer"])] == [], each["path"]
    return len(read)


@pytest.mark.parametrize("killed", [False, pytest.param(True, marks=pytest.mark.story)], ids=["whole", "killed"])
def test_a_capture_is_made_or_taken_up_again_verified_and_becomes_a_lab(killed: bool, tmp_path: Path) -> None:
    folder = tmp_path / "capture"
    with console(tmp_path) as there:
        unknown = {"name": "Un réseau à part", "productTypes": ["switch", "wireless"]}
        network = there.lab.meraki.edit("POST", "/organizations/930093/networks", unknown)
        _, drifted = piste(there, "drift", "ecole-jaures")
        there.lab.calls.clear()
        if killed:
            kill_begun(there, folder)
        code, said = piste(there, "capture", "--to", str(folder), "--keep-names", "--system", "meraki")
        assert code == 0, said
        assert "À faire : piste capture verify" in said
        code, said = piste(there, "capture", "verify", str(folder), "--format", "json")
        seen = json.loads(said)
        assert (code, seen["odd"]) == (0, []), said
        assert {finding["state"] for finding in seen["findings"]} == {"ok"}
        assert fitting(folder) > 40, "the interface documents are true of what the lab answers"
        assert there.lab.calls.counts()["meraki"]["writes"] == 0
        assert piste(there, "capture", "--to", str(folder))[0] == 4
    hardware = declared_inventory(declared_town())
    with Lab(tls=True, folder=tmp_path / "other", inventory=hardware, others=()) as other:
        taken = other.take(str(folder))
        assert taken["left"] == []
        assert set(other.meraki.world.networks) == {network["id"]}
        assert abs(other.clock.now() - time.time()) < 600
        _, again = piste(Console(other, tmp_path), "drift", "ecole-jaures")
        assert lines(again) == lines(drifted)
        assert len(lines(again)) > 20
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".capture")]
