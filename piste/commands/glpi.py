"""The verbs `piste glpi …`: changes that runs leave, tickets by month, whole export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from piste.commands.french import Verb, Verbs
from piste.commands.noting import CHANGES, frozen
from piste.commands.options import environment_option
from piste.commands.output import EXIT, say_command, say_troubles
from piste.commands.trace import without_journal_option
from piste.engine.words import safe

TICKETS, EXPORT = "playbooks/tickets.yml", "playbooks/export_glpi.yml"
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(cls=Verbs)
def glpi() -> None:
    """Ce que Piste donne à GLPI et en tire : les changements des exécutions, les tickets du mois, l’export entier.

    \b
    Exemples :
      piste glpi changes --environment production
      piste glpi tickets 2026-10 --to rapports/2026-10
      piste glpi export --to exports/glpi
      piste glpi dump glpi.sql.gz --to exports/glpi
      ansible-playbook playbooks/domains/inventory.yml --check --diff

    Pousser l’inventaire est une convergence comme les autres : piste plan --domain inventory, piste apply.
    """


@glpi.command("changes", cls=Verb)
@environment_option
@without_journal_option
def changes(environment: str) -> None:
    """Noter dans GLPI les exécutions qui n’y sont pas encore : identifiant, commit, objets.

    Une exécution n’est jamais notée deux fois. « piste apply » le fait à sa fin en production, une minuterie chaque
    heure.

    Codes de sortie : 0 noté, ou un gel en cours, 1 erreur, 3 GLPI n’a pas répondu, 4 refusé.
    """
    _play(CHANGES, environment)


@glpi.command("tickets", cls=Verb)
@click.argument("first", metavar="MOIS")
@click.argument("last", metavar="[DERNIER_MOIS]", required=False)
@click.option("--to", "folder", type=_FOLDER, required=True, help="Dossier de tickets.json et tickets.csv.")
@environment_option
def tickets(first: str, last: str | None, folder: Path, environment: str) -> None:
    """Compter les tickets par mois : volumes, délais, satisfaction ; ni contenu, ni personne.

    \b
    piste glpi tickets 2026-10 --to rapports/2026-10
    piste glpi tickets 2026-01 2026-12 --to rapports/2026

    Codes de sortie : 0 fait, 1 erreur, 3 GLPI n’a pas répondu, 4 refusé.
    """
    _play(TICKETS, environment, first=first, last=last or first, folder=str(folder.resolve()))
    click.echo(f"{folder / 'tickets.json'}, {folder / 'tickets.csv'}")


@glpi.command("export", cls=Verb)
@click.option("--to", "folder", type=_FOLDER, required=True, help="Dossier des fichiers, un par type, et des comptes.")
@click.option("--persons", is_flag=True, help="Avec les noms des personnes et le contenu des tickets.")
@environment_option
def export(folder: Path, persons: bool, environment: str) -> None:
    """Exporter GLPI entier, en JSON et en tableaux, et réconcilier les comptes (comptes.csv).

    Le transfert officiel de GLPI reste la copie de sa base et de son dossier files (docs/glpi.md).
    Codes de sortie : 0 fait, 1 erreur ou comptes qui ne concordent pas, 3 GLPI n’a pas répondu, 4 refusé.
    """
    _play(EXPORT, environment, folder=str(folder.resolve()), persons=persons)
    click.echo(f"{folder / 'comptes.csv'}")


@glpi.command("dump", cls=Verb)
@click.argument("file", metavar="FICHIER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "folder", type=_FOLDER, required=True, help="Dossier de base.csv, celui de l’export.")
def dump(file: Path, folder: Path) -> None:
    """Recevoir la copie SQL de GLPI que quelqu'un a faite : entière, de GLPI, son empreinte et sa date.

    \b
    piste glpi dump /srv/copies/glpi.sql.gz --to /srv/exports/glpi

    Piste ne fait pas la copie, et ne la déplace pas : elle a des personnes et des secrets. base.csv, lui, se joint au
    sac (piste export --documents). Codes de sortie : 0 entière, 4 refusée, avec la raison.
    """
    from piste.engine.cells import write
    from piste.systems.glpi.dumps import FILE, Dump, examine

    made = examine(file)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(folder / FILE, Dump._fields, [made._asdict()])
    when = made.completed or "sans date"
    click.echo(safe(f"{folder / FILE} : {made.file}, {when}, SHA-256 {made.sha256}"))


def _play(playbook: str, environment: str, **given: Any) -> None:
    """Run a playbook; leave with its code where it did not end well."""
    from piste.runs.plans.play import Order
    from piste.runs.plans.progress import watched

    order = Order(playbook, environment, extra=given)
    say_command(order.command(check=False))
    played = watched(order, check=False)
    say_troubles(played)
    if played.troubles and not frozen(played):
        sys.exit(EXIT[played.outcome])
