"""The verb `piste sobriety`: list the levers, apply a lever step by step, take it back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb, Verbs
from piste.commands.options import confirm_option, environment_option
from piste.commands.output import leave_on_trouble, say_command, say_plan, say_troubles, says_yes
from piste.commands.plan import refuse_the_moment
from piste.commands.sobriety_network import network
from piste.commands.sobriety_proven import by_proof
from piste.commands.sobriety_proven import inscribe as inscribe_proven
from piste.commands.sobriety_proven import show as show_proofs
from piste.commands.sobriety_report import a_day, diagnose, out_option, report, write
from piste.commands.trace import refuse_untraced, without_journal_option
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.runs.plans.play import Order, Played
    from piste.sobriety.moves import Move
    from piste.town.model import Town
    from piste.town.model.sobriety.form import RolloutStep

STEPS = {
    "diagnosis": "diagnostic",
    "information": "information",
    "pilot": "pilote",
    "general": "généralisation",
    "reverted": "retour en arrière",
}
"""The steps, in the town's words."""


@click.group(cls=Verbs)
def sobriety() -> None:
    """La sobriété numérique : diagnostiquer, planifier, appliquer, revenir en arrière, rendre compte."""


sobriety.add_command(diagnose)
sobriety.add_command(network)
sobriety.add_command(report)


def _complete_lever(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared
    from piste.town.town import load_town

    return [name for name in load_town(declared.TOWN).sobriety.levers if name.startswith(begun)]


lever_argument = click.argument("lever", metavar="LEVIER", shell_complete=_complete_lever)
by_option = click.option("--by", metavar="NOM", help="Qui fait ce pas ; l’utilisateur de ce poste sans rien dire.")


@sobriety.command("plan", cls=Verb)
@click.argument("lever", metavar="[LEVIER]", required=False, shell_complete=_complete_lever)
@environment_option
def plan(lever: str | None, environment: str) -> None:
    """Dire où en est chaque levier ; ou, d'un seul, ce que son prochain pas changerait. Rien n'est écrit.

    \b
    piste sobriety plan
    piste sobriety plan wifi-hors-heures
    """
    from piste.runs.plans.play import EXIT
    from piste.sobriety import moves, report, rollout
    from piste.town.model.dates import today

    town = _town(environment)
    if lever is None:
        gains = report.gains(environment)
        for name in town.sobriety.levers:
            for line in _standing_lines(town, name, environment, gains.get(name)):
                click.echo(line)
        return
    _known(town, lever)
    step = moves.applied_here(town, lever, environment)
    if step is None:
        following = rollout.standing(town, lever).next
        if following not in ("pilot", "general"):
            _say_next(town, lever)
            return
        step = _step(lever, following, today().isoformat(), None, ())
    if by_proof(town, lever):
        click.echo(f"{lever}, {STEPS[step.step]} : ce que Piste constate, rien n’est écrit.")
        show_proofs(town, step, environment)
        return
    wanted, played = _foreseen(town, step, environment, new=step not in town.sobriety.rollout)
    say_plan(_made(wanted.order, played))
    say_troubles(played)
    click.echo(f"\n{lever}, {STEPS[step.step]} : {agreed(len(played.operations), 'changement(s)')}, rien n’est écrit.")
    sys.exit(EXIT[played.outcome])


@sobriety.command("apply", cls=Verb)
@lever_argument
@environment_option
@click.option("--step", type=click.Choice(["information", "pilot", "general"]), help="Un autre pas que le suivant.")
@click.option("--target", "targets", multiple=True, metavar="CIBLE", help="Un site, une machine, un partage ou un lot.")
@by_option
@click.option("--starts", metavar="JOUR", callback=a_day, help="Le jour annoncé aux agents, dans la note.")
@click.option("--decided-by", metavar="NOM", help="Qui décide de se passer de l’observation ou d’un pas.")
@click.option("--why", metavar="RAISON", help="Pourquoi.")
@confirm_option
@click.option("--yes", is_flag=True, help="Ne pas demander.")
@out_option
@without_journal_option
def apply(
    lever: str,
    environment: str,
    step: str | None,
    targets: tuple[str, ...],
    by: str | None,
    starts: str | None,
    decided_by: str | None,
    why: str | None,
    confirm: tuple[str, ...],
    yes: bool,
    out: Path,
) -> None:
    """Faire le pas suivant d'un levier : information, pilote, généralisation.

    \b
    piste sobriety apply impression --starts 2026-12-01
    piste sobriety apply wifi-hors-heures --target ccas
    piste sobriety apply veille-postes --decided-by "Mme Diallo" --why "Congés d'été"

    Le plan du pas est montré, le pas inscrit dans la déclaration, puis appliqué ; ce qu'il change est gardé, pour le
    retour. Interrompue, la même commande finit ; refaite, elle ne change rien. Un levier ne saute ni l'information ni
    son observation sans dire qui l'a décidé. Ce que des personnes appliquent (rétention, clients légers) s'inscrit
    quand la preuve de chaque cible est lue, et se refuse sans elle.
    Codes de sortie : 0 fait, 1 erreur, 3 sans réponse, 4 refusé.
    """
    from piste.sobriety import moves, report, rollout
    from piste.town.model.dates import today

    town = _town(environment)
    _known(town, lever)
    standing = rollout.standing(town, lever)
    pending = moves.applied_here(town, lever, environment)
    if pending is not None and step in (None, pending.step) and not targets:
        click.echo(f"{lever} : {STEPS[pending.step]} du {pending.date}, à faire dans cet environnement.")
        _carry_out(town, pending, environment, new=False, confirm=confirm, yes=yes)
        return
    wanted = step or standing.next
    if wanted is None:
        last = moves.last_applied(town, lever)
        assert last is not None  # Nothing comes after the general step alone.
        click.echo(f"{lever} : {STEPS[last.step]} du {last.date}, déjà fait ici.")
        if by_proof(town, lever):
            show_proofs(town, last, environment)
            return
        _carry_out(town, last, environment, new=False, confirm=confirm, yes=yes)
        return
    if wanted == "diagnosis":
        raise rollout.NotYet(f"{lever} n’a pas de diagnostic", todo="Faites-le d’abord : piste sobriety diagnose.")
    decided = {"by": decided_by, "why": why} if decided_by or why else None
    made = _step(lever, wanted, today().isoformat(), by, targets, decided=decided)
    rollout.check(town.sobriety.levers[lever], standing.steps, made)
    if wanted == "information":
        reading = report.latest(environment)
        rollout.inscribe([made], environment)
        click.echo(f"{lever} : information inscrite le {made.date}. À donner aux agents :")
        announced = {lever: starts} if starts else {}
        write(_town(environment), reading, out, ("note-agents", "kit"), [lever], announced=announced)
        _say_next(_town(environment), lever)
        return
    _carry_out(town, made, environment, new=True, confirm=confirm, yes=yes)


@sobriety.command("revert", cls=Verb)
@lever_argument
@click.argument("targets", metavar="[SITE...]", nargs=-1)
@environment_option
@click.option("--all", "everywhere", is_flag=True, help="Partout où le levier est appliqué.")
@by_option
@click.option("--why", metavar="RAISON", required=True, help="Pourquoi on revient en arrière.")
@click.option("--yes", is_flag=True, help="Ne pas demander.")
@without_journal_option
def revert(
    lever: str, targets: tuple[str, ...], environment: str, everywhere: bool, by: str | None, why: str, yes: bool
) -> None:
    """Revenir en arrière sur un levier, pour un site ou pour tous : chaque réglage retrouve ce qu'il était.

    \b
    piste sobriety revert wifi-hors-heures ccas --why "Réunions en soirée"
    piste sobriety revert impression --all --why "Décision du comité du 12 mars"

    Le retour est inscrit dans la déclaration ; ce que le levier avait changé est rendu, le reste est laissé.
    Codes de sortie : 0 fait, 1 erreur, 3 sans réponse, 4 refusé.
    """
    from piste.engine.converge.errors import Misused
    from piste.town.model.dates import today

    if bool(targets) == everywhere:
        raise Misused("dites un site, ou --all pour tous", todo="piste sobriety revert LEVIER SITE --why RAISON")
    town = _town(environment)
    _known(town, lever)
    _give_back(town, _step(lever, "reverted", today().isoformat(), by, targets, why=why), environment, yes=yes)


def _town(environment: str) -> Town:
    from piste.sobriety.moves import town

    return town(environment)


def _known(town: Town, lever: str) -> None:
    from piste.engine.converge.errors import Missing
    from piste.town.model.wording import closest

    if lever not in town.sobriety.levers:
        raise Missing(f"« {lever} » n’est pas un levier déclaré", todo=closest(lever, town.sobriety.levers))


def _step(lever: str, step: str, day: str, by: str | None, targets: Sequence[str], **more: Any) -> RolloutStep:
    from piste.runs.records.recorder import user
    from piste.town.model.sobriety.form import RolloutStep

    given = {"lever": lever, "step": step, "date": day, "by": by or user(), "targets": list(targets)}
    return RolloutStep.model_validate(given | {key: value for key, value in more.items() if value})


def _foreseen(
    town: Town, step: RolloutStep, environment: str, *, new: bool, confirm: Sequence[str] = ()
) -> tuple[Move, Played]:
    """Plan the changes of a step, on a declaration that has the step and is not written yet."""
    from dataclasses import replace

    from piste.runs.plans.progress import watched
    from piste.sobriety import moves, rollout

    with rollout.foreseen([step] if new else [], environment) as (after, given):
        move = moves.move(town, after, step, environment, confirm)
        if not move.targets:
            raise rollout.NotYet(
                f"{step.lever} : personne n’y est éligible aujourd’hui",
                todo="Voyez qui en est dispensé (spared), et les exceptions des sites (sobriety_exceptions).",
            )
        order = replace(move.order, extra={**move.order.extra, **given})
        return move, watched(order, check=True)


def _carry_out(
    town: Town, step: RolloutStep, environment: str, *, new: bool, confirm: Sequence[str], yes: bool
) -> None:
    """Plan a step, ask, inscribe it, apply exactly the plan shown, keep the changes."""
    if by_proof(town, step.lever):
        inscribe_proven(town, step, environment, STEPS[step.step], new=new, yes=yes)
        _say_next(_town(environment), step.lever)
        return
    from piste.runs.plans import saved, show
    from piste.runs.plans.play import EXIT
    from piste.runs.plans.progress import watched
    from piste.sobriety import moves, rollout

    move, foreseen = _foreseen(town, step, environment, new=new, confirm=confirm)
    say_command(move.order.command(check=False))
    leave_on_trouble(foreseen, "Rien n’a été écrit, le pas n’est pas inscrit." if new else "Rien n’a été écrit.")
    first = f"piste plan {move.order.limit} --domain {move.driven.domain}"
    refuse_untraced(foreseen)
    todo = f"Appliquez-les d’abord, ou déclarez-les : {first}"
    moves.refuse_foreign(move, foreseen.operations, todo)
    made = _made(move.order, foreseen)
    say_plan(made)
    if words := show.to_confirm(made):
        options = " ".join(f"--confirm {word}" for word in words)
        click.echo(f"À confirmer d’abord : relancez avec {options}. Rien n’a été écrit.", err=True)
        sys.exit(EXIT["refused"])
    refuse_the_moment(environment, _owners(foreseen), {})
    question = f"\n{step.lever}, {STEPS[step.step]} : {agreed(len(foreseen.operations), 'changement(s)')}. Appliquer ?"
    if foreseen.operations and not yes and not says_yes(question):
        click.echo("Rien n’a été écrit, le pas n’est pas inscrit.", err=True)
        sys.exit(EXIT["refused"])
    # Kept before the step is inscribed: without the environment's key nothing begins.
    path = saved.write(made) if foreseen.operations else None
    if new:
        rollout.inscribe([step], environment)
    if path:
        moves.begin(move, made)
        played = watched(move.order, check=False, piste_plan=str(path.resolve()))
        leave_on_trouble(played, "Le pas est inscrit et commencé : corrigez, puis relancez la même commande.")
        moves.end(move, watched(move.order, check=True))
    elif move.done is None or not move.done.ended:
        moves.begin(move, made)
        moves.end(move, foreseen)
    done = agreed(len(foreseen.operations), "changement(s) appliqué(s)") if foreseen.operations else "rien à changer"
    click.echo(f"{step.lever} : {STEPS[step.step]} du {step.date}, {agreed(len(move.targets), 'cible(s)')}, {done}.")
    _say_next(_town(environment), step.lever)


def _give_back(town: Town, step: RolloutStep, environment: str, *, yes: bool) -> None:
    """Take a lever back: machines wake, changed settings come back, the rule is followed."""
    from piste.runs.plans import saved
    from piste.runs.plans.play import EXIT, Order
    from piste.runs.plans.progress import watched
    from piste.sobriety import moves, rollout

    steps = rollout.standing(town, step.lever).steps
    rollout.check(town.sobriety.levers[step.lever], steps, step)
    if by_proof(town, step.lever):
        inscribe_proven(town, step, environment, STEPS[step.step], new=True, yes=yes)
        return
    again = bool(steps) and steps[-1].step == "reverted" and steps[-1].targets == step.targets
    move = moves.move(town, town, step, environment)
    if not move.targets:
        click.echo(f"{step.lever} : personne ne le suit, rien n’est à rendre.")
        return
    tasks, lost = moves.taken_back(environment, step.lever, move.driven, move.targets)
    for line in lost:
        click.echo(f"Ne se rend pas tel quel : {line}", err=True)
    path = saved.folder() / f"sobriete-{step.lever}.undo.json"
    undo = Order("playbooks/undo.yml", environment, ":".join(sorted(tasks)), {"piste_undo": str(path)})
    if tasks:
        saved.write_json(tasks, path)
        say_command(undo.command(check=False))
        foreseen = watched(undo, check=True)
        leave_on_trouble(foreseen, "Rien n’a été écrit, le retour n’est pas inscrit.")
        refuse_untraced(foreseen)
        made = _made(undo, foreseen)
        say_plan(made)
        refuse_the_moment(environment, _owners(foreseen), {})
    count = len(foreseen.operations) if tasks else 0
    if not tasks:
        click.echo("Rien n’est gardé de ce levier dans cet environnement : seuls les liens et catégories sont retirés.")
    what = f"{agreed(count, 'réglage(s)')} à rendre. Revenir ?"
    question = f"\n{step.lever}, retour pour {', '.join(move.targets)} : {what}"
    if not yes and not says_yes(question):
        click.echo("Rien n’a été écrit, le retour n’est pas inscrit.", err=True)
        sys.exit(EXIT["refused"])
    kept = saved.write(made) if count else None
    if move.driven.whole:
        awake = watched(Order("playbooks/power_hours.yml", environment, "", {"piste_hours": "bring_back"}), check=False)
        leave_on_trouble(awake, "Rien d’autre n’a été écrit, le retour n’est pas inscrit.")
    if not again:
        rollout.inscribe([step], environment)
    if kept:
        played = watched(undo, check=False, piste_plan=str(kept.resolve()))
        leave_on_trouble(played, "Le retour est inscrit et commencé : corrigez, puis relancez la même commande.")
    rest = watched(move.order, check=True)
    moves.refuse_foreign(move, rest.operations, "Le levier est rendu ; pour le reste : piste plan")
    if rest.operations:
        path = saved.write(_made(move.order, rest))
        rest = watched(move.order, check=False, piste_plan=str(path.resolve()))
    leave_on_trouble(rest, "Le retour est inscrit : corrigez, puis relancez la même commande.")
    moves.strike_out(environment, step.lever, move.targets)
    given = agreed(count + len(rest.operations), "réglage(s) rendu(s)")
    click.echo(f"{step.lever} : retour du {step.date}, {agreed(len(move.targets), 'cible(s)')}, {given}.")


def _owners(played: Played) -> list[str]:
    return sorted({str(described["owner"]) for described in played.operations})


def _made(order: Order, played: Played) -> dict[str, Any]:
    from piste.runs.plans import saved

    return saved.make(order, played)


def _standing_lines(town: Town, lever: str, environment: str, gain: str | None) -> Iterator[str]:
    """Write a line for each lever: its progress, and its possible saving by the last reading."""
    from piste.sobriety import moves, rollout, targets

    declared, standing = town.sobriety.levers[lever], rollout.standing(town, lever)
    last = standing.last
    reached = f"{STEPS[last.step]} du {last.date} ({last.by})" if last else "pas commencé"
    followers = targets.followers(town, lever)
    yield f"{lever} : {declared.label}"
    yield f"  {reached}, {agreed(len(followers), 'cible(s)')}. {_next_words(town, lever)}."
    if gain:
        yield f"  {gain}"
    if (pending := moves.applied_here(town, lever, environment)) is not None:
        yield f"  ! {STEPS[pending.step]} du {pending.date} : pas encore fait dans cet environnement ({environment})"


def _next_words(town: Town, lever: str) -> str:
    from piste.sobriety import rollout

    standing = rollout.standing(town, lever)
    if standing.next is None:
        return "C’était le dernier pas"
    since = f" à partir du {standing.since}" if standing.since else ""
    return f"Ensuite : {STEPS[standing.next]}{since}"


def _say_next(town: Town, lever: str) -> None:
    click.echo(f"{_next_words(town, lever)}.")
