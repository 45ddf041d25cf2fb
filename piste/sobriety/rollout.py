"""The steps of the levers of sobriety: their order, and their file in an environment.

A step is part of the declaration, which every environment reads. The laboratory keeps its steps in its own file:
production never does a rehearsed step.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from piste.engine.converge.errors import Misused
from piste.engine.repository import ROOT
from piste.sites import declaring
from piste.sites.declaring import write_files
from piste.town import declared
from piste.town.model import Town
from piste.town.model.sobriety.form import Lever, RolloutStep, Step
from piste.town.model.sobriety.levers import observed_until, out_of_order
from piste.town.town import load_town, refuse_faults

FILE = Path("group_vars/all/sobriety_rollout.yml")
ORDER: tuple[Step, ...] = ("diagnosis", "information", "pilot", "general")


class NotYet(Misused):
    """A step of a lever that its order, or its observation, forbids today."""

    code = "PISTE-E093"


@dataclass(frozen=True, slots=True)
class Standing:
    """The progress of a lever: steps inscribed, next step (None after the last), its first day."""

    lever: str
    steps: list[RolloutStep]
    next: Step | None
    since: str = ""

    @property
    def last(self) -> RolloutStep | None:
        return self.steps[-1] if self.steps else None


def standing(town: Town, lever: str) -> Standing:
    """Give the progress of a lever. A lever taken back everywhere starts again from its pilot."""
    steps = [step for step in town.sobriety.rollout if step.lever == lever]
    reached: Step | None = None
    for step in steps:
        if step.step != "reverted":
            reached = step.step
        elif not step.targets:
            reached = "information"
    coming = ORDER[0] if reached is None else next(iter(ORDER[ORDER.index(reached) + 1 :]), None)
    since = observed_until(town.sobriety.levers[lever], steps) if coming == "general" else ""
    return Standing(lever, steps, coming, since)


def check(lever: Lever, steps: list[RolloutStep], step: RolloutStep) -> None:
    """Raise `NotYet` where a step may not follow those inscribed."""
    if why := out_of_order(lever, steps, step):
        decided = "Attendez, ou dites qui en décide et pourquoi : --decided-by NOM --why RAISON."
        raise NotYet(f"{step.lever} : {why}", todo="" if step.step == "reverted" else decided)


@contextmanager
def foreseen(
    steps: Sequence[RolloutStep], environment: str, root: Path = ROOT
) -> Iterator[tuple[Town, dict[str, str]]]:
    """Load the town of an environment with more steps, and the variables that give it to a plan.

    Raises `InvalidDeclaration` with every fault.
    """
    if not steps:
        yield declared.town(environment), {}
        return
    rehearsal = declared.rehearsed(environment)
    if rehearsal is None:
        with declaring.foreseen(_with(root / FILE, steps, FILE), root) as (town, given):
            yield town, given
        return
    with tempfile.TemporaryDirectory(prefix="piste-rehearsal-") as folder:
        copy = Path(folder) / rehearsal.name
        copy.write_text(_with(rehearsal, steps, rehearsal)[rehearsal], "utf-8")
        yield refuse_faults(load_town(root / declaring.TOWN, rehearsed=copy)), {"piste_rehearsed": str(copy)}


def inscribe(steps: Sequence[RolloutStep], environment: str, root: Path = ROOT) -> Town:
    """Add steps to the file of the environment: the declaration, or a file of the laboratory.

    Returns the town with them. Raises `InvalidDeclaration`, and nothing is written.
    """
    with foreseen(steps, environment, root) as (town, _):
        pass
    rehearsal = declared.rehearsed(environment)
    place = rehearsal or root / FILE
    place.parent.mkdir(parents=True, exist_ok=True)
    write_files(_with(place, steps, place), root)
    return town


def _with(place: Path, steps: Sequence[RolloutStep], name: Path) -> dict[Path, str]:
    """Write the file of the steps with more steps, by its name."""
    known = place.read_text("utf-8") if place.exists() else "---\nsobriety_rollout:\n"
    text = known.replace("sobriety_rollout: []", "sobriety_rollout:").rstrip("\n") + "\n"
    return {name: text + "".join(f"  - {line(step)}\n" for step in steps)}


def line(step: RolloutStep) -> str:
    """Write a step as a line of YAML."""
    parts = [f"lever: {step.lever}", f"step: {step.step}", f'date: "{step.date}"', f"by: {_text(step.by)}"]
    if step.targets:
        parts.append(f"targets: [{', '.join(step.targets)}]")
    if step.decided:
        parts.append(f"decided: {{by: {_text(step.decided.by)}, why: {_text(step.decided.why)}}}")
    if step.why:
        parts.append(f"why: {_text(step.why)}")
    return f"{{{', '.join(parts)}}}"


def _text(value: str) -> str:
    """Write a text as YAML reads it back, whatever its characters."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
