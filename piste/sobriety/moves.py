"""Applying a lever of sobriety and taking it back, over the playbook of its domain; what each step did is kept.

The step is inscribed in the declaration first, the plan follows from there. What a step changed is kept beside the
environment, where the systems were other than elsewhere: it is what takes the step back, whichever station does it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from piste import declared
from piste.converge.errors import Misused, PisteError
from piste.model import Town
from piste.model.dates import OTHER_DAY, today
from piste.model.levers import APPLIED
from piste.model.schema_sobriety import RolloutStep
from piste.plans import saved
from piste.plans.conditions import LAB
from piste.plans.play import Order, Played
from piste.plans.undo import inverse
from piste.records.record import OPERATION, fits
from piste.repository import ROOT
from piste.sobriety.driven import DRIVEN, Driven, changed, policies_of
from piste.words import agreed


class Foreign(Misused):
    """The plan of a lever holds changes that are not its own."""

    code = "PISTE-E094"


class Altered(PisteError):
    """What was kept of a lever cannot be read back."""

    code = "PISTE-E095"


class Application(BaseModel):
    """What a step did; `ended` is None where it was begun and not finished, `struck` names who was taken back since.

    `again` is the outcome of planning it once more after it was made: *ok* where nothing was left to change.
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


class Kept(BaseModel):
    """All that was done of a lever in an environment, first to last."""

    model_config = ConfigDict(extra="forbid")

    format: int = 1
    lever: str
    environment: str
    applications: list[Application] = Field(default_factory=list)


def folder(environment: str) -> Path:
    """Where an environment keeps its figures and what levers did: with the lab's state, or with its inventory."""
    if environment == LAB:
        return Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab") / "sobriety"
    return ROOT / "inventories" / environment / "sobriety"


def kept(environment: str, lever: str) -> Kept:
    """Read what was done of a lever. Raises Altered."""
    path = _file(environment, lever)
    try:
        found = Kept.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Kept(lever=lever, environment=environment)
    except ValidationError as error:
        raise Altered(f"{path} ne se lit pas", why=str(error), todo="Rendez-lui son contenu (git).") from error
    if not all(fits(one.operations, [OPERATION]) for one in found.applications):
        why = "Une opération n'en a pas la forme."
        raise Altered(f"{path} ne se lit pas", why=why, todo="Rendez-lui son contenu (git).")
    if (found.lever, found.environment) != (lever, environment):
        raise Altered(f"{path} est de {found.lever}, {found.environment}", todo="Rendez-lui son contenu (git).")
    return found


def keep(content: Kept) -> None:
    saved.write_json(content.model_dump(), _file(content.environment, content.lever))


def _file(environment: str, lever: str) -> Path:
    return folder(environment) / "levers" / f"{lever}.json"


def town(environment: str) -> Town:
    """The declared town. Raises Misused where another day is pretended elsewhere than at the lab."""
    today()
    if environment != LAB and os.environ.get(OTHER_DAY):
        raise Misused(f"{OTHER_DAY} n'a de sens qu'au laboratoire", todo=f"Retirez-la : unset {OTHER_DAY}.")
    return declared.town(environment)


@dataclass(frozen=True, slots=True)
class Move:
    """A step to be made on the systems of an environment: who is concerned, the playbook, and what is the lever's."""

    step: RolloutStep
    environment: str
    driven: Driven
    targets: list[str]
    order: Order
    policies: Collection[str] = ()

    @property
    def done(self) -> Application | None:
        """What was kept of this very step here, if it was begun."""
        same = (one for one in kept(self.environment, self.step.lever).applications if _same(one, self.step))
        return next(same, None)


def _same(one: Application, step: RolloutStep) -> bool:
    return (one.step, one.date) == (step.step, step.date)


def move(before: Town, after: Town, step: RolloutStep, environment: str, confirm: Sequence[str] = ()) -> Move:
    """What a step asks of the systems; `before` and `after` are the town without and with it, `confirm` guards' words.

    Its targets are those that follow the lever with it, or those that leave it where it takes the lever back.
    """
    lever = before.sobriety.levers[step.lever]
    driven = DRIVEN[lever.drives]
    if step.step == "reverted":
        # Those whose return was begun and cut follow it no more, and still have to be given back what they had.
        on = dict.fromkeys([*followers(before, step.lever), *_unreturned(environment, step.lever, driven)])
        targets = [name for name in on if name in (step.targets or on)]
    else:
        targets = followers(after, step.lever)
    words = {f"{driven.domain}_confirm": list(confirm)} if confirm else {}
    order = Order(driven.playbook, environment, _limit(before, driven, targets), words)
    return Move(step, environment, driven, targets, order, policies_of(before, after))


def _unreturned(environment: str, lever: str, driven: Driven) -> list[str]:
    """Name those of whom something is kept that was not given back; the town's own share is nobody's."""
    names = [one["key"] if driven.whole else one["owner"] for one in _operations(environment, lever)]
    return [name for name in names if driven.whole or name in _targets_of(environment, lever)]


def _targets_of(environment: str, lever: str) -> set[str]:
    return {name for one in kept(environment, lever).applications for name in one.targets}


def followers(town: Town, lever: str) -> list[str]:
    """Name the sites, or machines, that follow a lever now."""
    if DRIVEN[town.sobriety.levers[lever].drives].whole:
        hosting = town.commune["hosting"] if town.commune else None
        return [one["name"] for one in (hosting["machines"] if hosting else []) if one["schedule"]]
    return [
        name
        for name, site in town.sites.items()
        if site["lifecycle"] in ("open", "closing") and site["levers"][lever]["state"] != "off"
    ]


def _limit(town: Town, driven: Driven, targets: Sequence[str]) -> str:
    own = [town.commune["id"]] if driven.town and town.commune else []
    return ",".join(own if driven.whole else [*own, *targets])


def refuse_foreign(move: Move, operations: Iterable[Mapping[str, Any]], todo: str) -> None:
    """Raises Foreign where an operation is not the lever's: who applies a lever changes nothing else."""
    foreign = [
        f"  - {saved.named(one)} : {', '.join(sorted(changed(one)))}"
        for one in operations
        if not move.driven.owns(one, move.policies)
    ]
    if foreign:
        listing = "\n".join(foreign)
        raise Foreign(
            f"{agreed(len(foreign), 'écart(s)')} sans rapport avec ce levier, rien n'a été écrit",
            todo=f"{todo}\n{listing}\n",
        )


def begin(move: Move, plan: Mapping[str, Any]) -> Application:
    """Keep what a step is going to change, before it does."""
    content = kept(move.environment, move.step.lever)
    one = Application(
        step=move.step.step,
        date=move.step.date,
        by=move.step.by,
        targets=move.targets,
        plan=plan["id"],
        commit=plan["commit"],
        begun=_now(),
        operations=list(plan["operations"]),
    )
    if unfinished := next((known for known in content.applications if _same(known, move.step)), None):
        # Taken up again: what the first attempt was to change stays, the rest of it is planned anew.
        known = {_identity(described) for described in unfinished.operations}
        unfinished.operations += [described for described in one.operations if _identity(described) not in known]
        unfinished.plan, unfinished.ended, unfinished.targets = one.plan, None, one.targets
        one = unfinished
    else:
        content.applications.append(one)
    keep(content)
    return one


def end(move: Move, again: Played) -> None:
    """Keep that a step is finished, and what planning it `again` found."""
    content = kept(move.environment, move.step.lever)
    for one in content.applications:
        if _same(one, move.step):
            one.ended, one.again = _now(), again.outcome
    keep(content)


def taken_back(environment: str, lever: str, driven: Driven, targets: Sequence[str]) -> tuple[Any, list[str]]:
    """What gives targets back what they had before the lever, and what cannot be given back, a line each."""
    return inverse([one for one in _operations(environment, lever) if _concerns(one, driven, targets)])


def _operations(environment: str, lever: str) -> list[dict[str, Any]]:
    found = []
    for application in kept(environment, lever).applications:
        struck = set(application.struck)
        found += [one for one in application.operations if not {one["owner"], one["key"]} & struck]
    return found


def _concerns(operation: Mapping[str, Any], driven: Driven, targets: Sequence[str]) -> bool:
    return (operation["key"] if driven.whole else operation["owner"]) in targets


def strike_out(environment: str, lever: str, targets: Sequence[str]) -> None:
    """Keep that targets were taken back: a later step begins from what they have now."""
    content = kept(environment, lever)
    for one in content.applications:
        one.struck = sorted({*one.struck, *targets})
    keep(content)


def applied_here(town: Town, lever: str, environment: str) -> RolloutStep | None:
    """The last step that changes something and was inscribed, where it is still to be done in this environment."""
    last = last_applied(town, lever)
    if last is None:
        return None
    same = [one for one in kept(environment, lever).applications if _same(one, last)]
    return None if same and same[-1].ended else last


def last_applied(town: Town, lever: str) -> RolloutStep | None:
    """The last step that changes something, though some targets were taken back since; None where all of them were."""
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
