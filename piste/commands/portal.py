"""The verb `piste portal`: the town as static pages, for an audience."""

from __future__ import annotations

from pathlib import Path

import click

from piste.commands.dossier import OUT
from piste.commands.french import Verb
from piste.commands.options import environment_option
from piste.engine.words import agreed

EDITIONS = {"public": "public", "ville": "town", "exploitant": "engineer"}


@click.command(cls=Verb)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DOSSIER",
              help="Dossier où écrire : vide, ou celui d’un portail.")  # fmt: skip
@click.option("--edition", type=click.Choice([*EDITIONS]), default="exploitant", help="Pour qui.")
@click.option("--documents", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DOSSIER",
              help="Dossier de « piste dossier » ; sans elle, « dossiers » s’il existe.")  # fmt: skip
@environment_option
def portal(folder: Path, edition: str, documents: Path | None, environment: str) -> None:
    """Faire de la ville des pages pour un navigateur : état, sites, plans, journal, lacunes.

    \b
    piste portal --to portail
    piste portal --to portail --documents /srv/dossiers
    piste portal --to /srv/portail/ville --edition ville --environment production
    piste portal --to /srv/portail/public --edition public --environment production

    Rien n'est demandé à aucun système : les pages viennent de la déclaration, et de ce que ce poste garde des derniers
    relevés ; les documents des sites sont copiés de leur dossier. L'édition « public » n'a que les services, leurs
    heures, la sobriété et l'accessibilité ; « ville » n'a ni adresse, ni flux ; « exploitant » a tout, sauf les
    secrets, qui ne sont nulle part.
    Codes de sortie : 0 fait, 1 erreur.
    """
    from datetime import UTC, datetime

    from piste.engine.repository import commit
    from piste.exports.portal.filed import COPIED, filed
    from piste.exports.portal.known import known
    from piste.exports.portal.write import contents, write
    from piste.town import declared

    head, clean = commit()
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    town, source = declared.town(environment), documents or Path(OUT)
    papers = filed(source, town, environment) if source.is_dir() else []
    facts = known(town, environment, moment, head, clean, papers)
    paths = write(folder, contents(facts, EDITIONS[edition]))  # type: ignore[arg-type]
    copied = sum(path.is_relative_to(folder / COPIED) for path in paths)
    pages = sum(path.suffix == ".html" and not path.is_relative_to(folder / COPIED) for path in paths)
    joined = f", {agreed(copied, 'fichier(s)')} de documents" if copied else ""
    click.echo(f"{folder / 'index.html'} : {agreed(pages, 'page(s)')}{joined}, édition « {edition} »")
    for subject, why in facts.unread.items():
        click.echo(f"? {subject} : {why}", err=True)
