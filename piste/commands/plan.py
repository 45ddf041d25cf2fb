"""The verbs `piste plan`, `apply` and `drift`, over the playbooks that plain Ansible runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from piste.commands import ordered
from piste.commands.applied import accept, begin, say_applied, say_part
from piste.commands.consequences import print_plan, say_consequences, say_evidence, say_operations
from piste.commands.french import Verb
from piste.commands.options import (
    brief_option,
    complete_plan,
    complete_target,
    confirm_option,
    environment_option,
    forgotten_option,
    forms_option,
    outside_window_option,
    plan_argument,
    uncommitted_option,
)
from piste.commands.output import EXIT, leave_on_no, say_command, say_troubles
from piste.commands.trace import without_journal_option
from piste.commands.waiting import DRIFTED, REDO, refuse_incomplete, say_words
from piste.engine.converge.errors import Missing, Misused
from piste.engine.words import agreed
from piste.systems.kinds import DOMAINS

if TYPE_CHECKING:
    from piste.runs.plans.play import Order, Played


format_option = forms_option("text", "json", "junit", "markdown", more=" ; markdown pour une demande de fusion")


def _complete_shown(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    return complete_plan(ctx, param, begun) if ctx.params.get("target") == "show" else []


@click.command(cls=Verb)
@click.argument("target", metavar="[CIBLE]", default="all", shell_complete=complete_target)
@click.argument("shown", metavar="", required=False, shell_complete=_complete_shown)
@click.option("--domain", type=click.Choice(DOMAINS), help="Un seul domaine.")
@environment_option
@confirm_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Fichier du plan.")
@format_option
@brief_option
@click.option("--consequences", is_flag=True, help="Ce qu’un plan enregistré fait aux personnes, avec ses preuves.")
def plan(
    target: str,
    shown: str | None,
    domain: str | None,
    environment: str,
    confirm: tuple[str, ...],
    out: Path | None,
    form: str,
    brief: bool,
    consequences: bool,
) -> None:
    """Dire ce qui changerait, sans rien écrire : sur des sites, une catégorie ou toute la ville (all).

    \b
    piste plan ecole-jaures
    piste plan ecole-jaures,malraux
    piste plan commune --domain directory
    piste plan ecole --domain network
    piste plan all --format junit > plan.xml
    piste plan show 20261124T165500Z-1a2b3c        un plan enregistré, sans rien demander à un système
    piste plan show 20261124T165500Z-1a2b3c --consequences        ce qu’il fait aux personnes

    Chaque valeur qui change est montrée (vlan : 1 → 151), puis ce que cela fait aux personnes ; --brief ne donne que
    les noms des champs.
    Codes de sortie : 0 rien à faire, 2 des changements, 3 sans réponse, 1 erreur, 4 refus ;
    0 dès qu’un plan enregistré est montré (show).
    """
    from piste.runs.plans import saved
    from piste.runs.plans.play import Order

    if target == "show" and shown:
        if domain or confirm or out:
            raise click.UsageError("un plan enregistré se montre tel quel : sans --domain, --confirm ni --out.")
        made = saved.read(shown)
        asked = click.get_current_context().get_parameter_source("environment")
        if asked is not ParameterSource.DEFAULT and environment != made["environment"]:
            raise click.UsageError(f"ce plan est de « {made['environment']} », pas de « {environment} ».")
        if consequences and form == "junit":
            raise click.UsageError("--consequences : en text, json ou markdown ; junit dit les opérations.")
        if consequences:
            say_evidence(made, form)
        else:
            print_plan(made, form, brief=brief)
            if form == "text":
                ordered.say_moment(made["environment"], saved.to_do(made))
        return
    if consequences:
        raise click.UsageError("--consequences montre un plan enregistré : piste plan show PLAN --consequences.")
    if target == "show":
        raise click.UsageError("il faut un plan enregistré : piste plan show PLAN. Tab les complète.")
    if shown:
        raise click.UsageError(f"il y a de trop : {shown}. Séparez les sites par des virgules : {target},{shown}.")
    playbook = f"playbooks/domains/{domain}.yml" if domain else "playbooks/site.yml"
    extra = {f"{name}_confirm": list(confirm) for name in ([domain] if domain else DOMAINS)} if confirm else {}
    make_plan(Order(playbook, environment, limit(target, environment), extra), out, form, brief=brief)


def make_plan(order: Order, out: Path | None, form: str, *, drift: bool = False, brief: bool = False) -> None:
    """Run the order in check mode, save its plan, print it, leave with its exit code."""
    from piste.runs.plans.progress import watched

    if out:
        _refuse_unwritable(out)
    if form == "text":
        say_command(order.command(check=True))
    played = watched(order, check=True)
    keep_plan(order, played, out, form, drift=drift, brief=brief, authors=_authors(order, played) if drift else None)


def keep_plan(
    order: Order,
    played: Played,
    out: Path | None,
    form: str,
    *,
    drift: bool = False,
    brief: bool = False,
    shown: bool = False,
    authors: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Save the plan of an order run in check mode, leave with its exit code.

    It is printed unless `shown`.
    """
    from piste.runs.plans import saved

    made, path = kept(saved.make(order, played, authors=authors), out)
    if not shown:
        print_plan(made, form, brief=brief, hosts=sorted(played.hosts))
    if form == "text":
        if path:
            click.echo(f"Enregistré : {path}")
        if made["troubles"]:
            click.echo(DRIFTED if drift else f"Incomplet, il ne s’applique pas. {REDO}")
        elif saved.to_do(made):
            if path:
                rest = ", sans ce qui est retenu" if len(saved.to_do(made)) < len(made["operations"]) else ""
                click.echo(f"Pour l’appliquer{rest} : piste apply {path if out else made['id']}")
                ordered.say_moment(order.environment, saved.to_do(made))
        elif not made["operations"]:
            ordered.say_out_of_service(order)
        if not (drift and made["troubles"]):
            say_words(made)
        if not drift:
            ordered.say_carried(order)
        ordered.say_crowds(order)
        ordered.say_debts(order)
    sys.exit(EXIT[played.drift if drift else played.outcome])


def _authors(order: Order, played: Played) -> Sequence[Mapping[str, Any]]:
    """Ask the logs of the systems who changed what a drift shows."""
    from piste.runs.plans import authors
    from piste.runs.plans.reading import unsaid
    from piste.town import declared

    return authors.read(declared.derived(order.environment), order.environment, played.operations, unsaid)


def _refuse_unwritable(out: Path) -> None:
    """Refuse, before a run of minutes, a file that its plan cannot be written in."""
    folder = next(path for path in out.absolute().parents if path.exists())
    if not folder.is_dir() or not os.access(out if out.exists() else folder, os.W_OK):
        raise click.UsageError(f"--out : {out} ne peut pas être écrit. Rien n’a été demandé ; donnez un autre fichier.")


def kept(made: dict[str, Any], out: Path | None) -> tuple[dict[str, Any], Path | None]:
    """Keep a plan and give its file; a plan without changes, or without its key, has none."""
    from piste.runs.plans import keys, saved

    if not made["operations"] and not out:
        return made, None
    try:
        made = saved.sealed(made)
    except keys.NoKey as missing:
        click.echo(f"Ce plan n’est pas enregistré, il ne pourra pas être appliqué. {missing.sentence()}", err=True)
        return made, None
    return made, saved.write(made, out)


@click.command(cls=Verb)
@plan_argument
@click.option("--only", metavar="OBJET", multiple=True, help="Une part : cet objet du plan, et ce dont il a besoin.")
@click.option("--check", is_flag=True, help="Vérifier et montrer, sans rien écrire.")
@click.option("--yes", is_flag=True, help="Ne pas demander.")
@outside_window_option
@uncommitted_option
@forgotten_option
@without_journal_option
@click.option("--at-once", is_flag=True, help="Tous les sites ensemble, là où l’environnement veut des vagues.")
@click.option("--change", type=click.IntRange(min=1), metavar="N", help="Le changement de GLPI auquel ce plan répond.")
@brief_option
def apply(
    saved_plan: str,
    only: tuple[str, ...],
    check: bool,
    yes: bool,
    outside_window: str | None,
    uncommitted: str | None,
    forgotten: str | None,
    at_once: bool,
    change: int | None,
    brief: bool,
) -> None:
    """Faire exactement ce que dit un plan enregistré ; refuser si la situation a changé.

    \b
    piste apply 20261124T165500Z-1a2b3c
    piste apply plan.json --yes
    piste apply plan.json --outside-window "Mme Diallo : panne à la cantine"
    piste apply plan.json --only "ssid VLB-Agents" --check

    Le plan est d'abord recalculé et comparé ; à la moindre différence rien n'est écrit (code 4). Seuls sont relus les
    sites et les genres d’objets qu’il touche, et le contrôle d’accès d’un port qui passe au 802.1X. Une application
    arrêtée en route se reprend par la même commande : ce qui est fait est vérifié, le reste est fait.
    --only fait une part du plan, chaque objet nommé comme « piste plan show » le nomme (genre nom, ou site / genre
    nom) : ce dont il a besoin est ajouté et nommé, le reste est laissé, que le même plan fait ensuite.
    Ce que le plan dit retenu (il attend un mot de confirmation) ne se fait pas : l’application est alors partielle.
    Codes de sortie : 0 tout est fait, 5 partiel, 3 sans réponse, 1 erreur, 4 refus ; --check : 2 s’il reste à faire.
    """
    from piste.commands.noting import conclude
    from piste.commands.withdrawn import conclude_withdrawal
    from piste.runs.plans import saved, show
    from piste.runs.plans.accounts import stands_alone
    from piste.runs.plans.part import part
    from piste.runs.plans.progress import applied, watched
    from piste.runs.records.operator import operator

    made = saved.read(saved_plan)
    saved.check_provenance(made)
    refuse_incomplete(made)
    if stands_alone(made):
        operator(made["environment"])  # Its paper is signed: after the writes it is too late to refuse.
    shown, kept = made, None
    if only:
        some_of_it = part(made, only)
        made, shown, kept = some_of_it.plan, some_of_it.shown, some_of_it.write()
    if not saved.to_do(made):
        click.echo("Tout ce que dit ce plan attend un mot." if made["operations"] else "Ce plan ne change rien.")
        say_words(made)
        sys.exit(EXIT["partial" if made["operations"] else "ok"])
    order = saved.narrowed(made)
    # The tasks keep to the plan as it was read: a file elsewhere may change meanwhile.
    kept = kept or saved.write(made)
    options: dict[str, Any] = {
        "piste_outside_window": outside_window,
        "piste_uncommitted": uncommitted,
        "piste_forgotten": forgotten,
        "piste_waves": ["100%"] if at_once else None,
        "piste_change": change,
    }
    given = {"piste_plan": str(kept.resolve()), **{name: value for name, value in options.items() if value is not None}}
    sites = sorted({described["owner"] for described in saved.not_left(made)})
    town = {} if check else refuse_the_moment(order.environment, sites, given)
    say_command(order.command(check=check, **given))
    say_operations(shown, brief=brief)
    if outside_window is None:
        ordered.say_moment(order.environment, saved.not_left(made))
    if only:
        say_part(some_of_it)
    asks = not (yes or check)
    if saved.begun(made):
        if asks:
            # What remains is not known before a verification, and no run waits for an answer.
            click.echo("Ce plan est commencé : vérification de ce qui en reste…", err=True)
            rest = accept(made, watched(order, check=True, **given), brief=brief)
            shown, sites = {**shown, "operations": rest}, sorted({described["owner"] for described in rest})
    elif not brief:
        # What is left is in the plan in hand: it is there before, and after. Notices are of the whole plan.
        say_consequences({**made, **{name: shown[name] for name in ("orphans", "withheld") if name in shown}})
    leave_on_no(f"\nAppliquer à {agreed(len(sites), 'site(s)')} : {show.counted(shown)} ?", yes=not asks)
    verification: list[Played] = []

    def judge(now: Played) -> None:
        verification.append(now)
        begin(made, accept(made, now, brief=brief or asks), check=check)

    click.echo("Vérification du plan…", err=True)
    if stands_alone(made):
        # A system that does not answer ends the first playbook of a start, and the others would not be written.
        judge(watched(order, check=True, **given))
        done = watched(order, check=check, **given)
    else:
        done = applied(order, judge, **given)
    say_troubles(done)
    conclude(order.environment, change, town)
    say_applied(made, verification[0], done)
    if stands_alone(made):
        conclude_withdrawal(made, done)
    sys.exit(EXIT["ok" if done.outcome == "changes" else done.outcome])


@click.command(cls=Verb)
@click.argument("target", metavar="[CIBLE]", default="all", shell_complete=complete_target)
@click.option("--domain", type=click.Choice(DOMAINS), help="Un seul domaine.")
@environment_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Fichier du plan qui répare.")
@format_option
@brief_option
def drift(target: str, domain: str | None, environment: str, out: Path | None, form: str, brief: bool) -> None:
    """Dire ce que quelqu'un a changé derrière la déclaration : et ce que personne ne déclare, sans rien écrire.

    \b
    piste drift
    piste drift ecole-jaures --domain network
    piste drift commune,ecole --environment production
    piste drift --out reparation.json              à relire, puis piste apply

    Codes de sortie : 0 conforme, 2 dérive, 3 sans réponse. Fait pour une minuterie (systemd, cron).
    """
    from piste.runs.plans.play import Order

    order = Order("playbooks/drift.yml", environment, limit(target, environment), tags=domain or "")
    make_plan(order, out, form, drift=True, brief=brief)


def limit(target: str, environment: str) -> str:
    """Give what `-l` takes: nothing for the whole town, else known sites and categories."""
    from difflib import get_close_matches

    from piste.town import declared
    from piste.town.town import refuse

    if target == "all":
        return ""
    known, named = declared.targets(environment), [name for name in target.split(",") if name]
    unknown = next((name for name in named if name not in known), None if named else target)
    if unknown is None:
        return ",".join(named)
    # A site with faults is not known either: its faults are the message.
    refuse(declared.derived(environment).errors)
    near = get_close_matches(unknown, known, n=1)
    raise Missing(
        f"« {unknown} » n’est ni un site, ni une catégorie, ni la ville (commune)",
        todo=f"Vouliez-vous dire « {near[0]} » ?" if near else f"Connus : {', '.join(known)}.",
    )


def refuse_the_moment(environment: str, sites: Sequence[str], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave with 4 where a site may not be written now; give the variables of the town.

    A freeze or a closed window forbids it.
    """
    from piste.runs.plans import conditions, hosts

    known = hosts.variables(environment, {*sites, "commune"})
    hosts_given = [{**known[site], **given} for site in sites if site in known]
    refused = conditions.refusals(hosts_given)
    try:
        conditions.check_memory(hosts_given[0] if hosts_given else {})
    except Misused as forgotten:
        refused.append(forgotten)
    for refusal in refused:
        click.echo(refusal.sentence(), err=True)
    if refused:
        sys.exit(EXIT["refused"])
    return known.get("commune", {})
