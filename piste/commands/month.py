"""The verb `piste month`: the report of a month, of a quarter, of a year."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, say_command, say_csv, say_json, say_troubles, write_paper
from piste.commands.signing import refuse_half, sign, signing_options
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sites.decisions import Decision
    from piste.sites.month.form import Indicator, Report
    from piste.sites.month.period import Period
    from piste.town.model.derived import Derived


@click.command(cls=Verb)
@click.argument("name", metavar="PÉRIODE")
@click.option("--to", "out", type=click.Path(file_okay=False, path_type=Path),
              help="Écrire le rapport dans ce dossier : PDF/A, page, données, tableau.")  # fmt: skip
@click.option("--glpi", is_flag=True, help="Noter le rapport gardé dans GLPI ; signé, l’y joindre.")
@signing_options
@environment_option
@forms_option("table", "json", "csv")
def month(
    name: str, out: Path | None, glpi: bool, evidence: Path | None, key: Path | None, party: str | None,
    role: str | None, environment: str, form: str,
) -> None:  # fmt: skip
    """Établir le rapport d'un mois, d'un trimestre ou d'une année : tout ce qui en fut gardé.

    \b
    piste month 2026-11 --to rapports
    piste month 2026-T4 --environment production --to rapports
    piste month 2026 --format csv > annee.csv
    piste month 2026-11 --receive signe.pdf --party ville --role DSI

    Disponibilité, tickets, incidents, alertes, changements, sauvegardes, conformité, sobriété, décisions, bonus-malus.
    Rien n'est demandé à aucun système ; --glpi écrit dans GLPI. Ce que nul n'a lu dans la période est inconnu, jamais
    zéro. Un rapport dont la période est finie est gardé, scellé ; signé, il n'est plus refait (docs/mois.md).
    Codes de sortie : 0 tout est connu, 1 une cible n'est pas atteinte, 3 un indicateur est inconnu.
    """
    from piste.sites.month import kept
    from piste.sites.month.period import period
    from piste.town import declared

    asked = period(name)
    refuse_half(evidence, key, party, role)
    town = declared.sound(environment)
    if evidence or key:
        _signed(asked, environment, evidence, key, party, role or "")
        return
    report = _made(town, environment, asked)
    signatures = kept.signed(environment, report)
    if form == "json":
        say_json({"report": report.model_dump(mode="json"), "signatures": [made.model_dump() for made in signatures]})
    elif form == "csv":
        from piste.sites.month.report import COLUMNS, rows

        say_csv(COLUMNS, rows(report))
    else:
        _say(report)
    if out:
        _write(report, environment, out, quiet=form != "table")
    if glpi:
        _note(town, report, environment)
    _leave(report)


def _made(town: Derived, environment: str, asked: Period) -> Report:
    """Make the report, or take the kept where it is signed; keep it where its period is over."""
    from functools import partial

    from piste.sites.month import kept
    from piste.sites.month.report import make
    from piste.town import declared
    from piste.town.model.dates import now

    moment = now()
    if asked.start > moment:
        raise Misused(f"{asked.words} n’a pas commencé", todo="Donnez une période passée, ou celle qui court.")
    if (known := kept.known(environment, asked.name)) and (known[1] or moment - asked.end > kept.REMADE):
        return known[0]
    waiting = _waiting(town, environment) if asked.end.timestamp() > moment.timestamp() - 31 * 86400 else None
    name = declared.town(environment).name
    made = make(town, name, environment, asked, moment, partial(kept.known, environment), waiting)
    return kept.keep(made) if made.final else made


def _waiting(town: Derived, environment: str) -> list[Decision]:
    from piste.sites import conformity
    from piste.sites.decisions import decisions

    return decisions(town, environment, conformity.judge(conformity.facts(town, environment)))


def _signed(asked: Period, environment: str, evidence: Path | None, key: Path | None, party: Any, role: str) -> None:
    """Receive or make a signature of a kept report. Raises `Misused`."""
    from piste.sites.month import kept

    report = kept.read(environment, asked.name)
    if report is None:
        raise Misused(f"le rapport de {asked.words} n’est pas gardé", todo=f"Établissez-le : piste month {asked.name}")
    sign(kept.place(environment, asked.name), report, evidence, key, party, role)


def _note(town: Derived, report: Report, environment: str) -> None:
    """Note a kept report in GLPI with its signed PDF; leave where it cannot be."""
    from tempfile import TemporaryDirectory

    from piste.commands.noting import CHANGES
    from piste.runs.plans.play import Order
    from piste.runs.plans.progress import watched
    from piste.sites.month import kept
    from piste.sites.month.document import noted

    if not report.hash:
        raise Misused("un rapport provisoire ne se note pas dans GLPI", todo="Attendez la fin de la période.")
    signatures = kept.signed(environment, report)
    part = town.commune["glpi"] if town.commune else None
    with TemporaryDirectory(prefix="piste-rapport-") as drafts:
        said: dict[str, Any] = noted(report)
        if not signatures:
            click.echo("Rien n’est joint dans GLPI : le rapport n’est pas signé.", err=True)
        elif not (part and part["legacy"]):
            click.echo("Le rapport signé n’est pas joint dans GLPI : la ville n’admet pas glpi.legacy.", err=True)
        else:
            papers = kept.papers(environment, report)
            if len(papers) < len(signatures):
                _write(report, environment, Path(drafts), quiet=True)
                papers["rapport"] = Path(drafts) / report.period / "rapport.pdf"
            said["documents"] = [
                {"name": f"Piste {said['id']} {name}", "path": str(path.resolve())} for name, path in papers.items()
            ]
        order = Order(CHANGES, environment, extra={"changes_reports": [said]})
        say_command(order.command(check=False))
        played = watched(order, check=False)
    say_troubles(played)
    if played.troubles:
        sys.exit(EXIT[played.outcome])


def _write(report: Report, environment: str, out: Path, *, quiet: bool) -> None:
    from piste.engine import cells
    from piste.sites.month import document, kept
    from piste.sites.month.report import COLUMNS, rows
    from piste.town import declared

    subject = document.paper(report, kept.signed(environment, report))
    kind = document.kind_of(report)
    write_paper(kind, subject, kind.name, declared.town(environment), environment, out, quiet=quiet)
    path = out / report.period / f"{kind.name}.csv"
    cells.write(path, COLUMNS, rows(report))
    if not quiet:
        click.echo(f"{path} : les indicateurs")


def _say(report: Report) -> None:
    from piste.sites.month.document import MonthRecord, headline
    from piste.sites.month.lines import amount, table

    click.echo(f"{report.about.words.capitalize()} : {headline(MonthRecord(report=report, signatures=[])).text}")
    click.echo(f"{agreed(report.noted, 'jour(s) noté(s)')} sur {report.days}.")
    by_id = {made.id: made for made in report.lines}
    for id_, title in table().sections.items():
        click.echo(f"\n{title}")
        for line in table().lines.values():
            if line.section == id_ and (made := by_id.get(line.id)):
                click.echo(f"  {_sign(made)} {line.label} : {_valued(made, amount(made.value, made.unit))}")


def _sign(made: Indicator) -> str:
    if made.value is None:
        return "–" if made.void else "?"
    return {True: "✓", False: "✗", None: "?" if made.target else "·"}[made.reached]


def _valued(made: Indicator, said: str) -> str:
    from piste.papers.dossier.notation import day

    of = f"au {day(made.day[:10])}" if made.day else ""
    note = " ; ".join(filter(None, (of, safe(made.why))))
    return ("sans objet" if made.void else said) + (f" ({note})" if note else "")


def _leave(report: Report) -> None:
    from piste.sites.month.report import below

    sys.exit(EXIT["error" if below(report) else "unknown" if report.unknown else "ok"])
