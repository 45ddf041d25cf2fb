"""The verbs `piste accounts withdraw` and `arrive`: a saved plan, its application, a paper."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, forgotten_option, outside_window_option, uncommitted_option
from piste.commands.output import EXIT, say_command, write_paper
from piste.commands.trace import without_journal_option
from piste.commands.withdrawn import OUT, write_withdrawal
from piste.engine.words import safe

if TYPE_CHECKING:
    from piste.runs.plans.play import Order, Played


def _life(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the options of both ends of an account's life."""
    folder = click.Path(file_okay=False, path_type=Path)
    for option in (
        without_journal_option,
        uncommitted_option,
        forgotten_option,
        outside_window_option,
        click.option("--yes", is_flag=True, help="Ne pas demander."),
        environment_option,
        click.option("--out", type=folder, default=Path("dossiers"), show_default=True, help="Dossier du papier."),
        click.option("--dry-run", is_flag=True, help="Dire ce qui serait fait, en garder le plan, et ne rien écrire."),
        click.argument("who", metavar="QUI"),
    ):
        verb = option(verb)
    return verb


@click.command(cls=Verb)
@_life
def withdraw(who: str, dry_run: bool, out: Path, environment: str, **given: Any) -> None:
    """Retirer les accès de qui part, sur chaque système que Piste écrit, et en faire un procès-verbal à signer.

    \b
    piste accounts withdraw "J. Martin" --dry-run
    piste accounts withdraw titulaire-sortant --environment production
    piste accounts withdraw '*@prestataire.invalid'

    QUI est une personne (persons), un tiers, un compte, ou un texte où * vaut tout. Jamais le dernier de la Ville aux
    pleins droits, ni un compte dont un programme se sert. Un système sans réponse rend le procès-verbal partiel.
    Le plan est enregistré : il se montre, se relit et s'applique comme tout plan, et « piste undo » rend les accès.
    Codes de sortie : 0 retiré, ou rien à retirer, 2 à retirer (--dry-run), 4 refusé, 5 partiel.
    """
    from piste.readings.accounts.judgment import judged
    from piste.readings.accounts.withdrawal import by_hand, leaver, nobody, outcome, variables, whole
    from piste.runs.plans.accounts import WITHDRAW
    from piste.runs.plans.play import Order, Played
    from piste.runs.plans.progress import watched
    from piste.runs.records.operator import operator
    from piste.town import declared

    operator(environment)  # A paper that nobody can sign is refused before anything is read.
    town = declared.town(environment)
    every = judged(town, environment)
    leaving = leaver(town, who, every)
    hand = by_hand(leaving, every, town.commune["accounts"] if town.commune else ())
    if not leaving.names:
        _say_leaving((), Played(), hand)
        sys.exit(EXIT["partial"])
    order = Order(WITHDRAW, environment, "commune", variables(town, leaving))
    say_command(order.command(check=True))
    foreseen = watched(order, check=True)
    _say_leaving(leaving.names, foreseen, hand)
    if not leaving.sure and not foreseen.operations:
        raise nobody(who)
    left = not whole(outcome(every, foreseen), hand)
    if foreseen.operations:
        _plan_and_apply(order, foreseen, out, dry_run=dry_run, **given)
    elif not dry_run:
        write_withdrawal(town, environment, leaving.who, leaving.names, [*outcome(every, foreseen)], hand, out)
    sys.exit(EXIT["partial" if left else "ok"])


@click.command(cls=Verb)
@_life
def arrive(who: str, dry_run: bool, out: Path, environment: str, **given: Any) -> None:
    """Donner à qui arrive, ou change de fonction, les comptes que la déclaration lui donne ; le reste est un papier.

    \b
    piste accounts arrive "J. Martin" --dry-run
    piste accounts arrive "J. Martin" --environment production

    QUI est une personne (persons), un tiers ou un compte d'accounts.yml. Le Dashboard invite ; ailleurs, un compte mis
    hors service revient. Ce qui demande un secret, un rôle ou une console est listé, à faire à la main.
    Codes de sortie : 0 rien à donner, ou donné, 2 à donner (--dry-run), 4 refusé, 5 il reste à faire à la main.
    """
    from piste.readings.accounts.arrival import arrival
    from piste.readings.accounts.document import ARRIVAL, Arrived
    from piste.readings.accounts.judgment import judged
    from piste.runs.plans import saved
    from piste.runs.plans.accounts import ARRIVE
    from piste.runs.plans.play import Order, Played
    from piste.runs.plans.progress import watched
    from piste.runs.records.operator import operator
    from piste.town import declared
    from piste.town.model.dates import now

    by = operator(environment)
    town = declared.town(environment)
    coming = arrival(town, who, judged(town, environment))
    foreseen = Played()
    if coming.given:
        path = saved.folder() / "arrive.undo.json"
        tasks = {module: {"config": entries, "absent": []} for module, entries in coming.given.items()}
        saved.write_json({"commune": {"restored": {}, "returned": tasks}}, path)
        order = Order(ARRIVE, environment, "commune", {"piste_undo": str(path)})
        say_command(order.command(check=True))
        foreseen = watched(order, check=True)
    hand = [*coming.hand, *(line.partition(" : ")[2] for line in foreseen.withheld)]
    hand += [f"{trouble.task} : {trouble.message}" for trouble in foreseen.troubles]
    given_now = [f"{described['system']} : {described['label']}" for described in foreseen.operations]
    for sign, lines in (("+", given_now), ("☐", hand)):
        for line in lines:
            click.echo(safe(f"  {sign} {line}"))
    if not given_now and not hand:
        click.echo(f"Rien à donner à {safe(who)} : ses comptes sont comme déclarés.")
        return
    if not dry_run:
        at = now().isoformat(timespec="seconds")
        subject = Arrived(who, at, by, town.name, given_now, hand)
        write_paper(ARRIVAL, subject, f"acces-a-donner-{at[:19].replace(':', '')}", town, environment, out)
    if foreseen.operations:
        _plan_and_apply(order, foreseen, out, dry_run=dry_run, **given)
    sys.exit(EXIT["partial"])


def _plan_and_apply(
    order: Order, foreseen: Played, out: Path, *, dry_run: bool, yes: bool, outside_window: str | None,
    uncommitted: str | None, forgotten: str | None,
) -> None:  # fmt: skip
    """Keep the plan of an order, then apply it as any plan; leave with its exit code."""
    from piste.commands.plan import apply, kept
    from piste.runs.plans import saved

    made, path = kept(saved.make(order, foreseen), None)
    if path is None:
        sys.exit(EXIT["error"])
    click.echo(f"Enregistré : {path}")
    if dry_run:
        click.echo(f"Pour l’appliquer : piste apply {made['id']}")
        sys.exit(EXIT["changes"])
    context = click.get_current_context()
    context.meta[OUT] = out
    context.invoke(
        apply, saved_plan=made["id"], only=(), check=False, yes=yes, outside_window=outside_window,
        uncommitted=uncommitted, forgotten=forgotten, at_once=False, change=None, brief=False,
    )  # fmt: skip


def _say_leaving(names: Sequence[str], foreseen: Played, hand: Sequence[str]) -> None:
    from piste.engine.kind import ACCOUNT
    from piste.readings.accounts.systems import SOURCES
    from piste.systems.administrators import KEPT

    click.echo(safe(f"Partent : {', '.join(names) or 'aucun compte que Piste retire'}."))
    for described in foreseen.operations:
        # A name that is none of a kind of system is that of a server.
        away = SOURCES.get(described["system"], SOURCES["server"]).away
        said = away if described["kind"] == ACCOUNT else "groupe, dont il est retiré"
        click.echo(safe(f"- {described['system']} : {described['key']}, {said}"))
    for finding in foreseen.findings:
        if KEPT in finding["what"]:
            click.echo(safe(f"! {finding['what']}"))
    for trouble in foreseen.troubles:
        click.echo(safe(f"! {trouble.task} : {trouble.message}"))
    click.echo("À la main :")
    for step in hand:
        click.echo(safe(f"  ☐ {step}"))
