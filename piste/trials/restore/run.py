"""A restore test from end to end.

What a killed test has left goes first. Then: refuse or restore, probe, remove, keep the proof.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from piste.engine.converge.errors import PisteError
from piste.engine.converge.locks import locked
from piste.engine.converge.private import private_folder
from piste.engine.converge.secrets import FINGERPRINT_KEY, MINIMUM_LENGTH
from piste.engine.converge.task_log import RECORD
from piste.engine.repository import commit
from piste.papers.dossier.verification_record import Test, Verdict, evidence
from piste.readings.protection.copies import Copy
from piste.runs.plans.conditions import LAB
from piste.runs.plans.keys import NoKey
from piste.runs.records.chain import new_id
from piste.runs.records.operator import operator
from piste.town.model.restores import RestoreTest
from piste.trials.restore.copies import faults as faults_of
from piste.trials.restore.method import Answer, Context, Isolation, Method, Refused, Step, Thing, method_named
from piste.trials.restore.results import RESULT, Outcome, RestoreResult, StepDone, UnreadableResult, keep, read
from piste.trials.restore.state import FOLDER, OPEN, Remains, State, folder, left_open, unproven

STAND_IN = "sur un système simulé ou de remplacement"
IN_LAB = "au laboratoire"


@dataclass(frozen=True, slots=True)
class Given:
    """The input of a test, beside its declaration; `copies` are by set."""

    environment: str
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, Sequence[Copy]] = field(default_factory=dict)
    report: Mapping[str, Any] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic

    @property
    def key(self) -> str:
        """The key that seals what tests make. Raises `NoKey`: a killed test could not be cleared."""
        key = self.secrets.get(FINGERPRINT_KEY) or ""
        if len(key) < MINIMUM_LENGTH:
            what = f"la clé {FINGERPRINT_KEY} de « {self.environment} » manque, ou est trop courte"
            raise NoKey(what, todo="Mettez-la dans le coffre (inventories/production/SECRETS.md).")
        return key


def check(test: RestoreTest, given: Given) -> Isolation:
    """Say what a test would restore and where; make nothing. Raises `Refused` with every reason."""
    return _prepared(method_named(test["method"]), _context(test, given))


def run(test: RestoreTest, given: Given) -> tuple[RestoreResult, Path]:
    """Run a test, and keep its result; return it with its folder.

    What a killed test has left goes first. Raises `Refused` where nothing was made, `Remains` where something is left.
    """
    with _alone(test["name"], given.environment):
        clean(given, test["name"])
        return _Run(test, given).run()


def clean(given: Given, name: str = "") -> list[str]:
    """Remove what killed tests have left, and keep their results; list it.

    With a `name`, that test alone, which the caller has locked. What a test cannot prove to be its own stays, and
    hides nothing of the others. Raises `Remains`.
    """
    cleared: list[str] = []
    stays: list[Remains] = []
    for path in left_open(given.environment):
        try:
            if not name:
                with _alone(path.parent.name, given.environment):
                    cleared += _clear(path, given) if path.exists() else []
            elif path.parent.name == name:
                cleared += _clear(path, given)
        except Remains as error:
            stays.append(error)
    if len(stays) == 1:
        raise stays[0]
    if stays:
        raise Remains(
            f"{len(stays)} essais ont laissé ce qui n’est pas retiré",
            why="\n".join(f"  - {error.sentence()}" for error in stays),
        )
    return cleared


@contextmanager
def _alone(name: str, environment: str) -> Iterator[None]:
    """Take the lock of a test. Raises `Busy` where it runs."""
    place = private_folder(folder(environment) / name)
    with locked(place / "lock", f"essai de restauration {name}", 0.0, mode=0o600):
        yield


def _clear(path: Path, given: Given) -> list[str]:
    state = State.read(path, given.key)
    test, place, ended = state.header.get("test"), path.with_suffix(""), state.ended
    kept = (place / RESULT).exists()
    # A file of before that comes back is no order; beside a result that others wrote, its things may still be there.
    if kept and not ended and not _left(place):
        why = f"{place / RESULT} dit que rien n’est resté, ce fichier scellé non : l’un des deux vient d’ailleurs."
        raise unproven(path, state.things, "un essai passe pour fini", why)
    # A file without its first line is that of a test that had made nothing.
    if isinstance(test, dict):
        known: RestoreTest = {**test, "name": path.parent.name}  # type: ignore[typeddict-item]
        if not ended:
            _remove(method_named(known["method"]), state.things, _context(known, given, state))
            state.end()
        if not kept:
            made = _Run(known, given, state)
            made.outcome, made.reason = "interrupted", "le processus a été arrêté ; ce qu’il avait fait a été retiré"
            made.keep()
    state.close()
    return [] if ended else [f"{thing.kind} {thing.id}" for thing in state.things]


def _left(place: Path) -> list[str]:
    """List what a result says that its test has left; nothing where it is no result of ours."""
    try:
        return read(place).left
    except UnreadableResult:
        return []


def _remove(method: Method, things: Sequence[Thing], context: Context) -> None:
    """Remove the things, then read that they are gone. Raises `Remains`."""
    theirs = [thing for thing in things if thing.kind != FOLDER]
    method.teardown(theirs, context)
    left = [*method.left(theirs, context)]
    if len(theirs) < len(things):
        # Its own folder, whatever the file calls it: a file is no order to remove any folder.
        shutil.rmtree(context.folder, onexc=_forced)
        if context.folder.exists():
            left.append(f"le dossier {context.folder}")
    if left:
        raise Remains(
            f"l’essai {context.test['name']} a laissé : {', '.join(left)}",
            todo=f"Retirez-le à la main s’il résiste, puis : piste restore clean --environment {context.environment}.",
        )


def _forced(remove: Callable[[str], Any], path: str, error: BaseException) -> None:
    """Remove once more, as the owner: what was restored has the rights of the original."""
    with suppress(OSError):
        os.chmod(Path(path).parent, 0o700)
        if Path(path).is_dir() and not Path(path).is_symlink():
            os.chmod(path, 0o700)
            shutil.rmtree(path)
        else:
            os.unlink(path)


def _prepared(method: Method, context: Context) -> Isolation:
    """Ask the method for its isolation. Raises `Refused` with every reason not to begin."""
    isolation = method.prepare(context)
    faults = [*isolation.faults, *faults_of(context.test, isolation.copy, context.now())]
    if faults:
        listing = "\n".join(f"  - {fault}" for fault in dict.fromkeys(faults))
        raise Refused(
            f"L’essai {context.test['name']} ne commence pas, rien n’a été fait.",
            todo=f"Corrigez puis relancez :\n{listing}",
        )
    return isolation


def _context(test: RestoreTest, given: Given, state: State | None = None) -> Context:
    """Make the context of a method; without a state nothing can be expected, so nothing made."""

    def refuse(thing: Thing) -> Thing:
        raise RuntimeError(f"{thing.kind} {thing.id}: nothing is made before the state")

    copies = sorted(given.copies.get(test["set"] or "", ()), key=lambda copy: copy["taken_at"], reverse=True)
    place = folder(given.environment) / test["name"] / f"work-{state.path.stem}" if state else Path(os.devnull)
    return Context(
        environment=given.environment, test=test, options=given.options, secrets=given.secrets, folder=place,
        copies=copies, now=given.now, expect=state.expect if state else refuse, report=given.report,
    )  # fmt: skip


class _Run:
    """A test in progress, or that a killed process has left."""

    def __init__(self, test: RestoreTest, given: Given, state: State | None = None) -> None:
        self.test, self.given = test, given
        self.id = state.path.stem if state else _free_id(folder(given.environment) / test["name"], given.now())
        self.started = str(state.header.get("started")) if state else given.now().isoformat(timespec="seconds")
        self.state = state
        self.isolation = Isolation("")
        self.steps: list[StepDone] = []
        self.tests: list[Test] = []
        self.files: dict[str, bytes] = {}
        self.left: list[str] = []
        self.measured: float | None = None
        """Seconds that the method itself has measured, where the clock of this process says nothing."""
        self.followed: tuple[str, datetime] | None = None
        """When people did it, where that is not now."""
        self.outcome: Outcome = "proven"
        self.reason = ""

    def run(self) -> tuple[RestoreResult, Path]:
        method = method_named(self.test["method"])
        began = self.given.clock()
        prepared = _context(self.test, self.given)
        self.isolation = _prepared(method, prepared)
        self._done("prepare", began)
        header = {"test": dict(self.test), "started": self.started, "pid": os.getpid()}
        path = folder(self.given.environment) / self.test["name"] / f"{self.id}{OPEN}"
        self.state = State.begin(path, self.given.key, header)
        context = _context(self.test, self.given, self.state)
        context.kept.update(prepared.kept, copy=self.isolation.copy)
        self.state.expect(Thing(FOLDER, context.folder.name))
        private_folder(context.folder)
        self._forward(method, context)
        self._step("teardown", lambda: _remove(method, self.state.things if self.state else (), context))
        self.measured = context.kept.get("rto_seconds")
        self.followed = context.kept.get("followed")
        if not self.left:
            self.state.end()
        kept = self.keep()
        if not self.left:
            self.state.close()
        return kept

    def _forward(self, method: Method, context: Context) -> None:
        """Take the steps up to the probes; the first that fails is the last."""
        moves: Sequence[tuple[Step, Callable[[], None]]] = (
            ("restore", lambda: method.restore(context)),
            ("start", lambda: method.start(context)),
            ("wait", lambda: method.wait(context)),
            ("probe", lambda: self._probe(method, context)),
        )
        for step, move in moves:
            if not self._step(step, move):
                return

    def _step(self, step: Step, move: Callable[[], None]) -> bool:
        began = self.given.clock()
        try:
            move()
        except PisteError as error:
            self._fails(step, began, error.sentence(), unknown=error.kind == "unknown")
            if step == "teardown":
                self.left = [error.what] if isinstance(error, Remains) else self._things()
            return False
        except Exception as error:  # Whatever fails, what was made is removed.
            self._fails(step, began, f"{type(error).__name__} : {error}")
            if step == "teardown":
                self.left = self._things()
            return False
        self._done(step, began)
        return True

    def _things(self) -> list[str]:
        """Name what a removal that failed may have left."""
        return [f"{thing.kind} {thing.id}" for thing in self.state.things] if self.state else []

    def _done(self, step: Step, began: float) -> None:
        self.steps.append(StepDone(step=step, seconds=round(self.given.clock() - began, 3), outcome="done"))

    def _fails(self, step: Step, began: float, reason: str, *, unknown: bool = False) -> None:
        outcome: Literal["failed", "unknown"] = "unknown" if unknown else "failed"
        seconds = round(self.given.clock() - began, 3)
        self.steps.append(StepDone(step=step, seconds=seconds, outcome=outcome, reason=reason))
        self._worsen(outcome, reason)

    def _worsen(self, outcome: Outcome, reason: str) -> None:
        """Keep the first reason of the gravest outcome."""
        if _GRAVITY[outcome] > _GRAVITY[self.outcome]:
            self.outcome, self.reason = outcome, reason

    def _probe(self, method: Method, context: Context) -> None:
        for answer in method.probe(context):
            self._add(answer)
        if not self.tests:
            self._worsen("unknown", "rien n’a été sondé")

    def _add(self, answer: Answer) -> None:
        rank = len(self.tests) + 1
        name = f"{rank:02d}.json"
        said = {"title": answer.title, "expected": answer.expected, "observed": answer.observed, "proof": answer.proof}
        self.files[name] = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
        self.tests.append(
            Test(
                id=f"probe.{rank}", domain="Sondes", title=answer.title, requirements=["R017", "F15"],
                expected=answer.expected, observed=answer.observed, verdict=answer.verdict,
                evidence=[evidence(name, self.files[name])],
            )
        )  # fmt: skip
        if answer.verdict != "conform":
            self._worsen(_OF[answer.verdict], f"{answer.title} : {answer.observed}")

    def keep(self) -> tuple[RestoreResult, Path]:
        head, clean_tree = commit()
        test, copy = self.test, self.isolation.copy
        started, ended = self.followed or (self.started, self.given.now())
        spent = [step.seconds for step in self.steps if step.step not in ("prepare", "teardown")]
        taken = round(sum(spent), 3) if self.measured is None else self.measured
        rto = taken if self.outcome == "proven" else None
        if rto is not None and test["rto_hours"] and rto > test["rto_hours"] * 3600:
            self._worsen("failed", f"le retour a pris plus que les {test['rto_hours']} heures permises")
        record = os.environ.get(RECORD)
        result = RestoreResult(
            id=self.id, test=test["name"], label=test["label"], method=test["method"], set=test["set"],
            requirement=test["requirement"], environment=self.given.environment,
            rehearsal=IN_LAB if self.given.environment == LAB else STAND_IN if self.isolation.rehearsal else "",
            started=started, ended=ended.isoformat(timespec="seconds"), operator=operator(self.given.environment),
            commit=head, clean=clean_tree, run=Path(record).stem if record else None, outcome=self.outcome,
            reason=self.reason, isolation=self.isolation.how, copied=copy, steps=self.steps,
            rto_seconds=rto, rto_hours=test["rto_hours"],
            rpo_seconds=(ended - datetime.fromisoformat(copy["taken_at"])).total_seconds() if copy else None,
            rpo_hours=test["rpo_hours"], every_days=test["every_days"], status=test["status"], tests=self.tests,
            left=self.left,
        )  # fmt: skip
        place = keep(result, self.files)
        return read(place), place


def _free_id(place: Path, moment: datetime) -> str:
    """Make the id of a result that no result has."""
    while (place / (id_ := new_id(moment))).exists():
        continue
    return id_


_GRAVITY: Mapping[Outcome, int] = {"proven": 0, "unknown": 1, "failed": 2, "interrupted": 3}
_OF: Mapping[Verdict, Outcome] = {"wrong": "failed", "unknown": "unknown", "untested": "unknown", "conform": "proven"}
