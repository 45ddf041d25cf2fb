"""The verb `piste computers mac`: the configuration profile of the Macs."""

from __future__ import annotations

from pathlib import Path

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option
from piste.commands.output import say_table
from piste.engine.repository import ROOT
from piste.engine.words import some

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=Verb)
@click.option("--authority", type=_FILE, required=True, help="Certificat de l’autorité de la ville, en PEM.")
@click.option("--certificate", type=_FILE, help="Certificat qui signe le profil, et sa chaîne, en PEM.")
@click.option("--key", type=_FILE, help="Sa clé privée, en PEM, hors du dépôt.")
@click.option("--passphrase", "asked", is_flag=True, help="La clé a une phrase de passe : la demander.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default="postes-mac.mobileconfig",
              help="Le profil à écrire.")  # fmt: skip
@environment_option
def mac(
    authority: Path, certificate: Path | None, key: Path | None, out: Path, environment: str, *, asked: bool
) -> None:
    """Faire le profil des Mac (filaire, Wi-Fi, veille) des stratégies des autres postes ; dire ce qui leur manque.

    \b
    piste computers mac --authority ca.pem --certificate signature.pem --key /media/cle/signature.key --passphrase

    Le profil n'a aucun secret : le Mac fait sa clé et demande son certificat. La console des mobiles (MDM) le pose et
    le retire ; Piste ne l'envoie à personne. Sans --key, il n'est pas signé.
    Codes de sortie : 0 écrit, ou déjà là, 1 erreur, 4 refusé.
    """
    from piste.engine.converge.private import write_shared
    from piste.readings.computers.collector.signing import check_key
    from piste.sites.life.mac_profile import NotMade, make, signed
    from piste.town import declared
    from piste.town.model.directory.policy_names import PILOT

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate et --key vont ensemble")
    commune = declared.derived(environment).commune
    profile = commune["mac_profile"] if commune else None
    if commune is None or profile is None:
        raise NotMade("aucun profil de Mac n’est déclaré", todo="Déclarez mac_profile (docs/ordinateurs.md).")
    policies = [policy for policy in commune["directory"]["policies"] if not policy["name"].endswith(PILOT)]
    made = make(profile, policies, authority.read_text("ascii", "replace"), profile["organization"])
    content = made.content
    if certificate and key:
        check_key(key, ROOT)
        passphrase = click.prompt("Phrase de passe de la clé", hide_input=True, err=True) if asked else ""
        content = signed(content, certificate.read_bytes(), key.read_bytes(), passphrase)
    if out.exists() and out.read_bytes() == content:
        click.echo(f"{out} : déjà ainsi.")
    else:
        write_shared(out, content)
        click.echo(f"Écrit : {out}, {'signé' if key else 'non signé : que la console des mobiles le signe'}.")
    rows = [(entry.policy, some(entry.carried, 6) if entry.carried else "rien", str(len(entry.lacking)))
            for entry in made.parity]  # fmt: skip
    say_table([("stratégie des autres postes", "dans le profil", "réglages sans équivalent"), *rows])
    carried = sum(len(entry.carried) for entry in made.parity)
    whole = carried + sum(len(entry.lacking) for entry in made.parity)
    click.echo(f"Parité mesurée : {carried} réglages sur {whole}.")
