"""Waiting times of those who run a town, in CPU seconds, beside an earlier commit.

They run in turn, each on its own lab.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from operator import itemgetter
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.trials.twin import machine
from tests.bench.measure import RECAP, ROOT, RunFailed, timed
from tests.bench.side import Counts, Side
from tests.support.large_town import large_town

SITE, SWITCH, CORE = "ecole-jaures", "sw-jau-02", "hotel-de-ville"
TURNS = 3
COPIES = 5
"""Copies of each site in the large town, which has about 120."""
SET_AT = "bb851fbb"
"""The commit beside which the aims were set."""
PISTE = (sys.executable, "-P", "-c", "from piste.cli import main; main(prog_name='piste')")
RENAMED, MOVED = {"name": "à la main"}, {"vlan": 999}
"""What another administrator makes of a port."""
CHANGES = 2
"""The exit code of a plan that changes something."""
EMPTY_PLAY = "empty.yml"
EMPTY = "---\n- hosts: commune\n  tasks: []\n"


@dataclass(frozen=True, slots=True)
class Aim:
    """A command, and its most CPU seconds on the machine that the aims were set on.

    `floor` is the least that it could cost, or what a peer costs, in words; `then` its seconds at `SET_AT`, on the same
    machine, quiet. It may end with any of `codes`: what it says of the town is not measured; it changes nothing, unless
    it `changes` or `makes`. What it `makes` goes before each turn; `disturb` changes a port of the lab, as another
    administrator, and what it makes is then the plan that it applies. A command of the `large` town reads its
    declaration alone. `reads` has the most reads of a system, and those at `SET_AT`. A `recent` command, which `SET_AT`
    had not, is measured here alone, after what goes `before` it, which is not. In place of its CPU it may be its
    seconds of `wall` time, or the CPU that it takes more than the command `beside` it.
    """

    label: str
    command: Sequence[str]
    most: float
    floor: str = ""
    then: float = 0.0
    codes: tuple[int, ...] = (0,)
    makes: Path | None = None
    changes: bool = False
    disturb: Mapping[str, Any] | None = None
    large: bool = False
    turns: int = TURNS
    recent: bool = False
    before: Sequence[str] = ()
    beside: Sequence[str] = ()
    wall: bool = False
    reads: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """The least seconds of each side, infinite where it failed, and its requests.

    `reads` has those of this side by system.
    """

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
    """Measure each aim, both sides in turn, on towns that are as declared. Raises RunFailed."""
    with tempfile.TemporaryDirectory(prefix="piste-bench-") as name:
        folder = Path(name)
        before = folder / "base"
        # A clone: a bench that is killed leaves nothing in this repository.
        _git("clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(before))
        _git("-C", str(before), "checkout", "--quiet", "--detach", base)
        with Side(before, folder / "before") as then, Side(ROOT, folder / "now") as now:
            yield from _Both(folder, then, now).pairs()


def aims(folder: Path) -> list[Aim]:
    """List the aims; the whole town first, which a first pass has made as declared."""
    play, python = ("ansible-playbook", "playbooks/site.yml"), "python : 0,02"
    export = (*PISTE, "export", "--allow-unknown", "--to")
    plan, pages, bag, whole = (folder / name for name in ("plan.json", "portail", "sac", "whole.json"))
    return [
        consequences("conséquences de toute la ville", 10.0, whole, before=_planned(whole)),
        Aim("ville entière, premier passage", play, 0.0, changes=True, turns=1, reads={"meraki": (500, 1153)}),
        Aim("ville entière, rien à faire", play, 16.0, "300 tâches vides : 11,4", 25.8, turns=2,
            reads={"meraki": (200, 290), "smc": (450, 644)}),
        Aim("dérive de la ville", (*PISTE, "drift"), 30.0, then=43.0, codes=(0, 2), turns=2),
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
        consequences("conséquences d’un plan", 1.0, plan, makes=plan, disturb=MOVED),
        Aim("piste apply d’un port", (*PISTE, "apply", str(plan), "--yes"), 5.0, "deux exécutions vides : 1,6", 7.7,
            makes=plan, disturb=RENAMED),
        Aim("piste export", (*export, str(bag)), 40.0, "dérive : 30", 103.0, makes=bag, turns=1),
        *rehearsal(folder, plan),
        Aim("120 sites, piste find", (*PISTE, "find", SITE), 1.2, then=3.6, large=True),
        Aim("120 sites, piste flows", (*PISTE, "flows"), 1.5, then=5.5, large=True),
    ]  # fmt: skip


def consequences(label: str, most: float, plan: Path, **given: Any) -> Aim:
    """Give the consequences of a plan, beside the same plan without them."""
    show = (*PISTE, "plan", "show", str(plan))
    return Aim(label, (*show, "--consequences"), most, beside=(*show, "--brief"), recent=True, **given)


def _planned(whole: Path) -> Sequence[str]:
    """Plan the first pass of the whole town, which changes each of its sites in every domain."""
    made = shlex.join((*PISTE, "plan", "all", "--brief", "--out", str(whole)))
    return "sh", "-c", f"{made}; test $? -eq {CHANGES}"


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
    yield Aim("répétition d’une école, horloge", ("sh", "-c", both), 20.0, makes=plan, disturb=MOVED,
              codes=(0, CHANGES, 3), recent=True, before=before, wall=True, turns=1)  # fmt: skip


def _all(calls: Counts) -> int:
    return sum(of["reads"] + of["writes"] for of in calls.values())


def _reads(calls: Counts) -> dict[str, int]:
    return {system: of["reads"] for system, of in calls.items()}


class _Both:
    def __init__(self, folder: Path, base: Side, now: Side) -> None:
        self.folder, self.base, self.now = folder, base, now
        (folder / EMPTY_PLAY).write_text(EMPTY, "utf-8")

    def pairs(self) -> Iterator[Pair]:
        for aim in aims(self.folder):
            sides = (self.now,) if aim.recent else (self.base, self.now)
            turns = [[self.tried(aim, side) for side in sides] for _ in range(aim.turns)]
            # The least of some differences is none of them; their median is.
            rank = aim.turns // 2 if aim.beside else 0
            *before, (now, calls) = (sorted(side, key=itemgetter(0))[rank] for side in zip(*turns, strict=True))
            base, base_calls = before[0] if before else (0.0, {})
            yield Pair(aim, base, now, _all(base_calls), _all(calls), _reads(calls))

    def tried(self, aim: Aim, side: Side) -> tuple[float, Counts]:
        """Run an aim; where it fails, say why: its figures are unknown, and the others are measured."""
        try:
            return self.run(aim, side)
        except RunFailed as failure:
            print(f"Mesure impossible. {failure}", file=sys.stderr)
            return inf, {}

    def run(self, aim: Aim, side: Side) -> tuple[float, Counts]:
        """Give the seconds and the requests of a command of a side. Raises RunFailed."""
        tree = self.prepared(aim, side)
        side.forget_calls()
        with timed() as spent:
            done = side.called(aim.command, tree)
        changed = 0 if aim.makes else sum(int(host[2]) for host in RECAP.findall(done.stdout))
        if done.returncode not in aim.codes or (changed and not aim.changes):
            said = f"{aim.label} ({tree}) : code {done.returncode}, {changed} tâches ont changé quelque chose"
            raise RunFailed(f"{said}\n{(done.stdout + done.stderr)[-3000:]}")
        calls = side.calls()
        with timed() as beside:
            if aim.beside and side.called(aim.beside, tree).returncode:
                raise RunFailed(f"{aim.label} ({tree}) : {shlex.join(aim.beside)} n’aboutit pas")
        return spent.seconds if aim.wall else spent.cpu - beside.cpu, calls

    def prepared(self, aim: Aim, side: Side) -> Path:
        """Make what a command starts from; give the tree that it runs in."""
        if aim.makes:
            shutil.rmtree(aim.makes, ignore_errors=True)
        if aim.disturb and aim.makes:
            aim.makes.unlink(missing_ok=True)
            side.change_port(SWITCH, aim.disturb)
            done = side.called((*PISTE, "plan", SITE, "--domain", "network", "--out", str(aim.makes)), side.tree)
            if done.returncode != CHANGES:
                raise RunFailed(f"{aim.label} ({side.tree}), son plan : {(done.stdout + done.stderr)[-3000:]}")
        if aim.before and (done := side.called(aim.before, side.tree)).returncode:
            raise RunFailed(f"{aim.label} ({side.tree}), avant : {(done.stdout + done.stderr)[-3000:]}")
        return self.large(side) if aim.large else side.tree

    def large(self, side: Side) -> Path:
        """The code of a side with the large town of that side."""
        place = side.folder / "large"
        if not place.exists():
            large_town(place, COPIES, side.tree)
            for part in ("piste", "requirements"):
                shutil.copytree(side.tree / part, place / part)
        return place
