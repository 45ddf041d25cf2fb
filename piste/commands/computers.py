"""The verbs `piste computers …`: the measures of computers, and what to do about them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from piste.commands.computers_mac import mac
from piste.commands.computers_sign import sign
from piste.commands.computers_software import applications, updates
from piste.commands.computers_steps import steps
from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, SHOWN, said, say_json, say_listing, say_table, say_troubles
from piste.engine.clock import DAY, in_town
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.readings.computers.judge import Computer, Measured
    from piste.readings.computers.kept import Kept
    from piste.sobriety.breakdown import Listing
    from piste.town.model import Town

STATES = ("all", "asleep", "awake", "unset", "silent")


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    town, _, _ = _known(ctx.params.get("environment") or "lab")
    return [name for name in town.sites if name.startswith(begun)]


_SITE = click.option("--site", metavar="SITE", shell_complete=_complete_site, help="Ce site seulement.")


@click.group(cls=Verbs)
def computers() -> None:
    """Les postes mesurés par eux-mêmes : veille, arrêt, ce qui les tient éveillés, usage, fin de vie (F1, F2).

    \b
    Exemples :
      piste computers read --environment production
      piste computers list --state awake
      piste computers awake
      piste computers show pc-hdv-004
      piste computers steps --site ecole-jaures
      piste computers updates --late

    Seul read interroge un système ; les autres disent ce qui est gardé (docs/mesure-des-postes.md).
    """


computers.add_command(sign)
computers.add_command(applications)
computers.add_command(mac)
computers.add_command(steps)
computers.add_command(updates)


@computers.command()
@environment_option
@text_or_json
def read(environment: str, form: str) -> None:
    """Relever sur le partage les fichiers des postes, nouveaux ou changés, et garder ceux qui se croient.

    \b
    piste computers read
    piste computers read --environment production

    Un fichier trop gros, falsifié, de l'avenir, d'un poste inconnu ou d'un autre compte est refusé, et nommé.
    Codes de sortie : 0 tout est relevé, 1 un fichier est refusé, 3 le partage n'a pas répondu, ou pas été lu en entier.
    """
    from piste.readings.table import READERS
    from piste.runs.plans.reading import read as read_by
    from piste.town import declared

    _, played = read_by(READERS["computers"], declared.derived(environment), environment, said(form))
    _, made, measured = _known(environment)
    last = made.collection
    unread = played.outcome != "ok" or made.silence or last is None or last.state != "complete"
    outcome = "unknown" if unread else "error" if last and last.refused else "ok"
    if form == "json":
        collection = last.model_dump(mode="json") if last else None
        say_json({"outcome": outcome, "collection": collection, "silence": made.silence})
    else:
        say_troubles(played)
        _say_collection(made, measured)
    sys.exit(EXIT[outcome])


@computers.command("list")
@environment_option
@_SITE
@click.option("--state", type=click.Choice(STATES), default="all", help="Ceux-là seulement.")
@text_or_json
def list_computers(environment: str, site: str | None, state: str, form: str) -> None:
    """Lister les postes de l'inventaire, avec ce qu'ils disent : réglages, nuits vues, silence.

    \b
    piste computers list --site ccas
    piste computers list --state awake    (éveillés hors des heures)
    piste computers list --state unset    (éteints sans réglage)
    piste computers list --state silent --format json
    """
    from piste.readings.computers.table import row

    town, _, measured = _known(environment)
    _check_site(site, town)
    chosen: dict[str, Callable[[Computer], bool]] = {
        "all": lambda entry: True,
        "asleep": lambda entry: entry.slept is True,
        "awake": lambda entry: entry.slept is False,
        "unset": lambda entry: entry.unset,
        "silent": lambda entry: entry.report is None,
    }
    rows = [entry for entry in measured.in_service if chosen[state](entry) and site in (None, entry.site)]
    if form == "json":
        say_json([row(entry) for entry in rows])
        return
    lines = [
        (entry.name, entry.site, _yes(entry.sleeps), _yes(entry.stops), _yes(entry.slept), _yes(entry.stopped),
         _number(entry.awake_hours), _since(entry))
        for entry in rows
    ]  # fmt: skip
    if lines:
        heads = ("poste", "site", "veille réglée", "arrêt réglé", "a dormi", "s’est arrêté", "éveillé h/sem.", "vu le")
        say_table([heads, *lines])
    click.echo(f"{agreed(len(lines), 'poste(s)')} en service.")


def _check_site(site: str | None, town: Town) -> None:
    from piste.town.declared import refuse_stranger

    if site is not None:
        refuse_stranger(site, town)


def _complete_computer(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    _, _, measured = _known(ctx.params.get("environment") or "lab")
    return [entry.name for entry in measured.computers if entry.name.casefold().startswith(begun.casefold())]


@computers.command()
@click.argument("name", metavar="POSTE", shell_complete=_complete_computer)
@environment_option
@text_or_json
def show(name: str, environment: str, form: str) -> None:
    """Dire tout ce qui est su d'un poste : réglages, nuits, causes d'éveil, programmes, batterie ; jamais ses sessions.

    \b
    piste computers show pc-hdv-004
    """
    from piste.readings.computers.causes import causes, programs
    from piste.readings.computers.table import row

    _, made, measured = _known(environment)
    entry = _named(name, measured)
    refused = [line.model_dump(mode="json") for line in made.collection.refused] if made.collection else []
    refused = [line for line in refused if str(line["file"]).casefold() == f"{entry.name}.json".casefold()]
    facts = row(entry)
    asked, started = causes([entry]), programs([entry])
    if form == "json":
        say_json(
            {**facts, "causes": [cause._asdict() for cause in asked],
             "programs": [program._asdict() for program in started], "refused": refused}
        )  # fmt: skip
        return
    _say_facts(entry, facts)
    from piste.sobriety.lists_computers import ORIGINS, SOURCES

    for cause in asked:
        times = "" if cause.origin == "armed" else f", {cause.times} fois"
        click.echo(f"{ORIGINS[cause.origin]} : {safe(cause.owner)} ({SOURCES[cause.kind]}{times})")
    if started:
        active = [safe(program.name) for program in started if program.enabled]
        click.echo(f"Démarrent seuls ({len(active)}) : {', '.join(active)}")
    for line in refused:
        click.echo(f"Fichier refusé : {line['why']}, depuis le {in_town(str(line['since']), DAY)}.")


def _listing(name: str, doc: str, *keys: str) -> None:
    """Add a verb that says lists of the figures."""

    @computers.command(name, help=doc)
    @environment_option
    @text_or_json
    def say(environment: str, form: str) -> None:
        from dataclasses import asdict

        listings = [listing for listing in _lists(environment) if listing.key in keys]
        if form == "json":
            say_json([asdict(listing) for listing in listings])
            return
        for listing in listings:
            say_listing(listing, none="—")


_listing(
    "awake",
    """Dire ce qui tient les postes éveillés : causes, postes concernés, heures perdues.

    \b
    piste computers awake
    piste computers awake --format json
    """,
    "awake", "awake_computers",
)  # fmt: skip
_listing(
    "programs",
    """Dire les programmes qui démarrent seuls, sur combien de postes.

    \b
    piste computers programs
    """,
    "autostart",
)
_listing(
    "use",
    """Dire l’usage réel des sites face aux heures déclarées, et la consommation d’un poste par période.

    \b
    piste computers use

    Un site de moins de trois postes n’est pas montré : ses heures seraient celles d’une personne.
    """,
    "use", "windows",
)  # fmt: skip
_listing(
    "life",
    """Dire l’âge et la fin de vie par modèle, et les postes à réemployer, à prolonger, à recycler.

    \b
    piste computers life
    """,
    "models", "futures",
)  # fmt: skip
_listing(
    "silent",
    """Dire les postes en service qui ne disent rien, depuis quand, et les fichiers refusés.

    \b
    piste computers silent
    """,
    "silent", "refused",
)  # fmt: skip


def _known(environment: str) -> tuple[Town, Kept, Measured]:
    from piste.readings.computers import kept
    from piste.readings.computers.judge import measured
    from piste.sobriety.moves import town
    from piste.town.model.dates import today

    declared = town(environment)
    made = kept.last(environment)
    return declared, made, measured(declared, made, today())


def _lists(environment: str) -> Sequence[Listing]:
    from piste.sobriety import imports, report
    from piste.sobriety.counting import Known
    from piste.sobriety.lists_computers import computer_lists
    from piste.sobriety.readings import Readings
    from piste.town.model.dates import today

    town, _, measured = _known(environment)
    tables = imports.read_imports(report.folder_of_imports(environment), environment, town)
    return list(computer_lists(Known(town, Readings(computers=measured), tables, today())))


def _named(name: str, measured: Measured) -> Computer:
    from piste.town.model.wording import choose

    folded = {entry.name.casefold(): entry for entry in measured.computers}
    if entry := folded.get(name.casefold()):
        return entry
    names = {entry.name: entry for entry in measured.computers}
    return choose(name, names, "n’est pas un poste de l’inventaire", "Postes connus : piste computers list.")


def _say_collection(made: Kept, measured: Measured) -> None:
    last = made.collection
    if made.silence:
        click.echo(f"{safe(made.silence.rstrip('.'))}.")
    if last is None:
        click.echo("Rien n’a été relevé.")
        return
    spoke = sum(entry.report is not None for entry in measured.in_service)
    click.echo(
        f"{agreed(last.files, 'fichier(s)')} dans le partage, {agreed(last.read, 'lu(s)')} ; "
        f"{spoke} des {agreed(len(measured.in_service), 'poste(s)')} en service disent ce qu’ils font."
    )
    if last.why:
        click.echo(f"{safe(last.why.rstrip('.'))}.")
    for fault in last.rights or ():
        click.echo(f"Droits du partage : {safe(fault)}.")
    if last.owners:
        click.echo(f"{safe(last.owners)}.")
    for refused in last.refused[:SHOWN]:
        click.echo(f"Refusé : {safe(refused.file)}, {safe(refused.why)}.")
    if rest := len(last.refused) - SHOWN + last.more:
        click.echo(f"Et {agreed(rest, 'autre(s) fichier(s) refusé(s)')}." if rest > 0 else "", nl=rest > 0)


def _say_facts(entry: Computer, facts: Any) -> None:
    from piste.sobriety.lists_computers import KINDS

    click.echo(f"{entry.name} : {KINDS[entry.kind]} {safe(entry.model)}, {entry.site}, {entry.service}")
    if entry.report is None:
        click.echo(f"Inconnu : {_since(entry)}.")
        return
    seconds = facts["sleep_ac_seconds"]
    sleep = "inconnue" if seconds is None else "jamais" if seconds == 0 else f"{seconds / 60:g} min"
    owner = "du poste" if entry.checked else "dont le compte n’est pas vérifié"
    click.echo(f"Mesuré le {_since(entry)}, fichier {owner}")
    click.echo(f"Veille sur secteur : {sleep} ; arrêt hors des heures : {_yes(entry.stops)}")
    click.echo(
        f"Nuits vues : {facts['nights']} ; a dormi : {_yes(entry.slept)} ; s’est arrêté : {_yes(entry.stopped)} ; "
        f"éveillé hors des heures : {_number(entry.awake_hours)} h par semaine"
    )
    if entry.defied:
        click.echo("Réglé mais éveillé : une cause l’en empêche.")
    if facts["battery"] is not None:
        click.echo(f"Batterie : {facts['battery']} % de sa capacité d’origine")
    if entry.mismatch:
        click.echo(f"À rapprocher : {safe(entry.mismatch)}")


def _yes(verdict: bool | None) -> str:
    return "inconnu" if verdict is None else "oui" if verdict else "non"


def _number(value: float | None) -> str:
    return "inconnu" if value is None else f"{value:.1f}".replace(".", ",")


def _since(entry: Computer) -> str:
    if entry.report and entry.taken_at:
        return in_town(entry.taken_at.isoformat())
    return f"muet depuis le {entry.silent_since:%d/%m/%Y}" if entry.silent_since else "jamais mesuré"
