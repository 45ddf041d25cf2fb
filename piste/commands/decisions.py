"""The verb `piste decisions`: what waits for somebody's decision, and what was decided."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, say_csv, say_json
from piste.engine.clock import DAY, in_town
from piste.engine.words import agreed, safe, some

if TYPE_CHECKING:
    from piste.runs.records.decided import Compared
    from piste.sites.decisions import Decision
    from piste.town.model.derived import Derived

COLUMNS = (
    "id", "what", "who", "by", "otherwise", "todo", "cost_excl_tax", "cost", "decided", "decided_by", "why",
)  # fmt: skip


@click.command(cls=Verb)
@environment_option
@forms_option("table", "json", "csv")
@click.option("--seal", is_flag=True, help="Sceller dans le journal les décisions prises qui n’y sont pas.")
def decisions(environment: str, form: str, seal: bool) -> None:
    """Lister ce qui attend une décision : quoi, qui, avant quand, ce qui arrive sinon.

    \b
    piste decisions
    piste decisions --environment production --format csv > decisions.csv
    piste decisions --seal

    Plans à appliquer, restaurations à prouver ou à signer, contrats, licences, reports et équipements qui finissent,
    actes que le marché demande à la direction, propositions. Rien n'est demandé à aucun système. Une décision
    prise s'inscrit dans group_vars/all/decisions.yml (docs/decisions.md) ; --seal en garde le jour, l'auteur et la
    raison dans le journal, et ce qui en diffère ensuite est nommé.
    Codes de sortie : 0 rien n'attend, 1 quelque chose attend, ou diffère de ce qui a été scellé.
    """
    from piste.sites import conformity
    from piste.sites.decisions import decisions as waiting
    from piste.sites.decisions import differences, strays, total
    from piste.town import declared

    town = declared.sound(environment)
    differ = [*differences(_sealed(town, environment, seal=seal))]
    for difference in differ:
        click.echo(f"! {safe(difference.what)}. {difference.todo}", err=True)
    every = waiting(town, environment, conformity.judge(conformity.facts(town, environment)))
    if form == "json":
        differing = [difference._asdict() for difference in differ]
        say_json({"environment": environment, "decisions": [*map(_row, every)], "differences": differing})
    elif form == "csv":
        say_csv(COLUMNS, map(_row, every))
    else:
        for decision in every:
            _say(decision)
        count = sum(decision.taken is None for decision in every)
        click.echo(
            f"{agreed(count, 'décision(s) attendue(s)')}, {agreed(len(every) - count, 'prise(s)')}.{total(every)}"
        )
        if names := strays(town, every):
            click.echo(f"Prises sur ce qui n’attend pas, ou plus : {safe(', '.join(names))}.")
    sys.exit(EXIT["error" if differ or any(decision.taken is None for decision in every) else "ok"])


def _sealed(town: Derived, environment: str, *, seal: bool) -> Compared:
    """Seal what was decided, where asked; give what differs from its seal."""
    from piste.runs.records import decided
    from piste.runs.records.chain import journal_folder
    from piste.town.model.dates import today

    taken, root = town.commune["decisions"] if town.commune else [], journal_folder()
    try:
        if seal and (faults := decided.faults(root, environment)):
            wrong = some([safe(str(fault)) for fault in faults], 3)
            raise click.ClickException(
                f"Rien n’est scellé, le journal a changé : {wrong}. Lancez piste journal verify."
            )
        made = decided.compare(root, environment, taken, today().isoformat())
        if seal and made.unsealed:
            decided.seal_decisions(root, environment, made.unsealed, ["piste", "decisions", "--seal"])
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"Le journal ne répond pas ({safe(str(error))}) : ce qui est scellé est inconnu."
        ) from None
    if seal:
        click.echo(f"{agreed(len(made.unsealed), 'décision(s) scellée(s)')} dans le journal.", err=True)
    return made


def _row(decision: Decision) -> dict[str, str]:
    taken, cost = decision.taken, decision.cost
    return {
        **{name: getattr(decision, name) for name in COLUMNS[:6]},
        "cost_excl_tax": f"{cost.euros:.2f}" if cost else "",
        "cost": decision.priced,
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
    cost = f" · coût : {decision.priced}" if decision.cost else ""
    click.echo(f"    {decision.who}{by} · sinon : {safe(decision.otherwise)}{cost}")
    click.echo(f"    → {safe(decision.todo)}")
