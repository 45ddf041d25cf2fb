"""The verb `piste links`: availability, latency, loss and rate of each link over a month."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, said, say_csv, say_json, say_table, say_troubles, write_schemas
from piste.engine.clock import in_town
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.readings.links.figures import LinkFigures
    from piste.readings.links.kept import Readings
    from piste.town.model import Town

COLUMNS = (
    "month", "link", "site", "to", "operator", "availability_percent", "availability_is_floor", "availability_measured",
    "objective_percent", "objective_status", "verdict", "why", "latency_mean_ms", "latency_measured", "latency_p95_ms",
    "latency_p95_measured", "loss_percent", "loss_measured", "declared_rate_mbps", "rate_mean_mbps",
    "rate_busiest_mbps", "rate_busiest_day", "rate_percent", "rate_measured",
)  # fmt: skip


def _complete_month(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.readings.links import kept

    return [month for month in kept.known(ctx.params.get("environment") or "lab") if month.startswith(begun)]


@click.command(cls=Verb)
@click.option("--month", metavar="MOIS", shell_complete=_complete_month, help="Le mois ; sans lui, le dernier fini.")
@click.option("--kept", "only_kept", is_flag=True, help="Redire les dernières lectures, sans rien demander.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Dossier où écrire la fiche de chaque opérateur."
)
@environment_option
@forms_option("text", "csv", "json")
def links(month: str | None, only_kept: bool, out: Path | None, environment: str, form: str) -> None:
    """Dire comment chaque liaison a tenu, un mois donné : disponibilité, latence, perte, débit, part mesurée.

    \b
    piste links
    piste links --month 2026-10 --format csv > liaisons.csv
    piste links --environment production --out dossiers/liaisons
    piste links --kept

    Zabbix dit la disponibilité, la latence et la perte ; le Dashboard, le débit du port qui porte la liaison. Ce qui
    n'a pas été lu est inconnu. Rien n'est écrit sur aucun système. Les lectures sont gardées : le Dashboard ne remonte
    qu'à 31 jours, lisez donc au moins une fois pendant le mois, et une le premier du suivant (docs/liaisons.md).
    Codes de sortie : 0 objectifs atteints, ou aucun n'est déclaré ; 1 un ne l'est pas ; 3 on ne peut pas le dire.
    """
    from piste.readings.links import kept
    from piste.readings.links.declared import town_links
    from piste.readings.links.figures import figures
    from piste.readings.links.period import bounds, month_before
    from piste.readings.links.reading import variables
    from piste.readings.table import READERS
    from piste.runs.plans.reading import read as read_by
    from piste.town import declared
    from piste.town.model.dates import today

    month = month or month_before(today())
    bounds(month)
    town = declared.town(environment)
    known = town_links(town)
    if not only_kept:
        asked = variables(town, environment, month)
        say_troubles(read_by(READERS["links"], town, environment, said(form), asked).played)
    readings = kept.last(environment, month)
    rows = figures(known, readings)
    if form == "json":
        say_json({"month": month, "measured_at": readings["measured_at"], "traffic_at": readings["traffic_at"],
                  "links": rows})  # fmt: skip
    elif form == "csv":
        say_csv(COLUMNS, (flat(row, month) for row in rows))
    else:
        _print(rows, readings)
    if out is not None:
        for line in _write(town, rows, readings, environment, out):
            click.echo(line, err=form != "text")
    verdicts = {row["verdict"] for row in rows}
    sys.exit(EXIT["error" if "wrong" in verdicts else "unknown" if "unknown" in verdicts else "ok"])


def flat(row: LinkFigures, month: str) -> dict[str, Any]:
    """Put the figures of a link on a line, by column; shares are from 0 to 1."""
    link, available, latency = row["link"], row["availability"], row["latency"]
    loss, rate = row["loss"], row["rate"]
    cells = (
        month, link["name"], link["site"], link["to"], link["operator"], available["percent"], available["floor"],
        available["measured"], link["objective"], link["objective_status"], row["verdict"], row["why"],
        latency["mean_ms"], latency["measured"], latency["p95_ms"], latency["p95_measured"], loss["percent"],
        loss["measured"], link["rate_mbps"], rate["mean_mbps"], rate["busiest_mbps"], rate["busiest_day"],
        rate["percent"], rate["measured"],
    )  # fmt: skip
    return {
        name: round(value, 5) if isinstance(value, float) else value for name, value in zip(COLUMNS, cells, strict=True)
    }


def _print(rows: Sequence[LinkFigures], readings: Readings) -> None:
    from piste.readings.links.document import VERDICTS, available, objective, share, shown
    from piste.readings.links.period import month_words

    heads = ("liaison", "site", "disponible", "mesuré", "objectif", "verdict", "latence", "95e c.", "mesuré", "perte",
             "débit", "souscrit", "mesuré")  # fmt: skip
    lines = [
        (
            row["link"]["name"],
            row["link"]["site"],
            available(row).text,
            share(row["availability"]["measured"]).text,
            objective(row).text,
            VERDICTS[row["verdict"]][0],
            shown(row["latency"]["mean_ms"], "ms", 1).text,
            shown(row["latency"]["p95_ms"], "ms", 1).text,
            share(row["latency"]["p95_measured"]).text,
            shown(row["loss"]["percent"], "%", 2).text,
            shown(row["rate"]["mean_mbps"], "Mbit/s", 1).text,
            str(row["link"]["rate_mbps"] or "–"),
            share(row["rate"]["measured"]).text,
        )
        for row in rows
    ]
    if lines:
        say_table([heads, *lines])
    for why in dict.fromkeys(row["why"] for row in rows if row["why"]):
        names = [row["link"]["name"] for row in rows if row["why"] == why]
        click.echo(f"{why[0].upper()}{why[1:]} : {', '.join(names) if len(names) < len(rows) else 'toutes'}.")
    doubtful = {row["link"]["objective"] for row in rows if row["link"]["objective_status"] == "to_confirm"}
    for due in sorted(due for due in doubtful if due is not None):
        click.echo(f"Objectif de {due} % : valeur d’exemple, à confirmer.".replace(".", ",", 1))
    read = [
        f"{system} : lu le {in_town(at)}" if at else f"{system} : jamais lu pour ce mois"
        for system, at in (("Zabbix", readings["measured_at"]), ("Dashboard", readings["traffic_at"]))
    ]
    click.echo(f"{agreed(len(rows), 'liaison(s)')}, {month_words(readings['month'])}. {' ; '.join(read)}.")


def _write(town: Town, rows: Sequence[LinkFigures], readings: Readings, environment: str, out: Path) -> Iterator[str]:
    """Write the monthly sheet of each operator; say where."""
    from dataclasses import replace

    from piste.papers.dossier import forms
    from piste.papers.dossier.document import make, schemas
    from piste.readings.links.declared import operator_of
    from piste.readings.links.document import KIND, OperatorMonth
    from piste.readings.links.period import month_words
    from piste.sites.dossiers import origin

    month = readings["month"]
    read = [at for at in (readings["measured_at"], readings["traffic_at"]) if at]
    if not read:
        yield "Aucune fiche : rien n’a été lu pour ce mois."
        return
    by_operator: dict[str, list[LinkFigures]] = {}
    for row in rows:
        by_operator.setdefault(row["link"]["operator"] or "Opérateur à renseigner", []).append(row)
    for name, concerned in by_operator.items():
        subject = OperatorMonth(name, operator_of(town, name), month, town.name, concerned, min(read))
        about = subject.about
        kind = replace(KIND, name=f"liaisons-{month}", title=f"Liaisons, {month_words(month)}")
        made = make(kind, subject, origin(town, environment))
        forms.write(made, out / about.id)
        missing = agreed(len(made.gaps.missing), "champ(s)")
        yield f"{out / about.id / made.name}.pdf, .html, .json : {missing} à renseigner"
    write_schemas(out, schemas((KIND,)))
