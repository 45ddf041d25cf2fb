"""The verbs `piste vault seal` and `piste vault check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from piste.commands.french import Verbs


@click.group(cls=Verbs)
def vault() -> None:
    """Le coffre remis à part du sac : scellé pour deux détenteurs sur trois, ouvert par des outils courants."""


@vault.command()
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="Dossier du coffre, neuf.")
@click.option(
    "--custodian", "custodians", multiple=True, required=True, metavar="NOM", help="Un détenteur ; trois fois."
)
def seal(folder: Path, custodians: tuple[str, ...]) -> None:
    """Sceller ce qui arrive par l'entrée : une clé neuve, partagée entre trois détenteurs.

    \b
    ansible-vault view inventories/production/group_vars/all/vault.yml |
      piste vault seal --to /srv/remise/coffre --custodian dsi --custodian direction --custodian titulaire
    """
    from piste.exports.bag.vault import seal as seal_vault

    if sys.stdin.isatty():
        raise click.UsageError("Les secrets arrivent par l’entrée : ansible-vault view … | piste vault seal …")
    seal_vault(sys.stdin.buffer.read(), folder, custodians)
    click.echo(f"{folder} est scellé ; les trois paires de parts ont été essayées.")
    click.echo(f"Remettez chaque part de {folder / 'parts'} à son détenteur, puis effacez-la d’ici.")


@vault.command()
@click.argument("folder", metavar="COFFRE", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--part",
    "shares",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Une part ; deux fois.",
)
def check(folder: Path, shares: tuple[Path, ...]) -> None:
    """Vérifier que deux parts ouvrent le coffre, sans rien en montrer.

    \b
    piste vault check /srv/remise/coffre --part dsi.txt --part direction.txt
    """
    from piste.exports.bag.vault import check as check_vault

    check_vault(folder, shares)
    click.echo(f"{folder} s’ouvre avec ces parts.")
