"""The verbs `piste computers updates` and `applications`: what is installed, and late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import SHOWN, say_json, say_table
from piste.engine.clock import in_town
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.readings.computers.software import Versions

_UPDATED = {"ok": "à jour", "wrong": "en retard", "unknown": "inconnu"}


@click.command(cls=Verb)
@click.option("--site", metavar="SITE", help="Ce site seulement.")
@click.option("--late", is_flag=True, help="Seulement ceux en retard ou en échec.")
@environment_option
@text_or_json
def updates(site: str | None, environment: str, form: str, *, late: bool) -> None:
    """Dire ce que Windows dit de ses mises à jour, poste par poste : retard, échec, redémarrage attendu, anneau.

    \b
    piste computers updates --site ccas
    piste computers updates --late --format json

    Rien n'est interrogé : piste computers read relève ce que les postes écrivent.
    """
    from piste.readings.computers.updates import updated
    from piste.town import declared

    town = declared.derived(environment)
    if site is not None:
        declared.refuse_stranger(site, town)
    every = updated(town, environment, site)
    chosen = [entry for entry in every if entry.state == "wrong" or not late]
    if form == "json":
        say_json([
            {"name": entry.asset["name"], "site": entry.asset["site"], "state": entry.state, "said": entry.said,
             "ring": entry.ring or None, "pending": entry.pending, "restart": entry.restart,
             "read_at": entry.read_at.isoformat() if entry.read_at else None}
            for entry in chosen
        ])  # fmt: skip
        return
    if chosen:
        heads = ("poste", "site", "état", "ce qu’il dit", "en attente", "à redémarrer", "anneau", "lu le")
        words = {None: "inconnu", True: "oui", False: "non"}
        say_table([heads, *(
            (entry.asset["name"], entry.asset["site"], _UPDATED[entry.state], entry.said,
             "inconnu" if entry.pending is None else str(entry.pending), words[entry.restart], entry.ring or "–",
             in_town(entry.read_at) if entry.read_at else "")
            for entry in chosen[:SHOWN]
        )])  # fmt: skip
    if len(chosen) > SHOWN:
        click.echo(f"… et {agreed(len(chosen) - SHOWN, 'autre(s)')} (--site, --late, --format json).")
    counts = [sum(entry.state == state for entry in every) for state in ("ok", "wrong", "unknown")]
    click.echo(f"{agreed(len(every), 'poste(s)')} : {counts[0]} à jour, {counts[1]} en retard ou en échec, "
               f"{agreed(counts[2], 'inconnu(s)')}.")  # fmt: skip


@click.command(cls=Verb)
@click.argument("name", metavar="[APPLICATION]", required=False)
@environment_option
@text_or_json
def applications(name: str | None, environment: str, form: str) -> None:
    """Dire de chaque application déclarée la version que les postes ont, face à celle qui est déclarée.

    \b
    piste computers applications
    piste computers applications suite-bureautique      (quels postes ont quelle version)

    Une application se reconnaît au début de son nom dans la liste des programmes (installed_as).
    """
    from piste.readings.computers.software import versions
    from piste.town import declared
    from piste.town.model.wording import choose

    every = versions(declared.derived(environment), environment)
    if name is not None:
        todo = "Celles qui disent comment les postes les nomment (installed_as) : piste computers applications."
        every = [choose(name, {entry.id: entry for entry in every}, "n’est pas une application à lire", todo)]
    if form == "json":
        say_json([{**entry._asdict(), "behind": entry.behind} for entry in every])
    elif name is not None:
        _say_computers(every[0])
    elif every:
        heads = ("application", "déclarée", "sur les postes", "autre version", "prérequis", "retour en arrière")
        say_table([heads, *(
            (entry.id, entry.version or "à renseigner",
             ", ".join(f"{version} ({len(names)})" for version, names in entry.seen.items()) or "aucun",
             str(entry.behind) if entry.version else "–", ", ".join(entry.prerequisites) or "à renseigner",
             entry.way_back or "à renseigner")
            for entry in every
        )])  # fmt: skip
        click.echo(f"{agreed(len(every), 'application(s)')} à lire ; {agreed(every[0].unread, 'poste(s)')} sans liste.")
    else:
        click.echo("Aucune application ne dit comment les postes la nomment : déclarez installed_as.")


def _say_computers(entry: Versions) -> None:
    """Print each computer that has an application, another version than the declared first."""
    rows = [(version, entry.is_declared(version), name) for version, names in entry.seen.items() for name in names]
    rows.sort(key=lambda row: (row[1], row[0], row[2]))
    if rows:
        words = {True: "déclarée", False: "autre"} if entry.version else dict.fromkeys((True, False), "à renseigner")
        say_table([("poste", "version", "face à la déclarée"), *((row[2], row[0], words[row[1]]) for row in rows)])
    click.echo(f"{entry.label} : {agreed(len(rows), 'poste(s)')}, {agreed(entry.unread, 'poste(s)')} sans liste.")
