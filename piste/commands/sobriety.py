"""The verb `piste sobriety`: list the levers, apply a lever step by step, take it back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.consequences import say_plan
from piste.commands.french import Verb, Verbs
from piste.commands.options import confirm_option, environment_option
from piste.commands.output import EXIT, leave_on_no, leave_on_trouble, say_command, say_troubles
from piste.commands.plan import refuse_the_moment
from piste.commands.sobriety_network import network
from piste.commands.sobriety_proven import by_proof
from piste.commands.sobriety_proven import inscribe as inscribe_proven
from piste.commands.sobriety_proven import show as show_proofs
from piste.commands.sobriety_report import a_day, diagnose, out_option, report, write
from piste.commands.trace import refuse_untraced, without_journal_option
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.runs.plans.play import Played
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
by_option = click.option("--by", metavar="NOM", help="Qui fait ce pas ; sinon, la personne de piste --as.")


@sobriety.command("plan", cls=Verb)
@click.argument("lever", metavar="[LEVIER]", required=False, shell_complete=_complete_lever)
@environment_option
def plan(lever: str | None, environment: str) -> None:
    """Dire où en est chaque levier ; ou, d'un seul, ce que son prochain pas changerait. Rien n'est écrit.

    \b
    piste sobriety plan
    piste sobriety plan wifi-hors-heures
    """
    from piste.runs.plans import saved
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
        step = _step(environment, lever, following, today().isoformat(), None, ())
    if by_proof(town, lever):
        click.echo(f"{lever}, {STEPS[step.step]} : ce que Piste constate, rien n’est écrit.")
        show_proofs(town, step, environment)
        return
    wanted, played = moves.foresee(town, step, environment, new=step not in town.sobriety.rollout)
    say_plan(saved.make(wanted.order, played))
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
    made = _step(environment, lever, wanted, today().isoformat(), by, targets, decided=decided)
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
    from piste.runs.plans import saved
    from piste.runs.plans.play import Played
    from piste.runs.plans.progress import watched
    from piste.sobriety import rollout
    from piste.sobriety.moves import Return
    from piste.town.model.dates import today

    if bool(targets) == everywhere:
        raise Misused("dites un site, ou --all pour tous", todo="piste sobriety revert LEVIER SITE --why RAISON")
    town = _town(environment)
    _known(town, lever)
    step = _step(environment, lever, "reverted", today().isoformat(), by, targets, why=why)
    rollout.check(town.sobriety.levers[lever], rollout.standing(town, lever).steps, step)
    if by_proof(town, lever):
        inscribe_proven(town, step, environment, STEPS[step.step], new=True, yes=yes)
        return
    back = Return.foresee(town, step, environment)
    if not back.move.targets:
        click.echo(f"{lever} : personne ne le suit, rien n’est à rendre.")
        return
    for line in back.lost:
        click.echo(f"Ne se rend pas tel quel : {line}", err=True)
    foreseen, made = Played(), None
    if back.undo:
        say_command(back.undo.command(check=False))
        foreseen = watched(back.undo, check=True)
        leave_on_trouble(foreseen, "Rien n’a été écrit, le retour n’est pas inscrit.")
        refuse_untraced(foreseen)
        made = saved.make(back.undo, foreseen)
        say_plan(made)
        refuse_the_moment(environment, _owners(foreseen), {})
    else:
        click.echo("Rien n’est gardé de ce levier dans cet environnement : seuls les liens et catégories sont retirés.")
    count = len(foreseen.operations)
    question = f"\n{lever}, retour pour {', '.join(back.move.targets)} : {agreed(count, 'réglage(s)')} à rendre."
    leave_on_no(f"{question} Revenir ?", "Rien n’a été écrit, le retour n’est pas inscrit.", yes=yes)
    rest = Played()
    for rest, what in back.write(made):
        leave_on_trouble(rest, what)
    given = agreed(count + len(rest.operations), "réglage(s) rendu(s)")
    click.echo(f"{lever} : retour du {step.date}, {agreed(len(back.move.targets), 'cible(s)')}, {given}.")


def _town(environment: str) -> Town:
    from piste.sobriety.moves import town

    return town(environment)


def _known(town: Town, lever: str) -> None:
    from piste.town.model.wording import choose

    choose(lever, town.sobriety.levers, "n’est pas un levier déclaré")


def _step(
    environment: str, lever: str, step: str, day: str, by: str | None, targets: Sequence[str], **more: Any
) -> RolloutStep:  # fmt: skip
    from piste.runs.records.operator import operator
    from piste.town.model.sobriety.form import RolloutStep

    given = {"lever": lever, "step": step, "date": day, "by": by or operator(environment), "targets": list(targets)}
    return RolloutStep.model_validate(given | {key: value for key, value in more.items() if value})


def _carry_out(
    town: Town, step: RolloutStep, environment: str, *, new: bool, confirm: Sequence[str], yes: bool
) -> None:
    """Plan a step, ask, inscribe it, apply exactly the plan shown, keep the changes."""
    if by_proof(town, step.lever):
        inscribe_proven(town, step, environment, STEPS[step.step], new=new, yes=yes)
        _say_next(_town(environment), step.lever)
        return
    from piste.runs.plans import saved, show
    from piste.sobriety import moves

    move, foreseen = moves.foresee(town, step, environment, new=new, confirm=confirm)
    say_command(move.order.command(check=False))
    leave_on_trouble(foreseen, "Rien n’a été écrit, le pas n’est pas inscrit." if new else "Rien n’a été écrit.")
    refuse_untraced(foreseen)
    todo = f"Appliquez-les d’abord, ou déclarez-les : piste plan {move.order.limit} --domain {move.driven.domain}"
    moves.refuse_foreign(move, foreseen.operations, todo)
    made = saved.make(move.order, foreseen)
    say_plan(made)
    if words := show.to_confirm(made):
        options = " ".join(f"--confirm {word}" for word in words)
        click.echo(f"À confirmer d’abord : relancez avec {options}. Rien n’a été écrit.", err=True)
        sys.exit(EXIT["refused"])
    refuse_the_moment(environment, _owners(foreseen), {})
    question = f"\n{step.lever}, {STEPS[step.step]} : {agreed(len(foreseen.operations), 'changement(s)')}. Appliquer ?"
    leave_on_no(question, "Rien n’a été écrit, le pas n’est pas inscrit.", yes=yes or not foreseen.operations)
    for played, what in moves.carry_out(move, made, foreseen, new=new):
        leave_on_trouble(played, what)
    done = agreed(len(foreseen.operations), "changement(s) appliqué(s)") if foreseen.operations else "rien à changer"
    click.echo(f"{step.lever} : {STEPS[step.step]} du {step.date}, {agreed(len(move.targets), 'cible(s)')}, {done}.")
    _say_next(_town(environment), step.lever)


def _owners(played: Played) -> list[str]:
    return sorted({str(described["owner"]) for described in played.operations})


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
