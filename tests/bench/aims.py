"""Waiting times of those who run a town, in CPU seconds, beside an earlier commit.

Both run on the same lab, in turn.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from lab.declared import declared_town, write_secrets
from lab.instance import Lab
from piste.engine.converge.errors import PisteError
from piste.trials.twin import machine
from tests.bench.measure import RECAP, ROOT, RunFailed, timed
from tests.support.large_town import large_town

SITE, SWITCH, CORE = "ecole-jaures", "sw-jau-02", "hotel-de-ville"
TURNS = 3
COPIES = 5
"""Copies of each site in the large town, which has about 120."""
SET_AT = "bb851fbb"
"""The commit beside which the aims were set."""
PISTE = (sys.executable, "-P", "-c", "from piste.cli import main; main(prog_name='piste')")
CHANGES = 2
"""The exit code of a plan that changes something."""
EMPTY_PLAY = "empty.yml"
EMPTY = "---\n- hosts: commune\n  tasks: []\n"

Counts = Mapping[str, Mapping[str, int]]
"""Requests by system, as the lab counts them."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A command, and its most CPU seconds on the machine that the aims were set on.

    `floor` is the least that it could cost, or what a peer costs, in words; `then` its seconds at `SET_AT`, on the same
    machine, quiet. It may end with any of `codes`: what it says of the town is not measured. What it `makes` goes
    before each turn; `disturb` alters the lab, and what it makes is then the plan that it applies. A command of the
    `large` town reads its declaration alone. `reads` has the most reads of a system, and those at `SET_AT`. A `recent`
    command, which `SET_AT` had not, is measured here alone, after what goes `before` it, which is not. In place of its
    CPU it may be its seconds of `wall` time.
    """

    label: str
    command: Sequence[str]
    most: float
    floor: str = ""
    then: float = 0.0
    codes: tuple[int, ...] = (0,)
    makes: Path | None = None
    disturb: Callable[[Lab], None] | None = None
    large: bool = False
    turns: int = TURNS
    recent: bool = False
    before: Sequence[str] = ()
    wall: bool = False
    reads: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """The least seconds of each side, and its requests; `reads` by system."""

    aim: Aim
    base: float
    now: float
    base_calls: int
    now_calls: int
    reads: Mapping[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return self.aim.label

    @property
    def cpu(self) -> float:
        return self.now


def base_commit(asked: str | None) -> str:
    """The commit to compare with: the commit asked for, else the last release, else the parent."""
    described = _git("describe", "--tags", "--abbrev=0", check=False)
    return _git("rev-parse", "--verify", f"{asked or described or 'HEAD~'}^{{commit}}")


def _git(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RunFailed(f"git {' '.join(arguments)} : {done.stderr.strip()}")
    return done.stdout.strip()


def paired(base: str) -> Iterator[Pair]:
    """Measure each aim, both sides in turn, on a town that is as declared.

    Raises RunFailed, Unavailable.
    """
    with tempfile.TemporaryDirectory(prefix="piste-bench-") as name:
        folder = Path(name)
        before = folder / "base"
        # A clone: a bench that is killed leaves nothing in this repository.
        _git("clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(before))
        _git("-C", str(before), "checkout", "--quiet", "--detach", base)
        with Lab(tls=True, directory=True, folder=folder / "lab") as lab:
            yield from _Both(lab, folder, before).pairs()


def aims(folder: Path) -> list[Aim]:
    """List the aims; the whole town first, which a first pass has made as declared."""
    play, python = ("ansible-playbook", "playbooks/site.yml"), "python : 0,02"
    export = (*PISTE, "export", "--allow-unknown", "--to")
    plan, pages, bag = folder / "plan.json", folder / "portail", folder / "sac"
    return [
        Aim("ville entière, premier passage", play, 0.0, then=0.0, reads={"meraki": (500, 1153)}),
        Aim("ville entière, rien à faire", play, 16.0, "300 tâches vides : 11,4", 25.8,
            reads={"meraki": (200, 290), "smc": (450, 644)}),
        Aim("dérive de la ville", (*PISTE, "drift"), 30.0, then=43.0, codes=(0, 2)),
        Aim("un site, --check", (*play, "-l", SITE, "--check"), 1.9, "exécution vide : 0,8", 2.6),
        Aim("piste plan d’un site", (*PISTE, "plan", SITE), 2.2, "exécution vide : 0,8", 2.9),
        Aim("exécution vide", ("ansible-playbook", str(folder / EMPTY_PLAY)), 0.9, then=0.8),
        Aim("piste --version", (*PISTE, "--version"), 0.12, python, 0.22),
        Aim("piste --help", (*PISTE, "--help"), 0.12, python, 0.16),
        Aim("piste validate", (*PISTE, "validate"), 0.3, python, 0.2),
        Aim("piste status", (*PISTE, "status"), 0.7, python, 1.5, codes=(0, 1)),
        Aim("piste find, un nom", (*PISTE, "find", SITE), 0.7, python, 1.0),
        Aim("piste flows", (*PISTE, "flows"), 0.8, "matrice : 0,12", 1.5),
        Aim("piste portal", (*PISTE, "portal", "--to", str(pages)), 4.0, then=5.0, makes=pages),
        Aim("conséquences d’un plan", (*PISTE, "plan", "show", str(plan), "--consequences"), 1.0, makes=plan,
            disturb=one_port, codes=(0,), recent=True),
        Aim("piste apply d’un port", (*PISTE, "apply", str(plan), "--yes"), 5.0, "deux exécutions vides : 1,6", 7.7,
            makes=plan, disturb=one_port),
        Aim("piste export", (*export, str(bag)), 40.0, "dérive : 30", 103.0, makes=bag, turns=1),
        *rehearsal(folder, plan),
        Aim("120 sites, piste find", (*PISTE, "find", SITE), 1.2, then=3.6, large=True),
        Aim("120 sites, piste flows", (*PISTE, "flows"), 1.5, then=5.5, large=True),
    ]  # fmt: skip


def rehearsal(folder: Path, plan: Path) -> Iterator[Aim]:
    """Yield the rehearsal of a port of a school, already read; none where no twin stands."""
    try:
        machine.check()
    except PisteError as error:
        print(f"  pas de répétition : {error.sentence()}", file=sys.stderr)
        return
    read = folder / "lu"
    up = ("twin", "up", SITE, "--plan", str(plan), "--read", str(read), "--name", "banc")
    both = f"{shlex.join((*PISTE, *up))}; code=$?; {shlex.join((*PISTE, 'twin', 'down', '--twin', 'banc'))}; exit $code"
    hosts = f"commune,{SITE},{CORE}"
    before = ("ansible-playbook", "playbooks/read_twin.yml", "-l", hosts, "-e", f"folder={read}")
    yield Aim("répétition d’une école, horloge", ("sh", "-c", both), 20.0, makes=plan, disturb=moved_port,
              codes=(0, CHANGES, 3), recent=True, before=before, wall=True, turns=1)  # fmt: skip


def one_port(lab: Lab) -> None:
    """Rename a port of the site, as another administrator."""
    _port(lab, {"name": "à la main"})


def moved_port(lab: Lab) -> None:
    """Put a port of the site in another VLAN, as another administrator."""
    _port(lab, {"vlan": 999})


def _port(lab: Lab, change: dict[str, Any]) -> None:
    switch = next(device for device in lab.meraki.world.devices.values() if device["config"].get("name") == SWITCH)
    lab.meraki.edit("PUT", f"/devices/{switch['serial']}/switch/ports/3", change)


def _all(calls: Counts) -> int:
    return sum(of["reads"] + of["writes"] for of in calls.values())


def _reads(calls: Counts) -> dict[str, int]:
    return {system: of["reads"] for system, of in calls.items()}


class _Both:
    def __init__(self, lab: Lab, folder: Path, before: Path) -> None:
        self.lab, self.folder, self.before = lab, folder, before
        (folder / EMPTY_PLAY).write_text(EMPTY, "utf-8")
        write_secrets(lab.folder, declared_town().secret_paths())
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PISTE_", "ANSIBLE_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PISTE_JOURNAL_DIR": str(folder / "journal"),
            "PISTE_LAB_DIR": str(lab.folder),
            "PISTE_LOCK_DIR": str(folder / "locks"),
            "PISTE_PLANS_DIR": str(folder / "plans"),
            "PISTE_RATE": "0",
            "PISTE_TWINS_DIR": str(folder / "twins"),
        }

    def pairs(self) -> Iterator[Pair]:
        first, *others = aims(self.folder)
        cpu, calls = self.run(first, ROOT, converged=False)
        yield Pair(first, 0.0, cpu, 0, _all(calls), _reads(calls))
        for aim in others:
            if aim.recent:
                now, now_calls = min((self.run(aim, ROOT) for _ in range(aim.turns)), key=itemgetter(0))
                yield Pair(aim, 0.0, now, 0, _all(now_calls), _reads(now_calls))
                continue
            turns = [(self.run(aim, self.before), self.run(aim, ROOT)) for _ in range(aim.turns)]
            (base, base_calls), (now, now_calls) = (min(side, key=itemgetter(0)) for side in zip(*turns, strict=True))
            yield Pair(aim, base, now, _all(base_calls), _all(now_calls), _reads(now_calls))

    def run(self, aim: Aim, tree: Path, *, converged: bool = True) -> tuple[float, Counts]:
        """Seconds and requests of a side's command, with nothing to do where all is converged."""
        tree = self.prepared(aim, tree)
        self.lab.calls.clear()
        with timed() as spent:
            done = self.called(aim.command, tree)
        changed = 0 if aim.makes else sum(int(host[2]) for host in RECAP.findall(done.stdout))
        if done.returncode not in aim.codes or (converged and changed):
            said = f"{aim.label} ({tree}) : code {done.returncode}, {changed} tâches ont changé quelque chose"
            raise RunFailed(f"{said}\n{(done.stdout + done.stderr)[-3000:]}")
        return spent.seconds if aim.wall else spent.cpu, self.lab.calls.counts()

    def prepared(self, aim: Aim, tree: Path) -> Path:
        """Make what a command starts from; give the tree that it runs in."""
        if aim.makes:
            shutil.rmtree(aim.makes, ignore_errors=True)
        if aim.disturb and aim.makes:
            aim.makes.unlink(missing_ok=True)
            aim.disturb(self.lab)
            done = self.called((*PISTE, "plan", SITE, "--domain", "network", "--out", str(aim.makes)), tree)
            if done.returncode != CHANGES:
                raise RunFailed(f"{aim.label} ({tree}), son plan : {(done.stdout + done.stderr)[-3000:]}")
        if aim.before and (done := self.called(aim.before, tree)).returncode:
            raise RunFailed(f"{aim.label} ({tree}), avant : {(done.stdout + done.stderr)[-3000:]}")
        return self.large(tree) if aim.large else tree

    def large(self, tree: Path) -> Path:
        """The code of a tree with the large town of that tree."""
        place = self.folder / ("large-before" if tree == self.before else "large-now")
        if not place.exists():
            large_town(place, COPIES, tree)
            for part in ("piste", "requirements"):
                shutil.copytree(tree / part, place / part)
        return place

    def called(self, command: Sequence[str], tree: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=tree,
            env={**self.environment, "PYTHONPATH": str(tree)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
