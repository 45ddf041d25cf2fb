"""The exercise « the town is lost »: the commands of the plan of recovery, run and timed.

From a bag alone: the first steps need no declaration, the next come from the repository that they have cloned. Only the
lab is rehearsed on: what it proves is never more than a rehearsal.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict

from pydantic import TypeAdapter, ValidationError

from piste.engine.converge.errors import Misused
from piste.engine.words import agreed
from piste.exports.runbooks.recovery import LAB, beginning
from piste.exports.runbooks.step import PYTHON, Outcome, Places, Runbook, RunbookStep, StepRun
from piste.papers.dossier.blocks import Cell, Column, Fact, Facts, Section, Steps, Table, Text, optional, required
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.notation import moment
from piste.papers.dossier.subject import About
from piste.runs.records.chain import stamp
from piste.town.model.wording import first_fault

SECONDS = 3600
"""The longest command."""
KEPT = ("PATH", "LANG", "TMPDIR", "PISTE_LAB_DIR", "ANSIBLE_HOME", "SSL_CERT_FILE")
"""What a command finds of this workstation: programs, and where the lab listens."""
_BROKEN = re.compile(r"^(Traceback \(most recent call last\)|Erreur : )", re.MULTILINE)
"""What a verb writes on its errors when it broke, or was typed wrong."""
WORDS: Mapping[Outcome, str] = {
    "done": "fait",
    "failed": "échoué",
    "by_hand": "par procédure",
    "not_reached": "non atteint",
}


class Ran(NamedTuple):
    """The end of a command: its exit code, the end of what it said, whether that is an answer.

    A verb that judges leaves with 1 as a verb that breaks: only the first has `stated` a result on its output.
    """

    code: int
    said: str
    stated: bool = False


class Exercise(TypedDict):
    """An exercise; `bag` is the digest of what the bag's seal covers."""

    rehearsal: bool
    started: str
    ended: str
    bag: str
    outcome: Literal["done", "failed"]
    seconds: float
    steps: list[StepRun]


class Shell:
    """A terminal: the folder and the environment that the commands leave to the next."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.environment = folder, dict(environment)

    def run(self, line: str) -> Ran:
        """Run a command as a person types it; `cd` and `export` last."""
        words = shlex.split(line)
        if words[0] == "cd":
            self.folder = self.folder / words[1]
            return Ran(0 if self.folder.is_dir() else 1, "" if self.folder.is_dir() else f"{words[1]} n’est pas là")
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.environment[name] = value
            return Ran(0, "")
        try:
            done = subprocess.run(
                words, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, errors="replace", check=False, timeout=SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Ran(124, f"rien n’est fini en {SECONDS} secondes")
        except OSError as error:
            return Ran(127, str(error.strerror))
        stated = bool(done.stdout.strip()) and not _BROKEN.search(done.stderr)
        return Ran(done.returncode, (done.stdout[-2000:] + done.stderr[-4000:]).strip(), stated)

    def read(self, line: str) -> bytes:
        """Run a command and return all that it writes. Raises `Misused` where it fails."""
        done = subprocess.run(
            shlex.split(line), cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            check=False, timeout=SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise Misused(f"« {line} » a échoué", why=done.stderr.decode("utf-8", "replace").strip()[-500:])
        return done.stdout


@dataclass
class Rehearsal:
    """An exercise in progress; `tell` hears of each step that ends."""

    places: Places
    shell: Shell
    tell: Callable[[StepRun], None] = lambda step: None
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    steps: list[StepRun] = field(default_factory=list)
    ways: dict[str, float] = field(default_factory=dict)
    """The seconds of the longest way to the end of each step."""

    def run(self, bag: str) -> Exercise:
        """Run the plan to its end, or to the first command that fails; name what was not reached."""
        started, began = stamp(self.now()), self.clock()
        failed = False
        for step in self._plan():
            done = self._step(step, skipped=failed)
            self.steps.append(done)
            led = max((self.ways[need] for need in step["needs"]), default=0.0)
            done["way_seconds"] = self.ways[step["key"]] = round(led + done["seconds"], 1)
            failed = failed or done["outcome"] == "failed"
            self.tell(done)
        return Exercise(
            rehearsal=True,
            started=started,
            ended=stamp(self.now()),
            bag=bag,
            outcome="failed" if failed else "done",
            seconds=round(self.clock() - began, 1),
            steps=self.steps,
        )

    def _plan(self) -> Iterator[RunbookStep]:
        """Yield the first steps, then those that the cloned repository gives."""
        first = list(beginning(LAB, self.places))
        yield from first
        if any(step["outcome"] == "failed" for step in self.steps):
            return
        plan = self._read_plan()
        if plan["plan"] != "pra" or plan["environment"] != LAB:
            raise Misused("le dépôt du sac n’a pas donné le plan de reprise du laboratoire")
        known = {step["key"] for step in first}
        yield from (step for step in plan["steps"] if step["key"] not in known)

    def _read_plan(self) -> Runbook:
        options = f"--environment {LAB} --format json --bag {self.places.bag} --again {self.places.again}"
        written = self.shell.read(f"{PYTHON} -m piste.cli runbook pra {options} --work {self.places.work}")
        try:
            return TypeAdapter(Runbook).validate_json(written)
        except ValidationError as error:
            why = first_fault(error, Runbook)
            raise Misused("le plan du dépôt du sac n’a pas la forme attendue", why=why) from None

    def _step(self, step: RunbookStep, *, skipped: bool) -> StepRun:
        done = StepRun(
            key=step["key"], title=step["title"], outcome="done", seconds=0.0, rto_hours=step["rto_hours"],
            command=None, said="",
        )  # fmt: skip
        if skipped or not step["commands"]:
            done["outcome"] = "not_reached" if skipped else "by_hand"
            return done
        began = self.clock()
        for each in step["commands"]:
            ran = self.shell.run(each["line"])
            if ran.code not in each["codes"]:
                done["outcome"], done["command"], done["said"] = "failed", each["line"], ran.said
                break
        done["seconds"] = round(self.clock() - began, 1)
        return done


def terminal(work: Path) -> Shell:
    """Open a terminal that knows nothing of this repository nor of this account."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    folder = work.parent
    private = {"HOME": str(folder), "PISTE_JOURNAL_DIR": str(folder / "journal"), "LC_ALL": "C.UTF-8",
               "PISTE_LOCK_DIR": str(folder / "locks"), "PISTE_DERIVED_DIR": str(folder / "derived")}  # fmt: skip
    return Shell(folder, {**kept, **private})


def late(exercise: Exercise) -> list[str]:
    """Name the steps that end after their RTO, counted from the beginning of the way to them."""
    return [
        step["title"]
        for step in exercise["steps"]
        if step["outcome"] in ("done", "failed")
        and step["rto_hours"]
        and step["way_seconds"] > step["rto_hours"] * 3600
    ]


@dataclass(frozen=True)
class Rehearsed:
    """The subject of the report: an exercise, and the name of its town."""

    exercise: Exercise
    town: str
    id: str

    @property
    def about(self) -> About:
        return About(self.id, self.town, "Exercice : la ville est perdue", self.town, observed=self.exercise["ended"])


def _sections(data: Exercise, subject: Rehearsed) -> Iterator[Section]:
    timed = [step for step in data["steps"] if step["outcome"] in ("done", "failed")]
    by_hand = [step["title"] for step in data["steps"] if step["outcome"] == "by_hand"]
    yield Section(
        "verdict", "RÉPÉTITION : elle ne prouve rien des systèmes de la Ville",
        [
            Facts("L’exercice", [
                Fact("outcome", "Issue", required("refaite jusqu’au bout" if data["outcome"] == "done" else "arrêtée")),
                Fact("started", "Commencé", required(moment(data["started"]))),
                Fact("ended", "Fini", required(moment(data["ended"]))),
                Fact("seconds", "Durée", required(duration(data["seconds"]))),
                Fact("late", "Au-delà de leur RTO", optional(", ".join(late(data)))),
                Fact("bag", "Sac (empreinte de son sceau)", required(data["bag"])),
            ]),
        ],
    )  # fmt: skip
    yield Section(
        "steps", "Étape par étape",
        [Table.of(
            "steps", "Ce qui a été fait, en combien de temps", data["steps"], lambda step: step["key"],
            (Column("title", "Étape", 3), lambda step: step["title"]),
            (Column("outcome", "Issue", 1), _outcome),
            (Column("seconds", "Durée", 1), lambda step: optional(duration(step["seconds"]) if step in timed else "")),
            (Column("way", "Depuis le début", 1),
             lambda step: optional(duration(step["way_seconds"]) if step in timed else "")),
            (Column("rto_hours", "RTO"), lambda step: optional(step["rto_hours"] and f"{step['rto_hours']} h")),
            required=True,
        )],
    )  # fmt: skip
    if failed := next((step for step in data["steps"] if step["outcome"] == "failed"), None):
        yield Section("failure", "Ce qui a échoué", [Text(failed["command"] or ""), Text(failed["said"][-1500:])])
    yield Section(
        "by-hand", "Ce qui n’a pas été répété ici",
        [Text("Des procédures : leurs essais de restauration les prouvent, un à un."), Steps(by_hand)],
    )  # fmt: skip


def _headline(data: Exercise) -> Cell:
    """Give the verdict of the exercise, which is a rehearsal at best."""
    after = late(data)
    if data["outcome"] == "failed":
        return Cell("RÉPÉTITION ÉCHOUÉE : la Ville n’a pas été refaite.", "bad")
    if after:
        return Cell(f"RÉPÉTITION : la Ville a été refaite ; {agreed(len(after), 'étape(s)')} au-delà du RTO.", "bad")
    return Cell("RÉPÉTITION : la Ville du laboratoire a été refaite jusqu’au bout.", "doubt")


def _outcome(step: StepRun) -> Cell:
    marks: Mapping[Outcome, Any] = {"done": "good", "failed": "bad", "not_reached": "doubt"}
    return Cell(WORDS[step["outcome"]], marks.get(step["outcome"]))


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


REPORT: Kind[Rehearsed] = Kind(
    "exercice-ville-perdue", "Exercice : la ville est perdue", Envelope[Exercise], lambda subject: subject.exercise,
    _sections, observed=True, headline=_headline,
)  # fmt: skip
