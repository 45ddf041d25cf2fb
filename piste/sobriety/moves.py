"""The application and the return of a lever of sobriety, over the playbook of its domain.

The step enters the declaration first, and the plan follows. The changes of a step are kept in its environment, since
systems differ between environments: any workstation takes the step back from them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from piste.engine.converge.allowed import named
from piste.engine.converge.errors import Misused, PisteError
from piste.engine.words import agreed
from piste.runs.plans import progress, saved
from piste.runs.plans.conditions import LAB
from piste.runs.plans.play import Order, Played
from piste.runs.plans.undo import inverse
from piste.runs.records.record import OPERATION, fits
from piste.sobriety import rollout
from piste.sobriety.driven import DRIVEN, Driven, changed, policies_of
from piste.sobriety.folders import folder
from piste.sobriety.targets import followers
from piste.town import declared
from piste.town.model import Town
from piste.town.model.dates import OTHER_DAY, today
from piste.town.model.sobriety.form import RolloutStep
from piste.town.model.sobriety.levers import APPLIED
from piste.town.model.wording import first_fault


class Foreign(Misused):
    """The plan of a lever holds changes that are not its own."""

    code = "PISTE-E094"


class Altered(PisteError):
    """The record of a lever cannot be read back."""

    code = "PISTE-E095"


Runs = Iterator[tuple[Played, str]]
"""The runs that write a step, and what to say after each that did not end well: no other follows it."""


class Application(BaseModel):
    """The application of a step; `ended` is None where it is not finished.

    `struck` names the targets taken back since. `proof` is what was read of a step that people applied. `again` is the
    outcome of a new plan after it: *ok* where nothing was left to change.
    """

    model_config = ConfigDict(extra="forbid")

    step: str
    date: str
    by: str
    targets: list[str]
    plan: str
    commit: str
    begun: str
    ended: str | None = None
    again: str | None = None
    operations: list[dict[str, Any]]
    struck: list[str] = Field(default_factory=list)
    proof: list[str] = Field(default_factory=list)


class Kept(BaseModel):
    """The applications of a lever in an environment, first to last."""

    model_config = ConfigDict(extra="forbid")

    format: int = 1
    lever: str
    environment: str
    applications: list[Application] = Field(default_factory=list)

    def of(self, step: RolloutStep) -> Application | None:
        """Find the application of a step, if it was begun."""
        return next((known for known in self.applications if (known.step, known.date) == (step.step, step.date)), None)

    def ended(self, step: RolloutStep) -> bool:
        application = self.of(step)
        return application is not None and application.ended is not None


def kept(environment: str, lever: str) -> Kept:
    """Read the applications of a lever. Raises `Altered`."""
    path = _file(environment, lever)
    try:
        content = Kept.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Kept(lever=lever, environment=environment)
    except ValidationError as error:
        why = first_fault(error, Kept)
        raise Altered(f"{path} ne se lit pas", why=why, todo="Rendez-lui son contenu (git).") from error
    if not all(fits(application.operations, [OPERATION]) for application in content.applications):
        why = "Une opération n’en a pas la forme."
        raise Altered(f"{path} ne se lit pas", why=why, todo="Rendez-lui son contenu (git).")
    if (content.lever, content.environment) != (lever, environment):
        raise Altered(f"{path} est de {content.lever}, {content.environment}", todo="Rendez-lui son contenu (git).")
    return content


def keep(content: Kept) -> None:
    saved.write_json(content.model_dump(), _file(content.environment, content.lever))


def _file(environment: str, lever: str) -> Path:
    return folder(environment) / "levers" / f"{lever}.json"


def town(environment: str) -> Town:
    """Load the declared town. Raises `Misused` for a pretended day elsewhere than at the lab."""
    today()
    if environment != LAB and os.environ.get(OTHER_DAY):
        raise Misused(f"{OTHER_DAY} n’a de sens qu’au laboratoire", todo=f"Retirez-la : unset {OTHER_DAY}.")
    return declared.town(environment)


@dataclass(frozen=True, slots=True)
class Move:
    """A step to make on the systems of an environment: its targets, playbook and own objects."""

    step: RolloutStep
    environment: str
    driven: Driven
    targets: list[str]
    order: Order
    policies: Collection[str] = ()


def move(before: Town, after: Town, step: RolloutStep, environment: str, confirm: Sequence[str] = ()) -> Move:
    """Work out a step; `before` and `after` are the town without and with it.

    `confirm` are the words of guards. Its targets are those that follow the lever with it, or that leave it where
    it takes the lever back.
    """
    lever = before.sobriety.levers[step.lever]
    driven = DRIVEN[lever.drives]
    if step.step == "reverted":
        # Targets whose return was interrupted no longer follow the lever, and still have to get their state back.
        on = dict.fromkeys([*followers(before, step.lever), *_unreturned(environment, step.lever, driven)])
        targets = [name for name in on if name in (step.targets or on)]
    else:
        targets = followers(after, step.lever)
    words = {f"{driven.domain}_confirm": list(confirm)} if confirm else {}
    order = Order(driven.playbook, environment, _limit(before, driven, targets), words)
    return Move(step, environment, driven, targets, order, policies_of({lever.drives}, before, after))


def _unreturned(environment: str, lever: str, driven: Driven) -> list[str]:
    """Name the targets with a change not taken back; the town's own share has no target."""
    names = [operation["key"] if driven.whole else operation["owner"] for operation in _operations(environment, lever)]
    applied = {name for application in kept(environment, lever).applications for name in application.targets}
    return [name for name in names if driven.whole or name in applied]


def _limit(town: Town, driven: Driven, targets: Sequence[str]) -> str:
    own = [town.commune["id"]] if driven.town and town.commune else []
    return ",".join(own if driven.whole else [*own, *targets])


def refuse_foreign(move: Move, operations: Iterable[Mapping[str, Any]], todo: str) -> None:
    """Raise `Foreign` for an operation that is not the lever's: it changes nothing else."""
    foreign = [
        f"  - {named(operation)} : {', '.join(sorted(changed(operation)))}"
        for operation in operations
        if not move.driven.owns(operation, move.policies)
    ]
    if foreign:
        listing = "\n".join(foreign)
        raise Foreign(
            f"{agreed(len(foreign), 'écart(s)')} sans rapport avec ce levier, rien n’a été écrit",
            todo=f"{todo}\n{listing}\n",
        )


def begin(move: Move, plan: Mapping[str, Any]) -> None:
    """Keep the changes of a step before it makes them."""
    content = kept(move.environment, move.step.lever)
    application = Application(
        step=move.step.step,
        date=move.step.date,
        by=move.step.by,
        targets=move.targets,
        plan=plan["id"],
        commit=plan["commit"],
        begun=_now(),
        operations=list(plan["operations"]),
    )
    if unfinished := content.of(move.step):
        # Resumed: the changes of the first attempt stay, the others are planned anew.
        known = {_identity(described) for described in unfinished.operations}
        unfinished.operations += [
            described for described in application.operations if _identity(described) not in known
        ]
        unfinished.plan, unfinished.ended, unfinished.targets = application.plan, None, application.targets
    else:
        content.applications.append(application)
    keep(content)


def end(move: Move, again: Played) -> None:
    """Keep the end of a step, and the outcome of the plan made `again`."""
    content = kept(move.environment, move.step.lever)
    if application := content.of(move.step):
        application.ended, application.again = _now(), again.outcome
    keep(content)


def foresee(
    town: Town, step: RolloutStep, environment: str, *, new: bool, confirm: Sequence[str] = ()
) -> tuple[Move, Played]:
    """Plan the changes of a step, on a declaration that has the step and is not written yet."""
    with rollout.foreseen([step] if new else [], environment) as (after, given):
        made = move(town, after, step, environment, confirm)
        if not made.targets:
            raise rollout.NotYet(
                f"{step.lever} : personne n’y est éligible aujourd’hui",
                todo="Voyez qui en est dispensé (spared), et les exceptions des sites (sobriety_exceptions).",
            )
        order = replace(made.order, extra={**made.order.extra, **given})
        return made, progress.watched(order, check=True)


def carry_out(move: Move, plan: Mapping[str, Any], foreseen: Played, *, new: bool) -> Runs:
    """Inscribe a step where it is new, apply exactly its plan, keep the changes."""
    # Kept before the step is inscribed: without the environment's key nothing begins.
    path = saved.write(plan) if foreseen.operations else None
    if new:
        rollout.inscribe([move.step], move.environment)
    if path:
        begin(move, plan)
        played = progress.watched(move.order, check=False, piste_plan=str(path.resolve()))
        yield played, "Le pas est inscrit et commencé : corrigez, puis relancez la même commande."
        end(move, progress.watched(move.order, check=True))
    elif not kept(move.environment, move.step.lever).ended(move.step):
        begin(move, plan)
        end(move, foreseen)


@dataclass(frozen=True, slots=True)
class Return:
    """A lever to take back: its move, its losses, the order that gives back its changes.

    `lost` has a line for each loss; `undo` is None where no change is kept; `inscribed`: this return was begun before.
    """

    move: Move
    lost: Sequence[str]
    undo: Order | None
    inscribed: bool

    @classmethod
    def foresee(cls, town: Town, step: RolloutStep, environment: str) -> Return:
        """Foresee the return of a lever, and write the file of its undo."""
        steps = rollout.standing(town, step.lever).steps
        made = move(town, town, step, environment)
        tasks, lost = taken_back(environment, step.lever, made.driven, made.targets)
        path = saved.folder() / f"sobriete-{step.lever}.undo.json"
        undo = Order("playbooks/undo.yml", environment, ":".join(sorted(tasks)), {"piste_undo": str(path)})
        if tasks:
            saved.write_json(tasks, path)
        begun = bool(steps) and steps[-1].step == "reverted" and steps[-1].targets == step.targets
        return cls(made, lost, undo if tasks else None, begun)

    def write(self, plan: Mapping[str, Any] | None) -> Runs:
        """Wake machines, inscribe the return, apply the plan of the undo, follow the rule."""
        step, environment, order = self.move.step, self.move.environment, self.move.order
        path = saved.write(plan) if plan and plan["operations"] else None
        if self.move.driven.whole:
            awake = Order("playbooks/power_hours.yml", environment, "", {"piste_hours": "bring_back"})
            yield progress.watched(awake, check=False), "Rien d’autre n’a été écrit, le retour n’est pas inscrit."
        if not self.inscribed:
            rollout.inscribe([step], environment)
        if self.undo and path:
            played = progress.watched(self.undo, check=False, piste_plan=str(path.resolve()))
            yield played, "Le retour est inscrit et commencé : corrigez, puis relancez la même commande."
        rest = progress.watched(order, check=True)
        refuse_foreign(self.move, rest.operations, "Le levier est rendu ; pour le reste : piste plan")
        if rest.operations:
            path = saved.write(saved.make(order, rest))
            rest = progress.watched(order, check=False, piste_plan=str(path.resolve()))
        yield rest, "Le retour est inscrit : corrigez, puis relancez la même commande."
        strike_out(environment, step.lever, self.move.targets)


def taken_back(environment: str, lever: str, driven: Driven, targets: Sequence[str]) -> tuple[Any, list[str]]:
    """Give the options that take targets back before the lever, and lines for the losses."""
    return inverse(
        [operation for operation in _operations(environment, lever) if _concerns(operation, driven, targets)]
    )


def _operations(environment: str, lever: str) -> list[dict[str, Any]]:
    operations = []
    for application in kept(environment, lever).applications:
        struck = set(application.struck)
        operations += [
            operation for operation in application.operations if not {operation["owner"], operation["key"]} & struck
        ]
    return operations


def _concerns(operation: Mapping[str, Any], driven: Driven, targets: Sequence[str]) -> bool:
    return (operation["key"] if driven.whole else operation["owner"]) in targets


def strike_out(environment: str, lever: str, targets: Sequence[str]) -> None:
    """Keep the return of targets: a later step begins from their present state."""
    content = kept(environment, lever)
    for application in content.applications:
        application.struck = sorted({*application.struck, *targets})
    keep(content)


def applied_here(town: Town, lever: str, environment: str) -> RolloutStep | None:
    """Find the last inscribed step with a change that this environment has still to make."""
    last = last_applied(town, lever)
    if last is None:
        return None
    return None if kept(environment, lever).ended(last) else last


def last_applied(town: Town, lever: str) -> RolloutStep | None:
    """Find the last step with a change and a target not taken back since; else None."""
    for step in reversed(town.sobriety.rollout):
        if step.lever == lever and step.step == "reverted" and not step.targets:
            return None
        if step.lever == lever and step.step in APPLIED:
            return step
    return None


def _identity(described: Mapping[str, Any]) -> tuple[str, str, str]:
    return described["owner"], described["kind"], described["key"]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
