"""The verbs `piste storage …`: the scan of the targeted shares, F5, where to save."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, said, say_json, say_table, say_troubles
from piste.engine.converge.errors import Missing
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.readings.belief import Last
    from piste.readings.storage.figures import Figure, ShareFigure
    from piste.readings.storage.kept import Kept
    from piste.readings.storage.reading import ShareReading
    from piste.town.model.derived import Derived
    from piste.town.model.storage import TownStorage

STATES = {"complete": "entier", "partial": "partiel", "unfinished": "à finir", "silent": "sans réponse"}
UNITS = ((12, "To"), (9, "Go"), (6, "Mo"), (3, "ko"), (0, "o"))


@click.group(cls=Verbs)
def storage() -> None:
    """Les partages de fichiers visés : volumes, données froides, doublons, rétention (F5).

    \b
    Exemples :
      piste storage scan --all
      piste storage figures
      piste storage candidates services

    Un relevé lit des noms, des tailles et des dates, et ne compare que des fichiers de même taille. Il n'écrit rien sur
    un partage ; aucun nom de fichier n'en sort, sauf la liste qu'un service demande (docs/stockage.md).
    """


def _complete_share(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    _, known = _declared(ctx.params.get("environment") or "lab")
    return [share["name"] for share in known["shares"] if share["name"].startswith(begun)]


@storage.command()
@click.argument("share", metavar="[PARTAGE]", required=False, shell_complete=_complete_share)
@click.option("--all", "every", is_flag=True, help="Tous les partages visés, l’un après l’autre.")
@click.option(
    "--list", "folder", type=click.Path(file_okay=False, path_type=Path),
    help="Dossier où écrire, pour son service seul, la liste nominative des fichiers froids ou en double.",
)  # fmt: skip
@click.option("--reference", "anew", is_flag=True, help="Comparer désormais à ce relevé, s’il est entier.")
@environment_option
@text_or_json
def scan(share: str | None, every: bool, folder: Path | None, anew: bool, environment: str, form: str) -> None:
    """Relever un partage visé, ou tous ; un relevé arrêté par le temps ou une panne reprend où il en était.

    \b
    piste storage scan services
    piste storage scan --all --environment production
    piste storage scan services --list /media/services

    La liste de --list nomme des fichiers : c'est une donnée personnelle, à remettre au service puis à effacer.
    Codes de sortie : 0 relevé entier, 3 un partage n'a pas répondu, ou pas été lu en entier.
    """
    from piste.readings.storage import kept
    from piste.readings.table import READERS
    from piste.runs.plans.reading import answer

    _, known = _declared(environment)
    names = [entry["name"] for entry in known["shares"]] if every else [_named(share, known)]
    asked = {"names": names, **({"lists": str(folder.absolute())} if folder else {})}
    given, played = answer(READERS["storage"], environment, said(form), asked)
    made: list[ShareReading] = given.content or []
    kept.keep(environment, made, anew=anew)
    whole = len(made) == len(names) and all(reading["state"] == "complete" for reading in made)
    if form == "json":
        say_json({"outcome": "ok" if whole else "unknown", "readings": made})
    else:
        say_troubles(played)
        _say_readings(made)
    sys.exit(EXIT["ok" if whole else "unknown"])


@storage.command()
@environment_option
@text_or_json
def figures(environment: str, form: str) -> None:
    """Dire F5 : données froides et doublons des partages visés avant et après, rétention documentée et appliquée.

    \b
    piste storage figures
    piste storage figures --environment production --format json

    Rien n'est lu : ce sont les relevés gardés. Un partage sans deux relevés entiers du même périmètre rend F5 inconnu.
    Codes de sortie : 0 F5 connu, 3 inconnu.
    """
    from piste.readings.storage.figures import figure, rows

    last, known = _last(environment)
    f5, shares = figure(known, last), rows(known, last)
    if form == "json":
        say_json({"figure": f5, "shares": shares})
    else:
        _say_figures(f5, shares)
    sys.exit(EXIT["unknown" if f5["value"] is None else "ok"])


@storage.command()
@click.argument("share", metavar="[PARTAGE]", required=False, shell_complete=_complete_share)
@environment_option
@text_or_json
def candidates(share: str | None, environment: str, form: str) -> None:
    """Dire où gagner : par dossier des premiers niveaux, ce qui est froid ou en double, le plus lourd d'abord.

    \b
    piste storage candidates
    piste storage candidates services --format json

    Aucun fichier n'est nommé. La liste d'un service se demande au relevé : piste storage scan PARTAGE --list DOSSIER.
    """
    from piste.readings.belief import Reading

    last, known = _last(environment)
    names = [_named(share, known)] if share else [entry["name"] for entry in known["shares"]]
    made = {name: tried.value["last"] for name, tried in last.items() if isinstance(tried, Reading)}
    rows = [(name, row) for name in names if name in made for row in made[name]["by_folder"]]
    rows = sorted((pair for pair in rows if pair[1]["waste_bytes"]), key=lambda pair: -pair[1]["waste_bytes"])
    if form == "json":
        say_json([{"share": name, "read_at": made[name]["read_at"], **row} for name, row in rows])
        return
    heads = ("partage", "dossier", "à gagner", "froid", "en double", "en tout")
    table = [
        (name, safe(row["folder"]) or "(racine)", size(row["waste_bytes"]), size(row["cold_bytes"]),
         size(row["duplicate_bytes"]), size(row["bytes"]))
        for name, row in rows
    ]  # fmt: skip
    if table:
        say_table([heads, *table])
    click.echo(f"{agreed(len(table), 'dossier(s)')} où gagner." if table else "Rien de froid ni en double n’est connu.")
    if never := [name for name in names if name not in last]:
        click.echo(f"Jamais relevés : {', '.join(never)} (piste storage scan).")
    for name, unread in last.items():
        if name in names and not isinstance(unread, Reading):
            click.echo(f"{name} : {safe(unread.why)}.")


def _declared(environment: str) -> tuple[Derived, TownStorage]:
    """Give the town and its targeted shares. Raises `Missing` where none is declared."""
    from piste.town import declared

    town = declared.sound(environment)
    known = town.commune["storage"] if town.commune else None
    if known is None:
        raise Missing("aucun partage n’est visé", todo="Déclarez-les : group_vars/all/storage.yml (docs/stockage.md).")
    return town, known


def _last(environment: str) -> tuple[dict[str, Last[Kept]], TownStorage]:
    """Give the last readings of the targeted shares, and the shares."""
    from piste.readings.storage.kept import last

    town, known = _declared(environment)
    return last(town, environment), known


def _named(share: str | None, known: TownStorage) -> str:
    from piste.town.model.wording import closest

    names = [entry["name"] for entry in known["shares"]]
    if share not in names:
        what = f"« {share} » n’est pas un partage visé" if share else "quel partage ?"
        raise Missing(what, todo=closest(share or "", names) or f"Partages visés : {', '.join(names)}, ou --all.")
    return str(share)


def size(count: int | None) -> str:
    """Write bytes in decimal units, as storage is sold."""
    from piste.papers.dossier import notation

    if count is None:
        return "inconnu"
    power, unit = next((power, unit) for power, unit in UNITS if count >= 10**power or not power)
    value = count / 10**power
    return f"{notation.number(value, 1 if power and value < 100 else 0)} {unit}"


def _say_readings(made: Sequence[ShareReading]) -> None:
    lines = [
        (reading["share"], STATES[reading["state"]], str(reading["files"]), size(reading["bytes"]),
         size(reading["cold_bytes"]), size(reading["duplicate_bytes"]), size(reading["waste_bytes"]))
        for reading in made
    ]  # fmt: skip
    if lines:
        say_table([("partage", "relevé", "fichiers", "en tout", "froid", "en double", "à gagner"), *lines])
    for reading in made:
        if reading["why"]:
            click.echo(f"{reading['share']} : {safe(reading['why'])}.")
        for unread in reading["unread"][:20]:
            place = safe(unread["folder"]) or "(racine)"
            click.echo(f"  {place} : {safe(unread['why'])} ({unread['count']})")
        if reading["access_kept"] is False:
            click.echo(f"{reading['share']} : ce volume ne tient pas la date de dernier accès.")


def _say_figures(f5: Figure, shares: Sequence[ShareFigure]) -> None:
    from piste.papers.dossier import notation

    lines = [
        (row["share"], size(row["bytes"]), size(row["cold_bytes"]), size(row["duplicate_bytes"]),
         size(row["before_bytes"]), size(row["after_bytes"]),
         "oui" if row["retention_applied"] else "non")
        for row in shares
    ]  # fmt: skip
    say_table([("partage", "en tout", "froid", "en double", "avant", "après", "rétention"), *lines])
    for row in shares:
        if row["why"]:
            click.echo(f"{row['share']} : {row['why']}.")
    for failing in f5["retention_failing"]:
        click.echo(f"Rétention non appliquée : {failing}.")
    if f5["value"] is None:
        click.echo(f"F5 inconnu : {f5['why']}.")
    else:
        change = notation.measure(f5["value"], "%", 1)
        click.echo(
            f"F5 : {change} ({size(f5['numerator'])} après, {size(f5['denominator'])} avant), "
            f"du {notation.day(f5['before_on'])} au {notation.day(f5['date'])}."
        )
