"""Levers that people apply, and Piste inscribes: each step has a proof for each target.

Retention is applied by the services (a file management task, a transfer to the archives) and lots of thin clients by
their own life. Piste writes nothing on a system for them: it reads what proves the step, and refuses it without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from piste.engine.converge.errors import Misused
from piste.engine.repository import commit
from piste.readings.storage.figures import GB, rows
from piste.readings.storage.kept import last
from piste.sobriety.moves import Application, keep, kept, strike_out
from piste.sobriety.targets import followers, others
from piste.town.model import Town
from piste.town.model.sobriety.form import Drives, RolloutStep


class Unproven(Misused):
    """A step of a lever that people apply has no proof for a target."""

    code = "PISTE-E155"


class Proof(NamedTuple):
    """The proof of a step for a target, or what it lacks."""

    target: str
    holds: bool
    text: str


def concerned(town: Town, step: RolloutStep) -> list[str]:
    """Name the targets of a step: those it names, else all those of the lever at this step."""
    lever = town.sobriety.levers[step.lever]
    if step.step == "reverted":
        on = followers(town, step.lever)
        return [name for name in on if name in (step.targets or on)]
    wanted = step.targets or (lever.pilot if step.step == "pilot" else [])
    return [name for name in others(town, lever.target) if name not in lever.spared and (not wanted or name in wanted)]


def proofs(town: Town, step: RolloutStep, environment: str) -> list[Proof]:
    """Read the proof of a step for each of its targets. Raises `UnreadableReading`."""
    prove = PROVEN[town.sobriety.levers[step.lever].drives]
    return prove(town, step, concerned(town, step), environment)


def require(lever: str, read: Sequence[Proof]) -> None:
    """Raise `Unproven` where a target has no proof."""
    missing = [f"  - {proof.target} : {proof.text}" for proof in read if not proof.holds]
    if missing:
        listing = "\n".join(missing)
        raise Unproven(
            f"{lever} : le pas n’est pas prouvé, rien n’est inscrit",
            why="Ce levier s’applique par une procédure ; Piste n’inscrit que ce qui se constate.",
            todo=f"Appliquez la procédure et déclarez-le, ou visez d’autres cibles (--target) :\n{listing}\n",
        )


def record(step: RolloutStep, read: Sequence[Proof], environment: str) -> None:
    """Keep the proof of a step; the return of targets strikes them out."""
    targets = [proof.target for proof in read]
    if step.step == "reverted":
        strike_out(environment, step.lever, targets)
        return
    now, content = datetime.now(UTC).isoformat(timespec="seconds"), kept(environment, step.lever)
    head, _ = commit()
    made = Application(
        step=step.step, date=step.date, by=step.by, targets=targets, plan=f"preuve-{step.date}", commit=head, begun=now,
        ended=now, operations=[], proof=[f"{proof.target} : {proof.text}" for proof in read],
    )  # fmt: skip
    content.applications.append(made)
    keep(content)


def _retention(town: Town, step: RolloutStep, targets: Sequence[str], environment: str) -> list[Proof]:
    """Read the proof of a retention: declared as applied, a whole reading of the share since.

    A return needs the declaration to say it first: what was archived comes back before.
    """
    storage = town.commune["storage"] if town.commune else None
    if storage is None:
        return []
    figures = {row["share"]: row for row in rows(storage, last(town, environment))}
    read = []
    for share in (share for share in storage["shares"] if share["name"] in targets):
        row, on = figures[share["name"]], share["retention_applied_on"]
        if step.step == "reverted":
            on_still = share["retention_applied"]
            text = "déclarée appliquée : rendez ce qui a été archivé, puis retirez applied"
            read.append(Proof(share["name"], not on_still, text if on_still else "plus appliquée"))
        elif not share["retention_applied"]:
            read.append(Proof(share["name"], False, share["retention_why"]))
        elif row["state"] == "unknown":
            read.append(Proof(share["name"], False, row["why"]))
        elif on is not None and row["after_on"] < on:
            why = f"appliquée le {on}, dernier relevé entier du {row['after_on']} : relevez-le (piste storage scan)"
            read.append(Proof(share["name"], False, why))
        else:
            before, after = (size / GB for size in (row["before_bytes"] or 0, row["after_bytes"] or 0))
            text = (
                f"appliquée le {on}, froid ou en double : {before:.3g} Go le {row['before_on']}, {after:.3g} Go le "
                f"{row['after_on']}"
            ).replace(".", ",")
            read.append(Proof(share["name"], True, text))
    return read


def _lots(town: Town, step: RolloutStep, targets: Sequence[str], environment: str) -> list[Proof]:
    """Read the proof of a lot: deployed by the day of the step, after its study.

    A lot is given back by its own life: its thin clients leave service, and its day goes.
    """
    verdicts = {"favourable": "favorable", "with_reserves": "favorable avec réserves"}
    read = []
    for lot in town.commune["thin_client_lots"] if town.commune else ():
        if lot["id"] not in targets:
            continue
        on, study = lot["deployed_on"], lot["study"]
        if step.step == "reverted":
            text = f"en service depuis le {on} : sortez ses clients légers du service" if on else "plus en service"
            read.append(Proof(lot["id"], on is None, text))
        elif on is None or study is None or lot["state"] != "deployed":
            why = {"without_study": "sans étude", "refused": "avis défavorable"}.get(lot["state"], "pas encore déployé")
            read.append(Proof(lot["id"], False, why))
        elif on > step.date:
            read.append(Proof(lot["id"], False, f"déployé le {on}, après ce pas"))
        else:
            text = f"déployé le {on}, étude du {study['made_on']} ({verdicts[study['verdict']]})"
            read.append(Proof(lot["id"], True, text))
    return read


PROVEN: Mapping[Drives, Callable[[Town, RolloutStep, Sequence[str], str], list[Proof]]] = {
    "retention": _retention,
    "thin_clients": _lots,
}
"""The proof of a step, for each lever that does not converge."""
