"""The contract of a restore method, and the register of the methods.

A method restores a copy under another name, where it reaches nothing, probes it and removes it. What it is about to
make, it says first (`Context.expect`): a test that was killed is then cleared by the next. Every function may be called
again; `teardown` and `left` are also called by a process that did not make the things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from piste.engine.converge.errors import Misused, PisteError
from piste.readings.protection.copies import Copy

if TYPE_CHECKING:
    from piste.papers.dossier.verification_record import Verdict
    from piste.town.model.restores import RestoreTest

Step = Literal["prepare", "restore", "start", "wait", "probe", "teardown"]
STEPS: tuple[Step, ...] = get_args(Step)


class Refused(PisteError):
    """A restore test does not begin: all its reasons at once, and nothing was made."""

    code = "PISTE-E135"
    kind = "refused"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a test makes; `facts` are what its removal needs beside its id."""

    kind: str
    id: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Isolation:
    """The answer of `prepare`: the place where a copy comes back, and what forbids it.

    `how` says where that is, and why it reaches nothing from there.
    `faults` are all the reasons not to begin. `copy` is what will be restored, None for a method without copies.
    `rehearsal`: the system is a simulator or a stand-in, whatever the environment.
    """

    how: str
    copy: Copy | None = None
    faults: Sequence[str] = ()
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A question of a probe and its answer; `proof` goes into the evidence."""

    title: str
    expected: str
    observed: str
    verdict: Verdict
    proof: Any = None


@dataclass(slots=True)
class Context:
    """The means of a method.

    environment  name of the environment
    test         the declared test
    options      options of the task: `domain`, `prism`, `smc`, `winrm`, `restic`…, as its inventory gives them
    secrets      values of the secret references
    folder       a private folder of this test, removed with the rest
    copies       the copies of the set that are known, the newest first
    now          the clock: UTC
    expect       notes a thing on the disk BEFORE it is made
    report       what a person reports of a procedure
    kept         where a method keeps what its next steps need; `copy` is what `prepare` chose, `rto_seconds` the
                 duration of a return that is not that of the steps, `followed` its beginning and its end
    """

    environment: str
    test: RestoreTest
    options: Mapping[str, Any]
    secrets: Mapping[str, str]
    folder: Path
    copies: Sequence[Copy]
    now: Callable[[], datetime]
    expect: Callable[[Thing], Thing]
    report: Mapping[str, Any] | None = None
    kept: dict[str, Any] = field(default_factory=dict)


class Method(Protocol):
    """A way to restore; each step raises a `PisteError` where it fails."""

    def prepare(self, context: Context) -> Isolation:
        """Read only: choose the copy, judge the isolation, list every reason not to begin."""

    def restore(self, context: Context) -> None:
        """Bring the copy back under another name."""

    def start(self, context: Context) -> None:
        """Start what was restored."""

    def wait(self, context: Context) -> None:
        """Wait until it answers. Raises where it never does."""

    def probe(self, context: Context) -> Iterable[Answer]:
        """Ask what proves that it came back."""

    def teardown(self, things: Sequence[Thing], context: Context) -> None:
        """Remove the things, those already gone included."""

    def left(self, things: Sequence[Thing], context: Context) -> Iterable[str]:
        """Read the system; name what is still there."""


class Steps:
    """A base for methods with nothing to start, to wait for or to remove."""

    def restore(self, context: Context) -> None: ...

    def start(self, context: Context) -> None: ...

    def wait(self, context: Context) -> None: ...

    def teardown(self, things: Sequence[Thing], context: Context) -> None: ...

    def left(self, things: Sequence[Thing], context: Context) -> Iterable[str]:
        return ()


METHODS: dict[str, str] = {
    "machine": "piste.trials.restore.machine:Machine",
    "directory": "piste.trials.restore.directory:WholeDirectory",
    "directory_object": "piste.trials.restore.directory_object:DirectoryObject",
    "nps": "piste.trials.restore.nps:Nps",
    "policy": "piste.exports.configurations.policy:Policy",
    "share": "piste.trials.restore.share:Share",
    "procedure": "piste.trials.restore.procedure:Procedure",
    "repository": "piste.exports.bag.restored:Repository",
}
"""The class of each method, by its name in the declaration: `package.module:Class`."""


def method_named(name: str) -> Method:
    """Load a method. Raises `Misused`."""
    if name not in METHODS:
        raise Misused(f"la méthode de restauration « {name} » n’est pas installée")
    place, _, class_name = METHODS[name].partition(":")
    made: Method = getattr(import_module(place), class_name)()
    return made
