"""Steps of the levers that people apply: show their proof, inscribe them, refuse without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from piste.commands.output import leave_on_no
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.sobriety.proven import Proof
    from piste.town.model import Town
    from piste.town.model.sobriety.form import RolloutStep


def by_proof(town: Town, lever: str) -> bool:
    """Check that a lever is applied by people: Piste inscribes its steps, and writes nothing."""
    from piste.sobriety.driven import DRIVEN

    return town.sobriety.levers[lever].drives not in DRIVEN


def show(town: Town, step: RolloutStep, environment: str) -> list[Proof]:
    """Write the proof of each target, or what it lacks. Raises `NotYet` without a target."""
    from piste.sobriety import proven, rollout

    read = proven.proofs(town, step, environment)
    if not read:
        nobody = "rien n’est à rendre" if step.step == "reverted" else "personne n’y est éligible aujourd’hui"
        todo = "Déclarez ses cibles (storage.shares, thin_client_lots), ou visez-en d’autres."
        raise rollout.NotYet(f"{step.lever} : {nobody}", todo=todo)
    for proof in read:
        click.echo(f"  {'prouvé' if proof.holds else 'manque'}  {proof.target} : {proof.text}")
    return read


def inscribe(town: Town, step: RolloutStep, environment: str, words: str, *, new: bool, yes: bool) -> None:
    """Inscribe a step after its proof was read and shown; `words` name the step."""
    from piste.sobriety import proven, rollout

    read = show(town, step, environment)
    proven.require(step.lever, read)
    question = f"\n{step.lever}, {words} : {agreed(len(read), 'cible(s) prouvée(s)')}. Inscrire ?"
    leave_on_no(question, "Rien n’est inscrit.", yes=yes or not new)
    if new:
        rollout.inscribe([step], environment)
    proven.record(step, read, environment)
    click.echo(f"{step.lever} : {words} du {step.date}, {agreed(len(read), 'cible(s) prouvée(s)')}.")
