"""The verb `piste replace`: a new switch or access point in the place of a dead device."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.consequences import say_plan
from piste.commands.french import Verb
from piste.commands.options import brief_option, confirm_option, environment_option
from piste.commands.output import EXIT, leave_on_no, say_command, say_troubles
from piste.commands.plan import keep_plan
from piste.systems.kinds import DOMAINS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from piste.runs.plans.play import Order, Played
    from piste.sites.replacing import Replacement
    from piste.town.model import Town


def _complete_device(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared

    sites = declared.serving(declared.derived(ctx.params.get("environment") or "lab")).values()
    names = [name for site in sites for device in site["devices"] for name in (device["name"], device["serial"])]
    return [name for name in names if name.startswith(begun)]


@click.command(cls=Verb)
@click.argument("old", metavar="ANCIEN", shell_complete=_complete_device)
@click.argument("new", metavar="NOUVEAU")
@click.option("--model", metavar="MODÈLE", help="Le modèle du nouveau, s’il n’est pas celui de l’ancien.")
@environment_option
@confirm_option
@click.option("--dry-run", is_flag=True, help="Montrer la déclaration changée et le plan, sans rien écrire.")
@click.option("--yes", is_flag=True, help="Ne pas demander.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Fichier du plan.")
@brief_option
def replace(
    old: str,
    new: str,
    model: str | None,
    environment: str,
    confirm: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    out: Path | None,
    brief: bool,
) -> None:
    """Mettre un équipement à la place d'un autre, mort : commutateur ou borne ; la déclaration, puis un seul plan.

    \b
    piste replace sw-jau-02 QZZZ-0100-0002 --dry-run
    piste replace sw-jau-02 QZZZ-0100-0002 --confirm release
    piste replace QZZZ-0000-0002 QZZZ-0100-0001 --confirm stack --confirm release
    piste apply <le plan affiché>

    ANCIEN est un nom ou un numéro de série, NOUVEAU un numéro de série. Le nouveau reprend le nom, l'adresse, la pile,
    les agrégats, les ports déclarés, et ce que l'ancien avait réglé à la main ; l'ancien quitte le réseau en dernier.
    Rien n'est écrit tant que le plan attend un mot. Interrompue, la même commande finit ; refaite, elle ne change rien.
    Codes de sortie : 0 rien à faire, 2 un plan à appliquer, 3 sans réponse, 1 erreur, 4 refusé.
    """
    from dataclasses import replace as with_

    from piste.engine.repository import ROOT
    from piste.runs.plans import saved, show
    from piste.runs.plans.progress import watched
    from piste.sites import declaring, replacing
    from piste.town import declared

    town = declared.town(environment)
    made = replacing.replacement(town, old, new, model)
    click.echo(f"{made.name}, à {made.site} : {made.old} remplacé par {made.new} ({made.model}).")
    for line in declaring.differences(made.files, ROOT):
        click.echo(line)
    order = _order(town, made, environment, confirm)
    with replacing.planned(made, town, environment) as (after, given):
        say_command(order.command(check=True))
        played = watched(with_(order, extra={**order.extra, **given}), check=True)
    if dry_run or _waits(order, played):
        _show(order, played, after, brief=brief)
        if words := show.to_confirm(saved.make(order, played)):
            click.echo(f"À confirmer : relancez avec {' '.join(f'--confirm {word}' for word in words)}")
        click.echo("Rien n’a été écrit.")
        sys.exit(EXIT[played.outcome if dry_run or played.troubles else "refused"])
    if made.files:
        _show(order, played, after, brief=brief)
        leave_on_no("\nÉcrire la déclaration, et garder ce plan ?", yes=yes)
        declaring.write_files(made.files, ROOT)
        for path in made.files:
            click.echo(f"Écrit : {path}")
    keep_plan(order, played, out, "text", brief=brief, shown=bool(made.files))


def _order(town: Town, made: Replacement, environment: str, confirm: Sequence[str]) -> Order:
    """Order the network of the site, and all that the core carries where it is the old device."""
    from piste.runs.plans.play import Order
    from piste.sites.replacing import routes_alone

    owners = routes_alone(town, made)
    domains = DOMAINS if owners else ("network",)
    words = {f"{domain}_confirm": list(confirm) for domain in domains} if confirm else {}
    playbook = "playbooks/site.yml" if owners else "playbooks/domains/network.yml"
    return Order(playbook, environment, ",".join(dict.fromkeys([*owners, made.site])), words)


def _waits(order: Order, played: Played) -> bool:
    """True where the plan is not whole, or waits for a word."""
    from piste.runs.plans import saved, show

    return bool(played.troubles or show.to_confirm(saved.make(order, played)))


def _show(order: Order, played: Played, town: Town, *, brief: bool) -> None:
    """Print the plan, made on the declaration that is not written yet."""
    from piste.runs.plans import saved

    say_plan({**saved.make(order, played), "declaration": town.town_digest}, brief=brief, town=town)
    say_troubles(played)
