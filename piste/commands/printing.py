"""The verbs `piste printing …`: pages by site, service and queue, quotas, lists to act on."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, SHOWN, said, say_json, say_listing, say_table, say_troubles
from piste.engine.converge.errors import Missing
from piste.engine.words import safe

if TYPE_CHECKING:
    from piste.sobriety.breakdown import Listing
    from piste.sobriety.counting import Known
    from piste.sobriety.printing.log import PrintLog
    from piste.sobriety.printing.printed import Printed

LISTS = {
    "idle": "printing_idle", "orphans": "printing_orphans", "isolated": "printing_isolated",
    "copiers": "printing_copiers",
}  # fmt: skip
_IMPORTS = click.option(
    "--imports", "tables", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Dossier de printing.csv et des exports des copieurs, s’il n’est pas à sa place.",
)  # fmt: skip


@click.group(cls=Verbs)
def printing() -> None:
    """Ce que les copieurs impriment vraiment : pages par site, service et file, quotas, files à revoir (F6, F7).

    \b
    Exemples :
      piste printing read --environment production
      piste printing show --by service
      piste printing quotas
      piste printing list idle

    Seul read interroge un système ; aucun nom de personne, de document ni de poste n'en sort (docs/impression.md).
    """


@printing.command()
@environment_option
@text_or_json
def read(environment: str, form: str) -> None:
    """Compter, sur le serveur d'impression, les travaux venus depuis la dernière lecture, et les garder par mois.

    \b
    piste printing read
    piste printing read --environment production

    Un journal éteint, vidé ou qui a fait le tour de sa place laisse un trou : ces jours sont inconnus, jamais zéro.
    Codes de sortie : 0 lu, 1 le journal est éteint ou perd des jours, 3 le serveur n'a pas répondu.
    """
    from piste.readings.table import READERS
    from piste.runs.plans.reading import read as read_by
    from piste.sobriety.printing.reading import last

    something, played = read_by(READERS["printing"], _town(environment), environment, said(form))
    log = last(environment)
    outcome = "unknown" if not something or log is None else "error" if log.off else "ok"
    if form == "json":
        say_json({"outcome": outcome, "log": log.model_dump(mode="json") if log else None})
    else:
        say_troubles(played)
        _say_log(log)
    sys.exit(EXIT[outcome])


@printing.command()
@environment_option
@_IMPORTS
@click.option("--by", type=click.Choice(["site", "service", "queue"]), default="site", help="Ce que dit chaque ligne.")
@click.option("--months", "count", type=click.IntRange(1, 24), default=3, help="Derniers mois entiers.")
@text_or_json
def show(environment: str, tables: Path | None, by: str, count: int, form: str) -> None:
    """Dire les pages A4 des derniers mois, par site, service ou file, et quelle source les compte.

    \b
    piste printing show --by service
    piste printing show --by queue --months 6 --format json

    Un mois d'un site n'est compté que par la première source déclarée qui le connaît ; les autres sont nommées.
    Codes de sortie : 0 tout est connu, 3 un site visé n'est pas compté, ou pas tous les mois.
    """
    from piste.sobriety.figures_printing import YEAR, months, targeted
    from piste.sobriety.printing.sources import accounts

    known = _known(environment, tables)
    every = accounts(known)
    window = [*(months_before(months(known.today)) if count > YEAR else ()), *months(known.today)][-count:]
    chosen = {(site, month): every.chosen(site, month) for site, month in every.rows if month in window}
    lacking = {site: [month for month in window if (site, month) not in chosen] for site in targeted(known)}
    lacking = {site: missing for site, missing in lacking.items() if missing}
    parts = _parts(known, by, [row for rows in chosen.values() for row in rows], lacking)
    outcome = "unknown" if lacking or not chosen else "ok"
    if form == "json":
        rows = [{"name": name, "months": dict(pages)} for name, pages in parts.items()]
        aside = [dict(zip(("site", "month", "counts", "aside"), line, strict=True)) for line in every.aside()]
        say_json({"outcome": outcome, "by": by, "rows": rows, "uncounted": lacking, "aside": aside,
                  "notes": list(known.imports.exported.notes)})  # fmt: skip
        sys.exit(EXIT[outcome])
    if parts:
        heads = ({"site": "site", "service": "service", "queue": "file"}[by], *window, "couleur")
        columns = (*window, "")
        say_table([heads, *((name, *(_pages(pages.get(month)) for month in columns)) for name, pages in parts.items())])
    _say_sources(known, every, window, lacking)
    sys.exit(EXIT[outcome])


@printing.command()
@environment_option
@_IMPORTS
@text_or_json
def quotas(environment: str, tables: Path | None, form: str) -> None:
    """Dire où en est chaque service de son quota, et où il en sera à la fin de la période. Rien n'est coupé.

    \b
    piste printing quotas
    piste printing quotas --environment production --format json

    Codes de sortie : 0 les quotas sont tenus, 2 un dépassement est là ou prévu, 3 un service n'est pas compté.
    """
    from dataclasses import asdict

    from piste.sobriety.printing.lists import said
    from piste.sobriety.printing.quotas import consumptions

    read = consumptions(_known(environment, tables))
    states = {used.state for used in read}
    outcome = "changes" if states & {"over", "alert"} else "unknown" if "unknown" in states else "ok"
    if form == "json":
        say_json({"outcome": outcome, "quotas": [asdict(used) for used in read]})
        sys.exit(EXIT[outcome])
    lines = [
        (safe(used.service), used.period, _pages(used.quota), _pages(used.pages if used.counted else None),
         _pages(used.projected), said(used))
        for used in read
    ]  # fmt: skip
    if lines:
        say_table([("service", "période", "quota", "imprimé", "fin prévue", "état"), *lines])
    else:
        click.echo("Aucun quota n’est déclaré (printing.quotas).")
    sys.exit(EXIT[outcome])


@printing.command("list")
@click.argument("which", metavar="LISTE", type=click.Choice(list(LISTS)))
@environment_option
@_IMPORTS
@text_or_json
def list_rows(which: str, environment: str, tables: Path | None, form: str) -> None:
    """Lister ce qui est à revoir : idle (files dormantes), orphans, isolated (imprimantes locales), copiers.

    \b
    piste printing list idle
    piste printing list isolated --format json

    Chaque ligne a sa proposition ; rien n'est supprimé, et rien n'est lu d'un système : c'est ce qui est gardé. Les
    files du serveur (orphans) sont celles du dernier relevé de la sobriété.
    """
    from piste.sobriety.printing.lists import printing_lists

    (listing,) = [made for made in printing_lists(_known(environment, tables)) if made.key == LISTS[which]]
    if which == "orphans":
        listing = _last_read(environment, listing)
    if form == "json":
        keys = [column.key for column in listing.columns]
        say_json([dict(zip(keys, row, strict=True)) for row in listing.rows])
        return
    say_listing(listing, none="inconnu")


@printing.command()
@click.argument("services", metavar="[SERVICE...]", nargs=-1)
@environment_option
@_IMPORTS
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default="impressions", help="Dossier où écrire."
)
def sheet(services: tuple[str, ...], environment: str, tables: Path | None, out: Path) -> None:
    """Écrire la fiche de chaque service, pour ses agents : ses pages, son quota, ce qui aide ; PDF, HTML et JSON.

    \b
    piste printing sheet Communication
    piste printing sheet --out /srv/impressions
    """
    from datetime import datetime

    from piste.engine.clock import TOWN
    from piste.papers.dossier import forms
    from piste.sites.dossiers import origin
    from piste.sobriety.documents.leaflet import ServiceSubject, made
    from piste.sobriety.printing.sources import services as of_queues

    known = _known(environment, tables)
    every = sorted(set(of_queues(known.town).values()))
    _refuse_unknown(services, every)
    moment = datetime.combine(known.today, datetime.now(TOWN).time(), TOWN).isoformat(timespec="seconds")
    source = origin(known.town, environment)
    for service in services or every:
        subject = ServiceSubject(known, service, moment, known.town.sobriety.contact)
        for path in forms.write(made(subject, source, slug(service)), out):
            click.echo(str(path))


def slug(service: str) -> str:
    """Make a name of files from that of a service: `ressources-humaines`."""
    import re
    import unicodedata

    plain = unicodedata.normalize("NFKD", service).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "service"


def months_before(window: Sequence[str]) -> list[str]:
    from piste.sobriety.figures_printing import year_before

    return [year_before(month) for month in window]


def _last_read(environment: str, listing: Listing) -> Listing:
    """Give a list as the last reading of sobriety made it; without one, as it is."""
    from piste.sobriety import history
    from piste.sobriety.report import folder_of_readings

    readings = history.read_all(folder_of_readings(environment), environment)
    kept = readings[-1].lists if readings else ()
    return next((made for made in kept if made.key == listing.key), listing)


def _refuse_unknown(services: Sequence[str], every: Sequence[str]) -> None:
    from piste.town.model.wording import closest

    for service in services:
        if service not in every:
            todo = closest(service, every) or f"Services : {', '.join(every)}."
            raise Missing(f"« {service} » n’a aucune imprimante", todo=todo)


def _town(environment: str) -> Any:
    from piste.sobriety.moves import town

    return town(environment)


def _known(environment: str, tables: Path | None) -> Known:
    """Gather what is kept and imported; nothing is asked of a system."""
    from piste.readings.computers import kept as measures
    from piste.readings.computers.judge import measured
    from piste.sobriety import imports
    from piste.sobriety.counting import Known
    from piste.sobriety.printing.reading import last
    from piste.sobriety.readings import Readings
    from piste.sobriety.report import folder_of_imports
    from piste.town.model.dates import today

    town = _town(environment)
    read = imports.read_imports(tables or folder_of_imports(environment), environment, town)
    kept = measured(town, measures.last(environment), today())
    return Known(town, Readings(accounting=last(environment), computers=kept), read, today())


def _parts(
    known: Known, by: str, rows: Sequence[Printed], lacking: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, int]]:
    """Add pages by part and month; under "", their colour, unless a source lacks it.

    A service lacks each month that any of its sites lacks.
    """
    from piste.sobriety.printing.parts import UNSPLIT
    from piste.sobriety.printing.quotas import service_of, sites_of
    from piste.sobriety.printing.sources import services

    of_queue = services(known.town)
    parts: dict[str, dict[str, int]] = defaultdict(dict)
    colourless: set[str] = set()
    for row in rows:
        name = {"site": row.site, "service": service_of(row, of_queue), "queue": row.queue}[by] or UNSPLIT
        pages = parts[safe(name)]
        pages[row.month] = pages.get(row.month, 0) + row.pages
        if row.color_pages is None:
            colourless.add(safe(name))
        else:
            pages[""] = pages.get("", 0) + row.color_pages
    for name in colourless:
        parts[name].pop("", None)
    for name in parts if by == "service" else ():
        for month in {month for site in sites_of(known, of_queue, name) for month in lacking.get(site, ())}:
            parts[name].pop(month, None)
    return dict(sorted(parts.items()))


def _pages(pages: int | None) -> str:
    return "inconnu" if pages is None else f"{pages:,}".replace(",", " ")


def _say_log(log: PrintLog | None) -> None:
    from piste.sobriety.printing.log import holes_said

    if log is None:
        click.echo("Rien n’est gardé du serveur d’impression.")
        return
    lines = [
        (month.month, safe(month.queue) or "(sans nom)", str(month.jobs), str(month.pages),
         "oui" if log.whole(month.month) else "non")
        for month in log.months[-SHOWN:]
    ]  # fmt: skip
    if lines:
        say_table([("mois", "file", "travaux", "pages", "mois entier"), *lines])
    since = f"compté depuis le {log.since}" if log.since else "rien n’est encore compté"
    click.echo(f"{safe(log.server)} : {since}, jusqu’au {log.through}.")
    for hole in holes_said(log):
        click.echo(f"Inconnu {hole}.")
    if log.off:
        click.echo("Le journal des impressions est éteint : allumez-le (docs/impression.md).", err=True)


def _say_sources(known: Known, every: Any, window: Sequence[str], lacking: Mapping[str, Sequence[str]]) -> None:
    from piste.sobriety.printing.log import holes_said

    aside = [line for line in every.aside() if line[1] in window]
    for site, month, counts, other in aside[:SHOWN]:
        click.echo(f"{site}, {month} : compté par {counts}, {other} est mis de côté.")
    for note in known.imports.exported.notes[:SHOWN]:
        click.echo(f"{safe(note)}.")
    for hole in holes_said(known.readings.accounting) if known.readings.accounting else ():
        click.echo(f"Journal du serveur, inconnu {hole}.")
    for month in window:
        if silent := [site for site, missing in lacking.items() if month in missing]:
            click.echo(f"Sans comptabilité en {month} : {', '.join(silent)}.")
