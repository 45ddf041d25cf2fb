"""The verb `piste computers sign`: the signature of the program that measures the computers."""

from __future__ import annotations

from pathlib import Path

import click

from piste.commands.french import Verb
from piste.engine.repository import ROOT


@click.command(cls=Verb)
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Certificat de signature de code de la ville, en PEM.",
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Sa clé privée, en PEM, hors du dépôt ; sa phrase de passe se demande.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Dossier des programmes signés (signed, dans le dépôt).",
)
@click.option(
    "--timestamp",
    metavar="URL",
    help="Autorité d’horodatage (RFC 3161) : la signature survivra au certificat.",
)
@click.option("--passphrase", "asked", is_flag=True, help="La clé a une phrase de passe : la demander.")
def sign(certificate: Path, key: Path, out: Path | None, timestamp: str | None, asked: bool) -> None:
    """Signer le programme qui mesure les postes, dans les octets que la stratégie porte.

    \b
    piste computers sign --certificate signature.pem --key /media/cle/signature.key --passphrase

    Une stratégie sans programme signé attend, et le dit. Le programme et le certificat sont publics et se versionnent ;
    la clé ne quitte pas son support, et n'est sur aucune ligne de commande (docs/mesure-des-postes.md).
    Codes de sortie : 0 signé, 1 erreur, 4 refusé.
    """
    # Imported here: `--help` needs none of it.
    from piste.readings.computers.collector import signing

    folder = out or signing.folder("production", ROOT)
    signing.check_key(key, ROOT)
    passphrase = click.prompt("Phrase de passe de la clé", hide_input=True, err=True) if asked else ""
    path = signing.sign(folder, certificate, key, passphrase, timestamp or "")
    click.echo(f"Signé : {path}, et le certificat de son éditeur à côté. Versionnez les deux.")
