"""The steps of the levers of sobriety: which comes next, how it is inscribed in the declaration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from piste.converge.errors import Misused
from piste.model import Town
from piste.model.checks.sobriety import observed_until, out_of_order
from piste.model.schema_sobriety import Lever, RolloutStep, Step
from piste.runs.declaring import validated, write_files
from piste.runs.play import ROOT

FILE = Path("group_vars/all/sobriety_rollout.yml")
ORDER: tuple[Step, ...] = ("diagnosis", "information", "pilot", "general")


class NotYet(Misused):
    """A step of a lever that its order, or its observation, forbids today."""

    code = "PISTE-E093"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lever is: the steps inscribed, the next one (None after the last), and from which day."""

    lever: str
    told: list[RolloutStep]
    next: Step | None
    since: str = ""

    @property
    def last(self) -> RolloutStep | None:
        return self.told[-1] if self.told else None


def standing(town: Town, lever: str) -> Standing:
    """Tell where a lever is. One that was taken back everywhere starts again from its pilot."""
    told = [step for step in town.sobriety.rollout if step.lever == lever]
    reached: Step | None = None
    for step in told:
        if step.step != "reverted":
            reached = step.step
        elif not step.targets:
            reached = "information"
    coming = ORDER[0] if reached is None else next(iter(ORDER[ORDER.index(reached) + 1 :]), None)
    since = observed_until(town.sobriety.levers[lever], told) if coming == "general" else ""
    return Standing(lever, told, coming, since)


def check(lever: Lever, told: list[RolloutStep], step: RolloutStep) -> None:
    """Raises NotYet where a step may not follow those that were inscribed."""
    if why := out_of_order(lever, told, step):
        decided = "Attendez, ou dites qui en décide et pourquoi : --decided-by NOM --why RAISON."
        raise NotYet(f"{step.lever} : {why}", todo="" if step.step == "reverted" else decided)


def with_steps(steps: Sequence[RolloutStep], root: Path = ROOT) -> dict[Path, str]:
    """The file of the steps with more of them, as :func:`piste.runs.declaring.foreseen` and `write_files` take it."""
    held = (root / FILE).read_text("utf-8")
    text = held.replace("sobriety_rollout: []", "sobriety_rollout:").rstrip("\n") + "\n"
    return {FILE: text + "".join(f"  - {line(step)}\n" for step in steps)}


def inscribe(steps: Sequence[RolloutStep], root: Path = ROOT) -> Town:
    """Add steps to the declaration; the town as it then is. Raises InvalidDeclaration, and nothing is written."""
    wanted = with_steps(steps, root)
    town = validated(wanted, root)
    write_files(wanted, root)
    return town


def line(step: RolloutStep) -> str:
    """A step as one line of YAML."""
    parts = [f"lever: {step.lever}", f"step: {step.step}", f'date: "{step.date}"', f"by: {_text(step.by)}"]
    if step.targets:
        parts.append(f"targets: [{', '.join(step.targets)}]")
    if step.decided:
        parts.append(f"decided: {{by: {_text(step.decided.by)}, why: {_text(step.decided.why)}}}")
    if step.why:
        parts.append(f"why: {_text(step.why)}")
    return f"{{{', '.join(parts)}}}"


def _text(value: str) -> str:
    """A text as YAML reads it back, whatever it holds."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
