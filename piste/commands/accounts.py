"""The verbs `piste accounts …`: who administers which system, by which second factor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, leave_on_no, say_command, say_csv, say_json, say_table, write_paper
from piste.commands.plan import refuse_the_moment
from piste.commands.trace import refuse_untraced, without_journal_option
from piste.engine.clock import DAY, in_town
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.engine.finding import State
    from piste.readings.accounts.judgment import Row, System
    from piste.readings.accounts.withdrawal import Line
    from piste.runs.plans.play import Played
    from piste.town.model import Town


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


@accounts.command()
@click.argument("who", metavar="QUI")
@click.option("--dry-run", is_flag=True, help="Dire ce qui serait retiré, et ne rien écrire.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("dossiers"), show_default=True,
    help="Dossier du procès-verbal.",
)  # fmt: skip
@environment_option
@click.option("--yes", is_flag=True, help="Ne pas demander.")
@click.option("--outside-window", metavar="NOM : RAISON", help="Retirer hors des fenêtres : qui décide, et pourquoi.")
@click.option("--uncommitted", metavar="NOM : RAISON", help="D’un dépôt modifié : qui en décide, et pourquoi.")
@without_journal_option
def withdraw(
    who: str,
    dry_run: bool,
    out: Path,
    environment: str,
    yes: bool,
    outside_window: str | None,
    uncommitted: str | None,
) -> None:
    """Retirer les accès de qui part, sur chaque système que Piste écrit, et en faire un procès-verbal à signer.

    \b
    piste accounts withdraw "J. Martin" --dry-run
    piste accounts withdraw titulaire-sortant --environment production
    piste accounts withdraw '*@prestataire.invalid'

    QUI est une personne (persons), un tiers, un compte, ou un texte où * vaut tout. Jamais le dernier de la Ville aux
    pleins droits, ni un compte dont un programme se sert. Un système sans réponse rend le procès-verbal partiel.
    Codes de sortie : 0 retiré, ou rien à retirer, 2 à retirer (--dry-run), 4 refusé, 5 partiel.
    """
    from piste.readings.accounts.judgment import judged
    from piste.readings.accounts.withdrawal import PLAYBOOK, by_hand, leaver, nobody, outcome, variables, whole
    from piste.runs.plans.play import Order, Played
    from piste.runs.plans.progress import watched
    from piste.town import declared

    town = declared.town(environment)
    every = judged(town, environment)
    leaving = leaver(town, who, every)
    hand = by_hand(leaving, every, town.commune["accounts"] if town.commune else ())
    order = Order(PLAYBOOK, environment, "commune", variables(town, leaving))
    given = {"piste_outside_window": outside_window, "piste_uncommitted": uncommitted}
    given = {name: reason for name, reason in given.items() if reason is not None}

    def judge(foreseen: Played) -> None:
        _say_leaving(leaving.names, foreseen, hand)
        if not leaving.sure and not foreseen.operations:
            raise nobody(who)
        if dry_run:
            left = not whole(outcome(every, foreseen), hand)
            sys.exit(EXIT["changes" if foreseen.operations else "partial" if left else "ok"])
        refuse_untraced(foreseen)
        refuse_the_moment(environment, ["commune"], given)
        leave_on_no("\nRetirer ces accès ?", "Rien n’a été retiré.", yes=yes)

    if not leaving.names:
        _say_leaving((), Played(), hand)
        sys.exit(EXIT["partial"])
    say_command(order.command(check=False))
    judge(watched(order, check=True))
    lines = [*outcome(every, watched(order, check=False, **given))]
    for line in lines:
        sign = {"ok": "✓", "wrong": "✗", "unknown": "?"}[line["state"]]
        done = f"{', '.join(line['withdrawn'])} : " if line["withdrawn"] else ""
        click.echo(safe(f"{sign} {line['label']} : {done}{line['said']}"))
    _write_withdrawal(town, environment, leaving.who, leaving.names, lines, hand, out)
    sys.exit(EXIT["ok" if whole(lines, hand) else "partial"])


def _say_leaving(names: Sequence[str], foreseen: Played, hand: Sequence[str]) -> None:
    from piste.readings.accounts.systems import SOURCES
    from piste.systems.administrators import KEPT, KIND

    click.echo(safe(f"Partent : {', '.join(names) or 'aucun compte que Piste retire'}."))
    for described in foreseen.operations:
        # A name that is none of a kind of system is that of a server.
        away = SOURCES.get(described["system"], SOURCES["server"]).away
        said = away if described["kind"] == KIND else "groupe, dont il est retiré"
        click.echo(safe(f"- {described['system']} : {described['key']}, {said}"))
    for finding in foreseen.findings:
        if KEPT in finding["what"]:
            click.echo(safe(f"! {finding['what']}"))
    for trouble in foreseen.troubles:
        click.echo(safe(f"! {trouble.task} : {trouble.message}"))
    click.echo("À la main :")
    for step in hand:
        click.echo(safe(f"  ☐ {step}"))


def _write_withdrawal(
    town: Town,
    environment: str,
    who: str,
    names: Sequence[str],
    lines: Sequence[Line],
    hand: Sequence[str],
    out: Path,
) -> None:
    from piste.readings.accounts.document import WITHDRAWAL, Withdrawn
    from piste.runs.records.operator import operator
    from piste.town.model.dates import now

    at = now().isoformat(timespec="seconds")
    subject = Withdrawn(who, names, at, operator(environment), town.name, lines, hand)
    write_paper(WITHDRAWAL, subject, f"pv-retrait-acces-{at[:19].replace(':', '')}", town, environment, out)


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
