"""The verbs `piste export` and `piste bag …`, which import what they need when they run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.doctor import show
from piste.commands.french import Verb, Verbs
from piste.commands.options import environment_option, uncommitted_option
from piste.commands.output import EXIT, say_command
from piste.engine.converge.errors import Misused
from piste.engine.finding import Finding
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.exports.bag.contents import Contents
    from piste.town.model import Town

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_BAG = click.argument("folder", metavar="DOSSIER", type=click.Path(exists=True, file_okay=False, path_type=Path))

UNSIGNED = "Non signé : ses empreintes disent qu’il est entier, non de qui il vient. Qui l’a eu a pu tout y refaire."


@click.command(cls=Verb)
@click.option("--to", "folder", required=True, type=_FOLDER, help="Dossier du sac, neuf.")
@environment_option
@click.option(
    "--allow-unknown", is_flag=True, help="Faire le sac même si un genre n’a pas pu être lu : il y est dit inconnu."
)
@click.option(
    "--documents",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Dossier de documents à joindre à ceux que l’export fait (dossiers d’exploitation, procès-verbaux signés).",
)
@click.option("--wheels", is_flag=True, help="Y mettre aussi les paquets Python, pour rejouer sans réseau.")
@click.option("--key", type=_FILE, help="Clé privée (PEM) qui signe le sac, par openssl.")
@uncommitted_option
def export(
    folder: Path,
    environment: str,
    allow_unknown: bool,
    documents: Path | None,
    wheels: bool,
    key: Path | None,
    uncommitted: str | None,
) -> None:
    """Exporter tous les systèmes dans un sac : déclaration, inventaires, cartes, documents, dépôt, lacunes connues.

    \b
    piste export --to /srv/remise/sac
    piste export --to /srv/remise/sac -e production --wheels --documents /srv/dossiers --key ancre.pem

    Rien n'est écrit sur aucun système. Le sac n'existe qu'une fois complet et sans secret.
    Codes de sortie : 0 le sac est fait, 1 erreur, 3 un système n'a pas répondu, 4 refus (secret, dossier déjà là,
    dépôt avec des changements non enregistrés en production).
    """
    from piste.engine.converge.private import private_folder
    from piste.exports.bag.bagit import sign
    from piste.exports.bag.make import SYSTEMS, Wish, assemble

    folder = folder.resolve()
    if folder.exists():
        raise Misused(f"{folder} existe déjà", todo="Donnez un dossier neuf : un sac ne se complète pas.")
    _say_uncommitted(environment, uncommitted)
    signer = _named(key, private=True) if key else ""
    making = folder.with_name(f".{folder.name}.en-cours")
    shutil.rmtree(making, ignore_errors=True)
    private_folder(folder.parent)
    try:
        making.mkdir(mode=0o700)
    except FileExistsError:
        raise Misused(f"{making} ne s’efface pas", todo="Ôtez-le : un lien, ou le dossier d’un autre compte.") from None
    try:
        private_folder(making / "data")
        town = _town(environment)
        contents = _read(making / "data" / SYSTEMS, town, environment)
        if contents.unread and not allow_unknown:
            for domain, missing in contents.unread.items():
                click.echo(f"! {domain} : {' '.join(dict.fromkeys(missing.values()))}", err=True)
            click.echo("Rien n’est fait. --allow-unknown fait le sac en disant ces genres inconnus.", err=True)
            sys.exit(EXIT["unknown"])
        manifest = assemble(making, contents, town, Wish(environment, documents, wheels, key))
        if wrong := [fault for fault in _examined(making, environment) if fault.state != "ok"]:
            for finding in wrong:
                show(finding)
            click.echo("Rien n’est fait : ce sac ne passerait pas sa propre vérification.", err=True)
            sys.exit(EXIT["refused"])
        if key:
            sign(making, key)
        making.rename(folder)
    except KeyboardInterrupt:
        click.echo("Export interrompu : rien n’est gardé, aucun système n’a changé. Relancez-le en entier.", err=True)
        raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    kinds = manifest["kinds"]
    total = sum(kind["count"] for kind in kinds)
    unknown = [f"{kind['domain']}/{kind['kind']}" for kind in kinds if kind["state"] == "unknown"]
    click.echo(f"\n{folder} : {agreed(total, 'objet(s)')}, {agreed(len(kinds), 'genre(s)')}, vérifié, sans secret.")
    click.echo(f"Signé par la clé {signer}." if key else UNSIGNED)
    if not manifest["clean"]:
        click.echo("Son dépôt n’a pas les modifications non enregistrées de celui d’où il vient.")
    if unknown:
        click.echo(f"Inconnus : {', '.join(unknown)}. Voir data/lacunes-connues.md.")
    click.echo("À lire d’abord : data/LISEZMOI.md et data/lacunes-connues.md.")


def _say_uncommitted(environment: str, wanted: str | None) -> None:
    """Warn of what the repository of a bag will lack; in production, refuse without a reason."""
    from piste.engine.repository import commit
    from piste.runs.plans.conditions import LAB, check_tree

    head, clean = commit()
    if not head:
        raise Misused("ce dossier n’est pas un dépôt git", todo="Exportez depuis un clone : le sac contient le dépôt.")
    check_tree({"piste_committed_only": environment != LAB, "piste_uncommitted": wanted})
    if not clean:
        what = "le dépôt a des modifications non enregistrées, ou des fichiers inconnus de git"
        click.echo(f"! {what} : celui du sac ne les a pas.", err=True)


def _named(key: Path, *, private: bool = False) -> str:
    """Compute the fingerprint of a key that openssl reads."""
    from piste.runs.records.signature import SigningFailed, fingerprint

    try:
        return fingerprint(key, private=private)
    except SigningFailed as failed:
        raise Misused(f"openssl ne lit pas de clé dans {key}", why=str(failed)) from None


def _town(environment: str) -> Town:
    from piste.town import declared

    return declared.town(environment)


def _read(folder: Path, town: Town, environment: str) -> Contents:
    """Read every domain; a failure of a domain stops no other."""
    from piste.exports.bag.contents import DHCP, NEXUS, ZABBIX, read
    from piste.exports.bag.reading import read_systems
    from piste.exports.bag.scan import Admitted, left_out
    from piste.exports.configurations.objects import FOLDERS

    answers = read_systems(folder, environment, say_command)
    why, remarks = answers.failed, answers.remarks
    admitted = Admitted(town.commune["configurations"]["admitted"] if town.commune else ())
    for name, reason in left_out(folder, admitted).items():
        domain = FOLDERS.get(name.partition("/")[0], "export")
        click.echo(f"! {safe(name)} : écarté, {reason}", err=True)
        why[domain] = f"{why.get(domain, '')} {name} : écarté, {reason}".strip()
        remarks.setdefault(domain, [])
    sites = [name for name, site in town.sites.items() if site["lifecycle"] in ("open", "closing")]
    contents = read(folder, sites, why)
    if town.commune and "network" in why:
        contents.lacks(NEXUS, [f"{switch['name']}.txt" for switch in town.commune["nexus"]["switches"]], why["network"])
    if town.commune and "addressing" in why:
        contents.lacks(DHCP, [f"{server['name']}.xml" for server in town.commune["dhcp"]["servers"]], why["addressing"])
    if "supervision" in why:
        contents.lacks(ZABBIX, ["configuration.yaml", "calls.json", "import.py"], why["supervision"])
    for domain, stopped in why.items():
        remarks[domain] += [] if domain in contents.unread else [stopped]
    contents.remarks = {domain: said for domain, said in remarks.items() if said}
    return contents


def _examined(folder: Path, environment: str | None = None) -> Iterator[Finding]:
    """Check a bag offline, then that no secret of the environment, if given, is in it."""
    from piste.engine.transport.shared import private_folder
    from piste.exports.bag.verify import examine

    with private_folder("piste-bag-") as clones:
        yield from examine(folder, clones)
        if environment:
            yield from _known(folder, environment, clones)


def _known(folder: Path, environment: str, clones: Path) -> list[Finding]:
    """Check that no secret of the environment is in the bag; Ansible alone opens them."""
    from piste.runs.plans.play import Order, play

    extra = {"folder": str(folder), "clones": str(clones)}
    played = play(Order("playbooks/scan_bag.yml", environment, extra=extra), check=True)
    findings = [Finding.from_json(content) for content in played.findings]
    return findings + [Finding("bag.secrets", "unknown", f"{t.task} : {t.message}") for t in played.troubles]


@click.group(cls=Verbs)
def bag() -> None:
    """Le sac de réversibilité : le vérifier, le signer."""


@bag.command()
@_BAG
@click.option(
    "--environment",
    "-e",
    type=click.Choice(["lab", "production"]),
    help="Chercher aussi les secrets de cet environnement.",
)
@click.option("--public-key", type=_FILE, help="Clé publique (PEM) qui doit avoir signé le sac.")
def verify(folder: Path, environment: str | None, public_key: Path | None) -> None:
    """Vérifier un sac : signature, empreintes, fichiers en trop, formats, schémas, nombres, secrets, dépôt.

    \b
    piste bag verify /srv/remise/sac
    piste bag verify /srv/remise/sac --public-key ancre.pub

    Conforme, il dit aussi ce que le CCTP demande (6.2, 6.3, 6.6) : présent et prouvé, ou ce qui manque.
    Sans réseau ni système. « sha256sum -c » vérifie les empreintes à lui seul. Codes de sortie : 0 conforme, 1 non.
    """
    from piste.exports.bag.bagit import SIGNATURE, is_signed

    folder = folder.resolve()
    findings = list(_examined(folder, environment))
    signer = _named(public_key) if public_key else ""
    signed = is_signed(folder, public_key) if public_key else (folder / SIGNATURE).exists()
    if public_key and signed:
        findings.append(Finding("bag.signature", "ok", f"signé par la clé {signer}"))
    elif public_key:
        what = f"n’est pas signé par la clé {signer}"
        findings.append(Finding("bag.signature", "wrong", what, "Ne vous servez pas de ce sac : redemandez-le, signé."))
    for finding in findings:
        show(finding)
    wrong = [finding for finding in findings if finding.state != "ok"]
    click.echo(f"\n{folder} : {'conforme' if not wrong else f'{agreed(len(wrong), "défaut(s)")}, refusé'}.")
    if not public_key:
        click.echo("Signé ; par qui n’a pas été vérifié (--public-key)." if signed else UNSIGNED)
    if not wrong:
        _say_asked(folder)
    sys.exit(1 if wrong else 0)


def _say_asked(folder: Path) -> None:
    """Say what the tender asks for, proven, or what lacks: no fault of the bag."""
    from piste.exports.bag.acceptance import counted, ticked
    from piste.exports.bag.bagit import PAYLOAD

    for head, mine in counted(ticked(folder / PAYLOAD)):
        click.echo(f"\n{head}.")
        for each in mine:
            click.echo(safe(f"  {'☐' if each.lacks else '✓'} {each.line}"))


@bag.command("sign")
@_BAG
@click.option("--key", required=True, type=_FILE, help="Clé privée (PEM) qui signe, par openssl.")
def sign_bag(folder: Path, key: Path) -> None:
    """Signer un sac, s'il est conforme : il dit alors de qui il vient.

    \b
    piste bag sign /srv/remise/sac --key ancre.pem

    Codes de sortie : 0 signé, 1 erreur, 4 refus (sac non conforme, ou déjà signé).
    """
    from piste.exports.bag.bagit import SIGNATURE, sign

    folder, signer = folder.resolve(), _named(key, private=True)
    if (folder / SIGNATURE).exists():
        raise Misused(f"{folder} est déjà signé", todo=f"Ôtez {SIGNATURE} pour le signer de nouveau.")
    if wrong := [finding for finding in _examined(folder) if finding.state != "ok"]:
        for finding in wrong:
            show(finding)
        click.echo("Rien n’est signé : ce sac n’est pas conforme.", err=True)
        sys.exit(EXIT["refused"])
    sign(folder, key)
    click.echo(f"{folder} : signé par la clé {signer}.")
