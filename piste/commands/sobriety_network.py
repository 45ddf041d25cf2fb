"""The verb `piste sobriety network`: the use of the network by site, and what it proposes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, said, say_json, say_troubles
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sobriety.proposals import Advice, Proposal
    from piste.sobriety.usage import Week
    from piste.town.model import Town


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared
    from piste.town.town import load_town

    return [name for name in load_town(declared.TOWN).sites if name.startswith(begun)]


@click.command("network", cls=Verb)
@click.argument("site", metavar="[SITE]", required=False, shell_complete=_complete_site)
@click.option(
    "--read", "weeks", type=click.IntRange(1, 4), metavar="N",
    help="Relire d’abord les N dernières semaines entières, de 1 à 4 : le Dashboard garde 31 jours.",
)  # fmt: skip
@environment_option
@text_or_json
def network(site: str | None, weeks: int | None, environment: str, form: str) -> None:
    """Proposer, site par site, les heures et la puissance du réseau d'après son usage mesuré. Rien n'est écrit.

    \b
    piste sobriety network --read 4
    piste sobriety network ecole-jaures
    piste sobriety network --environment production --format json

    Chaque proposition dit son gain avec ses bornes, son risque, ce qu'une personne doit confirmer, et les lignes à
    écrire dans la déclaration. L'usage hors des heures déclarées est nommé, même petit. Un site dispensé ou de service
    continu n'a pas de proposition (docs/usage-reseau.md).
    Codes de sortie : 0 dit, 1 erreur, 3 le Dashboard n'a pas répondu ou aucune semaine n'est gardée.
    """
    from piste.sobriety import moves, usage
    from piste.sobriety.proposals import advise
    from piste.town.model.dates import today

    town = moves.town(environment)
    if site is not None and site not in town.sites:
        raise Misused(f"aucun site ne s’appelle « {site} »", todo="Voyez inventories/town/hosts.yml.")
    kept, code = usage.kept(environment), EXIT["ok"]
    if weeks is not None:
        kept, code = _read(town, environment, kept, weeks, form)
    advice = [given for given in advise(town, kept, today()) if site in (None, given.site)]
    if not kept:
        code = EXIT["unknown"]
    if form == "json":
        say_json({"weeks": [week["week"] for week in kept], "sites": [asdict(given) for given in advice]})
    else:
        _say(kept, advice)
    sys.exit(code)


def _read(town: Town, environment: str, before: list[Week], weeks: int, form: str) -> tuple[list[Week], int]:
    """Read the last whole weeks that are not kept; return all weeks, and the exit code."""
    from piste.runs.plans.reading import answer
    from piste.sobriety import usage

    made, played = answer(usage.READER, environment, said(form), usage.question(town, before, weeks))
    fresh = usage.given(made)
    lacking = fresh is None or any(week["unread"] for week in fresh)
    if form == "text":
        say_troubles(played)
        _say_unread(fresh or ())
    return usage.joined(environment, before, fresh) or [], EXIT["unknown" if lacking else "ok"]


def _say_unread(weeks: Sequence[Week]) -> None:
    """Say what a week lacks, each reason once; the Dashboard words some."""
    for week in weeks:
        by_why: dict[str, list[str]] = {}
        for name, why in week["unread"].items():
            by_why.setdefault(why, []).append("les ports" if name == "ports" else name)
        for why, names in by_why.items():
            shown = f"{', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
            click.echo(f"{week['week']} : {shown} : {safe(why)}", err=True)


def _say(kept: Sequence[Week], advice: Sequence[Advice]) -> None:
    if not kept:
        click.echo("Aucune semaine d’usage n’est gardée : piste sobriety network --read 4, ou piste sobriety diagnose.")
        return
    names = ", ".join(week["week"] for week in kept[-8:])
    click.echo(f"{agreed(len(kept), 'semaine(s)')} d’usage, dont {names}.")
    if absent := sorted({name for week in kept[-1:] for name in week["absent"]}):
        declared = agreed(len(absent), "borne(s) déclarée(s)")
        click.echo(f"  {declared} dans aucun réseau du Dashboard : {', '.join(absent)}")
    for given in advice:
        for line in _lines(given):
            click.echo(line)


def _lines(given: Advice) -> Iterator[str]:
    yield f"\n{given.site} : {agreed(given.weeks, 'semaine(s) mesurée(s)')}"
    if given.outside:
        share = f"{100 * given.outside_share:.1f}".replace(".", ",")
        volume = f"{given.outside:.1f}".replace(".", ",")
        yield f"  Usage hors des heures déclarées : {volume} client × h par semaine, {share} % de l’usage"
        yield f"    {', '.join(given.outside_where[:12])}{', …' if len(given.outside_where) > 12 else ''}"
    if given.why:
        yield f"  Pas de proposition : {given.why}"
    elif not given.proposals:
        yield "  Rien à proposer : les heures déclarées sont celles de l’usage, et leurs leviers sont appliqués."
    for proposal in given.proposals:
        yield from _proposal(proposal)


def _proposal(proposal: Proposal) -> Iterator[str]:
    yield f"  • {proposal.what}"
    yield f"    Gain : {proposal.gain}"
    if proposal.kwh is not None:
        kwh = proposal.kwh
        yield f"    Énergie : {kwh.value:.0f} kWh/an [{kwh.low:.0f} à {kwh.high:.0f}], {proposal.source}"
    yield f"    Risque : {proposal.risk}"
    yield from (f"    À confirmer : {question}" for question in proposal.confirm)
    for path, lines in proposal.lines.items():
        yield f"    {path} :"
        yield from (f"      {line}" for line in lines.splitlines())
    if proposal.command:
        yield f"    ou : {proposal.command}"
