"""The verbs `piste accounts …`: who administers which system, by which second factor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.accounts_life import arrive, withdraw
from piste.commands.french import Verbs
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, say_csv, say_json, say_table, write_paper
from piste.engine.clock import DAY, in_town
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.engine.finding import State
    from piste.readings.accounts.judgment import Row, System


class _OrShow(Verbs):
    """Shows where no verb is named: `piste accounts smc`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


def _complete(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.readings.accounts.systems import systems
    from piste.town import declared

    known = systems(declared.derived(ctx.params.get("environment") or "lab"))
    return [name for name in known if name.startswith(begun)]


@click.group(cls=_OrShow)
def accounts() -> None:
    """Qui administre quoi : les comptes de chaque système, leurs droits, leur second facteur, leur dernier usage (F19).

    \b
    Exemples :
      piste accounts
      piste accounts smc
      piste accounts show --format csv > habilitations.csv

    D'après les dernières lectures (piste read accounts), sans rien demander à aucun système (docs/comptes.md).
    """


@accounts.command()
@click.argument("system", metavar="[SYSTÈME]", required=False, shell_complete=_complete)
@environment_option
@forms_option("table", "json", "csv")
def show(system: str | None, environment: str, form: str) -> None:
    """Lister les comptes de chaque système, ou d'un seul : à qui, quels droits, quel second facteur, employé quand.

    \b
    piste accounts show
    piste accounts show meraki
    piste accounts show --environment production --format csv > habilitations.csv

    Ce qu'un système ne dit pas est inconnu. Le tableau (csv) est la matrice personne × système × droit.
    Codes de sortie : 0 tout est conforme, 1 quelque chose est à corriger, 3 quelque chose est inconnu.
    """
    from piste.engine.finding import worst
    from piste.readings.accounts.findings import nominal, words
    from piste.readings.accounts.judgment import judged
    from piste.readings.accounts.matrix import COLUMNS, rows
    from piste.town import declared

    town = declared.town(environment)
    every = judged(town, environment)
    if system is not None:
        shown = [made for made in every if made.name == system]
        if not shown:
            todo = f"Nommez l’un de {', '.join(made.name for made in every)}."
            raise Misused(f"« {system} » n’est pas un système dont on veut les comptes", todo=todo)
    else:
        shown = every
    if form == "json":
        say_json({"environment": environment, "accounts": [*rows(shown)], "f19": nominal(every).departs})
    elif form == "csv":
        say_csv(COLUMNS, rows(shown))
    else:
        _print(shown)
        click.echo(f"F19 : {safe(words(nominal(every)))}.")
    states: list[State] = [row.state for made in shown for row in made.rows]
    states += ["unknown" for made in shown if made.why]
    sys.exit(EXIT[{"ok": "ok", "wrong": "error", "unknown": "unknown"}[worst(states)]])


def _print(shown: Sequence[System]) -> None:
    heads = ("système", "compte", "genre", "à qui", "droits", "2e facteur", "employé", "constat")
    lines = [tuple(map(safe, _line(made, row))) for made in shown for row in made.rows]
    if lines:
        say_table([heads, *lines])
    for made in shown:
        if made.why:
            click.echo(f"? {safe(made.label)} : {safe(made.why)}")


def _line(system: System, row: Row) -> tuple[str, ...]:
    from piste.readings.accounts.judgment import KINDS, RIGHTS
    from piste.readings.accounts.matrix import persons

    live, declared = row.live, row.declared
    factor = {True: "oui", False: "non", None: "inconnu"}[live["mfa"]] if live else "–"
    used = in_town(datetime.fromisoformat(live["used_at"]), DAY) if live and live["used_at"] else "inconnu"
    return (
        system.name,
        row.login,
        KINDS[declared["kind"] if declared else None],
        persons(row) or (declared["holder"] if declared else None) or "–",
        RIGHTS[row.rights] if live else "–",
        factor if not live or live["active"] else "hors service",
        used if live else "–",
        "✓" if row.state == "ok" else f"{'✗' if row.state == 'wrong' else '?'} {row.faults[0].said}{_more(row)}",
    )


def _more(row: Row) -> str:
    return f" (et {agreed(len(row.faults) - 1, 'autre(s)')})" if len(row.faults) > 1 else ""


@accounts.command("import")
@click.argument("system", metavar="SYSTÈME", shell_complete=_complete)
@click.argument("file", metavar="FICHIER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@environment_option
def import_(system: str, file: Path, environment: str) -> None:
    """Garder les comptes qu'un tableau donne d'un système que Piste ne lit pas : forge, Veeam, onduleurs, coffre.

    \b
    piste accounts import forge membres.csv
    piste accounts import veeam veeam.csv --environment production

    Colonnes : account, puis name, rights (all, some, read), roles, second_factor (yes, no), last_use, ends, person
    (yes, no). Une case vide est inconnue. La lecture vaut le temps que dit docs/constats.md, puis est inconnue.
    """
    from piste.readings.accounts.matrix import take_in
    from piste.town import declared

    count = take_in(declared.town(environment), environment, system, file)
    click.echo(f"{agreed(count, 'compte(s)')} de {system}, à cette heure. Lisez-les : piste accounts {system}")


accounts.add_command(withdraw)
accounts.add_command(arrive)


@accounts.command()
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("dossiers"), show_default=True,
    help="Dossier de la revue.",
)  # fmt: skip
@environment_option
def review(out: Path, environment: str) -> None:
    """Écrire la revue des comptes, à signer chaque trimestre : chaque compte, ce qui en est lu, la décision à cocher.

    \b
    piste accounts review
    piste accounts review --environment production --out /srv/revues

    D'après les dernières lectures ; un système pas lu y est dit inconnu. La décision prise, reviewed_on l'inscrit.
    """
    from piste.readings.accounts.document import REVIEW, Review
    from piste.readings.accounts.judgment import judged
    from piste.town import declared
    from piste.town.model.dates import now

    town, at = declared.town(environment), now().isoformat(timespec="seconds")
    subject = Review(town.name, at, judged(town, environment))
    write_paper(REVIEW, subject, f"revue-des-comptes-{at[:10]}", town, environment, out)
