"""The verb `piste portal`: the town as static pages, for an audience."""

from __future__ import annotations

from pathlib import Path

import click

from piste.commands.french import Verb
from piste.commands.plan import environment_option
from piste.words import agreed

EDITIONS = {"public": "public", "ville": "town", "exploitant": "engineer"}


@click.command(cls=Verb)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DOSSIER",
              help="Dossier où écrire : vide, ou celui d’un portail.")  # fmt: skip
@click.option("--edition", type=click.Choice([*EDITIONS]), default="exploitant", help="Pour qui.")
@environment_option
def portal(folder: Path, edition: str, environment: str) -> None:
    """Faire de la ville des pages que l'on ouvre sans rien installer : état, sites, plans, journal, lacunes.

    \b
    piste portal --to portail
    piste portal --to /srv/portail/ville --edition ville --environment production
    piste portal --to /srv/portail/public --edition public --environment production

    Rien n'est demandé à aucun système : les pages viennent de la déclaration, et de ce que ce poste garde des derniers
    relevés. L'édition « public » n'a que les services, leurs heures, la sobriété et l'accessibilité ; « ville » n'a ni
    adresse, ni flux ; « exploitant » a tout, sauf les secrets, qui ne sont nulle part.
    Codes de sortie : 0 fait, 1 erreur.
    """
    from datetime import UTC, datetime

    from piste import declared
    from piste.portal.known import known
    from piste.portal.write import contents, write
    from piste.repository import commit

    head, clean = commit()
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    facts = known(declared.town(environment), environment, moment, head, clean)
    paths = write(folder, contents(facts, EDITIONS[edition]))  # type: ignore[arg-type]
    pages = sum(path.suffix == ".html" for path in paths)
    click.echo(f"{folder / 'index.html'} : {agreed(pages, 'page(s)')}, édition « {edition} »")
    for subject, why in facts.unread.items():
        click.echo(f"? {subject} : {why}", err=True)
