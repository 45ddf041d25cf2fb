"""The results of restore tests: kept for good, each sealed to the result before.

A result has its folder, `<environment>/<test>/<id>/`: `result.json`, sealed with the digest of the result before it in
the environment, and its evidence. `run` names the record of the journal in which the test ran.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from piste.engine.converge.errors import PisteError
from piste.engine.converge.locks import locked
from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.untrusted import read_plain
from piste.papers.dossier.verification_record import Evidence, Test
from piste.readings.protection.copies import Copy
from piste.runs.records.chain import Damaged, encode, seal, unseal
from piste.town.model.forms import Moment, Record
from piste.town.model.wording import first_fault
from piste.trials.restore.method import Step
from piste.trials.restore.state import folder

RESULT, HEAD, LOCK = "result.json", "head.json", "lock"
PATIENCE = 30.0
Outcome = Literal["proven", "failed", "unknown", "interrupted"]
OUTCOMES: Mapping[Outcome, str] = {
    "proven": "restauration prouvée",
    "failed": "restauration échouée",
    "unknown": "restauration inconnue",
    "interrupted": "essai interrompu",
}


class UnreadableResult(PisteError):
    """A result on file, or its evidence, differs from what was written."""

    code = "PISTE-E137"


class StepDone(Record):
    """A step, its duration, and why it did not end well."""

    step: Step
    seconds: float
    outcome: Literal["done", "failed", "unknown"]
    reason: str = ""


class RestoreResult(Record):
    """A restore test that ran; durations in seconds, moments in ISO 8601.

    `rehearsal` says why the test proves nothing of the town's own systems; empty where it does. `left` names what the
    removal has left. `previous` is the digest of the result before.
    """

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^\d{8}T\d{6}Z-[0-9a-f]{6}$")]
    test: str
    label: str
    method: str
    set: str | None
    requirement: str | None
    environment: str
    rehearsal: str
    started: Moment
    ended: Moment
    operator: str
    commit: str
    clean: bool
    run: str | None
    outcome: Outcome
    reason: str
    isolation: str
    copied: Copy | None
    steps: list[StepDone]
    rto_seconds: float | None
    rto_hours: int | None
    rpo_seconds: float | None
    rpo_hours: int | None
    every_days: int
    status: str | None
    tests: list[Test]
    left: list[str]
    previous: str | None = None
    hash: str = ""


def keep(result: RestoreResult, files: Mapping[str, bytes]) -> Path:
    """Seal a result after the last of its environment; return its folder.

    Its evidence is written first: a folder without its result is no proof.
    """
    root = folder(result.environment)
    place = private_folder(root / result.test / result.id)
    for name, content in files.items():
        write_private(place / name, content)
    with locked(root / LOCK, f"restaurations {result.environment}", PATIENCE, mode=0o600):
        known = [sealed for sealed, _ in results(result.environment)]
        previous = known[-1].hash if known else None
        sealed = seal({**result.model_dump(mode="json", exclude={"hash"}), "previous": previous})
        write_private(place / RESULT, encode(sealed))
        write_private(root / HEAD, encode(seal({"last": sealed["hash"]})))
    return place


def results(environment: str) -> list[tuple[RestoreResult, Path]]:
    """List the results of an environment with their folders, in the order of their seals.

    Raises `UnreadableResult` where a result, its evidence or the chain is not what was written.
    """
    root = folder(environment)
    after = {result.previous: (result, place) for result, place in _all(root)}
    ordered, last = list[tuple[RestoreResult, Path]](), None
    while last in after:
        ordered.append(after.pop(last))
        last = ordered[-1][0].hash
    if after:
        raise _unreadable(root, "suit une preuve qui manque", ", ".join(sorted(r.id for r, _ in after.values())))
    # A process that died between the two writes leaves a head that is the link of the last result.
    if _head(root / HEAD) not in ({last, ordered[-1][0].previous} if ordered else {None}):
        raise _unreadable(root / HEAD, "n’est plus la dernière", "le dernier essai scellé n’est plus là")
    return ordered


def _all(root: Path) -> Iterator[tuple[RestoreResult, Path]]:
    for path in sorted(root.glob(f"*/*/{RESULT}")):
        yield read(path.parent), path.parent


def read(place: Path) -> RestoreResult:
    """Read a result, and check its seal and its evidence. Raises `UnreadableResult`."""
    try:
        result = RestoreResult.model_validate_json(encode(unseal(read_plain(place / RESULT))))
    except (OSError, Damaged, ValidationError) as error:
        why = first_fault(error, RestoreResult)
        raise _unreadable(place / RESULT, "n’est plus ce qui a été scellé", why) from error
    for proof in _proofs(result):
        try:
            content = read_plain(place / proof.file)
        except OSError as error:
            raise _unreadable(place / proof.file, "manque", error.strerror or "") from error
        if hashlib.sha256(content).hexdigest() != proof.sha256:
            raise _unreadable(place / proof.file, "a changé", "")
    return result


def _proofs(result: RestoreResult) -> Iterator[Evidence]:
    for test in result.tests:
        yield from test.evidence


def _head(path: Path) -> Any:
    if not path.exists():
        return None
    try:
        return unseal(read_plain(path)).get("last")
    except (OSError, Damaged) as error:
        raise _unreadable(path, "n’est plus ce qui a été scellé", str(error)) from error


def _unreadable(path: Path, what: str, why: str) -> UnreadableResult:
    todo = "Reprenez ce dossier d’une sauvegarde ; un essai changé ne prouve rien : refaites-le (piste restore test)."
    return UnreadableResult(f"cette preuve de restauration {what}", where=str(path), why=why, todo=todo)
