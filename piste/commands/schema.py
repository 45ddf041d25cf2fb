"""The verb `piste schema`: JSON Schemas of the declaration, for editors."""

from __future__ import annotations

import os
from pathlib import Path

import click

from piste.commands.french import Verb
from piste.engine.repository import ROOT
from piste.engine.words import agreed

FOLDER = ROOT / ".piste" / "schemas"


@click.command(cls=Verb)
@click.option(
    "--out", "folder", type=click.Path(file_okay=False, path_type=Path),
    help="Dossier où les écrire, au lieu de .piste/schemas (ou .piste/interfaces).",
)  # fmt: skip
@click.option("--interfaces", is_flag=True,
              help="À la place, les documents OpenAPI de ce que Piste lit des systèmes, et y écrit.")  # fmt: skip
def schema(folder: Path | None, *, interfaces: bool) -> None:
    """Écrire les schémas de la déclaration : l'éditeur propose les clés et les noms, les explique, souligne les fautes.

    Les noms déclarés (segments, profils, modèles…) sont ceux du moment : après un nom nouveau, relancez. Ne demande
    rien à aucun système. Brancher un éditeur : docs/editer.md.

    Sort avec 0 si tout est écrit, 1 si un fichier illisible cache des noms : les schémas, écrits, les acceptent tous.

    \b
    Exemples :
      piste schema
      piste schema --out /srv/partage/schemas
      piste schema --interfaces --out /srv/partage/interfaces
    """
    if interfaces:
        _write_interfaces(folder or FOLDER.with_name("interfaces"))
        return
    from piste.commands.editor import files, names

    known, hidden = names.read_names(ROOT / "inventories" / "town")
    try:
        written = files.write(folder or FOLDER, known)
    except OSError as error:
        where = error.filename or folder or FOLDER
        raise click.ClickException(f"{where} ne peut pas être écrit : {error.strerror}") from None
    for file, path in written:
        click.echo(f"{os.path.relpath(path)} : {file.title} ({', '.join(file.places)})")
    click.echo(f"{agreed(len(written), 'schéma(s) écrit(s)')}. Brancher un éditeur : docs/editer.md.")
    for fault in hidden:
        click.echo(f"Erreur : {fault}", err=True)
    if hidden:
        click.echo("Les noms que déclarent ces fichiers ne sont pas proposés : corrigez, puis relancez.", err=True)
        raise SystemExit(1)


def _write_interfaces(folder: Path) -> None:
    from piste.exports.bag import openapi

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in openapi.write(folder):
            click.echo(os.path.relpath(path))
    except OSError as error:
        raise click.ClickException(f"{error.filename or folder} ne peut pas être écrit : {error.strerror}") from None
