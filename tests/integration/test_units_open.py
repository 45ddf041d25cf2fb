"""Each unit's commands on a lab: what they write and open is what their unit allows."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import Lab
from tests.support import forkclient, forkserver
from tests.support.checkouts import checkout
from tests.support.opened import hooked, opened
from tests.unit.contrib.test_timers import HOME, SERVICES, UNITS, unit

STATE = "/var/lib/piste"
_WRAPPER = '#!/bin/sh\nPYTHONPATH="{hook}:{clone}" exec {program} "$@"\n'
_PISTE = """#!{python} -IS
import os, sys
sys.path.insert(0, "{clone}")
from tests.support.forkclient import ask
words = ["python", "-c", "from piste.cli import main; main(prog_name='piste')", *sys.argv[1:]]
sys.exit(ask("python", words, os.environ, os.getcwd(), (0, 1, 2)))
"""
PROGRAMS = {"git", "restic", "openssl", "sh", "ldconfig", "ansible-playbook", "ansible-inventory", "typst"}
"""The programs that Piste starts, with their variants of Python."""
LONG, STORY = ("piste-configurations", "piste-drift", "piste-sobriety-report"), pytest.mark.story
"""Units that read the whole town, as `piste-read` does."""


class Desk:
    """A clone in the place of /srv/piste, whose Python notes what it opens, and a lab."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        self.folder, self.lab = folder, lab
        self.clone = checkout(folder / "clone", ("ecole-jaures",))
        self.state = folder / "state"
        self.state.mkdir()
        programs = self.clone / ".venv/bin"
        programs.mkdir(parents=True)
        asking = folder / "piste"
        asking.write_text(_PISTE.format(python=sys.executable, clone=self.clone), "utf-8")
        asking.chmod(0o755)
        for name, program in {
            "python": sys.executable,
            "piste": asking,
            "ansible-playbook": forkserver.home() / "venv/bin/ansible-playbook",
        }.items():
            given = {"hook": hooked(folder / "hook"), "clone": self.clone, "program": program}
            (programs / name).write_text(_WRAPPER.format(**given), "utf-8")
            (programs / name).chmod(0o755)
        key = folder / "anchor"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
        key.chmod(0o600)

    def local(self, text: str) -> str:
        """Put the places of this desk, and the lab, in the place of those of a unit."""
        known = {HOME: self.clone, STATE: self.state, "%d/anchor": self.folder / "anchor"}
        for name, place in known.items():
            text = text.replace(name, str(place))
        return text.replace("production", "lab")

    def run(self, command: str, events: Path) -> int:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PISTE_", "ANSIBLE_"))}
        environment = {
            **kept,
            "HOME": str(self.state),
            "TMPDIR": str(self.folder / "tmp"),
            "PISTE_AUDIT": str(events),
            forkclient.FOLDER: str(forkserver.home()),
            "PISTE_LAB_DIR": str(self.lab.folder),
            "PISTE_LOCK_DIR": str(self.state / ".piste/locks"),
            "PISTE_RATE": "0",
            "ANSIBLE_REMOTE_TMP": str(self.state / ".ansible/tmp"),
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            self.local(command).split(), cwd=self.clone, env=environment, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done.returncode

    def in_production(self, path: Path) -> str:
        """Give the place in production of what a command wrote for the lab."""
        lab = self.lab.folder
        if path.is_relative_to(lab):
            within = path.relative_to(lab)
            kept = "inventories/production" if within.parts[0] == "sobriety" else ".piste"
            return f"{HOME}/{kept}/{within}"
        for place, name in ((self.clone, HOME), (self.state, STATE), (self.folder / "tmp", "/tmp")):
            if path.is_relative_to(place):
                return f"{name}/{path.relative_to(place)}"
        return str(path)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "tmp").mkdir()
    with Lab(tls=True, nexus=True, endpoints=True, folder=folder / "lab") as lab:
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        yield Desk(folder, lab)


@pytest.mark.parametrize("name", [pytest.param(n, marks=STORY if n in LONG else ()) for n in sorted(SERVICES)])
def test_a_command_writes_and_opens_what_its_unit_allows(desk: Desk, name: str) -> None:
    closed = unit(UNITS / "piste-.service.d/50-cloison.conf")["Service"]
    service = SERVICES[name]["Service"]
    own = f"{closed['ReadWritePaths']} {service.get('ReadWritePaths', '')}".split()
    allowed = [STATE, "/tmp", "/var/tmp", "/dev/null", "/dev/shm", *(place.removeprefix("-") for place in own)]
    families = {getattr(socket, family) for family in closed["RestrictAddressFamilies"].split()}
    path = UNITS / f"{name}.service"
    lines = path.read_text("utf-8").splitlines()
    commands = [line.partition("=")[2] for line in lines if line.startswith("ExecStart=")]
    events = desk.folder / f"{name}.tsv"
    assert commands
    for command in commands:
        assert desk.run(command, events) in (0, 1, 2, 3)
    seen = opened(events)
    places = {desk.in_production(path) for path in seen.written}
    assert {place for place in places if not any(Path(place).is_relative_to(part) for part in allowed)} == set()
    assert seen.families <= families
    assert {program for program in seen.programs if not program.startswith("python")} <= PROGRAMS
