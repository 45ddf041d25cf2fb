"""The verbs `piste sobriety diagnose` and `report`: figures and their documents."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option
from piste.commands.output import EXIT, say_command, say_troubles, write_schemas
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sobriety.figure import Figure
    from piste.sobriety.history import Reading
    from piste.town.model import Town

out_option = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default="sobriete", help="Dossier où écrire."
)
imports_option = click.option(
    "--imports",
    "tables",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Dossier des tableaux (pcs.csv, printing.csv, electricity.csv, incidents.csv), s’il n’est pas à sa place.",
)


def a_day(ctx: click.Context, param: click.Parameter, given: str | None) -> str | None:
    """Read a day as 2026-12-10. Raises `BadParameter`."""
    from datetime import date

    try:
        return date.fromisoformat(given).isoformat() if given else None
    except ValueError:
        raise click.BadParameter(f"« {given} » n’est pas un jour, comme 2026-12-10") from None


@click.command(cls=Verb)
@environment_option
@imports_option
@out_option
def diagnose(environment: str, tables: Path | None, out: Path) -> None:
    """Relever ce qui est, ce que chaque levier économiserait, et en faire le rapport ; rien n'est écrit sur un système.

    \b
    piste sobriety diagnose --imports lab/samples/sobriety
    piste sobriety diagnose --environment production --out /srv/sobriete

    Le relevé est gardé ; le premier est la référence. Les leviers qui ne l'ont pas encore ont leur pas « diagnostic ».
    Ce qui n'a pas pu être lu est inconnu, jamais conforme. Codes de sortie : 0 fait, 1 erreur, 3 sans réponse.
    """
    from piste.runs.records.operator import operator
    from piste.sobriety import rollout
    from piste.town.model.dates import today
    from piste.town.model.sobriety.form import RolloutStep

    by = operator(environment)
    town = _town(environment)
    reading, code = _taken(town, environment, tables)
    begun = {step.lever for step in town.sobriety.rollout}
    day = today().isoformat()
    wanted = [
        RolloutStep(lever=name, step="diagnosis", date=day, by=by) for name in town.sobriety.levers if name not in begun
    ]
    if wanted:
        rollout.inscribe(wanted, environment)
        click.echo(f"\n{agreed(len(wanted), 'levier(s)')} au pas « diagnostic ».")
    write(_town(environment), reading, out, ("rapport-diagnostic", "dictionnaire-leviers", "plan-actions"))
    sys.exit(code)


@click.command(cls=Verb)
@environment_option
@imports_option
@out_option
@click.option("--quarter", "span", flag_value="quarter", help="Le trimestre au lieu du mois.")
@click.option("--year", "span", flag_value="year", help="L’année au lieu du mois.")
@click.option("--validated-by", metavar="NOM", help="Qui a validé le tableau de bord, au comité de pilotage.")
@click.option("--validated-on", metavar="JOUR", callback=a_day, help="Quel jour, comme 2026-12-10.")
def report(
    environment: str,
    tables: Path | None,
    out: Path,
    span: str | None,
    validated_by: str | None,
    validated_on: str | None,
) -> None:
    """Établir le tableau de bord du mois, et le PV de chaque mesure appliquée ; en PDF, en HTML, en JSON et en CSV.

    \b
    piste sobriety report --imports lab/samples/sobriety
    piste sobriety report --quarter --validated-by "Mme Diallo" --validated-on 2026-12-10
    piste sobriety report --year

    Le relevé est refait et gardé. Un chiffre du laboratoire n'entre jamais dans un rapport de la Ville. Une régression
    est ce qu'un relevé d'avant avait de mieux : un levier défait à la main, un site qui dérive, un compteur qui saute.
    Codes de sortie : 0 fait, 1 erreur, 2 fait et une régression, 3 sans réponse. Fait pour une minuterie.
    """
    from piste.sobriety.documents.subject import Period

    if bool(validated_by) != bool(validated_on):
        raise Misused("une validation dit qui et quel jour", todo="Donnez --validated-by et --validated-on.")
    town = _town(environment)
    reading, code = _taken(town, environment, tables)
    spans = {"quarter": Period.quarter, "year": Period.whole_year}
    period = spans.get(span or "", Period.month)(reading.day)
    validated = (validated_by, validated_on) if validated_by and validated_on else None
    write(town, reading, out, ("tableau-de-bord", "plan-actions", "pv"), period=period, validated=validated)
    sys.exit(code or say_regressions(town, reading))


def say_regressions(town: Town, reading: Reading) -> int:
    """Print the regressions of a reading; return the exit code of a confirmed drift."""
    from piste.papers.dossier.notation import day
    from piste.sobriety.documents.alerts import of_regressions
    from piste.sobriety.report import regressed

    every = regressed(town, reading)
    for alert in of_regressions(town, reading.figures, every):
        where = f"{alert['where']} : " if alert["where"] else ""
        since = day(alert["since"]) if alert["since"] else ""
        click.echo(safe(f"! {where}{alert['about']}, depuis le {since} : {alert['said']}"))
        click.echo(safe(f"  → {alert['todo']}"))
    return EXIT["changes"] if any(alert.confirmed for alert in every) else EXIT["ok"]


def write(
    town: Town, reading: Reading, out: Path, kinds: Sequence[str], levers: Sequence[str] = (), **more: object
) -> None:
    """Write documents and their schemas, and say where."""

    from piste.sites.dossiers import origin
    from piste.sobriety import documents
    from piste.sobriety.report import subject

    sources = subject(town, reading, **more)  # type: ignore[arg-type]
    paths = documents.write(sources, origin(town, reading.environment), out, kinds, levers)
    for path in sorted({path.with_suffix("") for path in paths}):
        click.echo(f"{path} : {', '.join(sorted(file.suffix[1:] for file in paths if file.with_suffix('') == path))}")
    write_schemas(out, documents.schemas())


def _town(environment: str) -> Town:
    from piste.sobriety.moves import town

    return town(environment)


def _taken(town: Town, environment: str, tables: Path | None) -> tuple[Reading, int]:
    """Take a reading, and give its exit code."""
    from piste.runs.plans.play import Order, Played
    from piste.runs.plans.progress import watched
    from piste.sobriety import report

    def play(order: Order) -> Played:
        say_command(order.command(check=False))
        return watched(order, check=False)

    reading, played = report.take(town, environment, tables, play)
    for line in reading_lines(reading):
        click.echo(line)
    say_troubles(played)
    if played.troubles:
        click.echo("Ce qui n’a pas pu être lu est inconnu, jamais conforme.", err=True)
    return reading, EXIT[played.outcome]


def reading_lines(reading: Reading) -> Iterator[str]:
    """Write a reading: a line for each figure, then the savings of the levers."""
    for figure in reading.figures:
        yield _figure(figure)
    total = reading.footprint.total
    if total.kwh is not None:
        low, high = _number(total.kwh.low), _number(total.kwh.high)
        share = _number(100 * total.measured_share)
        yield f"Énergie : {_number(total.kwh.value)} kWh/an [{low} à {high}], dont {share} % mesurés"
    for saving in reading.savings:
        if (kwh := saving.kwh) is not None:
            bounds = f"[{_number(kwh.low)} à {_number(kwh.high)}]"
            yield f"{saving.label} : {_number(kwh.value)} kWh/an {bounds}"


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return f"{figure.id} {figure.title} : inconnu ({figure.why})"
    over = ""
    if figure.numerator is not None and figure.denominator is not None:
        over = f" ({_number(figure.numerator)} sur {_number(figure.denominator)})"
    target = {True: ", cible atteinte", False: ", sous la cible", None: ""}[figure.reached]
    bounds = ""
    if figure.low is not None and figure.high is not None and figure.low != figure.high:
        bounds = f" [{_number(figure.low)} à {_number(figure.high)}]"
    method = {"measured": "", "mixed": ", en partie estimé", "estimated": ", estimé"}[figure.method]
    return f"{figure.id} {figure.title} : {_number(figure.value)} {figure.unit}{bounds}{over}{method}{target}"


def _number(value: float) -> str:
    from piste.sobriety.documents.figure_tables import decimals

    return f"{value:,.{max(1, decimals(value))}f}".replace(",", " ").replace(".", ",").removesuffix(",0")
