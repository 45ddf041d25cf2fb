"""The steps of a runbook: the same data for the document, the page and the rehearsal."""

from __future__ import annotations

from typing import Literal, NamedTuple, NotRequired, TypedDict

PlanName = Literal["pra", "pca"]


class Command(TypedDict):
    """A command as typed, and the exit codes that let the step go on."""

    line: str
    codes: list[int]


class Proof(TypedDict):
    """A restore test of the step: the day of its last proof, that of its last rehearsal.

    `seconds` are those of the last proof, on the town's own systems; `whole`: the test times the step, not a `set`.
    """

    test: str
    label: str
    set: str | None
    whole: bool
    seconds: float | None
    proven_on: str | None
    rehearsed_on: str | None


class Item(TypedDict):
    """A thing that comes back in the step; `stores` are those that outlive the town's cluster."""

    name: str
    what: str
    family: str
    rpo_hours: int
    rto_hours: int
    stores: list[str]
    last_copy: str | None
    status: str | None


class RunbookStep(TypedDict):
    """A step: `needs` are the keys of the steps before it; `who` is a role, never a person.

    `unprotected` names what the step brings back and no backup has: nothing can be promised of it.
    """

    key: str
    title: str
    what: list[str]
    needs: list[str]
    who: str
    commands: list[Command]
    expected: str
    rto_hours: int | None
    items: list[Item]
    unprotected: list[str]
    proofs: list[Proof]
    on_failure: list[str]


class Call(TypedDict):
    """A person to call, by function: `who` is a role, never a person alone."""

    who: str
    of: str
    phone: str | None
    hours: str | None
    status: str | None


class Runbook(TypedDict):
    """A plan: its purpose, the words to begin, whom to call, its steps in order."""

    plan: PlanName
    environment: str
    purpose: list[str]
    calls: list[Call]
    steps: list[RunbookStep]


class Places(NamedTuple):
    """The folders and the key that the commands name."""

    bag: str = "/srv/remise/sac"
    work: str = "/srv/remise/depot"
    again: str = "/srv/remise/relu"
    key: str = "/srv/remise/ancre.pub"


PYTHON, ANSIBLE = ".venv/bin/python", ".venv/bin/ansible-playbook"
TOWN, HOLDER, BOARD = "DSI", "Exploitation (titulaire)", "Direction générale et DSI"
ERROR, UNKNOWN = 1, 3
DIAGNOSIS = [0, ERROR, 2, UNKNOWN]
"""Exit codes of a verb that says a state: conform or not, changed, unknown."""


def command(line: str, codes: list[int] | None = None) -> Command:
    return Command(line=line, codes=codes or [0])


def step(
    key: str,
    title: str,
    what: list[str],
    who: str,
    expected: str,
    *,
    needs: list[str] | None = None,
    commands: list[Command] | None = None,
    rto_hours: int | None = None,
    items: list[Item] | None = None,
    unprotected: list[str] | None = None,
    proofs: list[Proof] | None = None,
    on_failure: list[str] | None = None,
) -> RunbookStep:
    """Make a step; what is left out is empty."""
    return RunbookStep(
        key=key,
        title=title,
        what=what,
        needs=needs or [],
        who=who,
        commands=commands or [],
        expected=expected,
        rto_hours=rto_hours,
        items=items or [],
        unprotected=unprotected or [],
        proofs=proofs or [],
        on_failure=on_failure or [],
    )


Outcome = Literal["done", "failed", "by_hand", "not_reached"]


class StepRun(TypedDict):
    """A step of the exercise; a step without commands is a procedure, that nobody has rehearsed.

    `way_seconds` are those of the longest way to its end, through what it needs: procedures count for nothing.
    """

    key: str
    title: str
    outcome: Outcome
    seconds: float
    rto_hours: int | None
    command: str | None
    said: str
    way_seconds: NotRequired[float]
