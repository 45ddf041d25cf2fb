"""The steps of a computer, from its master to its exit (CCTP 3.4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import Field

from .assets.form import Group
from .forms import Form, PolicyName
from .life.rules import since_erased
from .rack_checks import is_rack

if TYPE_CHECKING:
    from .life.history import Event
    from .view import View

StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Proof = Literal[
    "act", "labelled", "joined", "policies", "encrypted", "firewall", "recovery_key", "edr", "measured",
    "erased", "account_off",
]
"""The proof of a step: an act of a person, a line of the history, or a reading."""


class ComputerStep(Form):
    """A step of every computer, at its entry or at its exit.

    `proof` says what proves it, `policies` the policies that a hardened computer applies. `who` acts, by role, within
    `within_days` of the reception or of the exit. `except_for` are the variants that have no such step.
    """

    what: Text
    phase: Literal["entry", "exit"] = "entry"
    proof: Proof
    policies: list[PolicyName] = Field(default_factory=list)
    who: Group
    within_days: Annotated[int, Field(ge=0, le=365)] = 15
    except_for: list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]] = Field(default_factory=list)


class DerivedStep(TypedDict):
    id: str
    what: str
    phase: Literal["entry", "exit"]
    proof: Proof
    policies: list[str]
    who: str
    within_days: int
    except_for: list[str]


class Lived(TypedDict):
    """The days that the history says of a computer.

    `acts` gives the day and the reference of each step that a person did since the disk was last erased.
    """

    received: str | None
    left: str | None
    erased: str | None
    labelled: str | None
    acts: dict[str, tuple[str, str]]


def derive_steps(declared: Mapping[str, ComputerStep]) -> list[DerivedStep]:
    """Derive the steps, in the order in which people wrote them."""
    return [
        DerivedStep(
            id=name, what=step.what, phase=step.phase, proof=step.proof, policies=step.policies, who=step.who,
            within_days=step.within_days, except_for=step.except_for,
        )
        for name, step in declared.items()
    ]  # fmt: skip


def derive_lived(history: Iterable[Event]) -> dict[str, Lived]:
    """Derive what the history says of each asset, by name."""
    by_asset: dict[str, list[Event]] = {}
    for event in history:
        by_asset.setdefault(event.asset, []).append(event)
    return {name: _lived(events) for name, events in by_asset.items()}


def _lived(events: list[Event]) -> Lived:
    days: dict[str, str] = {event.action: event.date for event in events}
    used = max((rank for rank, event in enumerate(events, 1) if event.action == "assign"), default=0)
    # A computer that was erased and goes to other people begins again, on the day it is assigned to them.
    again = any(event.action == "erase" for event in events[:used])
    return Lived(
        received=days["assign"] if again else days.get("receive"),
        left=days.get("exit"),
        erased=next((event.date for event in events[used:] if event.action == "erase"), None),
        labelled=next((event.date for event in reversed(events) if event.labelled), None),
        acts={
            event.method or "": (event.date, event.reference or "")
            for event in since_erased(events) if event.action == "check"
        },
    )  # fmt: skip


def check_computer_steps(view: View) -> None:
    """M406, M411: policies prove a step that names them; an act is a declared step or check."""
    town = view.declared.town
    steps = town.variables.computer_steps
    for name, step in steps.items():
        if (step.proof == "policies") != bool(step.policies):
            key = ("computer_steps", name)
            message = f"{name} : des stratégies (policies) se donnent à l’étape qu’elles prouvent, et à elle seule"
            view.faults.add("PISTE-M406", f"computer_steps[{name}]", town.where(key, key), message)
    acts = {name for name, step in steps.items() if step.proof == "act"}
    for event, mark in view.declared.history:
        if event.action != "check":
            continue
        if is_rack(view, event):
            if event.method not in town.variables.rack_checks:
                message = f"{event.asset} : « {event.method} » n’est pas un contrôle de baie (rack_checks)"
                view.faults.add("PISTE-M411", f"assets.history[{event.asset}]", mark, message)
        elif event.method not in acts:
            message = f"{event.asset} : « {event.method} » n’est pas une étape qu’un acte prouve (computer_steps)"
            view.faults.add("PISTE-M406", f"assets.history[{event.asset}]", mark, message)
