"""The verb `piste decisions`: what waits for somebody's decision, and what was decided."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, say_csv, say_json
from piste.engine.clock import DAY, in_town
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sites.decisions import Decision

COLUMNS = ("id", "what", "who", "by", "otherwise", "todo", "decided", "decided_by", "why")


@click.command(cls=Verb)
@environment_option
@forms_option("table", "json", "csv")
def decisions(environment: str, form: str) -> None:
    """Lister ce qui attend une décision : quoi, qui, avant quand, ce qui arrive sinon.

    \b
    piste decisions
    piste decisions --environment production --format csv > decisions.csv

    Plans à appliquer, restaurations à prouver ou à signer, contrats, licences, reports et équipements qui finissent,
    actes que le marché demande à la direction, propositions. Rien n'est demandé à aucun système. Une décision
    prise s'inscrit dans group_vars/all/decisions.yml (docs/decisions.md).
    Codes de sortie : 0 rien n'attend, 1 quelque chose attend.
    """
    from piste.sites import conformity
    from piste.sites.decisions import decisions as waiting
    from piste.sites.decisions import strays
    from piste.town import declared

    town = declared.sound(environment)
    every = waiting(town, environment, conformity.judge(conformity.facts(town, environment)))
    if form == "json":
        say_json({"environment": environment, "decisions": [*map(_row, every)]})
    elif form == "csv":
        say_csv(COLUMNS, map(_row, every))
    else:
        for decision in every:
            _say(decision)
        count = sum(decision.taken is None for decision in every)
        click.echo(f"{agreed(count, 'décision(s) attendue(s)')}, {agreed(len(every) - count, 'prise(s)')}.")
        if names := strays(town, every):
            click.echo(f"Prises sur ce qui n’attend pas, ou plus : {safe(', '.join(names))}.")
    sys.exit(EXIT["error" if any(decision.taken is None for decision in every) else "ok"])


def _row(decision: Decision) -> dict[str, str]:
    taken = decision.taken
    return {
        **{name: getattr(decision, name) for name in COLUMNS[:6]},
        "decided": taken["done"] if taken else "",
        "decided_by": taken["who"] if taken else "",
        "why": taken["why"] if taken else "",
    }


def _say(decision: Decision) -> None:
    if taken := decision.taken:
        until = f", jusqu’au {in_town(taken['until'], DAY)}" if taken["until"] else ""
        click.echo(f"✓ {safe(decision.id)} : {safe(decision.what)}")
        who = f"le {in_town(taken['done'], DAY)} par {safe(taken['who'])}"
        click.echo(f"    décidé {who} : {safe(taken['why'])}{until}")
        return
    by = f" · avant le {in_town(decision.by, DAY)}" if decision.by else ""
    click.echo(f"? {safe(decision.id)} : {safe(decision.what)}")
    click.echo(f"    {decision.who}{by} · sinon : {safe(decision.otherwise)}")
    click.echo(f"    → {safe(decision.todo)}")
